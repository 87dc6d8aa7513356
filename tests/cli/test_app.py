"""`python app.py`: which models it opens, and what it tells of those it cannot."""

import subprocess
import sys
from pathlib import Path

import gradio as gr
import pytest

from tests.support.paths import BUNDLED, ROOT
from textgen import Timeline
from textgen.cli.app import main
from textgen.page.app import build_demo

pytestmark = pytest.mark.slow


def test_a_page_of_two_models_names_each() -> None:
    timeline = Timeline.from_pretrained(BUNDLED)
    demo = build_demo([timeline, timeline])
    dropdowns = [block for block in demo.blocks.values() if isinstance(block, gr.Dropdown)]
    assert [choice for choice, _ in dropdowns[0].choices] == ["nietzsche", "nietzsche (2)"]
    assert dropdowns[0].visible


def test_opening_the_page_imports_neither_tensorflow_nor_keras() -> None:
    script = (
        "import sys\n"
        "from textgen.cli.app import load_timelines\n"
        "from textgen.page.app import build_demo\n"
        "demo = build_demo(load_timelines([sys.argv[1]]))\n"
        "print([name for name in ('tensorflow', 'keras', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(BUNDLED)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_a_model_that_is_not_there_gets_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--model", str(tmp_path / "none")]) == 1
    errors = capsys.readouterr().err
    assert errors.startswith("app.py: No timeline at ")
    assert errors.count("\n") == 1


def test_models_come_from_the_environment_where_none_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TEXTGEN_MODELS", f"{BUNDLED}, /nowhere/at/all")
    assert main([]) == 1
    assert "'/nowhere/at/all'" in capsys.readouterr().err
