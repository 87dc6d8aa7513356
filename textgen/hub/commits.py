"""Publishes files on the Hugging Face Hub, as one commit on top of a known commit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from textgen.errors import HubError
from textgen.hub.client import check_repo_id, client, progress_bars
from textgen.hub.errors import translate_hub_errors


@dataclass(frozen=True)
class BranchHead:
    """The newest commit of a branch, which the next push builds on.

    Args:
        repo_id: "user/name".
        commit: the commit.
        names: the paths of all its files.
        sha256: path → SHA-256 of the files that the Hub stores as large files.
        repo_type: "model" or "space".
    """

    repo_id: str
    commit: str
    names: frozenset[str]
    sha256: Mapping[str, str] = field(default_factory=dict)
    repo_type: str = "model"


def open_branch(
    repo_id: str,
    *,
    private: bool | None = None,
    token: str | bool | None = None,
    revision: str | None = None,
    create_pr: bool = False,
) -> BranchHead:
    """Return the newest commit of a branch; create the branch and the repository if needed.

    Args:
        repo_id: "user/name".
        private: True creates a private repository, and refuses an existing public one.
        token: the default is the one that `hf auth login` stored.
        revision: the branch; default main.
        create_pr: whether the push will open a pull request, which needs no branch.

    Raises:
        HubError: the name is invalid, the repository is public, the token is missing or refused, or
            the network fails.
    """
    check_repo_id(repo_id)
    api = client(token)
    with translate_hub_errors(repo_id, revision):
        api.create_repo(repo_id, private=private, exist_ok=True)
        if revision is not None and not create_pr and not revision.startswith("refs/"):
            api.create_branch(repo_id, branch=revision, exist_ok=True)
    return find_branch(repo_id, private=private, token=token, revision=revision)


def find_branch(
    repo_id: str,
    *,
    private: bool | None = None,
    token: str | bool | None = None,
    revision: str | None = None,
) -> BranchHead:
    """Return the newest commit of an existing branch.

    Args:
        repo_id, private, token, revision: as in `open_branch`.

    Raises:
        HubError: the repository or branch does not exist, the repository is public but should be
            private, the token is missing or refused, or the network fails.
    """
    api = client(token)
    with translate_hub_errors(repo_id, revision):
        info = api.model_info(repo_id, revision=revision, files_metadata=True)
    if private and not info.private:
        raise HubError(
            f"{repo_id} exists and is public; nothing was sent. Make it private in its settings on "
            "the Hub, or choose another name."
        )
    files = info.siblings or ()
    return BranchHead(
        repo_id,
        str(info.sha),
        names=frozenset(file.rfilename for file in files),
        sha256={file.rfilename: file.lfs.sha256 for file in files if file.lfs},
    )


def read_file(head: BranchHead, name: str, *, token: str | bool | None = None) -> bytes | None:
    """Return the content of a file at a commit, or None if there is no such file.

    Raises:
        HubError: the file cannot be downloaded or read.
    """
    from huggingface_hub import hf_hub_download

    if name not in head.names:
        return None
    with translate_hub_errors(head.repo_id, head.commit), progress_bars():
        path = hf_hub_download(head.repo_id, name, revision=head.commit, token=token)
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise HubError(f"Cannot read {name} in the cache: {error}.") from error


def push(
    head: BranchHead,
    files: Mapping[str, Path | bytes],
    *,
    sha256: Mapping[str, str] | None = None,
    delete: tuple[str, ...],
    message: str,
    token: str | bool | None = None,
    revision: str | None = None,
    create_pr: bool = False,
) -> str:
    """Publish files as one commit on top of `head`, unless the branch has moved on since.

    Args:
        head: the newest commit of the branch.
        files: path in the repository → file or content. Unchanged files are not sent again.
        sha256: path → SHA-256 of files whose hash is known. If the branch has the same file, it is
            not even read.
        delete: prefixes of paths. Files in the repository with such a path are deleted unless they
            are in `files`.
        message: the commit message.
        token: the default is the one that `hf auth login` stored.
        revision: the branch to commit to; default main.
        create_pr: open a pull request instead of committing to the branch.

    Returns:
        The URL of the commit or of the pull request; if nothing changed, of the newest commit.

    Raises:
        HubError: a file cannot be read, somebody else changed the branch, the token is refused, or
            the network fails.
    """
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    known = sha256 or {}
    stale = [name for name in sorted(head.names) if name.startswith(delete) and name not in files]
    operations: list[CommitOperationAdd | CommitOperationDelete]
    operations = [CommitOperationDelete(name) for name in stale]
    for name, content in files.items():
        if name not in known or known[name] != head.sha256.get(name):
            try:
                operations.append(CommitOperationAdd(name, content))
            except (OSError, ValueError) as error:  # ValueError if the file is missing
                raise HubError(f"Cannot read {name} to publish it: {error}.") from error
    api = client(token)
    with translate_hub_errors(head.repo_id, revision), progress_bars():
        commit = api.create_commit(
            head.repo_id,
            operations,
            commit_message=message,
            repo_type=head.repo_type,
            revision=revision,
            create_pr=create_pr,
            parent_commit=head.commit,
        )
    return str(commit.pr_url or commit.commit_url)
