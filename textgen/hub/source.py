"""Files from the Hugging Face Hub, and what all that speaks to it shares.

It knows files and repositories, not what is in them. `huggingface_hub` is imported where it is
needed: it takes longer than loading a model, and a local timeline does without.
"""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from textgen.checks import shown
from textgen.errors import HubBusyError, HubError
from textgen.hub.errors import translate_hub_errors
from textgen.version import __version__

_REPO_ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?(?:/[A-Za-z0-9._-]+)")
_LIBRARY = "textgen"  # how the Hub's statistics call us


def check_repo_id(repo_id: str) -> None:
    """Raise HubError unless `repo_id` has the Hub's form "user/name"."""
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]

    try:
        validate_repo_id(repo_id)
        if repo_id.count("/") != 1:
            raise HFValidationError("one slash is missing")
    except HFValidationError as error:
        raise HubError(
            f"Invalid repository name {repo_id!r}: a name has the form user/name, of letters, "
            "digits, '-', '_' and '.', neither starting nor ending with '-' or '.', without '--' "
            "and '..', not ending in '.git', with at most 96 characters."
        ) from error


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

        with translate_hub_errors(self.repo_id, self.commit), progress_bars():
            if not self.local_files_only:
                _, size = _file_metadata(self.repo_id, name, self.commit, self.token)
                _check_size(self.repo_id, name, size, max_bytes)
            return Path(
                hf_hub_download(
                    self.repo_id,
                    name,
                    revision=self.commit,
                    token=self.token,
                    cache_dir=self.cache_dir,
                    local_files_only=self.local_files_only,
                    force_download=force_download,
                    library_name=_LIBRARY,
                    library_version=__version__,
                )
            )

    def has_new_commit(self, name: str) -> bool:
        """Whether the repository's branch stands at another commit by now.

        Args:
            name: of a file it holds, to ask about.

        Raises:
            HubError: the Hub does not tell.
        """
        if self.repo_id is None or self.local_files_only or self.revision == self.commit:
            return False
        with translate_hub_errors(self.repo_id, self.revision):
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
    from huggingface_hub import snapshot_download

    size: int | None = 0
    if not local_files_only:
        # What goes wrong here goes wrong again below, where the cache may help.
        with contextlib.suppress(HubError), translate_hub_errors(repo_id, revision):
            _, size = _file_metadata(repo_id, required, revision, token)
    _check_size(repo_id, required, size, max_bytes)

    def fetch(*, local_files_only: bool) -> Path:
        with translate_hub_errors(repo_id, revision), progress_bars():
            return Path(
                snapshot_download(
                    repo_id,
                    revision=revision,
                    token=token,
                    cache_dir=cache_dir,
                    local_files_only=local_files_only,
                    allow_patterns=[required],
                    library_name=_LIBRARY,
                    library_version=__version__,
                )
            )

    try:
        directory = fetch(local_files_only=local_files_only)
    except HubBusyError as trouble:
        try:  # a network may be there, and lead elsewhere
            directory = fetch(local_files_only=True)
        except HubError:
            raise trouble from trouble.__cause__
    if not (directory / required).is_file():
        raise HubError(f"{repo_id} is not a timeline: it holds no {required}.")
    return Source(
        directory=directory,
        repo_id=repo_id,
        revision=revision,
        token=token,
        cache_dir=cache_dir,
        local_files_only=local_files_only,
    )


def _directory(path: str | Path) -> Path | None:
    try:
        expanded = Path(path).expanduser()
        return expanded if expanded.is_dir() else None
    except (OSError, ValueError, RuntimeError):  # not even a possible name
        return None


def _file_metadata(
    repo_id: str, name: str, revision: str | None, token: str | bool | None
) -> tuple[str | None, int | None]:
    """Return which commit a revision is and how many bytes a file has, None where it is missing."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_url
    from huggingface_hub.errors import RemoteEntryNotFoundError

    try:
        found = get_hf_file_metadata(
            hf_hub_url(repo_id, name, revision=revision),
            token=token,
            library_name=_LIBRARY,
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


def check_access(token: str | bool | None = None) -> str:
    """Return the user a token belongs to, so that a long run fails before it starts, not after.

    Raises:
        HubError: there is no token, the Hub refuses it or cannot be reached.
    """
    with translate_hub_errors("", None):
        return str(client(token).whoami()["name"])


def client(token: str | bool | None = None) -> Any:
    """Return a client that is logged in, or asks for it: nothing is published without a token."""
    from huggingface_hub import HfApi

    return HfApi(
        token=True if token is None else token,
        library_name=_LIBRARY,
        library_version=__version__,
    )


@contextlib.contextmanager
def progress_bars() -> Iterator[None]:
    """Show the client's progress bars to people only: elsewhere they bury what is said."""
    from huggingface_hub.utils.tqdm import disable_progress_bars

    with contextlib.nullcontext() if sys.stderr.isatty() else disable_progress_bars():
        yield


def card_metadata(**fields: Any) -> str:
    """Return a model card's metadata as YAML; the fields are those of `ModelCardData`.

    `results` may hold metrics as mappings of `EvalResult`'s fields.
    """
    from huggingface_hub import EvalResult, ModelCardData

    results = [EvalResult(**result) for result in fields.pop("results", [])]
    return str(ModelCardData(eval_results=results or None, **fields).to_yaml()).strip()
