"""A text beside the training text: what is copied, and which words are known."""

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
"""Gives a timeline's index of its corpus, read when it is first needed."""


class TrainingText:
    """What a timeline knows of the text it was trained on.

    Args:
        manifest: of the timeline.
        vocabulary: of its model.
        index: of its corpus; raises TimelineError where there is none.
    """

    def __init__(self, manifest: Manifest, vocabulary: Vocabulary, index: Index) -> None:
        self._manifest, self._vocabulary, self._index = manifest, vocabulary, index

    def novelty(self, text: str, corpus: Corpus | str | None) -> Novelty:
        """Return how much of a text is copied; see `Timeline.novelty`."""
        check_scored(text)
        prepared = self._manifest.preparation.apply(text)
        if corpus is None:
            return self._index().compare(prepared)
        # The held-out part was never learned from, so nothing can be copied out of it.
        return compare(prepared, self.split(corpus)[0])

    def known_words(self, text: str, seed_text: str, corpus: Corpus | str | None) -> float | None:
        """Return the share of a text's words that are known; see `Timeline.real_words`."""
        check_scored(text)
        checks.text("seed_text", seed_text, MAX_SEED_TEXT, "give its last part")
        words = whole_words(
            self._manifest.preparation.apply(text), prompt=self._vocabulary.normalize(seed_text)[0]
        )
        if corpus is not None:
            known = set(words_of(self.split(corpus)[0]))
            held = [word in known for word in words]
        elif (facts := self._manifest.corpus_index) is not None and facts.words is not None:
            held = self._index().has_words(words).tolist()
        else:
            return None
        return sum(held) / len(words) if words else None

    def split(self, corpus: Corpus | str) -> tuple[str, str]:
        """Cut the corpus as the training did; see `Timeline.split`."""
        manifest, facts = self._manifest, self._manifest.corpus
        if isinstance(corpus, Corpus):
            corpus = corpus.text
        if not isinstance(corpus, str):
            raise SettingsError(f"corpus must be a Corpus or a string, received {shown(corpus)}.")
        if manifest.init_from is None:
            text = manifest.preparation.apply(corpus)
        else:
            text, _ = self._vocabulary.normalize(corpus)
        trained_on, held_out = text[: facts.train_characters], text[facts.train_characters :]
        if len(text) != facts.characters or not self._is_indexed(trained_on):
            raise CorpusError(
                f"This is not the corpus of {manifest.name}, {facts.source!r}: give the text that "
                f"the model was trained on, {facts.characters:,} characters once prepared, as "
                "textgen.read_corpus reads it, in the encoding it had then."
            )
        return trained_on, held_out

    def _is_indexed(self, trained_on: str) -> bool:
        """Whether the manifest's index is that of a text; True where there is none to tell."""
        facts = self._manifest.corpus_index
        if facts is None:
            return True
        index = CorpusIndex.of(trained_on, with_words=facts.words is not None)
        return index.sha256 == facts.sha256
