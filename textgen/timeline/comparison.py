"""Comparing a text with the training text: what is copied, and which words are known."""

from __future__ import annotations

from collections.abc import Callable

from textgen import checks
from textgen.checks import shown
from textgen.errors import CorpusError, SettingsError
from textgen.manifest.schema import Manifest
from textgen.text.corpus import Corpus
from textgen.text.corpus_index import CorpusIndex
from textgen.text.novelty import Novelty, compare
from textgen.text.vocabulary import Vocabulary
from textgen.text.words import whole_words, words_of
from textgen.timeline.generator import MAX_SEED_TEXT, check_scored

Index = Callable[[], CorpusIndex]
"""Returns a timeline's index of its training text, which is read when first needed."""


class TrainingText:
    """The text a timeline was trained on, as far as the timeline or the caller can supply it.

    Args:
        manifest: of the timeline.
        vocabulary: of its model.
        index: returns the index of its training text; raises TimelineError if there is none.
    """

    def __init__(self, manifest: Manifest, vocabulary: Vocabulary, index: Index) -> None:
        self._manifest, self._vocabulary, self._index = manifest, vocabulary, index

    def novelty(self, text: str, corpus: Corpus | str | None) -> Novelty:
        """Return how much of a text is copied; see `Timeline.novelty`."""
        check_scored(text)
        preprocessed = self._manifest.preparation.apply(text)
        if corpus is None:
            return self._index().compare(preprocessed)
        # The model was not trained on the validation part, so it cannot copy from it.
        return compare(preprocessed, self.split(corpus)[0])

    def known_words(self, text: str, seed_text: str, corpus: Corpus | str | None) -> float | None:
        """Return the share of a text's words that are known; see `Timeline.known_words`."""
        check_scored(text)
        checks.text("seed_text", seed_text, MAX_SEED_TEXT, "pass only its last part")
        words = whole_words(
            self._manifest.preparation.apply(text), prompt=self._vocabulary.normalize(seed_text)[0]
        )
        if corpus is not None:
            training_words = set(words_of(self.split(corpus)[0]))
            is_known = [word in training_words for word in words]
        elif (facts := self._manifest.corpus_index) is not None and facts.words is not None:
            is_known = self._index().has_words(words).tolist()
        else:
            return None
        return sum(is_known) / len(words) if words else None

    def split(self, corpus: Corpus | str) -> tuple[str, str]:
        """Split the corpus into training and validation parts; see `Timeline.split`."""
        manifest, facts = self._manifest, self._manifest.corpus
        if isinstance(corpus, Corpus):
            corpus = corpus.text
        if not isinstance(corpus, str):
            raise SettingsError(f"corpus must be a Corpus or a string, received {shown(corpus)}.")
        if manifest.init_from is None:
            text = manifest.preparation.apply(corpus)
        else:
            text, _ = self._vocabulary.normalize(corpus)
        training, validation = text[: facts.train_characters], text[facts.train_characters :]
        if len(text) != facts.characters or not self._is_indexed(training):
            raise CorpusError(
                f"This is not the corpus of {manifest.name}, {facts.source!r}: received "
                f"{len(text):,} characters after preprocessing, expected the {facts.characters:,} "
                "that the model was trained on. Pass the original text, read with "
                "textgen.read_corpus and in its original encoding."
            )
        return training, validation

    def _is_indexed(self, training: str) -> bool:
        """Return whether the timeline's index was made from this text; True if it has no index."""
        facts = self._manifest.corpus_index
        if facts is None:
            return True
        index = CorpusIndex.of(training, with_words=facts.words is not None)
        return index.sha256 == facts.sha256
