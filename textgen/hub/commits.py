"""Files to the Hugging Face Hub: one commit onto just what a branch holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from textgen.errors import HubError
from textgen.hub.client import check_repo_id, client, progress_bars
from textgen.hub.errors import translate_hub_errors


@dataclass(frozen=True)
class BranchHead:
    """What a branch of a repository holds now, for a push that builds on just that.

    Args:
        repo_id: "user/name".
        commit: the branch's newest.
        names: of its files.
        sha256: of those that the Hub keeps as large files, by name.
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
    """Return where a branch stands, creating it and the repository where they are missing.

    Raises:
        HubError: the name is invalid, the token is missing or refused, the network fails.
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
    """Return where a branch that there is stands.

    Raises:
        HubError: the repository is missing or, though it should be private, public; the token is
            missing or refused, the network fails.
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
    """Return one file of a repository as it stands, or None where there is no such file."""
    from huggingface_hub import hf_hub_download

    if name not in head.names:
        return None
    with translate_hub_errors(head.repo_id, head.commit), progress_bars():
        path = hf_hub_download(head.repo_id, name, revision=head.commit, token=token)
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise HubError(f"Cannot read {name} in the cache: {error}") from error


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
    """Publish files as one commit onto `head`, or refuse where the branch has moved since.

    Args:
        head: where the branch of `revision` stood.
        files: path in the repository → file or content. Unchanged ones are not sent again.
        sha256: of those whose hash is known: where the branch holds them, they are not even read.
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

    known = sha256 or {}
    stale = [name for name in sorted(head.names) if name.startswith(delete) and name not in files]
    operations: list[CommitOperationAdd | CommitOperationDelete]
    operations = [CommitOperationDelete(name) for name in stale]
    for name, content in files.items():
        if name not in known or known[name] != head.sha256.get(name):
            try:
                operations.append(CommitOperationAdd(name, content))
            except (OSError, ValueError) as error:  # it reads the file, and misses one so
                raise HubError(f"Cannot read {name}, which is to be published: {error}") from error
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
