"""What goes between service and browser, as files that the tests of both sides read.

`python -m tests.support.wire` writes them anew, after a change of the wire that is meant.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

from tests.support.paths import ROOT
from tests.support.timelines import write_timeline
from textgen.service.request import Request
from textgen.service.service import Service

FIXTURES = ROOT / "tests" / "fixtures"


def answers(directory: Path) -> dict[str, Any]:
    """Return a question and what a service of a small timeline answers to it, by fixture."""
    request = Request(
        model="letters",
        epoch="0.5",
        seed_text="A <b>bad</b> cab",
        length=60,
        temperature=0.9,
        no_repeat_ngram_size=20,
        seed=4,
    )
    service = Service([write_timeline(directory / "letters")])
    *_, passage = service.compare(request)
    return {
        "question": request.question,
        "passage": passage,
        "temperatures": service.temperatures(request),
        "surprise": service.surprise(request),
        "reuse": service.reuse(request, "http://127.0.0.1:7860"),
    }


def fixture(name: str) -> Any:
    """Return what a fixture holds."""
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        for name, value in answers(Path(scratch)).items():
            text = json.dumps(value, ensure_ascii=False, indent=1) + "\n"
            (FIXTURES / f"{name}.json").write_text(text, encoding="utf-8")
