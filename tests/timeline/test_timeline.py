"""A timeline's directory is valid at any moment while it is written, and damage is refused."""

import dataclasses
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.letters import INDEX, INDEX_FACTS, TRAIN
from tests.support.timelines import MODEL, VOCABULARY, manifest_of, randomize, write_timeline
from textgen import Timeline, Vocabulary
from textgen.errors import TimelineError
from textgen.network.model import build_model
from textgen.text.corpus_index import CorpusIndex
from textgen.training.writer import TimelineWriter

EDITED = "---\nlicense: mit\n---\n# Mine\n"
FILES = {
    "README.md",
    "assets/learning-curve.png",
    "config.json",
    "corpus-index.bin",
    "history.csv",
    "metadata.json",
    "model.weights.h5",
    "timeline.json",
    "transcript.md",
    "vocabulary.json",
}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    return write_timeline(tmp_path_factory.mktemp("written") / "timeline")


@pytest.fixture
def timeline(written: Timeline, tmp_path: Path) -> Timeline:
    """A copy that a test may damage."""
    return Timeline.from_pretrained(shutil.copytree(written.directory, tmp_path / "timeline"))


def test_a_written_timeline_verifies_and_has_exactly_these_files(
    timeline: Timeline,
) -> None:
    timeline.verify()
    on_disk = {
        path.relative_to(timeline.directory).as_posix()
        for path in timeline.directory.rglob("*")
        if path.is_file()
    }
    assert on_disk == FILES | {snapshot.file for snapshot in timeline.snapshots}
    assert set(timeline.files()) == on_disk


def test_a_timeline_is_read_as_it_was_written(timeline: Timeline, written: Timeline) -> None:
    assert timeline.manifest == written.manifest
    assert timeline.vocabulary == VOCABULARY
    assert timeline.config == MODEL
    assert timeline.name == "letters"
    assert timeline.best.epoch == 1


def test_every_snapshot_writes_a_different_text(timeline: Timeline) -> None:
    texts = {
        timeline.generator(step=snapshot.step).generate("a ", length=100, temperature=1.0, seed=1)
        for snapshot in timeline.snapshots
    }
    assert len(texts) == len(timeline.snapshots)


def test_files_that_do_not_belong_to_the_timeline_are_ignored(timeline: Timeline) -> None:
    (timeline.directory / ".env").write_text("HF_TOKEN=hf_secret")
    (timeline.directory / "snapshots" / "step-0000007.weights.h5").write_bytes(b"left over")
    assert set(timeline.files()) == FILES | {snapshot.file for snapshot in timeline.snapshots}


def test_a_timeline_without_an_index_verifies_and_has_no_index_file(tmp_path: Path) -> None:
    timeline = write_timeline(tmp_path / "timeline", manifest_of(corpus_index=None))
    timeline.verify()
    assert not (timeline.directory / "corpus-index.bin").exists()
    (timeline.directory / "corpus-index.bin").write_bytes(INDEX)  # of another timeline
    assert "corpus-index.bin" not in timeline.files()


def test_a_timeline_with_an_index_without_words_verifies(timeline: Timeline) -> None:
    index = CorpusIndex.of(TRAIN, with_words=False)
    facts = dataclasses.replace(INDEX_FACTS, words=None, sha256=index.sha256)
    old = dataclasses.replace(timeline.manifest, corpus_index=facts)
    (timeline.directory / "timeline.json").write_bytes(old.to_json())
    with pytest.raises(TimelineError, match="1,723 bytes, its manifest says 1,544"):
        Timeline.from_pretrained(timeline.directory).verify()
    (timeline.directory / "corpus-index.bin").write_bytes(index.to_bytes())
    Timeline.from_pretrained(timeline.directory).verify()


def swap_vocabulary(directory: Path) -> None:
    characters = tuple(reversed(VOCABULARY.characters))
    (directory / "vocabulary.json").write_text(Vocabulary(characters).to_json())


