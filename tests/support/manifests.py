"""Manifests as plain data, read and altered."""

import copy
import json
from typing import Any

from textgen.manifest.schema import Manifest

Place = tuple[str | int, ...]


def read(form: Any) -> Manifest:
    return Manifest.from_json(json.dumps(form).encode())


def changed(form: Any, place: Place, value: Any) -> Any:
    """Return a copy of a form with another value at a place."""
    root = {"": copy.deepcopy(form)}
    node: Any = root
    key: str | int = ""
    for part in place:
        node, key = node[key], part
    node[key] = value
    return root[""]
