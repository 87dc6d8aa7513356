"""Repositories stored as bare git repositories, through the git command."""

import hashlib
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

BAD_PATH = re.compile(r"(^|/)(\.{0,2}|\.git)(/|$)|[\0\n]", re.IGNORECASE)
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize {}\n"
POINTER_PATTERN = re.compile(POINTER.format("([0-9a-f]{64})", "([0-9]+)"))
ENVIRONMENT = {  # ignores the git settings of this machine
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "PATH": os.environ["PATH"],
}


class GitError(Exception):
    """Git, or this store, refuses."""


@dataclass(frozen=True)
class File:
    """A file of a commit; `sha256` is set if the blob is only a pointer to a large file."""

    blob: str
    size: int
    sha256: str = ""

    @property
    def etag(self) -> str:
        """The identifier of this version of the file, as on the Hub."""
        return self.sha256 or self.blob


@dataclass(frozen=True)
class LargeFiles:
    """A folder of files that git only points to, each named by its SHA-256."""

    folder: Path

    def store(self, content: bytes) -> bytes:
        """Store a file and return the pointer to it."""
        sha256 = hashlib.sha256(content).hexdigest()
        self.folder.mkdir(parents=True, exist_ok=True)
        Path(self.folder, sha256).write_bytes(content)
        return self.pointer(sha256)

    def pointer(self, sha256: str) -> bytes:
        """Return the pointer to a file, or b"" if it is not stored."""
        kept = self.folder / sha256
        if not re.fullmatch("[0-9a-f]{64}", sha256) or not kept.is_file():
            return b""
        return POINTER.format(sha256, kept.stat().st_size).encode()

    def read(self, sha256: str) -> bytes:
        """Return the content of a stored file."""
        return (self.folder / sha256).read_bytes()


@dataclass(frozen=True)
class GitStore:
    """One bare repository and its large files."""

    git_dir: Path
    large: LargeFiles

    def create(self) -> None:
        """Create the repository with a first commit on main, as the Hub does, but an empty one."""
        self.git_dir.mkdir(parents=True)
        self.git("init", "--quiet", "--bare", "--initial-branch=main")
        self.commit("refs/heads/main", "", "initial commit", {})

    def git(self, *args: str, data: bytes = b"") -> str:
        """Run git and return what it prints.

        Raises:
            GitError: git refuses.
        """
        return self._git(*args, data=data).decode().strip()

    def _git(self, *args: str, data: bytes = b"") -> bytes:
        env = ENVIRONMENT | {"GIT_DIR": str(self.git_dir)}
        done = subprocess.run(["git", *args], input=data, capture_output=True, env=env)
        if done.returncode:
            raise GitError(done.stderr.decode(errors="replace"))
        return done.stdout

    def refs(self) -> dict[str, str]:
        """Return the commit of each ref."""
        lines = self.git("for-each-ref", "--format=%(refname) %(objectname)").splitlines()
        return {ref: commit for ref, _, commit in (line.partition(" ") for line in lines)}

    def resolve(self, revision: str) -> str | None:
        """Return the commit of a branch, a tag, a full ref or a hash; None if there is none."""
        refs = self.refs()
        for ref in (f"refs/heads/{revision}", f"refs/tags/{revision}", revision):
            if ref in refs:
                return refs[ref]
        if re.fullmatch("[0-9a-f]{7,40}", revision):
            try:
                return self.git("rev-parse", "--verify", f"{revision}^{{commit}}")
            except GitError:
                pass
        return None

    def log(self, commit: str) -> list[str]:
        """Return the commits up to one, newest first."""
        return self.git("rev-list", commit).split()

    def files(self, commit: str) -> dict[str, File]:
        """Return every file of a commit by its path."""
        listing = self.git("ls-tree", "-r", "-l", "-z", commit)
        files: dict[str, File] = {}
        for blob, digits, path in re.findall(r"blob (\w+) +(\d+)\t([^\0]+)", listing):
            size, sha256 = int(digits), ""
            if len(POINTER) < size < 200:  # only such a file can be a pointer
                content = self._git("cat-file", "blob", blob).decode(errors="replace")
                if pointer := POINTER_PATTERN.fullmatch(content):
                    sha256, size = pointer[1], int(pointer[2])
            files[path] = File(blob, size, sha256)
        return files

    def read(self, file: File) -> bytes:
        """Return a file's content."""
        if file.sha256:
            return self.large.read(file.sha256)
        return self._git("cat-file", "blob", file.blob)

    def commit(
        self, ref: str, parent: str, message: str, changes: Mapping[str, bytes | None]
    ) -> str:
        """Commit blobs, None to delete a path, onto `parent` ("" for none) and move `ref` there."""
        text = message.strip().encode()
        stream = [
            f"commit {ref}\ncommitter Hub <hub@localhost> now\n".encode(),
            b"data %d\n%s\n" % (len(text), text),
            f"from {parent}\n".encode() if parent else b"",
        ]
        for path, content in changes.items():
            if BAD_PATH.search(path):
                raise GitError(f"Invalid path: {path}")
            quoted = path.replace("\\", "\\\\").replace('"', '\\"')
            if content is None:
                stream.append(f'D "{quoted}"\n'.encode())
            else:
                stream.append(f'M 100644 inline "{quoted}"\n'.encode())
                stream.append(b"data %d\n%s\n" % (len(content), content))
        self.git("fast-import", "--quiet", "--date-format=now", data=b"".join(stream))
        return self.git("rev-parse", ref)
