"""A model's whole training history in one directory: load, verify, publish."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from textgen import checks
from textgen.checks import shown
from textgen.config import ModelConfig
from textgen.errors import CorpusError, HubError, SettingsError, TimelineError
from textgen.files import sha256_of
from textgen.hub import commits as upload
from textgen.hub.client import check_repo_id
from textgen.hub.source import Source
from textgen.manifest.paths import (
    CORPUS_INDEX,
    FILES,
    FOR_READERS,
    MANIFEST,
    ROOT_FILES,
    ROOT_WEIGHTS,
    SNAPSHOTS,
)
from textgen.manifest.schema import MAX_MANIFEST_BYTES, Manifest, Snapshot, largest_weights
from textgen.text.corpus import Corpus
from textgen.text.corpus_index import CorpusIndex
from textgen.text.novelty import Novelty, compare
from textgen.text.vocabulary import Vocabulary
from textgen.text.words import whole_words, words_of
from textgen.timeline.generator import MAX_SEED_TEXT, TextGenerator, check_scored
from textgen.timeline.publishing import publish
from textgen.timeline.reader import (
    check_root_model,
    checked,
    open_timeline,
    read_corpus_index,
    read_timeline,
)


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
        check_scored(text)
        prepared = self.manifest.preparation.apply(text)
        if corpus is None:
            return self.corpus_index.compare(prepared)
        # The held-out part was never learned from, so nothing can be copied out of it.
        return compare(prepared, self.split(corpus)[0])

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
        check_scored(text)
        checks.text("seed_text", seed_text, MAX_SEED_TEXT, "give its last part")
        words = whole_words(
            self.manifest.preparation.apply(text), prompt=self.vocabulary.normalize(seed_text)[0]
        )
        if corpus is not None:
            known = set(words_of(self.split(corpus)[0]))
            held = [word in known for word in words]
        elif (facts := self.manifest.corpus_index) is not None and facts.words is not None:
            held = self.corpus_index.has_words(words).tolist()
        else:
            return None
        return sum(held) / len(words) if words else None

    def split(self, corpus: Corpus | str) -> tuple[str, str]:
        """Cut the corpus as the training did: into what was trained on and what was held out.

        Args:
            corpus: what the model was trained on, as `read_corpus` reads it; it is prepared as it
                was then.

        Raises:
            CorpusError: it is another text.
        """
        manifest, facts = self.manifest, self.manifest.corpus
        if isinstance(corpus, Corpus):
            corpus = corpus.text
        if not isinstance(corpus, str):
            raise SettingsError(f"corpus must be a Corpus or a string, received {shown(corpus)}.")
        if manifest.init_from is None:
            text = manifest.preparation.apply(corpus)
        else:
            text, _ = self.vocabulary.normalize(corpus)
        trained_on, held_out = text[: facts.train_characters], text[facts.train_characters :]
        index = manifest.corpus_index
        if len(text) != facts.characters or (
            index is not None
            and CorpusIndex.of(trained_on, with_words=index.words is not None).sha256
            != index.sha256
        ):
            raise CorpusError(
                f"This is not the corpus of {self.name}, {facts.source!r}: give the text that the "
                f"model was trained on, {facts.characters:,} characters once prepared, as "
                "textgen.read_corpus reads it, in the encoding it had then."
            )
        return trained_on, held_out

    def verify(self) -> None:
        """Read and check every file that `textgen` or Keras would load, and fetch those missing.

        Raises:
            TimelineError: a file is missing, altered or unreadable, or the model at the root is
                not the best snapshot.
            HubError: a file cannot be fetched.
        """
        for snapshot in self.snapshots:
            self.generator(step=snapshot.step)
        if self.manifest.corpus_index is not None:
            read_corpus_index(self.source, self.manifest)
        for name in (*ROOT_FILES, ROOT_WEIGHTS):
            path = self.source.file(name, max_bytes=self._largest_file)
            if not path.is_file():
                raise TimelineError(f"{path} is missing; fetch or copy the timeline again.")
        for name in ROOT_FILES:
            checked(self.source, name, sha256=self.manifest.root_files.get(name, "none"))
        check_root_model(self.directory / ROOT_FILES[0])
        root = sha256_of(self.directory / ROOT_WEIGHTS)
        if root != self.best.sha256 and (self.manifest.finished or not self._is_newer(root)):
            raise TimelineError(
                f"{self.directory / ROOT_WEIGHTS} is not the best snapshot, {self.best.file}."
            )

    @property
    def _largest_file(self) -> int:
        """Bytes that a file may have: the weights', or a manifest's of thousands of snapshots."""
        return max(MAX_MANIFEST_BYTES, largest_weights(self.config))

    def _is_newer(self, sha256: str) -> bool:
        """Whether a file is a snapshot written but, in a run cut short, not yet in the manifest."""
        listed = {snapshot.file for snapshot in self.snapshots}
        return any(
            sha256_of(path) == sha256
            for path in (self.directory / SNAPSHOTS).glob("step-*.weights.h5")
            if path.relative_to(self.directory).as_posix() not in listed
        )

    def files(self) -> dict[str, Path]:
        """Return path in the timeline → file, of everything that belongs to it and is there.

        Raises:
            HubError: a file cannot be fetched.
        """
        index = [CORPUS_INDEX] if self.manifest.corpus_index is not None else []
        snapshots = [snapshot.file for snapshot in self.snapshots]
        files = {}
        for name in (*FILES, *index, *snapshots):
            # What only people read may be missing.
            with contextlib.suppress(*([HubError] if name in FOR_READERS else [])):
                path = self.source.file(name, max_bytes=self._largest_file)
                if path.is_file():
                    files[name] = path
        return files

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
        head = upload.open_branch(
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
