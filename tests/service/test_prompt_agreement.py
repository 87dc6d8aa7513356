"""Tests that the app, the generator and the score all clean a text in the same way."""

import dataclasses

import pytest

from tests.support.requests import asking, expected, text_of
from textgen import Timeline
from textgen.service.prompts import prompts
from textgen.service.service import Service
from textgen.service.surprise import score_text


@pytest.mark.parametrize(
    ("typed", "prompt"),
    [
        ("a 日本 bad ", "a bad "),
        ("日本 bad", "bad"),
        ("a bad 日 ", "a bad "),
        ("a  bad\n\n日 cab", "a  bad\n\ncab"),
    ],
)
def test_no_double_space_is_left_in_a_prompt_or_a_scored_text(
    service: Service, timeline: Timeline, typed: str, prompt: str
) -> None:
    request, generator = asking(seed_text=typed), timeline.generator()
    assert generator.prepare(typed)[0] == prompt
    assert {passage["prompt"] for passage in service.write(request)} == {prompt}
    assert text_of(service, request) == expected(timeline, request)
    assert generator.score(typed).text == prompt
    assert score_text(timeline, timeline.best, generator, typed)["text"] == prompt


def test_the_prompt_of_the_samples_is_cleaned_too(timeline: Timeline) -> None:
    manifest = timeline.manifest
    settings = dataclasses.replace(manifest.sample_settings, seed_text="a 日本 bad ")
    other = dataclasses.replace(
        timeline, manifest=dataclasses.replace(manifest, sample_settings=settings)
    )
    assert prompts(other)[0] == "a bad "
