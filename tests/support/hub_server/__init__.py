"""A Hugging Face Hub on this machine, for tests that push and pull with the real client.

It implements the part of the Hub's HTTP API that `huggingface_hub` needs for models and Spaces. It
stores each of them as a bare git repository, so that git itself can check what was pushed. A Space
is named by its path on the Hub, "spaces/user/name".

git_store.py   a repository: commits, refs, files, and large files stored beside it
hub.py         all repositories under one folder, their users and permissions
endpoints.py   the API: what each request does
server.py      the HTTP server
"""

from .hub import Reply
from .server import HANG_UP, LOSE_ANSWER, HubServer

__all__ = ["HANG_UP", "LOSE_ANSWER", "HubServer", "Reply"]
