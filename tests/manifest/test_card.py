"""The model card: its text and its code, and hostile names that must not break it."""

import ast
import dataclasses
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.cards import REPO_ID, body_of, cells, code_of, tokens
from tests.support.paths import ROOT
from tests.support.timelines import HOSTILE, MODEL, hostile_manifest, manifest_of
from textgen import Timeline, TrainConfig
from textgen.manifest import card
from textgen.manifest.records import Origin, Publication
from textgen.manifest.transcript import history, transcript
from textgen.text.preparation import Preparation

FENCE = "```"


def test_every_placeholder_of_the_template_is_filled() -> None:
    left = re.findall(r"\$\w+|\$\{", card.render(manifest_of(), REPO_ID))
    assert left == []


def test_placeholders_in_a_name_are_not_filled() -> None:
    manifest = dataclasses.replace(manifest_of(), name="$details ${samples}")
    assert "# \\$details \\${samples}\n" in card.render(manifest, REPO_ID)


def test_the_card_shows_the_best_and_an_early_snapshot_and_lists_all() -> None:
    manifest = manifest_of()
    text = body_of(manifest)
    for epoch in (0, 1):  # the last, epoch 2, is worse than the best, epoch 1
        assert f"{FENCE}text\na cab at {epoch}\n{FENCE}" in text
    assert f"{FENCE}text\na cab at 2\n{FENCE}" not in text
    assert "| **1** | **100** | **1.6250** | **1.5000** | **2.164** |" in text
    links = {token.attrGet("href") for token in tokens(text) if token.type == "link_open"}
    assert {snapshot.file for snapshot in manifest.snapshots} <= links


def test_a_timeline_of_one_snapshot_has_a_card() -> None:
    manifest = manifest_of((0,), val_losses=(2.5,))
    assert "**1 snapshot** of" in body_of(manifest)


def test_a_timeline_that_got_worse_from_the_start_has_a_card() -> None:
    text = body_of(manifest_of((0, 1), val_losses=(1.5, 2.0)))
    assert text.count(f"{FENCE}text\n") == 1
    assert f"{FENCE}text\na cab at 0\n{FENCE}" in text


@pytest.mark.parametrize(
    ("changes", "how_far"),
    [
        ({}, ", 2 epochs"),
        (
            {"training": TrainConfig(epochs=5, patience=1)},
            ", 2 of 5 epochs; training stopped early because the validation loss no longer "
            "improved",
        ),
        ({"training": TrainConfig(epochs=5, patience=2)}, ", epoch 2 of 5 so far"),
    ],
)
def test_a_card_says_how_long_the_model_was_trained(changes: dict[str, Any], how_far: str) -> None:
    text = body_of(manifest_of(**changes))
    assert next(cell for cell in cells(text) if cell.startswith("recipe")).endswith(how_far)
    unfinished = "**Training is not finished: epoch 2 of 5 so far.**" in text
    assert unfinished is ("so far" in how_far)


def test_a_fine_tuned_model_is_not_called_untrained() -> None:
    origin = Origin(name="a `b`", step=1500, sha256="0" * 64)
    text = body_of(manifest_of(init_from=origin))
    assert "before training" not in text
    assert text.count("before fine-tuning") == 2
    assert "fine-tuned from a \\`b\\` on one text, letters." in text
    assert "a \\`b\\`, step 1,500" in cells(text)
    plain = body_of(manifest_of())
    assert plain.count("before training") == 2
    assert "fine-tun" not in plain


def test_a_card_explains_how_good_the_best_snapshot_is() -> None:
    text = " ".join(body_of(manifest_of()).split())
    assert "The best snapshot (epoch 1) has a validation loss of **1.500 nats" in text
    assert "or **2.164 bits per character**" in text
    assert "on the last 10% of the text" in text
    assert "a probability of 22% for" in text  # exp(−1.5)
    assert "all 10 characters equally likely has a loss of 2.303 nats, or 3.322 bits" in text


