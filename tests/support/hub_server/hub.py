"""All repositories of the test Hub, their users, and their permissions."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .git_store import GitStore, LargeFiles

LARGE_SUFFIXES = (".h5", ".keras", ".npz", ".png", ".safetensors", ".zip")


@dataclass(frozen=True)
class Reply:
    """A reply: bytes are sent as they are, anything else as JSON."""

    status: int
    body: Any = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class RefusedError(Exception):
    """A refusal in the Hub's words; the client looks at the code, if there is one."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(message)
        headers["X-Error-Message"] = " ".join(message.split())
        headers |= {"X-Error-Code": code} if code else {}
        self.reply = Reply(status, {"error": message}, headers)


@dataclass(frozen=True)
class Repo(GitStore):
    """A repository with its settings; a Space's name starts with "spaces/", as on the Hub."""

    name: str
    private: bool
    gated: bool
    settings: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def namespace(self) -> str:
        """The user who owns it."""
        return self.name.removeprefix("spaces/").partition("/")[0]

    def commit_of(self, revision: str) -> str:
        """Return a revision's commit, or refuse as the Hub does."""
        commit = self.resolve(revision)
        if commit is None:
            raise RefusedError(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        return commit


class Hub:
    """Repositories of models and Spaces under one folder.

    Args:
        root: the folder.
        lfs: store binary files with LFS (the client must then have Xet disabled); otherwise every
            file goes into git.
        tokens: the valid tokens and their users; a user may write in the namespace of that name.
    """

    def __init__(
        self, root: Path, *, lfs: bool = False, tokens: Mapping[str, str] | None = None
    ) -> None:
        self.root, self.lfs = root, lfs
        self.tokens = {"hf_test": "tester"} if tokens is None else dict(tokens)
        self.large = LargeFiles(root / "lfs")
        self.lock = threading.Lock()  # for writing
        self._repos: dict[str, Repo] = {}

    def create(self, repo_id: str, *, private: bool = False, gated: bool = False) -> Repo:
        """Create a repository."""
        kind = "" if repo_id.startswith("spaces/") else "models"
        git_dir = self.root / kind / f"{repo_id}.git"
        repo = Repo(git_dir, self.large, repo_id, private, gated)
        repo.create()
        self._repos[repo_id] = repo
        return repo

    def repo(self, repo_id: str) -> Repo:
        """Return an existing repository."""
        if repo_id not in self._repos:
            raise RefusedError(404, "RepoNotFound", "Repository not found")
        return self._repos[repo_id]

    def exists(self, repo_id: str) -> bool:
        """Whether this repository exists."""
        return repo_id in self._repos

    def commits(self, repo_id: str, revision: str = "main") -> list[str]:
        """Return a revision's commits, newest first; the oldest one created the repository."""
        repo = self.repo(repo_id)
        return repo.log(repo.commit_of(revision))

    def files(self, repo_id: str, revision: str = "main") -> dict[str, bytes]:
        """Return the content of every file at a revision."""
        repo = self.repo(repo_id)
        files = repo.files(repo.commit_of(revision))
        return {path: repo.read(file) for path, file in files.items()}

    def commit(
        self, repo_id: str, files: Mapping[str, bytes | None], message: str = "Update"
    ) -> str:
        """Add, replace or (None) delete files on main, as a user can on the Hub's website."""
        repo = self.repo(repo_id)
        with self.lock:
            return repo.commit("refs/heads/main", repo.commit_of("main"), message, files)

    def tag(self, repo_id: str, name: str, revision: str = "main") -> None:
        """Tag a revision."""
        repo = self.repo(repo_id)
        repo.git("tag", "--", name, repo.commit_of(revision))

    def is_large(self, path: str, size: int, sample: bytes) -> bool:
        """Whether a file belongs in LFS; `sample` is the start of the file."""
        return self.lfs and size > 0 and (path.endswith(LARGE_SUFFIXES) or b"\0" in sample)

    def open_repo(self, repo_id: str, user: str, need: str) -> Repo:
        """Return a repository for a user ("" if not logged in) who needs this access.

        "read": its metadata; "content": its files, which may be gated; "propose": open a pull
        request, which any user may; "write": only its owner may.
        """
        repo = self._repos.get(repo_id)
        if repo is None or (repo.private and user != repo.namespace):
            if not user:  # like the Hub, do not reveal whether it exists
                raise RefusedError(401, "RepoNotFound", "Invalid username or password.")
            raise RefusedError(404, "RepoNotFound", "Repository not found")
        if need == "content" and repo.gated and user != repo.namespace:
            raise RefusedError(403 if user else 401, "GatedRepo", "Access is restricted")
        if need in ("propose", "write") and not user:
            # The client treats a bare 401 as a missing repository, but only over https.
            raise RefusedError(401, "RepoNotFound", "Invalid username or password.")
        if need == "write" and user != repo.namespace:
            raise RefusedError(403, "", f"You may not write in the namespace {repo.namespace}")
        return repo
