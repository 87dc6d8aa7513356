"""A timeline with every typed character in its vocabulary, in a directory hard to quote."""

import pytest

from tests.support.snippets import TYPED, timeline_that_reads
from textgen import Timeline


@pytest.fixture(scope="module")
def timeline(tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    return timeline_that_reads(TYPED, tmp_path_factory.mktemp("reuse") / 'it\'s "mine" $(x)')