def flip_a_byte(name: str) -> Callable[[Path], None]:
    def damage(directory: Path) -> None:
        content = bytearray((directory / name).read_bytes())
        content[len(content) // 2] ^= 1
        (directory / name).write_bytes(content)

    return damage


def cut_short(name: str) -> Callable[[Path], None]:
    return lambda directory: os.truncate(directory / name, (directory / name).stat().st_size - 1)


def remove(name: str) -> Callable[[Path], None]:
    return lambda directory: (directory / name).unlink()


def copy(source: str, target: str) -> Callable[[Path], None]:
    def damage(directory: Path) -> None:
        shutil.copyfile(directory / source, directory / target)

    return damage


FIRST, BEST, LAST = (f"snapshots/step-0000{step}.weights.h5" for step in ("000", "100", "200"))


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (flip_a_byte(FIRST), FIRST),
        (flip_a_byte(LAST), LAST),
        (remove(FIRST), FIRST),
        (copy(LAST, FIRST), FIRST),
        (flip_a_byte("config.json"), "config.json"),
        (flip_a_byte("metadata.json"), "metadata.json"),
        (flip_a_byte("corpus-index.bin"), "corpus-index.bin is not the file its manifest names"),
        (cut_short("corpus-index.bin"), "corpus-index.bin has"),
        (remove("corpus-index.bin"), "corpus-index.bin is missing"),
        (remove("config.json"), "config.json"),
        (remove("metadata.json"), "metadata.json"),
        (remove("model.weights.h5"), "model.weights.h5"),
        (copy(LAST, "model.weights.h5"), "model.weights.h5 is not the best snapshot"),
        (flip_a_byte("model.weights.h5"), "model.weights.h5 is not the best snapshot"),
        (swap_vocabulary, "vocabulary.json is not the vocabulary"),
        (remove("vocabulary.json"), "vocabulary.json"),
        (remove("timeline.json"), "timeline.json"),
    ],
)
def test_damage_is_found_and_named(
    timeline: Timeline, damage: Callable[[Path], None], named: str
) -> None:
    damage(timeline.directory)
    with pytest.raises(TimelineError) as raised:
        Timeline.from_pretrained(timeline.directory).verify()
    assert named in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_timeline_is_valid_after_every_snapshot(tmp_path: Path) -> None:
    directory, manifest = tmp_path / "growing", manifest_of()
    model = build_model(MODEL)
    early = dataclasses.replace(manifest, snapshots=())
    writer = TimelineWriter(directory, early, VOCABULARY, INDEX)
    with pytest.raises(TimelineError, match=r"it has no timeline\.json"):
        Timeline.from_pretrained(directory)
    for count, snapshot in enumerate(manifest.snapshots, start=1):
        randomize(model, snapshot.step)
        file, sha256, size = writer.save_weights(model, snapshot.step)
        if count > 1:  # its weights are saved, but not yet in the manifest
            Timeline.from_pretrained(directory).verify()
        writer.add(dataclasses.replace(snapshot, file=file, sha256=sha256, size=size))
        timeline = Timeline.from_pretrained(directory)
        timeline.verify()
        assert len(timeline.snapshots) == count
        best = (directory / timeline.best.file).read_bytes()
        assert (directory / "model.weights.h5").read_bytes() == best


def test_a_run_interrupted_before_the_manifest_is_written_leaves_a_valid_timeline(
    timeline: Timeline,
) -> None:
    early = dataclasses.replace(timeline.manifest, snapshots=timeline.snapshots[:2])
    (timeline.directory / "timeline.json").write_bytes(early.to_json())
    Timeline.from_pretrained(timeline.directory).verify()  # the root is the third snapshot's


def test_two_snapshots_of_the_same_weights_are_refused(tmp_path: Path) -> None:
    manifest, model = manifest_of(corpus_index=None), build_model(MODEL)
    writer = TimelineWriter(tmp_path, dataclasses.replace(manifest, snapshots=()), VOCABULARY)
    first, second = (
        dataclasses.replace(snapshot, file=file, sha256=sha256, size=size)
        for snapshot in manifest.snapshots[:2]
        for file, sha256, size in [writer.save_weights(model, snapshot.step)]
    )
    writer.add(first)
    with pytest.raises(TimelineError, match="have the same weights"):
        writer.add(second)
    Timeline.from_pretrained(tmp_path).verify()


def test_the_transcript_has_every_sample(timeline: Timeline) -> None:
    transcript = (timeline.directory / "transcript.md").read_text(encoding="utf-8")
    for snapshot in timeline.snapshots:
        assert f"## Epoch {snapshot.label} " in transcript
        for text in snapshot.samples.values():
            assert f"\n{text}\n" in transcript


def test_the_picture_is_a_png_and_the_same_for_the_same_history(
    timeline: Timeline, tmp_path: Path
) -> None:
    again = write_timeline(tmp_path / "again", seed=5)
    one, two = (
        (each.directory / "assets/learning-curve.png").read_bytes() for each in (timeline, again)
    )
    assert one.startswith(b"\x89PNG")
    assert one == two


@pytest.mark.parametrize("edited", [False, True])
def test_finishing_keeps_a_card_that_somebody_edited(timeline: Timeline, edited: bool) -> None:
    card = timeline.directory / "README.md"
    if edited:
        card.write_text(EDITED)
    writer = TimelineWriter(timeline.directory, timeline.manifest, VOCABULARY)
    writer.finish("tester/elsewhere")
    assert (card.read_text() == EDITED) is edited
    assert ("tester/elsewhere" in card.read_text()) is not edited


def test_finishing_keeps_a_card_in_another_encoding(timeline: Timeline) -> None:
    card = timeline.directory / "README.md"
    card.write_bytes("Für meine Mutter\n".encode("latin-1"))
    TimelineWriter(timeline.directory, timeline.manifest, VOCABULARY).finish("tester/elsewhere")
    assert card.read_bytes() == "Für meine Mutter\n".encode("latin-1")
