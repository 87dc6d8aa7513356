"""A model's whole training history in one directory: load, verify, publish."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from textgen.config import ModelConfig
from textgen.hub.client import check_repo_id
from textgen.hub.commits import open_branch
from textgen.hub.source import Source
from textgen.manifest.paths import MANIFEST
from textgen.manifest.schema import Manifest, Snapshot
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
    """A timeline that can be read: its manifest is consistent and its vocabulary belongs to it.

    Args:
        manifest: what `timeline.json` says.
        vocabulary: the model's alphabet.
        source: where its other files are; those of a repository are fetched as they are needed.

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
        """Open a timeline's directory, or one on the Hugging Face Hub.

        The arguments are those of `TextGenerator.from_pretrained`. Of a repository, the manifest
        and the vocabulary are fetched now and every other file when it is needed. Snapshots are
        checked against the manifest when they are loaded; `verify` fetches and checks all there is.

        Raises:
            TimelineError: not a timeline, or an inconsistent one.
            HubError: the repository cannot be had.
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
        """Open a timeline's directory, and nothing of the same name on the Hub.

        Raises:
            TimelineError: not a timeline, or an inconsistent one.
        """
        return cls(*read_timeline(Source(directory=directory)))

    @property
    def directory(self) -> Path:
        """Where it is; of a timeline on the Hub, where in the cache what was fetched of it is."""
        return self.source.directory

    @property
    def name(self) -> str:
        """The timeline's name."""
        return self.manifest.name

    @property
    def config(self) -> ModelConfig:
        """The shape of the model, the same at every snapshot."""
        return self.manifest.model

    @property
    def snapshots(self) -> tuple[Snapshot, ...]:
        """All snapshots, from untrained to last."""
        return self.manifest.snapshots

    @property
    def best(self) -> Snapshot:
        """The snapshot with the lowest held-out loss."""
        return self.manifest.best

    def generator(
        self, epoch: float | str | None = None, *, step: int | None = None
    ) -> TextGenerator:
        """Load one snapshot, by epoch, "best" (default), "last", or by step.

        Raises:
            TimelineError: there is no such snapshot, or its file is not the one it should be.
            HubError: the file cannot be fetched.
        """
        snapshot = self.manifest.find(step=step, epoch=epoch)
        return TextGenerator.from_snapshot(self.manifest, self.vocabulary, self.source, snapshot)

    @cached_property
    def corpus_index(self) -> CorpusIndex:
        """What the training corpus has; TimelineError where the timeline has no index of it."""
        return read_corpus_index(self.source, self.manifest)

    def newer(self) -> Timeline | None:
        """Return the timeline as it stands now if it changed since, as one in training does.

        Raises:
            TimelineError: what is there now is no timeline.
            HubError: the Hub does not tell.
        """
        source = self.source
        if source.repo_id is None:
            timeline = Timeline.from_directory(source.directory)
        elif source.has_new_commit(MANIFEST):
            timeline = Timeline.from_pretrained(
                source.repo_id,
                revision=source.revision,
                token=source.token,
                cache_dir=source.cache_dir,
            )
        else:
            return None
        return timeline if timeline.manifest != self.manifest else None

    def novelty(self, text: str, *, corpus: Corpus | str | None = None) -> Novelty:
        """Return how much of a text is copied from the training corpus.

        Args:
            text: up to `MAX_SCORED` characters; prepared as the corpus was.
            corpus: the corpus, to compare exactly; default the timeline's index of it.

        Raises:
            SettingsError: not a string, or too long.
            TimelineError: the timeline has no index, and no corpus is given.
            CorpusError: the corpus given is another text than the one trained on.

        Example:
            timeline = Timeline.from_pretrained("pretrained/nietzsche")
            novelty = timeline.novelty(timeline.generator().generate("the soul ", seed=1))
            print(novelty.copied_share, novelty.longest_run)
        """
        return self._training_text.novelty(text, corpus)

    def real_words(
        self, text: str, *, seed_text: str = "", corpus: Corpus | str | None = None
    ) -> float | None:
        """Return the share of a text's words that the training corpus has, 0 to 1.

        Characters drawn at random come out at 0.1 to 0.2, since single letters are words too.
        Where nothing stands between words, as in Chinese, a clause counts as one.

        Args:
            text: up to `MAX_SCORED` characters; prepared as the corpus was. A last word that it
                breaks off in is not counted, every other as often as it comes.
            seed_text: what the text goes on from, up to `MAX_SEED_TEXT` characters; a word that
                begins there and ends in the text is the text's.
            corpus: the corpus, to be exact; default the timeline's index, which takes one word in
                4,096 that the corpus lacks for one that it has.

        Returns:
            None where the text has no whole word, and where no corpus is given and the timeline
            has no index of words.

        Raises:
            SettingsError: not a string, or too long.
            TimelineError: the index is missing or not the one it should be.
            HubError: it cannot be fetched.
            CorpusError: the corpus given is another text than the one trained on.
        """
        return self._training_text.known_words(text, seed_text, corpus)

    def split(self, corpus: Corpus | str) -> tuple[str, str]:
        """Cut the corpus as the training did: into what was trained on and what was held out.

        Args:
            corpus: what the model was trained on, as `read_corpus` reads it; it is prepared as it
                was then.

        Raises:
            CorpusError: it is another text.
        """
        return self._training_text.split(corpus)

    @property
    def _training_text(self) -> TrainingText:
        return TrainingText(self.manifest, self.vocabulary, lambda: self.corpus_index)

    def verify(self) -> None:
        """Read and check every file that `textgen` or Keras would load, and fetch those missing.

        Raises:
            TimelineError: a file is missing, altered or unreadable, or the model at the root is
                not the best snapshot.
            HubError: a file cannot be fetched.
        """
        verify(self.manifest, self.source)

    def files(self) -> dict[str, Path]:
        """Return path in the timeline → file, of everything that belongs to it and is there.

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
        """Publish the timeline as one commit, with its model card, and return where it is.

        Snapshots and index of an earlier timeline in the same repository are deleted by the commit
        where this one lacks them. A model card that somebody wrote or edited, here or on the Hub,
        is kept; the Hub's goes first.

        Args:
            repo_id: "user/name"; created where it is missing.
            private: whether a repository that is created is private; default the account's
                setting. True also refuses one that exists and is public.
            token: default the one `hf auth login` stored.
            revision: branch to commit to; default main.
            commit_message: default says how far training is, and how good.
            create_pr: open a pull request instead.

        Raises:
            TimelineError: a file is missing or altered; nothing is sent then.
            HubError: the Hub refuses or cannot be reached.
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
