"""Opens a local directory, or a repository on the Hugging Face Hub, to read files from it."""

from __future__ import annotations

import contextlib
import dataclasses
import re
from dataclasses import dataclass, field
from pathlib import Path

from textgen.checks import shown
from textgen.errors import HubBusyError, HubError, TimelineError
from textgen.hub.client import LIBRARY, check_repo_id, progress_bars
from textgen.hub.errors import is_not_found, translate_hub_errors
from textgen.hub.suggestions import suggest_inside, suggest_similar
from textgen.version import __version__

_REPO_ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?(?:/[A-Za-z0-9._-]+)")
_ACCEPTED = "Give a timeline's directory, or USER/REPO for a repository on the Hub."


@dataclass(frozen=True, kw_only=True)
class Source:
    """A local directory, or a directory in the cache to which a repository is downloaded on demand.

    Args:
        directory: the directory that has the files, or will have them.
        repo_id: the repository on the Hub; None for a local directory.
        revision: the requested branch, tag or commit; None for the main branch.
        token: see `huggingface_hub`.
        cache_dir: the default is the Hub client's cache.
        local_files_only: never use the network.
    """

    directory: Path
    repo_id: str | None = None
    revision: str | None = None
    token: str | bool | None = field(default=None, repr=False)
    cache_dir: str | Path | None = None
    local_files_only: bool = False

    @property
    def commit(self) -> str:
        """The commit of the repository that every file comes from."""
        return self.directory.name

    def file(
        self, name: str, *, max_bytes: int, sha256: str | None = None, force_download: bool = False
    ) -> Path:
        """Return the local path of a file, and download the file if necessary.

        Args:
            name: the path of the file in the directory or repository.
            max_bytes: the largest size to download.
            sha256: SHA-256 of the file if known; it may be in the cache from another commit.
            force_download: download the file even if it is in the cache.

        Returns:
            The path. In a local directory, there may be no file at that path.

        Raises:
            HubError: the file cannot be downloaded, or is larger than `max_bytes`.
        """
        path = self.directory / name
        if self.repo_id is None or (path.is_file() and not force_download):
            return path
        if sha256 is not None and not force_download:
            # The cache names large files by their hash, whatever commit they came with.
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
        """Return whether the branch on the Hub has a newer commit by now.

        Args:
            name: a file in the repository; the Hub reports the commit along with the file.

        Raises:
            HubError: the Hub refuses or cannot be reached.
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
    counted: str = "",
) -> Source:
    """Return a local directory, or a Hub repository of which one file has been downloaded.

    Args:
        path_or_repo: an existing directory, or "user/name" on the Hub.
        revision: branch, tag or commit; default the main branch.
        token: the default is the one that `hf auth login` stored.
        cache_dir: the default is the Hub client's cache.
        local_files_only: use only the cache. It is also used if the network is down.
        required: a file that the repository must have.
        max_bytes: the largest size of that file.
        counted: a file to request once, because the Hub counts requests for it as downloads of the
            repository. Nothing depends on the answer. "" requests none.

    Raises:
        HubError: there is no such directory, or the repository cannot be read. The message says
            why, and names local directories with the required file that may have been meant.
        TimelineError: the directory lacks the file, but directories in it have one.
    """
    local = _existing(path_or_repo)
    if local is not None and local.is_dir():
        if revision is not None:
            raise HubError(f"{local} is a directory; only Hub repositories have revisions.")
        if inside := suggest_inside(local, required):
            raise TimelineError(f"{local} is not a timeline: it has no {required}. {inside}")
        return Source(directory=local)
    if revision is not None and (not isinstance(revision, str) or not revision.strip()):
        raise HubError(f"revision must be a branch, tag or commit, received {shown(revision)}.")
    repo_id = str(path_or_repo)
    _check_name(repo_id, required, is_file=local is not None, has_revision=revision is not None)
    check_repo_id(repo_id)
    source = Source(
        directory=Path(),  # unknown until the first file is downloaded
        repo_id=repo_id,
        revision=revision,
        token=token,
        cache_dir=cache_dir,
        local_files_only=local_files_only,
    )
    try:
        return dataclasses.replace(source, directory=_fetched(source, required, max_bytes, counted))
    except HubError as error:
        if is_not_found(error):  # perhaps a directory was meant
            error.args = (f"There is no directory {repo_id!r} here. {error}",)
        raise


def _check_name(name: str, required: str, *, is_file: bool, has_revision: bool) -> None:
    """Raise HubError if a name is probably that of a directory, or cannot be a repository's."""
    missing = f"No timeline at {name[:200]!r}"
    if not has_revision:  # only repositories have revisions
        if is_file:
            raise HubError(f"{missing}: it is a file. {_ACCEPTED}")
        if suggestion := suggest_similar(name, required):
            raise HubError(f"{missing}. {suggestion}")
    if not _REPO_ID.fullmatch(name):
        raise HubError(f"{missing}: there is no such directory. {_ACCEPTED}")


def _fetched(source: Source, required: str, max_bytes: int, counted: str) -> Path:
    """Download the required file and return the directory of its commit in the cache."""
    repo_id = str(source.repo_id)
    size: int | None = 0
    if not source.local_files_only:
        # If this fails, the download below fails too, but can then use the cache.
        with contextlib.suppress(HubError):
            _, size = _file_metadata(repo_id, required, source.revision, source.token)
            if counted and size is not None:
                _file_metadata(repo_id, counted, source.revision, source.token)
    _check_size(repo_id, required, size, max_bytes)
    try:
        directory = _snapshot(source, required, local_files_only=source.local_files_only)
    except HubBusyError as trouble:
        try:  # the client uses the cache offline, but not if a network portal answers
            directory = _snapshot(source, required, local_files_only=True)
        except HubError:
            raise trouble from trouble.__cause__
    if not (directory / required).is_file():
        raise HubError(f"{repo_id} is not a timeline: it has no {required}.")
    return directory


def _snapshot(source: Source, name: str, *, local_files_only: bool) -> Path:
    """Return the directory of a repository's commit in the cache, after downloading one file."""
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


def _existing(path: str | Path) -> Path | None:
    try:
        expanded = Path(path).expanduser()
        return expanded if expanded.exists() else None
    except (OSError, ValueError, RuntimeError):  # not a possible path
        return None


def _file_metadata(
    repo_id: str, name: str, revision: str | None, token: str | bool | None
) -> tuple[str | None, int | None]:
    """Return the commit of a revision and the size of a file in bytes; None, None if it is missing.

    Raises:
        HubError: the Hub refuses or cannot be reached.
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
        raise HubError(f"{repo_id} is not a timeline, or is incomplete: it has no {name}.")
    if size > max_bytes:
        raise HubError(
            f"The {name} of {repo_id} has {size:,} bytes, but may have at most {max_bytes:,}. It "
            "was not downloaded."
        )
