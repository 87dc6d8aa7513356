"""Directories to and from the Hugging Face Hub: the one module that speaks to it.

It knows files and repositories, not what is in them. `huggingface_hub` is imported where it is
needed: it takes longer than loading a model, and a local timeline does without.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from textgen.errors import HubError

_REPO_ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?(?:/[A-Za-z0-9._-]+)")
_MAX_REPO_ID = 96


def check_repo_id(repo_id: str) -> None:
    """Raise HubError unless `repo_id` has the Hub's form "user/name"."""
    if not _REPO_ID.fullmatch(repo_id) or len(repo_id) > _MAX_REPO_ID or "--" in repo_id:
        raise HubError(
            f"Invalid repository name {repo_id!r}: a name has the form user/name, of letters, "
            f"digits, '-', '_' and '.', with at most {_MAX_REPO_ID} characters and no '--'."
        )


def fetch(
    path_or_repo: str | Path,
    *,
    revision: str | None = None,
    token: str | bool | None = None,
    cache_dir: str | Path | None = None,
    local_files_only: bool = False,
) -> Path:
    """Return a local directory as it is, or a Hub repository's files in the cache.

    Args:
        path_or_repo: an existing directory, or "user/name" on the Hub.
        revision: branch, tag or commit; default the main branch.
        token: see `huggingface_hub`; default the one `hf auth login` stored.
        cache_dir: default the Hub client's own cache.
        local_files_only: use the cache alone.

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

    with _explained(repo_id, revision):
        return Path(
            snapshot_download(
                repo_id,
                revision=revision,
                token=token,
                cache_dir=cache_dir,
                local_files_only=local_files_only,
            )
        )


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
    from huggingface_hub import HfApi

    with _explained("", None):
        return str(HfApi(token=token).whoami()["name"])


def read_file(
    repo_id: str, name: str, *, revision: str | None = None, token: str | bool | None = None
) -> bytes | None:
    """Return one file of a repository, or None where the repository or the file is not there."""
    from huggingface_hub import errors, hf_hub_download

    with _explained(repo_id, revision):
        try:
            return Path(hf_hub_download(repo_id, name, revision=revision, token=token)).read_bytes()
        except (
            errors.RemoteEntryNotFoundError,
            errors.RevisionNotFoundError,
            errors.RepositoryNotFoundError,
        ):
            return None


def push(
    repo_id: str,
    files: Mapping[str, Path | bytes],
    *,
    delete: str,
    message: str,
    private: bool | None = None,
    token: str | bool | None = None,
    revision: str | None = None,
    create_pr: bool = False,
) -> str:
    """Publish files as one commit, creating the repository where there is none.

    Args:
        repo_id: "user/name".
        files: path in the repository → file or content. Unchanged ones are not sent again.
        delete: files of the repository under this folder that `files` lacks are deleted.
        message: of the commit.
        private: whether a repository that is created is private; default the account's setting.
        token: default the one `hf auth login` stored.
        revision: branch to commit to, created where it is missing; default main.
        create_pr: open a pull request instead of committing to the branch.

    Returns:
        The address of the commit, of the pull request, or of the repository where nothing had
        changed.

    Raises:
        HubError: the name is invalid, the token is missing or refused, the network fails.
    """
    check_repo_id(repo_id)
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi

    api = HfApi(token=token)
    with _explained(repo_id, revision):
        url = api.create_repo(repo_id, private=private, exist_ok=True)
        if revision is not None and not create_pr:
            api.create_branch(repo_id, branch=revision, exist_ok=True)
        present = api.list_repo_files(repo_id, revision=revision)
        stale = [name for name in present if name.startswith(delete) and name not in files]
        operations: list[CommitOperationAdd | CommitOperationDelete] = [
            *(CommitOperationAdd(name, content) for name, content in files.items()),
            *(CommitOperationDelete(name) for name in stale),
        ]
        commit = api.create_commit(
            repo_id,
            operations,
            commit_message=message,
            revision=revision,
            create_pr=create_pr,
        )
        return str(commit.pr_url or commit.commit_url or url)


def card_metadata(**fields: Any) -> str:
    """Return a model card's metadata as YAML; the fields are those of `ModelCardData`.

    `results` may hold metrics as mappings of `EvalResult`'s fields.
    """
    from huggingface_hub import EvalResult, ModelCardData

    results = [EvalResult(**result) for result in fields.pop("results", [])]
    return str(ModelCardData(eval_results=results or None, **fields).to_yaml()).strip()


@contextlib.contextmanager
def _explained(repo_id: str, revision: str | None) -> Iterator[None]:
    """Turn the client's errors into one line each: what, why, remedy; never a token."""
    import httpx2
    from huggingface_hub import constants, errors

    try:
        yield
    except errors.GatedRepoError as error:
        raise HubError(
            f"{repo_id} is gated: accept its terms on its page, then log in with 'hf auth login'."
        ) from error
    except errors.RevisionNotFoundError as error:
        raise HubError(
            f"{repo_id} has no revision {revision!r}: no such branch, tag or commit."
        ) from error
    except errors.HfHubHTTPError as error:
        raise HubError(_refusal(repo_id, error)) from error
    except errors.HFValidationError as error:
        raise HubError(
            f"Invalid repository name {repo_id!r}: it has the form user/name."
        ) from error
    except errors.LocalTokenNotFoundError as error:
        raise HubError(
            "No Hugging Face token: log in with 'hf auth login' or set HF_TOKEN."
        ) from error
    except errors.LocalEntryNotFoundError as error:
        raise HubError(
            f"{repo_id} is not in the cache and the Hub at {constants.ENDPOINT} was not reached: "
            "check the network, or fetch it once while online."
        ) from error
    except (httpx2.HTTPError, errors.OfflineModeIsEnabled, json.JSONDecodeError) as error:
        raise HubError(
            f"Cannot reach the Hub at {constants.ENDPOINT} ({type(error).__name__}): check the "
            "network and try again."
        ) from error


def _refusal(repo_id: str, error: Any) -> str:
    from huggingface_hub import errors

    status = error.response.status_code if error.response is not None else None
    said = (error.server_message or f"status {status}").splitlines()[0]
    if status == 401 and "nvalid" in said:
        return (
            "The Hub refused the token: it is invalid or expired. Create one with write access at "
            "https://huggingface.co/settings/tokens and log in with 'hf auth login'."
        )
    if isinstance(error, errors.RepositoryNotFoundError):
        return (
            f"No model repository {repo_id} can be seen: check the name, and log in with "
            "'hf auth login' if it is private."
        )
    if status in (401, 403):
        return (
            f"The Hub refused ({said}): log in with 'hf auth login' and a token that may write to "
            f"{repo_id or 'your repositories'}."
        )
    return f"The Hub answered {status} for {repo_id}: {said}. Try again later."
