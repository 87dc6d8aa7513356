"""What a text copies: exactly, by an index that is the same everywhere, and by a timeline's."""

import hashlib
import json
import time
import tracemalloc
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from tests import naive
from tests.letters import CORPUS, HELD_OUT, INDEX, TRAIN
from tests.test_hashset import SIZES
from tests.timelines import made_ready
from textgen import Timeline, prepared, read_corpus
from textgen.errors import CorpusError, SettingsError, TimelineError
from textgen.generator import MAX_SCORED
from textgen.layout import CORPUS_INDEX
from textgen.manifest import IndexFacts
from textgen.novelty import CorpusIndex, compare
from textgen.prepared import Prepared

SCRIPTS = ["a", "ab", "abc ", "aé語🙂", "🙂👍🏽𝒳"]
TEXTS = [
    "",
    "the soul",
    "a" * 30,
    "ab" * 30,
    "\0" * 20 + "\U0010ffff" * 20,
    "千里之行，始於足下。合抱之木，生於毫末；",
    "🙂👍🏽" * 30 + "é",
    CORPUS,
]
GOLDEN = "the soul of the higher man, 語 and 🙂"
GOLDEN_INDEX = "357d742ab4ad59e23e779802901b50741da830bc2bcf9b7511c00022d7c95a80"


def letters(count: int, *, of: str = "abcdefghijklmnopqrstuvwxyz", seed: int = 0) -> str:
    """Return as many random letters."""
    return "".join(np.random.default_rng(seed).choice(list(of), count))


def text_and_corpus(alphabet: str, seed: int) -> tuple[str, str]:
    """Return two texts that share runs of many lengths."""
    random = np.random.default_rng(seed)
    corpus = letters(int(random.integers(120)), of=alphabet, seed=seed)
    text = ""
    for place in range(random.integers(5)):
        start = random.integers(len(corpus) + 1)
        text += corpus[start : start + random.integers(45)]
        text += letters(int(random.integers(4)), of=f"{alphabet}x", seed=seed + place)
    return text, corpus


def plain_compare(text: str, corpus: str) -> tuple[list[bool], tuple[int, int]]:
    """Return what is copied and the longest run, by looking for every part of the text."""
    copied, longest = [False] * len(text), (0, 0)
    for start, end in combinations(range(len(text) + 1), 2):
        if text[start:end] in corpus:
            if end - start > longest[1] - longest[0]:
                longest = (start, end)
            if end - start >= 20:
                copied[start:end] = [True] * (end - start)
    return copied, longest


def plain_index(text: str) -> bytes:
    """Return an index by the definition of its format."""
    hashes = []
    for start in range(len(text) - 18):
        number = 0
        for char in text[start : start + 19]:
            number = (number * 0x9E3779B97F4A7C15 + ord(char)) % 2**64
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1)):
            number = (number ^ number >> shift) * factor % 2**64
        hashes.append(number)
    return naive.packed(hashes)


def runs(copied: np.ndarray) -> int:
    """Return how many stretches of characters are copied."""
    return int(np.count_nonzero(np.diff(copied, prepend=False) & copied))


# With the corpus


@pytest.mark.parametrize("alphabet", SCRIPTS)
def test_the_comparison_finds_what_looking_for_every_part_finds(alphabet: str) -> None:
    lengths = set()
    for seed in range(150):
        text, corpus = text_and_corpus(alphabet, seed)
        novelty, (copied, longest) = compare(text, corpus), plain_compare(text, corpus)
        assert novelty.copied.tolist() == copied, (text, corpus)
        assert novelty.longest == longest, (text, corpus)
        assert novelty.longest_run == text[slice(*longest)]
        assert (novelty.text, novelty.exact) == (text, True)
        lengths.add(longest[1] - longest[0])
    assert {0, 19, 20, 21} < lengths
    assert max(lengths) > 40


