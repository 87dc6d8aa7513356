"""A Hugging Face Hub on the loopback, for tests that push and pull with the real client.

It answers the part of the Hub's HTTP API that `huggingface_hub` needs for models and Spaces, and
keeps each of them as a bare git repository, so that what was pushed can be judged with git itself.
A Space goes by its path on the Hub, "spaces/user/name".

git_store.py   a repository: commits, refs, files, and large files beside it
hub.py         all repositories under one folder, their users and who may do what
endpoints.py   the API: what each request does
server.py      HTTP around it
"""

from .hub import Reply
from .server import HANG_UP, LOSE_ANSWER, HubServer

__all__ = ["HANG_UP", "LOSE_ANSWER", "HubServer", "Reply"]
