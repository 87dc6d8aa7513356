"""Timelines: a model with all its training snapshots. Open, verify and publish them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from textgen.config import ModelConfig
from textgen.hub.client import check_repo_id
from textgen.hub.commits import open_branch
from textgen.hub.source import Source
from textgen.manifest.paths import MANIFEST
from textgen.manifest.records import Snapshot
from textgen.manifest.schema import Manifest
from textgen.text.corpus import Corpus
from textgen.text.corpus_index import CorpusIndex
from textgen.text.novelty import Novelty
from textgen.text.vocabulary import Vocabulary
from textgen.timeline.comparison import TrainingText
from textgen.timeline.generator import TextGenerator
from textgen.timeline.publishing import publish
from textgen.timeline.reader import (
    files_of,
    open_timeline,
    read_corpus_index,
    read_timeline,
)
from textgen.timeline.verification import verify


@dataclass(frozen=True)
class Timeline:
    """A model and its whole training history: every snapshot, in a directory or on the Hub.

    Args:
        manifest: the content of `timeline.json`.
        vocabulary: of the model; it must match the manifest.
        source: where the other files are. Files on the Hub are fetched when they are needed.

    Example:
        timeline = Timeline.from_pretrained("pretrained/nietzsche")
        for snapshot in timeline.snapshots:
            print(snapshot.epoch, timeline.generator(step=snapshot.step).generate("the ", seed=1))
    """

    manifest: Manifest
    vocabulary: Vocabulary
    source: Source

    @classmethod
    def from_pretrained(
        cls,
        path_or_repo: str | Path,
        *,
        revision: str | None = None,
        token: str | bool | None = None,
        cache_dir: str | Path | None = None,
        local_files_only: bool = False,
    ) -> Timeline:
        """Open a timeline from a directory or from the Hugging Face Hub.

        The arguments are those of `TextGenerator.from_pretrained`. From the Hub, only the manifest
        and the vocabulary are fetched now, and every other file when it is needed. Each snapshot is
        checked against the manifest when it is loaded; `verify` fetches and checks all files.

        Raises:
            TimelineError: it is not a timeline, or is inconsistent.
            HubError: the repository cannot be fetched.
        """
        return cls(
            *open_timeline(
                path_or_repo,
                revision=revision,
                token=token,
                cache_dir=cache_dir,
                local_files_only=local_files_only,
            )
        )

    @classmethod
    def from_directory(cls, directory: Path) -> Timeline:
        """Open a timeline from a directory, never from the Hub.

        Raises:
            TimelineError: it is not a timeline, or is inconsistent.
        """
        return cls(*read_timeline(Source(directory=directory)))

    @property
    def directory(self) -> Path:
        """The timeline's directory; for one on the Hub, the directory in the cache."""
        return self.source.directory

    @property
    def name(self) -> str:
        """The timeline's name."""
        return self.manifest.name

    @property
    def config(self) -> ModelConfig:
        """The model's settings, the same for every snapshot."""
        return self.manifest.model

    @property
    def snapshots(self) -> tuple[Snapshot, ...]:
        """All snapshots, from the untrained one to the last."""
        return self.manifest.snapshots

    @property
    def best(self) -> Snapshot:
        """The snapshot with the lowest validation loss."""
        return self.manifest.best

    def generator(
        self, epoch: float | str | None = None, *, step: int | None = None
    ) -> TextGenerator:
        """Load one snapshot.

        Args:
            epoch: one of the timeline's epochs, "best" (default) or "last".
            step: the training step, instead of epoch.

        Raises:
            TimelineError: there is no such snapshot, or its file does not match the manifest.
            HubError: the file cannot be fetched.
        """
        snapshot = self.manifest.find(step=step, epoch=epoch)
        return TextGenerator.from_snapshot(self.manifest, self.vocabulary, self.source, snapshot)

    @cached_property
    def corpus_index(self) -> CorpusIndex:
        """The index of the training text; TimelineError if the timeline has none."""
        return read_corpus_index(self.source, self.manifest)

    def newer(self) -> Timeline | None:
        """Return the changed timeline, or None if it has not changed since it was opened.

        A timeline changes while its model is still in training.

        Raises:
            TimelineError: it is no longer a timeline.
            HubError: the Hub cannot be reached.
        """
        source = self.source
        if source.repo_id is None:
            timeline = Timeline.from_directory(source.directory)
        elif source.has_new_commit(MANIFEST):
            timeline = Timeline(
                *open_timeline(
                    source.repo_id,
                    revision=source.revision,
                    token=source.token,
                    cache_dir=source.cache_dir,
                    local_files_only=False,
                    is_update=True,
                )
            )
        else:
            return None
        return timeline if timeline.manifest != self.manifest else None

    def novelty(self, text: str, *, corpus: Corpus | str | None = None) -> Novelty:
        """Return how much of a text is copied from the training text.

        Args:
            text: up to `MAX_SCORED` characters; preprocessed like the training text.
            corpus: the training corpus, for an exact comparison. By default, the timeline's index
                is used, which is almost always right.

        Raises:
            SettingsError: an argument is not a string, or the text is too long.
            TimelineError: no corpus is given, and the timeline has no index or a damaged one.
            HubError: the index cannot be fetched.
            CorpusError: the model was not trained on the given corpus.

        Example:
            timeline = Timeline.from_pretrained("pretrained/nietzsche")
            novelty = timeline.novelty(timeline.generator().generate("the soul ", seed=1))
            print(novelty.copied_share, novelty.longest_run)
        """
        return self._training_text.novelty(text, corpus)

    def known_words(
        self, text: str, *, seed_text: str = "", corpus: Corpus | str | None = None
    ) -> float | None:
        """Return the share of a text's words that also occur in the training text, 0 to 1.

        Random characters score 0.1 to 0.2, since single letters count as words. In a script that
        does not separate words, such as Chinese, a whole clause counts as one word.

        Args:
            text: up to `MAX_SCORED` characters; preprocessed like the training text. Every word
                counts as often as it occurs, except a last one that may be cut off.
            seed_text: the prompt that the text continues, up to `MAX_SEED_TEXT` characters. A word
                that starts in the prompt and ends in the text counts as a word of the text.
            corpus: the training corpus, for an exact result. By default, the timeline's index is
                used, which mistakes one unknown word in 4,096 for a known one.

        Returns:
            The share. None if the text has no complete word, or if no corpus is given and the
            timeline has no index of words.

        Raises:
            SettingsError: an argument is not a string, or is too long.
            TimelineError: the index is missing or does not match the manifest.
            HubError: the index cannot be fetched.
            CorpusError: the model was not trained on the given corpus.
        """
        return self._training_text.known_words(text, seed_text, corpus)

    real_words = known_words  # its name in release 0.1

    def split(self, corpus: Corpus | str) -> tuple[str, str]:
        """Split the corpus as training did: into training and validation (held-out) text.

        Args:
            corpus: the whole corpus, as read by `read_corpus`. It is preprocessed first.

        Raises:
            SettingsError: it is neither a Corpus nor a string.
            CorpusError: the model was not trained on this corpus.
        """
        return self._training_text.split(corpus)

    @property
    def _training_text(self) -> TrainingText:
        return TrainingText(self.manifest, self.vocabulary, lambda: self.corpus_index)

    def verify(self) -> None:
        """Read and check every file that textgen or Keras would load, and fetch missing ones.

        Raises:
            TimelineError: a file is missing, altered or unreadable, or the model in the root
                directory is not the best snapshot.
            HubError: a file cannot be fetched.
        """
        verify(self.manifest, self.source)

    def files(self) -> dict[str, Path]:
        """Map paths in the timeline to its files: those that belong to it and exist.

        Raises:
            HubError: a file cannot be fetched.
        """
        return files_of(self.manifest, self.source)

    def push_to_hub(
        self,
        repo_id: str,
        *,
        private: bool | None = None,
        token: str | bool | None = None,
        revision: str | None = None,
        commit_message: str | None = None,
        create_pr: bool = False,
    ) -> str:
        """Publish the timeline and its model card as one commit, and return the URL.

        The commit deletes snapshots and an index left by an earlier timeline in the same
        repository. A model card that somebody edited is kept: the one on the Hub if it was edited,
        else the local one.

        Args:
            repo_id: "user/name"; the repository is created if it does not exist.
            private: whether a new repository is private; by default the account's setting. True
                also refuses to publish to an existing public repository.
            token: by default the one stored by `hf auth login`.
            revision: branch to commit to; by default main.
            commit_message: by default, training progress and validation loss.
            create_pr: open a pull request instead.

        Raises:
            TimelineError: a file is missing or altered. Nothing is sent in that case.
            HubError: the Hub refuses the commit or cannot be reached.
        """
        check_repo_id(repo_id)
        self.verify()
        head = open_branch(
            repo_id, private=private, token=token, revision=revision, create_pr=create_pr
        )
        return publish(
            self.manifest,
            self.files(),
            head,
            message=commit_message,
            token=token,
            revision=revision,
            create_pr=create_pr,
        )
