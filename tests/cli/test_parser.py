"""Wrong command lines: each gets one line that names the likely intention."""

import runpy
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

import pytest

from tests.support.paths import ROOT
from tests.support.processes import environment, run
from textgen.cli import app, main, train
from textgen.cli.parser import python_command
from textgen.version import __version__

MAIN = "python -m textgen"
PROGRAMS: dict[str, Callable[[Sequence[str]], int]] = {
    "app.py": app.main,
    "train.py": train.main,
    MAIN: main.main,
}


def refused(prog: str, given: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Run a wrong command line, split at its spaces, and return what it printed as its error."""
    program, _, command = prog.partition(f"{MAIN} ") if f"{MAIN} " in prog else (prog, "", "")
    with pytest.raises(SystemExit) as ended:
        PROGRAMS[program or MAIN]([*command.split(), *given.split()])
    assert ended.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    return printed.err


@pytest.mark.parametrize(
    ("prog", "given", "error"),
    [
        (f"{MAIN} generate", "x --lenght 5", "unknown option --lenght. Did you mean --length?"),
        (f"{MAIN} generate", "x --lenght=5", "unknown option --lenght. Did you mean --length?"),
        (f"{MAIN} generate", "x --zzzzzz", "unknown option --zzzzzz."),
        (f"{MAIN} generate", "x --len 5", "unknown option --len. Did you mean --length?"),
        (f"{MAIN} push", "x u/r --privat", "unknown option --privat. Did you mean --private?"),
        (f"{MAIN} train", "--corpus x --epoch 5", "unknown option --epoch. Did you mean --epochs?"),
        ("train.py", "--corpus x --epoch 5", "unknown option --epoch. Did you mean --epochs?"),
        ("app.py", "--prot 80", "unknown option --prot. Did you mean --port?"),
        (
            MAIN,
            "genrate",
            "COMMAND: 'genrate' is not one of app, train, generate, score, evaluate, novelty, "
            "inspect, push, deploy. Did you mean generate?",
        ),
        (
            MAIN,
            "write",
            "COMMAND: 'write' is not one of app, train, generate, score, evaluate, novelty, "
            "inspect, push, deploy.",
        ),
        (
            "train.py",
            "--corpus x --optimizer adm",
            "--optimizer: 'adm' is not one of adamw, adam, rmsprop, muon. Did you mean adam?",
        ),
        (
            "train.py",
            "--corpus x --track trakio",
            "--track: 'trakio' is not one of tensorboard, trackio. Did you mean trackio?",
        ),
        (f"{MAIN} generate", "x --length x", "--length: must be a whole number, received 'x'."),
        (f"{MAIN} generate", "x --length 1.5", "--length: must be a whole number, received '1.5'."),
        (f"{MAIN} generate", "x --top-p a", "--top-p: must be a number, received 'a'."),
        (f"{MAIN} evaluate", "x y --window a", "--window: must be a whole number, received 'a'."),
        (
            "app.py",
            "--port 99999",
            "--port: must be a whole number from 1 to 65535, received '99999'.",
        ),
        (f"{MAIN} generate", "x --length", "--length: expected one argument."),
        (f"{MAIN} generate", "", "PATH_OR_REPO is missing."),
        (f"{MAIN} push", "", "DIR and USER/REPO are missing."),
        (f"{MAIN} push", "x", "USER/REPO is missing."),
        (
            "train.py",
            "",
            "The training text is missing. Give --corpus, for example: train.py --corpus "
            "my-book.txt.",
        ),
        (
            "train.py",
            "my-book.txt",
            "The training text is missing. Did you mean --corpus my-book.txt?",
        ),
        (
            f"{MAIN} train",
            "--epochs 5 my book.txt",
            "The training text is missing. Did you mean --corpus 'my book.txt'?",
        ),
        ("train.py", "--corpos x", "unknown option --corpos. Did you mean --corpus?"),
        ("train.py", "--corpus x --output=", "--output is empty."),
        (
            "train.py",
            "--corpus x --devices 0",
            "--devices: must be a whole number of at least 1, received 0.",
        ),
        (
            "train.py",
            "--corpus x --patience 0",
            "--patience: must be a whole number from 1 to 100,000, received 0.",
        ),
        (
            f"{MAIN} generate",
            "x --top-p 1.5",
            "--top-p: must be a number above 0 and up to 1, received 1.5.",
        ),
        (
            f"{MAIN} evaluate",
            "x y --window 0",
            "--window: must be a whole number of at least 1, received 0.",
        ),
        (
            "train.py",
            "--corpus x --quiet --samples",
            "--samples: not allowed with argument --quiet.",
        ),
    ],
)
def test_a_wrong_command_line_is_one_line(
    prog: str, given: str, error: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refused(prog, given, capsys) == f"{prog}: {error} See {prog} --help.\n"


@pytest.mark.parametrize(
    ("prog", "given", "unexpected", "quoted"),
    [
        (f"{MAIN} generate", "m the soul of", "soul of", "'the soul of'"),
        (f"{MAIN} generate", "m the the end --seed 1", "the end", "'the the end'"),
        (f"{MAIN} generate", "--seed 1 m don't panic", "panic", "'don'\"'\"'t panic'"),
        (f"{MAIN} inspect", "timelines/my book", "book", "'timelines/my book'"),
        ("train.py", "--corpus my book.txt --epochs 2", "book.txt", "'my book.txt'"),
        ("app.py", "--model a b", "b", "'a b'"),
    ],
)
def test_a_value_with_unquoted_spaces_is_shown_with_quotes(
    prog: str, given: str, unexpected: str, quoted: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refused(prog, given, capsys) == (
        f"{prog}: unexpected {unexpected!r}. Quote a value that contains spaces: {quoted}. "
        f"See {prog} --help.\n"
    )


SEVERAL = " --corpus takes one file or directory; put several files into one directory."


@pytest.mark.parametrize(
    ("prog", "given", "unexpected", "remedy"),
    [
        ("app.py", "timelines/first", "timelines/first", " Did you mean --model timelines/first?"),
        ("app.py", "--open a", "a", " Did you mean --model a?"),
        ("app.py", "--model docs tests", "tests", " Did you mean --model tests?"),
        ("train.py", "--corpus a.txt b.txt", "b.txt", SEVERAL),
        ("train.py", "--corpus docs README.md LICENSE", "README.md", SEVERAL),
        ("train.py", "--corpus a.txt --epochs 5 6", "6", ""),
        ("train.py", "--corpus a.txt --quiet b.txt", "b.txt", ""),
        (f"{MAIN} generate", "x the 5", "5", ""),
        (f"{MAIN} score", "x LICENSE README.md", "README.md", ""),
    ],
)
def test_an_unexpected_word_that_is_not_part_of_a_value_is_not_quoted(
    prog: str,
    given: str,
    unexpected: str,
    remedy: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(ROOT)
    assert refused(prog, given, capsys) == (
        f"{prog}: unexpected {unexpected!r}.{remedy} See {prog} --help.\n"
    )


def test_a_value_with_spaces_is_not_joined_with_the_next_word(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main.main(["generate", "x", "the soul", "of"])
    assert "unexpected 'of'. See" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("script", "module"),
    [
        ("app.py", "textgen.cli.app"),
        ("train.py", "textgen.cli.train"),
        ("textgen/__main__.py", "textgen.cli.main"),
    ],
)
def test_ctrl_c_during_the_imports_prints_nothing(
    script: str,
    module: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Interrupted(ModuleType):
        def __getattr__(self, name: str) -> object:
            raise KeyboardInterrupt

    monkeypatch.setitem(sys.modules, module, Interrupted(module))
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(ROOT / script), run_name="__main__")
    printed = capsys.readouterr()
    assert (ended.value.code, printed.out, printed.err) == (130, "", "")


def test_help_shows_on_and_off_for_yes_and_no(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        train.main(["--help"])
    printed = " ".join(capsys.readouterr().out.split())
    assert "fewer characters to learn (recipe 'default': off)" in printed
    assert "False" not in printed


@pytest.mark.slow
@pytest.mark.parametrize("program", [("app.py",), ("train.py",), ("-m", "textgen")], ids=str)
def test_version_is_printed(program: tuple[str, ...], tmp_path: Path) -> None:
    outcome = run(*program, "--version", env=environment(tmp_path)).check()
    assert (outcome.out, outcome.err) == (f"textgen {__version__}\n", "")


@pytest.mark.slow
def test_without_a_command_the_help_is_printed(tmp_path: Path) -> None:
    asked = run("-m", "textgen", "--help", env=environment(tmp_path)).check()
    outcome = run("-m", "textgen", env=environment(tmp_path))
    assert (outcome.status, outcome.out, outcome.err) == (2, "", asked.out)
    for command in ("app", "train", "generate", "inspect", "push"):
        assert f"\n    {command} " in outcome.err


@pytest.mark.slow
def test_a_mistake_in_a_shell_is_one_line(tmp_path: Path) -> None:
    command = ("-m", "textgen", "generate", "pretrained/nietzsche", "the", "soul", "of")
    outcome = run(*command, env=environment(tmp_path))
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err == (
        f"{MAIN} generate: unexpected 'soul of'. Quote a value that contains spaces: "
        f"'the soul of'. See {MAIN} generate --help.\n"
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["nietzsche", "pretrained/nietsche"])
def test_a_similar_directory_is_suggested_without_asking_the_hub(name: str, tmp_path: Path) -> None:
    # The Hub's port is closed here, so asking it would print that it cannot be reached.
    outcome = run("-m", "textgen", "generate", name, env=environment(tmp_path))
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err == (
        f"textgen: No timeline at {name!r}. Did you mean pretrained/nietzsche?\n"
    )


def test_the_python_command_is_relative_below_the_current_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert python_command(str(tmp_path / "here/.venv/bin/python")) == ".venv/bin/python"
    assert python_command(str(tmp_path / "python")) == str(tmp_path / "python")
    assert python_command(str(tmp_path / "here/my venv/python")) == "'my venv/python'"
