"""Tests of malicious repositories: each is refused with a message, before anything happens."""

import hashlib
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest

from tests.support.hub_server import Reply
from tests.support.processes import Worker
from tests.support.world import World, open_world
from textgen import Timeline
from textgen.network.weights import shapes

Files = dict[str, bytes]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with open_world(tmp_path_factory.mktemp("hostile")) as world:
        yield world


@pytest.fixture
def fresh(world: World) -> Iterator[World]:
    yield world
    world.hub.fault = None


def edited(files: Files, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the manifest."""
    form = json.loads(files["timeline.json"])
    change(form)
    files["timeline.json"] = json.dumps(form).encode()


def replace_weights(files: Files, content: bytes) -> None:
    """Replace the weights of the best snapshot, and adapt the manifest."""

    def agree(form: dict[str, Any]) -> None:
        [best] = [each for each in form["snapshots"] if each["step"] == form["best_step"]]
        files[best["file"]] = files["model.weights.h5"] = content
        best |= {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}

    edited(files, agree)


def weights(timeline: Timeline, **options: Any) -> bytes:
    """Return a weights file in which every array is made by `options`."""
    file = io.BytesIO()
    with h5py.File(file, "w") as form:
        for name, shape in shapes(timeline.config).items():
            form.create_dataset(name, shape, np.float32, **options)
    return file.getvalue()


def first_snapshot(form: dict[str, Any], **changes: Any) -> None:
    form["snapshots"][0] |= changes


def path_out(files: Files, timeline: Timeline) -> None:
    edited(files, lambda form: first_snapshot(form, file="../../../../../../etc/passwd"))


def absolute_path(files: Files, timeline: Timeline) -> None:
    edited(files, lambda form: first_snapshot(form, file="/etc/passwd"))


def claims_to_be_huge(files: Files, timeline: Timeline) -> None:
    edited(files, lambda form: first_snapshot(form, size=10**10))


def a_model_of_terabytes(files: Files, timeline: Timeline) -> None:
    edited(files, lambda form: form["model"].update(lstm_units=[10**6] * 8))


def same_bytes_twice(files: Files, timeline: Timeline) -> None:
    def repeat(form: dict[str, Any]) -> None:
        form["snapshots"][1]["sha256"] = form["snapshots"][0]["sha256"]

    edited(files, repeat)


def nan_weights(files: Files, timeline: Timeline) -> None:
    replace_weights(files, weights(timeline, fillvalue=np.nan, data=None))


def unwritten_weights(files: Files, timeline: Timeline) -> None:
    replace_weights(files, weights(timeline))


def compressed_weights(files: Files, timeline: Timeline) -> None:
    replace_weights(files, weights(timeline, compression="gzip", fillvalue=0.0))


def a_bomb_of_zeros(files: Files, timeline: Timeline) -> None:
    file = io.BytesIO()
    with h5py.File(file, "w") as form:
        for name in shapes(timeline.config):
            form.create_dataset(name, (10**9,), np.float32, compression="gzip", chunks=(10**6,))
    replace_weights(files, file.getvalue())


def wrong_shapes(files: Files, timeline: Timeline) -> None:
    file = io.BytesIO()
    with h5py.File(file, "w") as form:
        for name, shape in shapes(timeline.config).items():
            form[name] = np.zeros([size + 1 for size in shape], np.float32)
    replace_weights(files, file.getvalue())


def no_weights(files: Files, timeline: Timeline) -> None:
    replace_weights(files, b"PK\x03\x04" + bytes(1000))


def other_weights_than_said(files: Files, timeline: Timeline) -> None:
    files[timeline.best.file] = bytes(len(files[timeline.best.file]))


def brackets_without_end(files: Files, timeline: Timeline) -> None:
    files["timeline.json"] = b"[" * 5_000_000


def vocabulary_without_end(files: Files, timeline: Timeline) -> None:
    files["vocabulary.json"] = b'{"characters":' + b"[" * 5_000_000


def an_index_of_terabytes_of_words(files: Files, timeline: Timeline) -> None:
    edited(files, lambda form: form["corpus_index"].update(words=10**12))


def an_index_of_marks_alone(files: Files, timeline: Timeline) -> None:
    content = b"\xff" * len(files["corpus-index.bin"])
    sha256 = hashlib.sha256(content).hexdigest()
    files["corpus-index.bin"] = content
    edited(files, lambda form: form["corpus_index"].update(sha256=sha256))


def newer_format(files: Files, timeline: Timeline) -> None:
    edited(files, lambda form: form.update(format_version=2))


def code_in_the_model(files: Files, timeline: Timeline) -> None:
    """Add a layer that runs code from the file, saved by Keras itself, with the right checksum."""
    ids = keras.Input((None,), dtype="int32")
    run = keras.layers.Lambda(lambda x: [Path("executed").write_bytes(b""), x][1])
    model = keras.Model(ids, run(ids))
    Path("executed").unlink()  # its existence shows that the layer ran
    config = json.dumps(keras.saving.serialize_keras_object(model)).encode()
    assert b"Lambda" in config
    files["config.json"] = config
    edited(
        files,
        lambda form: form["root_files"].update({"config.json": hashlib.sha256(config).hexdigest()}),
    )


ATTACKS = {
    path_out: "must be snapshots/step-",
    absolute_path: "must be snapshots/step-",
    claims_to_be_huge: "claims 10,000,000,000 bytes",
    a_model_of_terabytes: "not a timeline's manifest",
    same_bytes_twice: "have the same weights",
    nan_weights: "Cannot read the weights",
    unwritten_weights: "not stored as one uncompressed block",
    compressed_weights: "not stored as one uncompressed block",
    a_bomb_of_zeros: "Cannot read the weights",
    wrong_shapes: "Cannot read the weights",
    no_weights: "Cannot read the weights",
    other_weights_than_said: "is not the file its manifest names",
    brackets_without_end: "is not a timeline's manifest",
    vocabulary_without_end: "vocabulary",
    an_index_of_terabytes_of_words: "not a timeline's manifest: corpus_index.words",
    an_index_of_marks_alone: "1,768 hashes are marked, expected 882",
    newer_format: "format version 2; this version of textgen reads formats up to 1. Upgrade",
    code_in_the_model: "parts that textgen does not use: 'Lambda'",
}


@pytest.mark.parametrize(
    ("attack", "said"), ATTACKS.items(), ids=lambda a: getattr(a, "__name__", "")
)
def test_a_hostile_repository_is_refused_and_nothing_happens(
    world: World, attack: Callable[[Files, Timeline], None], said: str, tmp_path: Path
) -> None:
    repo_id = f"tester/{attack.__name__.replace('_', '-')}"
    files = {name: path.read_bytes() for name, path in world.timeline.files().items()}
    attack(files, world.timeline)
    world.hub.create(repo_id)
    world.hub.commit(repo_id, files)
    home = tmp_path / "home"
    home.mkdir()
    with Worker(home, world.hub.endpoint) as victim:
        before = outside_the_cache(home)
        victim.textgen(
            "inspect", world.timeline.directory
        ).check()  # the memory that any timeline takes
        memory = peak_memory(victim)
        outcome = victim.textgen("inspect", repo_id)
        grown = peak_memory(victim) - memory
    assert outcome.status == 1
    assert outcome.err.startswith("textgen: ")
    assert outcome.err.count("\n") == 1
    assert said in outcome.err
    assert len(outcome.err) < 1000
    assert outside_the_cache(home) == before
    assert grown < 100 * 2**20


def outside_the_cache(home: Path) -> set[Path]:
    """Return all files outside the cache, where a malicious repository might write some."""
    cache = home / "huggingface"
    files = (path for path in home.parent.rglob("*") if path.is_file())
    return {path for path in files if cache not in path.parents}


def peak_memory(process: Worker) -> int:
    """Return the peak memory of the process so far, in bytes."""
    code = "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    return 1024 * int(process.python(code).check().out)


@pytest.mark.parametrize("name", ["timeline.json", "vocabulary.json", "snapshots", "model.weights"])
def test_a_file_larger_than_possible_is_not_downloaded(fresh: World, name: str) -> None:
    repo_id = f"tester/large-{name.partition('.')[0]}"
    fresh.publish(repo_id)
    commit = fresh.hub.commits(repo_id)[0]
    headers = {"X-Repo-Commit": commit, "ETag": '"x"', "Content-Length": str(10**10)}

    def enormous(method: str, path: str) -> Reply | None:
        is_it = f"/{name}" in path and method == "HEAD"
        return Reply(200, b"", headers) if is_it else None

    fresh.hub.fault = enormous
    before = len(fresh.hub.requests)
    outcome = fresh.worker.textgen("inspect", repo_id)
    assert outcome.status == 1
    assert "has 10,000,000,000 bytes, but may have at most" in outcome.err
    gets = [path for method, path in fresh.hub.requests[before:] if method == "GET"]
    assert not [path for path in gets if f"/{name}" in path]


def test_a_link_in_the_repository_leads_nowhere(world: World) -> None:
    world.publish("tester/link")
    repo, best = world.hub.repo("tester/link"), world.timeline.best.file
    stream = (
        "commit refs/heads/main\ncommitter Hub <hub@localhost> now\ndata 4\nlink\n"
        f"from {repo.commit_of('main')}\nM 120000 inline {best}\ndata 11\n/etc/passwd\n"
    )
    repo.git("fast-import", "--quiet", "--date-format=now", data=stream.encode())
    assert repo.git("ls-tree", "main", best).startswith("120000")
    outcome = world.worker.textgen("generate", "tester/link")
    assert outcome.status == 1
    assert best in outcome.err
    assert "root:" not in outcome.out + outcome.err
