"""Directories to and from the Hugging Face Hub, and how this package speaks to it.

It knows files and repositories, not what is in them. `huggingface_hub` is imported where it is
needed: it takes longer than loading a model, and a local timeline does without.
"""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textgen.errors import HubError
from textgen.hub_errors import explained
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


def fetch(
    path_or_repo: str | Path,
    *,
    revision: str | None = None,
    token: str | bool | None = None,
    cache_dir: str | Path | None = None,
    local_files_only: bool = False,
    allow_patterns: Sequence[str],
    required: str,
) -> Path:
    """Return a local directory as it is, or a Hub repository's files in the cache.

    Args:
        path_or_repo: an existing directory, or "user/name" on the Hub.
        revision: branch, tag or commit; default the main branch.
        token: see `huggingface_hub`; default the one `hf auth login` stored.
        cache_dir: default the Hub client's own cache.
        local_files_only: use the cache alone.
        allow_patterns: fetch only files that match one of these: a repository may hold anything.
        required: a file without which a repository is not what is looked for.

    Raises:
        HubError: neither a directory nor a repository that can be had, with the reason.
    """
    if (directory := _directory(path_or_repo)) is not None:
        if revision is not None:
            raise HubError(f"{directory} is a directory; only Hub repositories have revisions.")
        return directory
    repo_id = str(path_or_repo)
    if not _REPO_ID.fullmatch(repo_id):
        raise HubError(
            f"No timeline at {repo_id[:200]!r}: it is neither a directory here nor a Hub "
            "repository's name, which has the form user/name."
        )
    check_repo_id(repo_id)
    from huggingface_hub import snapshot_download

    with explained(repo_id, revision), progress():
        directory = Path(
            snapshot_download(
                repo_id,
                revision=revision,
                token=token,
                cache_dir=cache_dir,
                local_files_only=local_files_only,
                allow_patterns=list(allow_patterns),
                library_name=_LIBRARY,
                library_version=__version__,
            )
        )
    if not (directory / required).is_file():
        raise HubError(f"{repo_id} is not a timeline: it holds no {required}.")
    return directory


def _directory(path: str | Path) -> Path | None:
    try:
        expanded = Path(path).expanduser()
        return expanded if expanded.is_dir() else None
    except (OSError, ValueError, RuntimeError):  # not even a possible name
        return None


def check_access(token: str | bool | None = None) -> str:
    """Return the user a token belongs to, so that a long run fails before it starts, not after.

    Raises:
        HubError: there is no token, the Hub refuses it or cannot be reached.
    """
    with explained("", None):
        return str(client(token).whoami()["name"])


@dataclass(frozen=True)
class Head:
    """What a branch of a repository holds now, for a push that builds on just that.

    Args:
        repo_id: "user/name".
        commit: the branch's newest.
        names: of its files.
        repo_type: "model" or "space".
    """

    repo_id: str
    commit: str
    names: frozenset[str]
    repo_type: str = "model"


def open_branch(
    repo_id: str,
    *,
    private: bool | None = None,
    token: str | bool | None = None,
    revision: str | None = None,
    create_pr: bool = False,
) -> Head:
    """Return where a branch stands, creating it and the repository where they are missing.

    Raises:
        HubError: the name is invalid, the token is missing or refused, the network fails.
    """
    check_repo_id(repo_id)
    api = client(token)
    with explained(repo_id, revision):
        api.create_repo(repo_id, private=private, exist_ok=True)
        if revision is not None and not create_pr and not revision.startswith("refs/"):
            api.create_branch(repo_id, branch=revision, exist_ok=True)
        info = api.model_info(repo_id, revision=revision)
        if private and not info.private:
            raise HubError(
                f"{repo_id} exists and is public; nothing was sent. Make it private in its "
                "settings on the Hub, or choose another name."
            )
        names = frozenset(file.rfilename for file in info.siblings or ())
        return Head(repo_id, str(info.sha), names)


def read_file(head: Head, name: str, *, token: str | bool | None = None) -> bytes | None:
    """Return one file of a repository as it stands, or None where there is no such file."""
    from huggingface_hub import hf_hub_download

    if name not in head.names:
        return None
    with explained(head.repo_id, head.commit), progress():
        path = hf_hub_download(head.repo_id, name, revision=head.commit, token=token)
        return Path(path).read_bytes()


def push(
    head: Head,
    files: Mapping[str, Path | bytes],
    *,
    delete: tuple[str, ...],
    message: str,
    token: str | bool | None = None,
    revision: str | None = None,
    create_pr: bool = False,
) -> str:
    """Publish files as one commit onto `head`, or refuse where the branch has moved since.

    Args:
        head: where the branch of `revision` stood.
        files: path in the repository → file or content. Unchanged ones are not sent again.
        delete: what the paths of our files that come and go start with; those in the repository
            that `files` lacks are deleted.
        message: of the commit.
        token: default the one `hf auth login` stored.
        revision: branch to commit to; default main.
        create_pr: open a pull request instead of committing to the branch.

    Returns:
        The address of the commit, of the pull request, or of the newest commit where nothing had
        changed.

    Raises:
        HubError: somebody else changed the branch, the token is refused, the network fails.
    """
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    stale = [name for name in sorted(head.names) if name.startswith(delete) and name not in files]
    operations: list[CommitOperationAdd | CommitOperationDelete] = [
        *(CommitOperationAdd(name, content) for name, content in files.items()),
        *(CommitOperationDelete(name) for name in stale),
    ]
    with explained(head.repo_id, revision), progress():
        commit = client(token).create_commit(
            head.repo_id,
            operations,
            commit_message=message,
            repo_type=head.repo_type,
            revision=revision,
            create_pr=create_pr,
            parent_commit=head.commit,
        )
        return str(commit.pr_url or commit.commit_url)


def client(token: str | bool | None = None) -> Any:
    """Return a client that is logged in, or asks for it: nothing is published without a token."""
    from huggingface_hub import HfApi

    return HfApi(
        token=True if token is None else token,
        library_name=_LIBRARY,
        library_version=__version__,
    )


@contextlib.contextmanager
def progress() -> Iterator[None]:
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
