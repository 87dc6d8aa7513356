"""Reads manifests from plain data, and changes that data."""

import copy
import json
from typing import Any

from textgen.manifest.schema import Manifest

Place = tuple[str | int, ...]


def read(form: Any) -> Manifest:
    return Manifest.from_json(json.dumps(form).encode())


def changed(form: Any, path: Place, value: Any) -> Any:
    """Return a copy of JSON data in which the value at a path of keys is replaced."""
    root = {"": copy.deepcopy(form)}
    node: Any = root
    key: str | int = ""
    for part in path:
        node, key = node[key], part
    node[key] = value
    return root[""]
