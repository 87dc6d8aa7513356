"""Ready-made prompts, and the notes on a user's own."""

import dataclasses
from pathlib import Path

from tests.support.timelines import VOCABULARY, manifest_of
from textgen import Timeline, Vocabulary
from textgen.hub.source import Source
from textgen.manifest.schema import Manifest
from textgen.service.prompts import prompt_notes, prompts
from textgen.text.preparation import Preparation


def timeline_of(manifest: Manifest, vocabulary: Vocabulary = VOCABULARY) -> Timeline:
    return Timeline(manifest, vocabulary, Source(directory=Path("unread")))


def test_prompts_are_in_the_models_vocabulary() -> None:
    manifest = manifest_of()
    characters = Vocabulary.from_text("once upon a time ")
    assert prompts(timeline_of(manifest, characters)) == ["a a ", "once upon a time "]
    assert prompts(timeline_of(manifest, Vocabulary.from_text("xyz"))) == ["x"]


def test_a_strangers_manifest_makes_no_endless_prompt() -> None:
    plain = manifest_of()
    settings = dataclasses.replace(plain.sample_settings, seed_text="ab" * 50_000)
    samples = {"0.5": "a " + "b" * 50_000 + " " + "c" * 40_000}
    best = dataclasses.replace(plain.best, samples=samples)
    manifest = dataclasses.replace(plain, sample_settings=settings, snapshots=(best,))
    assert prompts(timeline_of(manifest)) == ["ab" * 500]


def test_prompts_include_phrases_that_the_model_often_writes() -> None:
    manifest = manifest_of()
    sample = (
        "The tiger sat. the tiger ran, the zebra sat on the mat the the ending of 12 the tiger_x "
        "the same of the same of the same of"
    )
    best = dataclasses.replace(manifest.best, samples={"0.5": sample.lower()})
    snapshots = tuple(best if each is manifest.best else each for each in manifest.snapshots)
    vocabulary = Vocabulary.from_text("abcdefghijklmnopqrstuvwxyz ")
    manifest = dataclasses.replace(manifest, snapshots=snapshots)
    found = prompts(timeline_of(manifest, vocabulary))
    assert found == [
        "a bad ",
        "the tiger sat ",
        "the zebra sat ",
        "the ending of ",
        "the meaning of life is ",
        "once upon a time ",
    ]


def test_the_manifests_prompts_follow_the_samples_own() -> None:
    manifest = manifest_of(
        prompts=("A 日本 CAB\n", "a bad ", " bad", "日", " \n", "A CAB\n", "é🙂")
    )
    vocabulary = dataclasses.replace(VOCABULARY, preparation=Preparation(lowercase=True))
    found = prompts(timeline_of(manifest, vocabulary))
    assert found == ["a bad ", "a cab\n", " bad", "é🙂"]


def test_a_strangers_prompts_are_cut_and_limited() -> None:
    manifest = manifest_of(prompts=tuple(letter * 100_000 for letter in "abcdhé." * 2 + "abcdhé"))
    found = prompts(timeline_of(manifest))
    assert found == ["a bad ", *(letter * 1000 for letter in "abcdhé.")]


def test_notes_list_what_was_changed_in_a_prompt() -> None:
    vocabulary = Vocabulary.from_text("abc ", Preparation(lowercase=True))
    assert prompt_notes("abc", {}, vocabulary) == []
    assert prompt_notes("xabcx", {"x": 2}, vocabulary) == [
        "Removed characters this model does not know: x (2 times)."
    ]
    assert prompt_notes("Abc", {}, vocabulary) == [
        "Converted to lowercase: this model only knows lowercase."
    ]
    as_it_is = dataclasses.replace(vocabulary, preparation=Preparation())
    assert prompt_notes("Abc", {}, as_it_is) == []
