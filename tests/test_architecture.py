"""How the code hangs together, read from the imports themselves."""

import ast
import graphlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import textgen

ROOT = Path(__file__).parents[1]
PACKAGE = {
    "textgen" if path.stem == "__init__" else f"textgen.{path.stem}": path
    for path in sorted((ROOT / "textgen").glob("*.py"))
}
SCRIPTS = {path.stem: path for path in sorted(ROOT.glob("*.py"))}
EVERYTHING = {**PACKAGE, **SCRIPTS}

# Where a library may be imported; for the type checker alone, anywhere.
ALLOWED = {
    "gradio": {
        "app",
        "textgen.endpoints",
        "textgen.events",
        "textgen.theme",
        "textgen.waiting",
        "textgen.widgets",
    },
    "starlette": {"app", "textgen.doors"},
    "argparse": {"train", "app", "textgen.__main__"},
    "huggingface_hub": {
        "textgen.hub",
        "textgen.hub_errors",
        "textgen.spaces",
        "textgen.upload",
    },
    "spaces": {"app"},
    "httpx2": {"textgen.hub_errors"},
    "keras": {
        "textgen.checkpoint",
        "textgen.dataset",
        "textgen.devices",
        "textgen.model",
        "textgen.progress",
        "textgen.recurrence",
        "textgen.trainer",
        "textgen.training",
        "textgen.writer",
    },
    "matplotlib": {"textgen.picture"},
    "h5py": {"textgen.weights"},
    "pydantic": {"textgen.manifest"},
    "tensorflow": set(),
    "jax": set(),
    "torch": set(),
    # These run whatever a file tells them to.
    "pickle": set(),
    "marshal": set(),
    "shelve": set(),
    "dill": set(),
    "cloudpickle": set(),
    "joblib": set(),
}


@dataclass(frozen=True)
class Import:
    """One imported module, as `a.b.c`, and where it is imported."""

    module: str
    line: int
    for_types: bool  # under `if TYPE_CHECKING:`


def imports_of(path: Path) -> list[Import]:
    """Return all imports of a file, at its top and in its functions alike."""
    return list(_imports(ast.parse(path.read_bytes()), for_types=False))


def _imports(node: ast.AST, *, for_types: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for name in child.names:
                yield Import(name.name, child.lineno, for_types)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, f"line {child.lineno}: relative imports would escape this test"
            for name in child.names:
                # `from textgen import hub` imports a module, `from textgen import Timeline` a name.
                inner = f"{child.module}.{name.name}"
                module = inner if inner in PACKAGE else str(child.module)
                yield Import(module, child.lineno, for_types)
        elif isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            for statement in child.body:
                yield from _imports(ast.Module([statement], []), for_types=True)
            for statement in child.orelse:
                yield from _imports(ast.Module([statement], []), for_types=for_types)
        else:
            yield from _imports(child, for_types=for_types)


def test_these_tests_see_the_imports_there_are(tmp_path: Path) -> None:
    path = tmp_path / "sample.py"
    path.write_text(
        "import os, json.decoder\n"
        "from textgen import hub, Timeline\n"
        "if TYPE_CHECKING:\n"
        "    import keras\n"
        "else:\n"
        "    import numpy\n"
        "def f():\n"
        "    class C:\n"
        "        from gradio.blocks import Blocks\n"
    )
    assert imports_of(path) == [
        Import("os", 1, False),
        Import("json.decoder", 1, False),
        Import("textgen.hub", 2, False),
        Import("textgen", 2, False),
        Import("keras", 4, True),
        Import("numpy", 6, False),
        Import("gradio.blocks", 9, False),
    ]
    assert "textgen.hub" in PACKAGE
    assert "train" in SCRIPTS


def test_imports_inside_the_package_go_one_way() -> None:
    graph = {
        name: {found.module for found in imports_of(path) if found.module in PACKAGE}
        for name, path in PACKAGE.items()
    }
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail(" imports ".join(error.args[1]))


@pytest.mark.parametrize("name", EVERYTHING)
def test_a_library_is_imported_only_where_it_belongs(name: str) -> None:
    misplaced = [
        f"{EVERYTHING[name].name}:{found.line} imports {found.module}"
        for found in imports_of(EVERYTHING[name])
        if not found.for_types and name not in ALLOWED.get(found.module.partition(".")[0], {name})
    ]
    assert not misplaced


@pytest.mark.parametrize("name", PACKAGE)
def test_the_package_never_imports_a_script_or_a_test(name: str) -> None:
    found = {found.module.partition(".")[0] for found in imports_of(PACKAGE[name])}
    assert not found & {*SCRIPTS, "tests", "benchmarks"}


@pytest.mark.parametrize("name", EVERYTHING)
def test_nothing_runs_or_unpickles_what_a_file_says(name: str) -> None:
    found = []
    for node in ast.walk(ast.parse(EVERYTHING[name].read_bytes())):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        keywords = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
        if (
            called in {"exec", "eval", "compile", "os.system", "os.popen"}
            or called.endswith("enable_unsafe_deserialization")
            or keywords.get("allow_pickle", "False") != "False"
            or keywords.get("safe_mode", "True") != "True"
            or keywords.get("shell", "False") != "False"
        ):
            found.append(f"line {node.lineno}: {ast.unparse(node)}")
    assert not found


@pytest.mark.parametrize("name", textgen.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(textgen, name) is not None


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'textgen' has no attribute 'trian'"):
        _ = textgen.trian


def test_writing_needs_no_keras_no_hub_and_no_page(timeline_directory: Path) -> None:
    script = (
        "import sys, textgen\n"
        "timeline = textgen.Timeline.from_pretrained(sys.argv[1])\n"
        "text = timeline.generator('last').generate('a bad ', length=20, seed=1)\n"
        "text += textgen.TextGenerator.from_pretrained(sys.argv[1]).generate(length=20)\n"
        "assert len(text) == 40\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))\n"
    )
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", script, str(timeline_directory)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (result.returncode, result.stderr) == (0, "")
    loaded = set(result.stdout.split())
    assert "textgen" in loaded
    assert not loaded & {
        "gradio",
        "httpx2",
        "huggingface_hub",
        "jax",
        "keras",
        "matplotlib",
        "tensorflow",
        "torch",
    }
