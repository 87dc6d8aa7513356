"""Files from a directory or from a repository on the Hugging Face Hub, whatever is in them."""

from __future__ import annotations

import contextlib
import dataclasses
import re
from dataclasses import dataclass, field
from pathlib import Path

from textgen.checks import shown
from textgen.errors import HubBusyError, HubError
from textgen.hub.client import LIBRARY, check_repo_id, progress_bars
from textgen.hub.errors import translate_hub_errors
from textgen.version import __version__

_REPO_ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?(?:/[A-Za-z0-9._-]+)")


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where files are: a directory, or one in the cache that is filled from a repository on demand.

    Args:
        directory: where they are, or come to be.
        repo_id: of the repository they come from; None for a directory that is all there is.
        revision: branch, tag or commit that was asked for; None for the main branch.
        token: see `huggingface_hub`.
        cache_dir: default the Hub client's own cache.
        local_files_only: never ask the network.
    """

    directory: Path
    repo_id: str | None = None
    revision: str | None = None
    token: str | bool | None = field(default=None, repr=False)
    cache_dir: str | Path | None = None
    local_files_only: bool = False

    @property
    def commit(self) -> str:
        """The repository's commit that every file comes from."""
        return self.directory.name

    def file(
        self, name: str, *, max_bytes: int, sha256: str | None = None, force_download: bool = False
    ) -> Path:
        """Return where a file is; of a repository's it is there then, of a directory's perhaps.

        Args:
            name: its path in the directory and the repository.
            max_bytes: bytes that a file which has to be fetched may have.
            sha256: of the file, where it is known: the cache may hold it from another commit.
            force_download: fetch it even if it is there.

        Raises:
            HubError: it cannot be had, or is larger.
        """
        path = self.directory / name
        if self.repo_id is None or (path.is_file() and not force_download):
            return path
        if sha256 is not None and not force_download:
            # Large files are kept by this name, whatever commit they came with.
            kept = self.directory.parents[1] / "blobs" / sha256
            if kept.is_file():
                return kept
        from huggingface_hub import hf_hub_download

        if not self.local_files_only:
            _, size = _file_metadata(self.repo_id, name, self.commit, self.token)
            _check_size(self.repo_id, name, size, max_bytes)
        with translate_hub_errors(self.repo_id, self.commit), progress_bars():
            fetched = hf_hub_download(
                self.repo_id,
                name,
                revision=self.commit,
                token=self.token,
                cache_dir=self.cache_dir,
                local_files_only=self.local_files_only,
                force_download=force_download,
                library_name=LIBRARY,
                library_version=__version__,
            )
        return Path(fetched)

    def has_new_commit(self, name: str) -> bool:
        """Whether the repository's branch stands at another commit by now.

        Args:
            name: of a file it holds, to ask about.

        Raises:
            HubError: the Hub does not tell.
        """
        if self.repo_id is None or self.local_files_only or self.revision == self.commit:
            return False
        commit, _ = _file_metadata(self.repo_id, name, self.revision, self.token)
        return commit != self.commit


def open_source(
    path_or_repo: str | Path,
    *,
    revision: str | None = None,
    token: str | bool | None = None,
    cache_dir: str | Path | None = None,
    local_files_only: bool = False,
    required: str,
    max_bytes: int,
) -> Source:
    """Return a local directory as it is, or a Hub repository as it stands, with one file fetched.

    Args:
        path_or_repo: an existing directory, or "user/name" on the Hub.
        revision: branch, tag or commit; default the main branch.
        token: default the one `hf auth login` stored.
        cache_dir: default the Hub client's own cache.
        local_files_only: use the cache alone, which is also used where there is no network.
        required: a file without which a repository is not what is looked for.
        max_bytes: bytes that this file may have.

    Raises:
        HubError: neither a directory nor a repository that can be had, with the reason.
    """
    if (directory := _directory(path_or_repo)) is not None:
        if revision is not None:
            raise HubError(f"{directory} is a directory; only Hub repositories have revisions.")
        return Source(directory=directory)
    if revision is not None and (not isinstance(revision, str) or not revision.strip()):
        raise HubError(f"revision must be a branch, tag or commit, received {shown(revision)}.")
    repo_id = str(path_or_repo)
    if not _REPO_ID.fullmatch(repo_id):
        raise HubError(
            f"No timeline at {repo_id[:200]!r}: it is neither a directory here nor a Hub "
            "repository's name, which has the form user/name."
        )
    check_repo_id(repo_id)
    source = Source(
        directory=Path(),  # which is not known yet
        repo_id=repo_id,
        revision=revision,
        token=token,
        cache_dir=cache_dir,
        local_files_only=local_files_only,
    )
    return dataclasses.replace(source, directory=_fetched(source, required, max_bytes))


def _fetched(source: Source, required: str, max_bytes: int) -> Path:
    """Fetch the file without which a repository is nothing, and return where its commit is."""
    repo_id = str(source.repo_id)
    size: int | None = 0
    if not source.local_files_only:
        # What goes wrong here goes wrong again below, where the cache may help.
        with contextlib.suppress(HubError):
            _, size = _file_metadata(repo_id, required, source.revision, source.token)
    _check_size(repo_id, required, size, max_bytes)
    try:
        directory = _snapshot(source, required, local_files_only=source.local_files_only)
    except HubBusyError as trouble:
        try:  # a network may be there, and lead elsewhere
            directory = _snapshot(source, required, local_files_only=True)
        except HubError:
            raise trouble from trouble.__cause__
    if not (directory / required).is_file():
        raise HubError(f"{repo_id} is not a timeline: it holds no {required}.")
    return directory


def _snapshot(source: Source, name: str, *, local_files_only: bool) -> Path:
    """Return the directory of a repository's commit in the cache, with one file in it."""
    from huggingface_hub import snapshot_download

    repo_id = str(source.repo_id)
    with translate_hub_errors(repo_id, source.revision), progress_bars():
        directory = snapshot_download(
            repo_id,
            revision=source.revision,
            token=source.token,
            cache_dir=source.cache_dir,
            local_files_only=local_files_only,
            allow_patterns=[name],
            library_name=LIBRARY,
            library_version=__version__,
        )
    return Path(directory)


def _directory(path: str | Path) -> Path | None:
    try:
        expanded = Path(path).expanduser()
        return expanded if expanded.is_dir() else None
    except (OSError, ValueError, RuntimeError):  # not even a possible name
        return None


def _file_metadata(
    repo_id: str, name: str, revision: str | None, token: str | bool | None
) -> tuple[str | None, int | None]:
    """Return which commit a revision is and how many bytes a file has, None where it is missing.

    Raises:
        HubError: the Hub does not tell.
    """
    from huggingface_hub import get_hf_file_metadata, hf_hub_url
    from huggingface_hub.errors import RemoteEntryNotFoundError

    with translate_hub_errors(repo_id, revision):
        try:
            found = get_hf_file_metadata(
                hf_hub_url(repo_id, name, revision=revision),
                token=token,
                library_name=LIBRARY,
                library_version=__version__,
            )
        except RemoteEntryNotFoundError:
            return None, None
    return found.commit_hash, found.size or 0


def _check_size(repo_id: str, name: str, size: int | None, max_bytes: int) -> None:
    if size is None:
        raise HubError(f"{repo_id} is not a timeline, or not whole: it holds no {name}.")
    if size > max_bytes:
        raise HubError(
            f"{repo_id} holds a {name} of {size:,} bytes, which can have {max_bytes:,} at most; it "
            "was not fetched."
        )
