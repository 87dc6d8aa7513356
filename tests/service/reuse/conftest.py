"""A timeline that reads whatever was typed, in a directory with a name hard to quote."""

import pytest

from tests.support.snippets import TYPED, timeline_that_reads
from textgen import Timeline


@pytest.fixture(scope="module")
def timeline(tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    return timeline_that_reads(TYPED, tmp_path_factory.mktemp("reuse") / 'it\'s "mine" $(x)')
