"""The Hub's API for models and Spaces: what each request does and returns."""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from .git_store import POINTER, File, GitError
from .hub import Hub, RefusedError, Reply, Repo

Json = dict[str, Any]
Endpoint = Callable[..., Any]
ROUTES: list[tuple[str, re.Pattern[str], str, Endpoint]] = []
SETTINGS = ("sdk", "hardware")  # of a Space
FIELDS = {
    "api": "/api/(?:models/|(?=spaces/))",  # the repository's name follows, as `Hub` spells it
    "repo": "(?P<repo>(?:spaces/)?[^/]+(?:/[^/]+)?)",
    "space": "(?P<repo>spaces/[^/]+/[^/]+)",
    "revision": "(?P<revision>[^/]+)",
    "commit": "(?P<commit>[^/]+)",
    "path": "(?P<path>.+)",
}


@dataclass(frozen=True)
class Request:
    """One request; `user` is "" if nobody is logged in."""

    hub: Hub
    base: str  # the server's address
    method: str
    path: str
    query: str
    body: bytes
    user: str

    @property
    def json(self) -> Json:
        """The body, parsed as JSON."""
        form: Json = json.loads(self.body)
        return form

    @property
    def create_pr(self) -> bool:
        """Whether the request asks to open a pull request."""
        return "create_pr=1" in self.query


def route(method: str, template: str, need: str = "read") -> Callable[[Endpoint], Endpoint]:
    """Register an endpoint for the paths of a template, whose fields become its arguments.

    `{repo}` becomes a `Repo`, after a check that the user has the access in `need`. `{commit}`
    becomes the commit hash of the revision in the path.
    """

    def register(endpoint: Endpoint) -> Endpoint:
        ROUTES.append((method, re.compile(template.format(**FIELDS)), need, endpoint))
        return endpoint

    return register


def answer(request: Request) -> Reply:
    """Run the endpoint of a request and return its reply."""
    method = "GET" if request.method == "HEAD" else request.method
    for expected, pattern, need, endpoint in ROUTES:
        if method == expected and (match := pattern.fullmatch(request.path)):
            if need == "write" and request.create_pr:
                need = "propose"
            fields: Json = {name: unquote(text) for name, text in match.groupdict("main").items()}
            if "repo" in fields:
                fields["repo"] = request.hub.open_repo(fields["repo"], request.user, need)
            if "commit" in fields:
                fields["commit"] = fields["repo"].commit_of(fields["commit"])
            try:
                result = endpoint(request, **fields)
            except GitError as error:
                raise RefusedError(400, "", str(error)) from error
            return result if isinstance(result, Reply) else Reply(200, result)
    raise RefusedError(404, "", f"The test Hub has no {request.method} {request.path}")


@route("GET", "/api/whoami-v2")
def whoami(request: Request) -> Json:
    if not request.user:
        raise RefusedError(401, "", "Invalid username or password.")
    return {"type": "user", "name": request.user, "orgs": [], "auth": {"type": "access_token"}}


@route("POST", "/api/validate-yaml")
def validate_yaml(request: Request) -> Json:
    bare = not request.json["content"].lstrip().startswith("---")
    warning = {"message": "empty or missing yaml metadata in repo card"}
    return {"errors": [], "warnings": [warning] if bare else []}


@route("POST", "/api/repos/create")
def create(request: Request) -> Reply:
    wanted = request.json
    if not request.user:
        raise RefusedError(401, "", "Invalid username or password.")
    namespace = wanted.get("organization") or request.user
    if namespace != request.user:
        raise RefusedError(403, "", f"You may not write in the namespace {namespace}")
    kind = wanted.get("type", "model")
    repo_id = f"{'spaces/' if kind == 'space' else ''}{namespace}/{wanted['name']}"
    url = {"url": f"{request.base}/{repo_id}"}
    with request.hub.lock:
        if request.hub.exists(repo_id):
            return Reply(409, url | {"error": f"You already created this {kind} repo"})
        repo = request.hub.create(repo_id, private=wanted.get("visibility") == "private")
        repo.settings.update({name: wanted[name] for name in SETTINGS if name in wanted})
    return Reply(200, url)


@route("GET", "{api}{repo}(?:/revision/{commit})?")
def model_info(request: Request, repo: Repo, commit: str) -> Json:
    siblings = [{"rfilename": path} for path in repo.files(commit)]
    if "blobs=" in request.query:
        siblings = [_sibling(path, file) for path, file in repo.files(commit).items()]
    gated = "manual" if repo.gated else False
    return {
        "id": repo.name.removeprefix("spaces/"),
        "sha": commit,
        "private": repo.private,
        "gated": gated,
        "siblings": siblings,
    }


def _sibling(path: str, file: File) -> Json:
    sibling: Json = {"rfilename": path, "blobId": file.blob, "size": file.size}
    if file.sha256:
        sibling["lfs"] = {
            "sha256": file.sha256,
            "size": file.size,
            "pointerSize": len(POINTER),
        }
    return sibling


@route("GET", "{api}{repo}/refs")
def refs(request: Request, repo: Repo) -> Json:
    kinds = {"heads": "branches", "tags": "tags", "pr": "pullRequests"}
    listed: Json = {"branches": [], "tags": [], "pullRequests": [], "converts": []}
    for ref, commit in repo.refs().items():
        _, kind, name = ref.split("/", 2)
        listed[kinds[kind]].append({"name": name, "ref": ref, "targetCommit": commit})
    return listed


@route("GET", "{api}{repo}/tree/{commit}")
def tree(request: Request, repo: Repo, commit: str) -> list[Json]:
    return [_entry(path, file) for path, file in repo.files(commit).items()]