@pytest.mark.parametrize(
    ("preparation", "words"),
    [
        (Preparation(), "Project Gutenberg header and footer removed, if present"),
        (Preparation(lowercase=True), "converted to lowercase; Project Gutenberg header"),
        (
            Preparation(lowercase=True, strip_punctuation=True),
            "converted to lowercase; punctuation removed; Project Gutenberg header",
        ),
    ],
)
def test_a_card_says_how_the_text_was_preprocessed(preparation: Preparation, words: str) -> None:
    shown = cells(body_of(manifest_of(preparation=preparation)))
    assert shown[shown.index("preprocessing") + 1].startswith(words)


@pytest.mark.parametrize(
    ("seconds", "words"), [(89.4, "89 seconds on"), (90, "1.5 minutes on"), (5400, "1.5 hours on")]
)
def test_a_card_says_how_long_training_took(seconds: float, words: str) -> None:
    manifest = manifest_of((0,), val_losses=(2.5,))
    last = dataclasses.replace(manifest.snapshots[0], seconds=float(seconds))
    shown = cells(body_of(dataclasses.replace(manifest, snapshots=(last,))))
    assert shown[shown.index("training time") + 1].startswith(words)


def test_the_card_of_a_model_with_a_context_names_it_and_uses_it() -> None:
    text = body_of(manifest_of(model=dataclasses.replace(MODEL, context=40)))
    assert "each predicted from the last 40 characters before it." in " ".join(text.split())
    assert "model.predict_on_batch(ids[:, max(0, position - 40) : position])" in text
    assert "each predicted from all characters before it." in " ".join(
        body_of(manifest_of()).split()
    )


def test_the_card_says_what_the_index_is_for_and_what_it_reveals() -> None:
    facts = manifest_of().corpus_index
    assert facts is not None
    old = dataclasses.replace(facts, words=None)
    for index, words in ((facts, True), (old, False)):
        text = body_of(manifest_of(corpus_index=index))
        shown, flat = cells(text), " ".join(text.split())
        row = shown[shown.index("copy check") + 1]
        assert "reports how much of a file is copied from the training text" in row
        assert ("the share of known words" in row) is words
        assert "hashes of every sequence of 19 characters" in flat
        assert "Anyone with the index and one line of the text can recover what follows" in flat
        assert ("every word in the text" in flat) is words
        assert ("reveals whether a given word, such as a name, occurs in the text" in flat) is words
    without = body_of(manifest_of(corpus_index=None))
    assert "copy check" not in cells(without)
    assert "corpus-index" not in without
    assert "## Privacy" in without


def test_the_code_on_the_card_is_python_that_names_the_prompt() -> None:
    for manifest in (manifest_of(), hostile_manifest()):
        blocks = [ast.parse(block) for block in code_of(manifest, "python")]
        assert len(blocks) == 4
        for block, named in zip(blocks, (REPO_ID, REPO_ID, REPO_ID, None), strict=True):
            constants = [n.value for n in ast.walk(block) if isinstance(n, ast.Constant)]
            assert named is None or named in constants
            if block is not blocks[1]:
                assert manifest.sample_settings.seed_text[:60] in constants


def test_no_text_of_a_manifest_gets_into_a_shell() -> None:
    commands = code_of(hostile_manifest(), "bash")
    assert len(commands) == 2
    assert commands == code_of(manifest_of(), "bash")


def test_no_name_changes_how_the_card_is_built() -> None:
    with_demo = manifest_of(publication=Publication(demo="https://demo.example/"))
    plain, hostile = (
        [token.type for token in tokens(body_of(manifest)) if token.block]
        for manifest in (with_demo, hostile_manifest())
    )
    assert hostile == plain