@pytest.mark.parametrize(
    ("text", "corpus", "copied", "longest"),
    [
        ("", "", 0, (0, 0)),
        ("", CORPUS, 0, (0, 0)),
        (CORPUS[:50], "", 0, (0, 0)),
        ("x", CORPUS, 0, (0, 0)),
        (CORPUS[500], CORPUS, 0, (0, 1)),
        (CORPUS[500:519], CORPUS, 0, (0, 19)),
        (CORPUS[500:520], CORPUS, 20, (0, 20)),
        (f"xx{CORPUS[500:520]}x", CORPUS, 20, (2, 22)),
        (CORPUS[:300], CORPUS, 300, (0, 300)),
        (CORPUS[-300:], CORPUS, 300, (0, 300)),
        (CORPUS, CORPUS, 1000, (0, 1000)),
        (f"xx{CORPUS}x", CORPUS, 1000, (2, 1002)),
        (f"{CORPUS[500:519]}x{CORPUS[600:619]}", CORPUS, 0, (0, 19)),
        (f"{CORPUS[500:525]}x{CORPUS[600:625]}", CORPUS, 50, (0, 25)),
        (f"{CORPUS[500:525]}x{CORPUS[600:626]}", CORPUS, 51, (26, 52)),
        ("a" * 50, "a" * 20, 50, (0, 20)),
        ("a" * 50, "a" * 30, 50, (0, 30)),
    ],
)
def test_a_run_counts_from_twenty_characters_and_the_first_longest_is_named(
    text: str, corpus: str, copied: int, longest: tuple[int, int]
) -> None:
    novelty = compare(text, corpus)
    assert (novelty.copied.sum(), novelty.longest) == (copied, longest)
    assert novelty.copied_share == (copied / len(text) if text else 0)


def test_a_long_copy_is_measured_in_little_memory() -> None:
    text = letters(20_000)
    tracemalloc.start()
    try:
        assert compare(text, text).longest == (0, len(text))
        assert tracemalloc.get_traced_memory()[1] < 2000 * len(text)
    finally:
        tracemalloc.stop()


# Without it


@pytest.mark.parametrize("alphabet", SCRIPTS)
def test_an_index_misses_nothing_that_is_copied(alphabet: str) -> None:
    for seed in range(150):
        text, corpus = text_and_corpus(alphabet, seed)
        exact, novelty = compare(text, corpus), CorpusIndex.of(corpus).compare(text)
        assert novelty.copied[exact.copied].all(), (text, corpus)
        assert (novelty.text, novelty.exact) == (text, False)
        if exact.copied.any():
            assert len(novelty.longest_run) >= len(exact.longest_run)
        if not novelty.copied.any():
            assert novelty.longest == (0, 0)
        assert novelty.copied[slice(*novelty.longest)].all()


def test_an_index_knows_every_ngram_of_its_corpus() -> None:
    corpus = letters(100_000)
    novelty = CorpusIndex.of(corpus).compare(corpus)
    assert novelty.copied_share == 1
    assert novelty.longest == (0, len(corpus))


def test_runs_that_overlap_may_be_one_run_to_an_index_only() -> None:
    text = letters(21)
    corpus = f"{text[:20]}.{text[1:]}"
    assert compare(text, corpus).longest == (0, 20)
    assert CorpusIndex.of(corpus).compare(text).longest == (0, 21)


@pytest.mark.parametrize("changed", [False, True], ids=["unrelated", "changed"])
def test_an_index_as_good_as_never_finds_what_is_not_there(changed: bool) -> None:
    corpus = letters(500_000)
    # No 20 letters of the second are in the corpus either, for all that it has in common with it.
    text = (
        "".join("." if place % 15 == 0 else char for place, char in enumerate(corpus))
        if changed
        else letters(500_000, seed=1)
    )
    # One n-gram in 2**12 is mistaken, 120 of these; of runs, which hold two, one in 2**24.
    assert len(CorpusIndex.of(corpus).compare(text).runs) <= 2


def test_nineteen_characters_are_no_run_for_an_index_either() -> None:
    corpus = letters(100_000)
    text = ".".join(corpus[start : start + 19] for start in range(0, 99_000, 30))
    assert len(CorpusIndex.of(corpus).compare(text).runs) <= 5  # 1 n-gram in 2**12 beside each


def test_the_runs_are_where_the_copied_characters_are() -> None:
    corpus = letters(1000)
    text = f"..{corpus[:30]}...{corpus[100:119]}.{corpus[500:520]}"
    expected = [(2, 32), (55, 75)]
    assert compare(text, corpus).runs == CorpusIndex.of(corpus).compare(text).runs == expected