def _entry(path: str, file: File) -> Json:
    entry: Json = {"type": "file", "path": path, "oid": file.blob, "size": file.size}
    if file.sha256:
        entry["lfs"] = {"oid": file.sha256, "size": file.size, "pointerSize": len(POINTER)}
    return entry


@route("GET", "/{repo}/resolve/{commit}/{path}", "content")
def resolve(request: Request, repo: Repo, commit: str, path: str) -> Reply:
    headers = {"X-Repo-Commit": commit}
    file = repo.files(commit).get(path)
    if file is None:
        raise RefusedError(404, "EntryNotFound", "Entry not found", **headers)
    headers["ETag"] = f'"{file.etag}"'
    if file.sha256:
        headers |= {"X-Linked-ETag": headers["ETag"], "X-Linked-Size": str(file.size)}
    return Reply(200, repo.read(file), headers)


@route("POST", "{api}{repo}/branch/{revision}", "write")
def branch(request: Request, repo: Repo, revision: str) -> Json:
    start = repo.commit_of(request.json.get("startingPoint", "main"))
    with request.hub.lock:
        if f"refs/heads/{revision}" in repo.refs():
            raise RefusedError(409, "", "Reference already exists")
        repo.git("update-ref", f"refs/heads/{revision}", start)
    return {}


@route("POST", "{api}{repo}/preupload/{commit}", "write")
def preupload(request: Request, repo: Repo, commit: str) -> Json:
    files = repo.files(commit)
    answers = []
    for file in request.json["files"]:
        path, sample = file["path"], base64.b64decode(file["sample"])
        mode = "lfs" if request.hub.is_large(path, file["size"], sample) else "regular"
        oid = files[path].etag if path in files else None
        answers.append({"path": path, "uploadMode": mode, "shouldIgnore": False, "oid": oid})
    return {"files": answers}


@route("POST", r"/{repo}\.git/info/lfs/objects/batch", "propose")
def lfs_batch(request: Request, repo: Repo) -> Json:
    verify = {"href": f"{request.base}/{repo.name}.git/info/lfs/objects/verify"}
    objects = request.json["objects"]
    for each in objects:
        if not repo.large.pointer(each["oid"]):
            upload = {"href": f"{request.base}/lfs/{each['oid']}"}
            each["actions"] = {"upload": upload, "verify": verify}
    return {"transfer": "basic", "objects": objects}


@route("PUT", "/lfs/{path}")
def lfs_upload(request: Request, path: str) -> Json:
    if hashlib.sha256(request.body).hexdigest() != path:
        raise RefusedError(400, "", "The content has another hash")
    request.hub.large.store(request.body)
    return {}


@route("POST", r"/{repo}\.git/info/lfs/objects/verify", "propose")
def lfs_verify(request: Request, repo: Repo) -> Json:
    wanted = request.json
    if repo.large.pointer(wanted["oid"]) != POINTER.format(wanted["oid"], wanted["size"]).encode():
        raise RefusedError(404, "", "No such LFS object")
    return {}


@route("POST", "{api}{repo}/commit/{revision}", "write")
def commit(request: Request, repo: Repo, revision: str) -> Json:
    header, *operations = map(json.loads, request.body.splitlines())
    message = "{summary}\n\n{description}".format(**header["value"])
    parent = header["value"].get("parentCommit", "")
    ref, url, pull_url = f"refs/heads/{revision}", f"{request.base}/{repo.name}", None
    with request.hub.lock:
        head = repo.refs().get(ref)
        if head is None:
            raise RefusedError(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        if not head.startswith(parent):
            raise RefusedError(412, "", "A commit has happened since")
        if request.create_pr:
            number = 1 + sum(ref.startswith("refs/pr/") for ref in repo.refs())
            ref, pull_url = f"refs/pr/{number}", f"{url}/discussions/{number}"
        oid = repo.commit(ref, head, message, _changes(repo, head, operations))
    return {"commitOid": oid, "commitUrl": f"{url}/commit/{oid}", "pullRequestUrl": pull_url}


@route("GET", "{api}{space}/variables", "write")
def variables(request: Request, repo: Repo) -> Json:
    return _listed(repo.variables)


@route("POST", "{api}{space}/variables", "write")
def add_variable(request: Request, repo: Repo) -> Json:
    repo.variables[request.json["key"]] = request.json["value"]
    return _listed(repo.variables)


@route("DELETE", "{api}{space}/variables", "write")
def delete_variable(request: Request, repo: Repo) -> Json:
    if repo.variables.pop(request.json["key"], None) is None:
        raise RefusedError(404, "", "No such variable")
    return _listed(repo.variables)


@route("POST", "{api}{space}/hardware", "write")
def hardware(request: Request, repo: Repo) -> Json:
    repo.settings["hardware"] = request.json["flavor"]
    return {"stage": "BUILDING", "hardware": {"requested": request.json["flavor"]}}


def _listed(variables: Mapping[str, str]) -> Json:
    return {key: {"key": key, "value": value} for key, value in variables.items()}


def _changes(repo: Repo, head: str, operations: list[Json]) -> dict[str, bytes | None]:
    """Return the changes that a commit's operations make to `head`; None deletes a file."""
    changes: dict[str, bytes | None] = {}
    for operation in operations:
        kind, value = operation["key"], operation["value"]
        path = value["path"]
        if kind == "file":
            changes[path] = base64.b64decode(value["content"])
        elif kind == "lfsFile" and (pointer := repo.large.pointer(value["oid"])):
            changes[path] = pointer
        elif kind == "deletedFile" and path in repo.files(head):
            changes[path] = None
        else:
            raise RefusedError(400, "", f"The test Hub cannot do {kind} to {path}")
    return changes