def test_the_bundled_documents_are_what_would_be_written_today() -> None:
    timeline = Timeline.from_pretrained(ROOT / "pretrained" / "nietzsche")
    for name, expected in {
        "README.md": card.render(timeline.manifest, "USER/nietzsche"),
        "transcript.md": transcript(timeline.manifest),
        "history.csv": history(timeline.manifest),
    }.items():
        assert (timeline.directory / name).read_text(encoding="utf-8") == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(body_of(hostile_manifest()), id="card"),
        pytest.param(transcript(hostile_manifest()), id="transcript"),
    ],
)
def test_no_name_and_no_sample_becomes_markup(text: str) -> None:
    allowed = {
        "html_block": r"<!-- written by textgen [0-9a-f]{64}; .* -->\n",
        "image": r"assets/learning-curve\.png",
        "link_open": r"snapshots/step-\d+\.weights\.h5|(transcript|timeline|corpus-index)\.\w+|"
        r"https://(huggingface\.co|demo\.example)/[\w/%:=+.*$#-]+",
    }
    for token in tokens(text):
        assert token.type not in ("html_inline", "hr")
        if token.type in allowed:
            target = token.attrGet("src") or token.attrGet("href") or token.content
            assert re.fullmatch(allowed[token.type], str(target))


@pytest.mark.parametrize("text", [body_of(hostile_manifest()), transcript(hostile_manifest())])
def test_samples_are_shown_as_they_were_written(text: str) -> None:
    sample = hostile_manifest().snapshots[0].samples["0.5"]
    assert f"{sample}\n" in [token.content for token in tokens(text) if token.type == "fence"]


def test_long_lines_of_a_sample_are_wrapped_to_be_read_without_scrolling() -> None:
    manifest = manifest_of((0,), val_losses=(2.5,))
    written = "\n".join(["a cab  was bad " * 20, "", "d" * 200])
    first = dataclasses.replace(manifest.snapshots[0], samples={"0.5": written})
    text = body_of(dataclasses.replace(manifest, snapshots=(first,)))
    (shown,) = [token.content for token in tokens(text) if token.info == "text"]
    assert max(map(len, shown.splitlines())) <= card.SAMPLE_WIDTH
    assert "".join(shown.split()) == "".join(written.split())


def test_names_are_shown_as_they_were_given() -> None:
    title = next(token for token in tokens(body_of(hostile_manifest())) if token.type == "inline")
    shown = "".join(child.content for child in title.children or ())
    assert shown == " ".join(HOSTILE.split())


def test_no_name_ends_a_cell_of_the_table() -> None:
    row = next(cell for cell in cells(body_of(hostile_manifest())) if cell.startswith("recipe"))
    assert row.endswith("random seed 0, 2 epochs")


def test_a_hostile_repository_name_is_harmless() -> None:
    # `train` fills in USER/NAME, because it has no repository yet.
    body = body_of(hostile_manifest(), f"USER/{HOSTILE}")
    assert not [t for t in tokens(body) if t.type == "html_block" and "written" not in t.content]
    for block in [t.content for t in tokens(body) if t.info == "python"]:
        compile(block, "card", "exec")


def test_an_unchanged_card_is_not_edited() -> None:
    for manifest in (manifest_of(), hostile_manifest()):
        assert not card.is_edited(card.render(manifest, REPO_ID))


def test_a_card_that_an_earlier_version_wrote_is_not_edited() -> None:
    published = (
        "---\nlicense: mit\n---\n\n# letters\n\n<!-- written by textgen "
        "17291826b3e72505bf05b2b53edd619b037ce58eb57ccdf299923737e89ccf23; edit this card "
        "and it is kept -->\n"
    )
    assert not card.is_edited(published)


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: text.replace("a small neural", "a tiny neural"),
        lambda text: text.replace("library_name: keras", "license: mit\nlibrary_name: keras"),
        lambda text: text + "\nThanks to my mother.\n",
        lambda text: text.replace("<!-- written by textgen", "<!-- written by me"),
        lambda text: text.rpartition("\n<!--")[0],
        lambda text: "---\nlicense: mit\n---\n",
        lambda text: "",
    ],
)
def test_any_change_makes_a_card_edited(edit: Callable[[str], str]) -> None:
    text = card.render(manifest_of(), REPO_ID)
    assert edit(text) != text
    assert card.is_edited(edit(text))