def test_a_text_that_repeats_itself_is_compared_in_no_time() -> None:
    text, corpus = " " * 200_000, f"{letters(500_000)}{' ' * 70}"
    began = time.monotonic()
    assert compare(text, corpus).longest == (0, 70)
    assert time.monotonic() - began < 30  # it took minutes, searching anew at every place


@pytest.mark.parametrize("text", ["", "short", letters(19), letters(20)])
def test_an_index_of_nothing_finds_nothing(text: str) -> None:
    novelty = CorpusIndex.of("nineteen characters").compare(text)
    assert (novelty.copied_share, novelty.longest) == (0, (0, 0))
    assert novelty.copied.shape == (len(text),)


# The index's file


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_an_index_has_the_bytes_its_format_asks_for(text: str) -> None:
    assert CorpusIndex.of(text).to_bytes() == plain_index(text)


def test_an_index_that_somebody_has_is_read_as_before() -> None:
    index = CorpusIndex.of(GOLDEN)
    assert index.to_bytes().hex() == GOLDEN_INDEX
    read = CorpusIndex.from_bytes(bytes.fromhex(GOLDEN_INDEX), index.ngrams)
    assert read.compare(GOLDEN).copied_share == 1


@pytest.mark.parametrize("ngrams", SIZES)
def test_an_index_survives_the_round_trip(ngrams: int) -> None:
    text = letters(ngrams + 18)
    index = CorpusIndex.of(text)
    data = index.to_bytes()
    read = CorpusIndex.from_bytes(data, ngrams)
    assert (index.ngrams, read.ngrams, read.to_bytes()) == (ngrams, ngrams, data)
    assert read.compare(text).copied.all() == (ngrams > 1)  # a run holds two
    other = letters(20_000, seed=1)
    np.testing.assert_array_equal(read.compare(other).copied, index.compare(other).copied)


def test_an_ngram_that_comes_twice_is_stored_once() -> None:
    once, twice = letters(60), letters(60) * 2
    assert (CorpusIndex.of(once).ngrams, CorpusIndex.of(twice).ngrams) == (42, 60)
    assert CorpusIndex.of("a" * 1000).ngrams == 1


def test_the_index_of_a_book_is_less_than_a_megabyte() -> None:
    assert len(CorpusIndex.of(letters(540_000)).to_bytes()) <= 1_000_000


# A timeline's


@pytest.fixture
def timeline(timeline_directory: Path) -> Timeline:
    """Of a model that knows small letters only."""
    return Timeline.from_pretrained(timeline_directory)


def without_index(directory: Path) -> Timeline:
    """Return a timeline as it was before there were indexes."""
    form = json.loads((directory / "timeline.json").read_bytes())
    del form["corpus_index"]
    (directory / "timeline.json").write_text(json.dumps(form), encoding="utf-8")
    (directory / CORPUS_INDEX).unlink()
    return Timeline.from_pretrained(directory)


def test_the_index_and_the_corpus_agree_on_what_is_copied(timeline: Timeline) -> None:
    text = f"dada {TRAIN[100:160]} {TRAIN[400:419]} bab {TRAIN[700:730]}🙂"
    by_index, by_corpus = timeline.novelty(text), timeline.novelty(text, corpus=CORPUS)
    assert (by_index.exact, by_corpus.exact) == (False, True)
    assert by_index.text == by_corpus.text == text
    np.testing.assert_array_equal(by_index.copied, by_corpus.copied)
    assert by_index.longest == by_corpus.longest
    assert TRAIN[100:160] in by_index.longest_run


def test_text_and_corpus_are_prepared_as_for_training(timeline: Timeline) -> None:
    text = TRAIN[:300].upper().replace("\n", "\r\n")
    assert text != TRAIN[:300]
    corpus = CORPUS.upper().replace("\n", "\r\n")
    for novelty in (timeline.novelty(text), timeline.novelty(text, corpus=corpus)):
        assert novelty.text == TRAIN[:300]
        assert novelty.longest == (0, 300)
        assert novelty.copied_share == 1


