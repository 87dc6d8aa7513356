"""The code's structure: imports, file lengths, forbidden calls and public names."""

import ast
import graphlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import textgen
from tests.support.paths import ROOT

PACKAGE = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((ROOT / "textgen").rglob("*.py"))
}
SCRIPTS = {path.stem: path for path in sorted(ROOT.glob("*.py"))}
EVERYTHING = {**PACKAGE, **SCRIPTS}

# From the bottom up: a package may import itself and packages of the layers below its own.
LAYERS = (
    ("errors", "checks", "files", "config", "version"),  # single modules
    ("text", "hub"),
    ("network", "manifest"),
    ("generation",),
    ("timeline",),
    ("training", "service"),
    ("page",),
    ("cli",),
)
LAYER_OF = {name: layer for layer, names in enumerate(LAYERS) for name in names}
SEPARATE = {("generation", "manifest")}  # must not be imported, although it is in a lower layer

# The packages or modules that may import a library; under TYPE_CHECKING all may.
ALLOWED = {
    "gradio": {"page"},
    "starlette": {"page"},
    "spaces": {"page"},
    "argparse": {"cli"},
    "huggingface_hub": {"hub"},
    "httpx2": {"hub"},
    "keras": {"network.model", "training"},
    "matplotlib": {"manifest.learning_curve"},
    "h5py": {"network.weights"},
    "pydantic": {"manifest.records", "manifest.schema"},
    "tensorflow": set(),
    "jax": set(),
    "torch": set(),
    # These run code from the files that they load.
    "pickle": set(),
    "marshal": set(),
    "shelve": set(),
    "dill": set(),
    "cloudpickle": set(),
    "joblib": set(),
}


def names_of(module: str) -> set[str]:
    """Return the names of a module in `ALLOWED`: its own and its package's."""
    inner = module.removeprefix("textgen.")
    return {inner, inner.partition(".")[0]}


@dataclass(frozen=True)
class Import:
    """One import: the module as `a.b.c`, and the line that imports it."""

    module: str
    line: int
    for_types: bool  # under `if TYPE_CHECKING:`


def imports_of(path: Path) -> list[Import]:
    """Return all imports of a file, at the top level and inside functions."""
    return list(_imports(ast.parse(path.read_bytes()), for_types=False))


def _imports(node: ast.AST, *, for_types: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for name in child.names:
                yield Import(name.name, child.lineno, for_types)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, f"line {child.lineno}: relative imports would escape this test"
            for name in child.names:
                # `from textgen.hub import source` imports a module; other names are attributes.
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


def test_these_tests_find_all_imports(tmp_path: Path) -> None:
    path = tmp_path / "sample.py"
    path.write_text(
        "import os, json.decoder\n"
        "from textgen.hub import source, client\n"
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
        Import("textgen.hub.source", 2, False),
        Import("textgen.hub.client", 2, False),
        Import("keras", 4, True),
        Import("numpy", 6, False),
        Import("gradio.blocks", 9, False),
    ]
    assert "textgen.hub.source" in PACKAGE
    assert "train" in SCRIPTS


def assert_no_cycle(graph: dict[str, set[str]]) -> None:
    """Fail if a graph of imports has a cycle, and show the cycle."""
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail(" imports ".join(error.args[1]))


def test_imports_have_no_cycle_between_files() -> None:
    assert_no_cycle(
        {
            name: {found.module for found in imports_of(path) if found.module in PACKAGE}
            for name, path in PACKAGE.items()
        }
    )


def test_imports_have_no_cycle_between_packages() -> None:
    graph: dict[str, set[str]] = {}
    for name, path in PACKAGE.items():
        mine = package_of(name)
        theirs = {package_of(found.module) for found in imports_of(path) if found.module in PACKAGE}
        graph.setdefault(mine, set()).update(theirs - {mine})
    assert_no_cycle(graph)


def package_of(module: str) -> str:
    """Return the package of a module, or the module itself if it is in no package."""
    return ".".join(module.split(".")[:2])


def test_every_module_is_in_a_layer() -> None:
    packages = {package_of(name).removeprefix("textgen.") for name in PACKAGE}
    assert packages == {*LAYER_OF, "textgen", "__main__"}


@pytest.mark.parametrize("name", [name for name in PACKAGE if name.count(".") > 0])
def test_imports_point_down(name: str) -> None:
    mine = package_of(name).removeprefix("textgen.")
    upwards = []
    for found in imports_of(PACKAGE[name]):
        theirs = package_of(found.module).removeprefix("textgen.")
        if found.module not in PACKAGE or theirs == mine or name == "textgen.__main__":
            continue
        is_below = LAYER_OF.get(theirs, len(LAYERS)) < LAYER_OF[mine] or (
            LAYER_OF[mine] == LAYER_OF.get(theirs) == 0  # single modules may import each other
        )
        if not is_below or (mine, theirs) in SEPARATE:
            upwards.append(f"{PACKAGE[name].name}:{found.line} imports {found.module}")
    assert not upwards


@pytest.mark.parametrize("name", EVERYTHING)
def test_a_library_is_imported_only_where_it_belongs(name: str) -> None:
    misplaced = [
        f"{EVERYTHING[name].name}:{found.line} imports {found.module}"
        for found in imports_of(EVERYTHING[name])
        if not found.for_types
        and not names_of(name) & ALLOWED.get(found.module.partition(".")[0], names_of(name))
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


# Short enough to read in one go. To make an exception, say why here and in the file.
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 40


def test_no_file_is_too_long() -> None:
    folders = [ROOT / folder for folder in ("textgen", "tests", "benchmarks", "pictures")]
    long = {
        str(path.relative_to(ROOT)): lines
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.suffix in {".py", ".js", ".css"}
        and (lines := len(path.read_text("utf-8").splitlines())) > MAX_FILE_LINES
    }
    assert not long


@pytest.mark.parametrize("name", EVERYTHING)
def test_no_function_is_too_long(name: str) -> None:
    long = {
        f"{function.name}, line {function.lineno}": lines
        for function in ast.walk(ast.parse(EVERYTHING[name].read_bytes()))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := lines_of(function)) > MAX_FUNCTION_LINES
    }
    assert not long


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count a function's lines, without its docstring and inner functions."""
    inner = [
        node
        for node in function.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        or (node is function.body[0] and ast.get_docstring(function) is not None)
    ]
    return spanned(function) - sum(spanned(node) for node in inner)


def spanned(node: ast.stmt) -> int:
    """Count the lines of a statement."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


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
