"""A manifest for tests to change."""

import json
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def form(timeline_directory: Path) -> Any:
    """A valid manifest as plain data."""
    return json.loads((timeline_directory / "timeline.json").read_bytes())
