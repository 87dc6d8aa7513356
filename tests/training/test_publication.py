"""What a trainer states for the model card: checked before training, and never made up."""

import dataclasses
import shutil
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import ModelCard

from tests.support.timelines import manifest_of
from tests.support.trainings import QUICK, weights_of
from textgen import Corpus, Timeline, TrainConfig
from textgen.cli.train import main
from textgen.errors import ConfigError, TimelineError
from textgen.hub.licenses import LICENSES
from textgen.manifest.records import Origin, Publication
from textgen.manifest.schema import Manifest
from textgen.text.corpus import BUILTIN_CORPORA
from textgen.training.publication import completed
from textgen.training.resume import earlier_run

OWN = Corpus.from_text("my own text", name="mine")
STATED = Publication(
    license="cc-by-4.0", language="de", datasets=("a/b", "c/d"), demo="https://example.org/?a=1"
)


@pytest.mark.parametrize("name", BUILTIN_CORPORA)
def test_a_built_in_text_is_english_and_its_weights_have_no_default_license(name: str) -> None:
    corpus = dataclasses.replace(OWN, name=name, source=BUILTIN_CORPORA[name].url)
    assert completed(None, corpus) == Publication(language="en")
    assert completed(STATED, corpus) == STATED


def test_nothing_is_assumed_about_another_text() -> None:
    named_alike = dataclasses.replace(OWN, name="nietzsche")
    for corpus in (OWN, named_alike):
        assert completed(None, corpus) == Publication()
        assert completed(STATED, corpus) == STATED


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        ({"license": "MIT"}, "publication.license must be .*, received 'MIT'. Did you mean mit?"),
        ({"license": "mine"}, "received 'mine'. All identifiers: https://huggingface.co/docs/"),
        ({"license": "unknown"}, "publication.license must be "),
        ({"license": 5}, "publication.license must be .*, received 5"),
        ({"language": "english"}, "publication.language must be .*, received 'english'."),
        ({"language": "EN"}, "publication.language must be .*, received 'EN'."),
        ({"datasets": ("a/b", "books")}, "publication.datasets must be .*, received 'books'."),
        ({"datasets": "a/b"}, "publication.datasets must be .*, received 'a'."),
        ({"demo": "example.org"}, "publication.demo must be a URL .*, received 'example.org'."),
        ({"demo": "javascript:alert(1)"}, "publication.demo must be "),
        ({"demo": "https://a b"}, "publication.demo must be "),
        ({"demo": "https:///path"}, "publication.demo must be "),
        ({"demo": "https://example.org/" + "x" * 2000}, "publication.demo must be "),
    ],
)
def test_a_statement_that_no_card_may_make_is_refused(stated: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message.replace("?", r"\?")) as caught:
        completed(Publication(**stated), OWN)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("license", LICENSES)
def test_every_license_can_be_written_to_a_manifest_and_read_back(license: str) -> None:
    publication = completed(dataclasses.replace(STATED, license=license), OWN)
    data = manifest_of(publication=publication).to_json()
    assert Manifest.from_json(data).publication == publication


def resumed(directory: Path, before: dict[str, Any], now: dict[str, Any]) -> bool:
    """Return whether a run with other facts in its manifest resumes an earlier one."""
    earlier = manifest_of(training=TrainConfig(epochs=9), **before)
    (directory / "timeline.json").write_bytes(earlier.to_json())
    return earlier_run(directory, dataclasses.replace(earlier, **now)) == earlier


def test_a_run_can_be_resumed_with_other_statements(tmp_path: Path) -> None:
    assert resumed(tmp_path, {}, {"publication": STATED})
    assert resumed(tmp_path, {"publication": STATED}, {"publication": Publication()})


def test_a_run_can_be_resumed_with_the_same_origin_from_another_place(tmp_path: Path) -> None:
    local = Origin(name="origin", step=7, sha256="ab" * 32)
    published = dataclasses.replace(local, repo_id="tester/origin")
    assert resumed(tmp_path, {"init_from": local}, {"init_from": published})
    other = dataclasses.replace(published, sha256="0" * 64)
    with pytest.raises(TimelineError, match="--init-from was 'origin' at step 7"):
        resumed(tmp_path, {"init_from": local}, {"init_from": other})


@pytest.mark.slow
def test_the_flags_reach_the_manifest_and_the_card_even_of_a_finished_run(
    trained: tuple[Path, Path], tmp_path: Path
) -> None:
    text, output = trained[0], shutil.copytree(trained[1], tmp_path / "out")
    command = ["--corpus", str(text), *QUICK, "--output", str(output), "--name", "reference"]
    command += ["--resume", "--license", "cc0-1.0", "--language", "en"]
    flags = ["--dataset", "me/books", "--dataset", "me/books", "--demo", "https://example.org/"]
    before = weights_of(output)
    for given, expected in (
        ([], Publication(license="cc0-1.0", language="en")),
        (
            flags,
            Publication(
                license="cc0-1.0",
                language="en",
                datasets=("me/books",),
                demo="https://example.org/",
            ),
        ),
    ):
        assert main([*command, *given]) == 0
        assert Timeline.from_directory(output).manifest.publication == expected
        data: Any = ModelCard.load(output / "README.md").data
        assert (data.license, data.language) == ("cc0-1.0", "en")
    assert weights_of(output) == before