def test_characters_the_model_never_saw_end_a_run(timeline: Timeline) -> None:
    text = f"x{TRAIN[:21]}ø{TRAIN[21:40]}\ud83d"
    for novelty in (timeline.novelty(text), timeline.novelty(text, corpus=CORPUS)):
        assert (novelty.text, novelty.runs) == (text, [(1, 22)])
    spread = "€".join(TRAIN[:200])
    assert timeline.novelty(spread).copied_share == 0


@pytest.mark.parametrize("corpus", [CORPUS[::-1], CORPUS[:-1], CORPUS + "a", ""])
def test_another_corpus_is_refused(timeline: Timeline, corpus: str) -> None:
    with pytest.raises(CorpusError, match="not the corpus of by hand, 'https"):
        timeline.novelty("abba", corpus=corpus)


def test_a_corpus_is_taken_as_it_was_read(timeline: Timeline, tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text(CORPUS, encoding="utf-8", newline="")
    corpus = read_corpus(tmp_path / "letters.txt")
    assert timeline.novelty(TRAIN[:50], corpus=corpus).longest == (0, 50)
    with pytest.raises(SettingsError, match=r"must be a Corpus or a string, received b'ab'"):
        timeline.novelty("abba", corpus=b"ab")  # type: ignore[arg-type]


def test_what_was_held_out_is_not_copied(timeline: Timeline) -> None:
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
def test_what_is_no_text_is_refused(timeline: Timeline, text: str) -> None:
    for corpus in (None, CORPUS):
        with pytest.raises(SettingsError, match="text m"):
            timeline.novelty(text, corpus=corpus)


def test_without_an_index_the_corpus_must_be_given(timeline_directory: Path) -> None:
    timeline = without_index(timeline_directory)
    assert CORPUS_INDEX not in timeline.files()
    with pytest.raises(
        TimelineError, match=r"by hand has no index of its corpus.*corpus itself alone: give it"
    ):
        timeline.novelty(CORPUS)
    assert timeline.novelty(CORPUS, corpus=CORPUS).longest == (0, 900)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "is missing"),
        (INDEX[:-1], "has 1,543 bytes, its manifest says 1,544"),
        (INDEX + b"\0", "has 1,545 bytes, its manifest says 1,544"),
        (b"", "has 0 bytes"),
        (bytes([INDEX[0] ^ 1]) + INDEX[1:], "is not the file its manifest names"),
        (INDEX[:-1] + bytes([INDEX[-1] ^ 1]), "is not the file its manifest names"),
    ],
)
def test_an_index_that_is_not_the_timelines_is_refused(
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
    with pytest.raises(TimelineError, match="corpus: 882 hashes are marked of 881"):
        Timeline.from_pretrained(timeline_directory).novelty("abba")


# Made before training


def prepared_from(directory: Path, text: str, *, indexed: bool = True) -> Prepared:
    """Prepare a text for training with a tenth held out."""
    (directory / "text.txt").write_text(text, encoding="utf-8")
    corpus = read_corpus(directory / "text.txt")
    return made_ready(corpus, "tiny", directory, indexed=indexed)


def test_the_index_is_of_the_part_that_is_trained_on_as_it_is_trained_on(tmp_path: Path) -> None:
    made = prepared_from(tmp_path, CORPUS.upper())
    assert made.corpus_index == INDEX
    assert made.manifest.corpus_index == IndexFacts(
        ngram_size=19, ngrams=882, sha256=hashlib.sha256(INDEX).hexdigest()
    )


def test_no_index_is_made_where_none_is_asked_for(tmp_path: Path) -> None:
    made = prepared_from(tmp_path, CORPUS, indexed=False)
    assert (made.corpus_index, made.manifest.corpus_index) == (None, None)


@pytest.mark.parametrize(("limit", "indexed"), [(900, True), (899, False)])
def test_a_corpus_too_long_for_an_index_goes_without(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, limit: int, indexed: bool
) -> None:
    monkeypatch.setattr(prepared, "MAX_NGRAMS", limit)
    made = prepared_from(tmp_path, CORPUS)
    assert (made.corpus_index is not None) is indexed
    assert (made.manifest.corpus_index is not None) is indexed
