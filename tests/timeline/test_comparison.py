"""Comparing a text with the training text: what is copied, and which words are known."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.support import naive
from tests.support.letters import CORPUS, HELD_OUT, INDEX, TRAIN
from tests.support.paths import BUNDLED
from textgen import Timeline, read_corpus
from textgen.errors import CorpusError, SettingsError, TimelineError
from textgen.manifest.paths import CORPUS_INDEX
from textgen.text.corpus_index import MAX_WORDS, CorpusIndex
from textgen.timeline.generator import MAX_SCORED, MAX_SEED_TEXT


@pytest.fixture
def timeline(timeline_directory: Path) -> Timeline:
    """Of a model whose vocabulary has only lowercase letters."""
    return Timeline.from_pretrained(timeline_directory)


def without_index(directory: Path) -> Timeline:
    """Return a timeline of the format before indexes were added."""
    form = json.loads((directory / "timeline.json").read_bytes())
    del form["corpus_index"]
    (directory / "timeline.json").write_text(json.dumps(form), encoding="utf-8")
    (directory / CORPUS_INDEX).unlink()
    return Timeline.from_pretrained(directory)


def test_the_index_and_the_corpus_find_the_same_copies(timeline: Timeline) -> None:
    text = f"dada {TRAIN[100:160]} {TRAIN[400:419]} bab {TRAIN[700:730]}🙂"
    by_index, by_corpus = timeline.novelty(text), timeline.novelty(text, corpus=CORPUS)
    assert (by_index.exact, by_corpus.exact) == (False, True)
    assert by_index.text == by_corpus.text == text
    np.testing.assert_array_equal(by_index.copied, by_corpus.copied)
    assert by_index.longest == by_corpus.longest
    assert TRAIN[100:160] in by_index.longest_run


def test_text_and_corpus_are_preprocessed_as_in_training(timeline: Timeline) -> None:
    text = TRAIN[:300].upper().replace("\n", "\r\n")
    assert text != TRAIN[:300]
    corpus = CORPUS.upper().replace("\n", "\r\n")
    for novelty in (timeline.novelty(text), timeline.novelty(text, corpus=corpus)):
        assert novelty.text == TRAIN[:300]
        assert novelty.longest == (0, 300)
        assert novelty.copied_share == 1


def test_characters_outside_the_vocabulary_end_a_run(timeline: Timeline) -> None:
    text = f"x{TRAIN[:21]}ø{TRAIN[21:40]}\ud83d"
    for novelty in (timeline.novelty(text), timeline.novelty(text, corpus=CORPUS)):
        assert (novelty.text, novelty.runs) == (text, [(1, 22)])
    spread = "€".join(TRAIN[:200])
    assert timeline.novelty(spread).copied_share == 0


@pytest.mark.parametrize("corpus", [CORPUS[::-1], CORPUS[:-1], CORPUS + "a", ""])
def test_another_corpus_is_refused(timeline: Timeline, corpus: str) -> None:
    with pytest.raises(
        CorpusError, match=r"not the corpus of by hand, 'https.* received .* expected the 1,000 "
    ):
        timeline.novelty("abba", corpus=corpus)


def test_a_corpus_may_be_a_corpus_object(timeline: Timeline, tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text(CORPUS, encoding="utf-8", newline="")
    corpus = read_corpus(tmp_path / "letters.txt")
    assert timeline.novelty(TRAIN[:50], corpus=corpus).longest == (0, 50)
    with pytest.raises(SettingsError, match=r"must be a Corpus or a string, received b'ab'"):
        timeline.novelty("abba", corpus=b"ab")  # type: ignore[arg-type]


def test_the_validation_text_does_not_count_as_copied(timeline: Timeline) -> None:
    for novelty in (timeline.novelty(HELD_OUT), timeline.novelty(HELD_OUT, corpus=CORPUS)):
        assert not novelty.copied.any()
    text = TRAIN[-30:] + HELD_OUT[:30]
    for novelty in (timeline.novelty(text), timeline.novelty(text, corpus=CORPUS)):
        assert novelty.longest == (0, 30)
        assert novelty.copied.sum() == 30


@pytest.mark.parametrize("text", ["", "a", "xyz"])
def test_a_text_may_be_short_or_empty(timeline: Timeline, text: str) -> None:
    assert timeline.novelty(text).copied_share == 0
    assert timeline.novelty(text, corpus=CORPUS).copied_share == 0


@pytest.mark.parametrize(
    "text", [None, b"ab", 5, "a" * (MAX_SCORED + 1)], ids=lambda x: repr(x)[:9]
)
def test_a_text_must_be_a_string_of_limited_length(timeline: Timeline, text: str) -> None:
    for corpus in (None, CORPUS):
        with pytest.raises(SettingsError, match="text m"):
            timeline.novelty(text, corpus=corpus)


def test_without_an_index_the_corpus_is_required(timeline_directory: Path) -> None:
    timeline = without_index(timeline_directory)
    assert CORPUS_INDEX not in timeline.files()
    with pytest.raises(
        TimelineError, match=r"by hand has no index of its corpus.*Pass it as the argument corpus"
    ):
        timeline.novelty(CORPUS)
    assert timeline.novelty(CORPUS, corpus=CORPUS).longest == (0, 900)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "is missing"),
        (INDEX[:-1], "has 1,722 bytes, its manifest says 1,723"),
        (INDEX + b"\0", "has 1,724 bytes, its manifest says 1,723"),
        (b"", "has 0 bytes"),
        (bytes([INDEX[0] ^ 1]) + INDEX[1:], "is not the file its manifest names"),
        (INDEX[:-1] + bytes([INDEX[-1] ^ 1]), "is not the file its manifest names"),
    ],
)
def test_an_index_that_does_not_match_the_manifest_is_refused(
    timeline: Timeline, content: bytes | None, message: str
) -> None:
    path = timeline.directory / CORPUS_INDEX
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TimelineError) as raised:
        timeline.novelty("abba")
    assert f"{path} {message}" in str(raised.value)
    assert "\n" not in str(raised.value)
    with pytest.raises(TimelineError, match=CORPUS_INDEX):
        timeline.verify()


def test_a_manifest_that_miscounts_its_index_is_refused(timeline_directory: Path) -> None:
    form = json.loads((timeline_directory / "timeline.json").read_bytes())
    form["corpus_index"]["ngrams"] -= 1  # a file of the same size
    (timeline_directory / "timeline.json").write_text(json.dumps(form), encoding="utf-8")
    with pytest.raises(TimelineError, match="corpus: 882 hashes are marked, expected 881"):
        Timeline.from_pretrained(timeline_directory).novelty("abba")


def without_words(directory: Path) -> Timeline:
    """Return a timeline of the format before words were added to the index."""
    form = json.loads((directory / "timeline.json").read_bytes())
    index = CorpusIndex.of(TRAIN, with_words=False)
    del form["corpus_index"]["words"]
    form["corpus_index"]["sha256"] = index.sha256
    (directory / "timeline.json").write_text(json.dumps(form), encoding="utf-8")
    (directory / CORPUS_INDEX).write_bytes(index.to_bytes())
    return Timeline.from_directory(directory)


def test_known_words_are_those_in_the_training_text(timeline: Timeline) -> None:
    known = set(naive.words(TRAIN))
    for text in (TRAIN, HELD_OUT, f"{TRAIN[100:200]} abba cab dada éé abba ", "ab " * 9):
        words = naive.words(text)[: None if text[-1] in "\n 🙂" else -1]
        expected = sum(word in known for word in words) / len(words)
        assert timeline.known_words(text) == timeline.known_words(text, corpus=CORPUS) == expected
    assert timeline.known_words(TRAIN) == 1
    assert timeline.known_words("ab " * 9) == 1
    assert 0 < (timeline.known_words(HELD_OUT) or 0) < 1


@pytest.mark.parametrize(
    ("seed_text", "text", "share"),
    [
        ("", "", None),
        ("", "1984!", None),
        ("", "ab", None),
        ("", "ab ", 1),
        ("", "AB Ab\r\n", 1),
        ("", "abba ", 0),
        ("", "ab abba ab. zz", 2 / 3),
        ("ab", "ba.", 0),
        ("bad", "dd.", 1),
        ("abba ba", "ddd ab abba ", 2 / 3),
        ("BA", "ddd.", 1),
        ("ba1984x", "ddd.", 1),  # the model reads only "ba"; the rest is not in its vocabulary
        ("ba", "xddd.", 0),
        ("abba ", "ab ", 1),
        ("abba", " ab ", 1),
        ("abba", "ab", None),
    ],
)
def test_only_words_that_the_text_completes_are_counted(
    timeline: Timeline, seed_text: str, text: str, share: float | None
) -> None:
    assert timeline.known_words(text, seed_text=seed_text) == share
    assert timeline.known_words(text, seed_text=seed_text, corpus=CORPUS) == share


def test_an_index_without_words_still_finds_copies(timeline_directory: Path) -> None:
    timeline = without_words(timeline_directory)
    assert timeline.novelty(TRAIN).copied_share == 1
    assert timeline.corpus_index.words is None
    assert timeline.known_words(TRAIN) is None
    assert timeline.known_words(TRAIN, corpus=CORPUS) == 1
    assert timeline.split(CORPUS) == (TRAIN, HELD_OUT)
    with pytest.raises(CorpusError, match="not the corpus of by hand"):
        timeline.split(CORPUS[::-1])


def test_without_an_index_known_words_need_the_corpus(timeline_directory: Path) -> None:
    timeline = without_index(timeline_directory)
    assert timeline.known_words(TRAIN) is None
    assert timeline.known_words(TRAIN, corpus=CORPUS) == 1


def test_the_name_of_release_0_1_still_works(timeline: Timeline) -> None:
    text = "ba abba ab. zz"
    share = timeline.known_words(text, seed_text="ab", corpus=CORPUS)
    assert share == timeline.real_words(text, seed_text="ab", corpus=CORPUS) == 1 / 3


def test_the_index_is_read_once(timeline: Timeline) -> None:
    assert timeline.known_words("ab ") == 1
    (timeline.directory / CORPUS_INDEX).unlink()
    assert timeline.known_words("ab abba ") == 0.5
    assert timeline.novelty(TRAIN).copied_share == 1


def test_known_words_refuse_a_damaged_index(timeline: Timeline) -> None:
    path = timeline.directory / CORPUS_INDEX
    path.write_bytes(INDEX[:-1] + bytes([INDEX[-1] ^ 1]))
    with pytest.raises(TimelineError, match="is not the file its manifest names"):
        timeline.known_words("ab ")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (100, "has 1,723 bytes, its manifest says 1,719"),
        (103, "has 1,723 bytes, its manifest says 1,726"),
        (MAX_WORDS, "has 1,723 bytes, its manifest says 3,501,544"),
        (None, "has 1,723 bytes, its manifest says 1,544"),
        (102, "corpus: 101 hashes are marked, expected 102"),  # a file of the same size
    ],
)
def test_a_manifest_that_miscounts_its_words_is_refused(
    timeline_directory: Path, words: int | None, message: str
) -> None:
    form = json.loads((timeline_directory / "timeline.json").read_bytes())
    form["corpus_index"]["words"] = words
    (timeline_directory / "timeline.json").write_text(json.dumps(form), encoding="utf-8")
    with pytest.raises(TimelineError, match=message):
        Timeline.from_pretrained(timeline_directory).novelty("abba")


@pytest.mark.parametrize(
    ("seed_text", "text", "named"),
    [
        ("", None, "text"),
        ("", b"ab", "text"),
        ("", "a" * (MAX_SCORED + 1), "text"),
        (None, "ab ", "seed_text"),
        ("a" * (MAX_SEED_TEXT + 1), "ab ", "seed_text"),
    ],
    ids=lambda x: repr(x)[:9],
)
def test_known_words_need_strings_of_limited_length(
    timeline: Timeline, seed_text: str, text: str, named: str
) -> None:
    with pytest.raises(SettingsError, match=f"^{named} m"):
        timeline.known_words(text, seed_text=seed_text)


def test_known_words_refuse_another_corpus(timeline: Timeline) -> None:
    with pytest.raises(CorpusError, match="not the corpus of by hand"):
        timeline.known_words("ab ", corpus=CORPUS[:-1])


def test_the_bundled_model_started_with_noise_and_learned_words() -> None:
    timeline = Timeline.from_directory(BUNDLED)
    seed_text = "the soul of man "
    shares = [
        timeline.known_words(
            timeline.generator(step=step).generate(seed_text, length=2000, temperature=0.5, seed=1),
            seed_text=seed_text,
        )
        or 0
        for step in (0, timeline.best.step)
    ]
    assert 0.1 < shares[0] < 0.25
    assert shares[1] > 0.94
