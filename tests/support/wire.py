"""Messages between service and browser, in files that the tests of both sides read.

After an intended change of the format, `python -m tests.support.wire` writes the files again.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

from tests.support.measured import measured
from tests.support.paths import ROOT
from tests.support.timelines import write_timeline
from textgen.service.passages import curve
from textgen.service.request import Request
from textgen.service.service import Service

FIXTURES = ROOT / "tests" / "fixtures"


def answers(directory: Path) -> dict[str, Any]:
    """Return a question and the answers of a service with a small timeline, by fixture name."""
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
    with_counting_models = write_timeline(directory / "measured", measured())
    return {
        "question": request.question,
        "passage": passage,
        "curve": curve(with_counting_models),
        "temperatures": service.temperatures(request),
        "surprise": service.surprise(request),
        "reuse": service.reuse(request, "http://127.0.0.1:7860"),
    }


def fixture(name: str) -> Any:
    """Return the content of a fixture."""
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        for name, value in answers(Path(scratch)).items():
            text = json.dumps(value, ensure_ascii=False, indent=1) + "\n"
            (FIXTURES / f"{name}.json").write_text(text, encoding="utf-8")
