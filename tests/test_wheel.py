"""The installed package, used outside its clone."""

import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from gradio_client import Client

from tests.support.paths import ROOT
from tests.support.processes import environment, free_port, run, serving
from tests.support.timelines import write_timeline
from textgen import Timeline

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy of the clone."""
    copy = tmp_path_factory.mktemp("wheel") / "clone"
    unneeded = shutil.ignore_patterns(".*", "*.egg-info", "build", "pretrained", "tests")
    shutil.copytree(ROOT, copy, ignore=unneeded)
    command = ["pip", "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", "..", "."]
    subprocess.run([sys.executable, "-m", *command], cwd=copy, check=True, capture_output=True)
    (built,) = copy.parent.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Path:
    """The directory where only the wheel is installed; its dependencies come from elsewhere."""
    target = wheel.with_name("installed")
    command = ["pip", "install", "--no-deps", "--target", str(target), str(wheel)]
    subprocess.run([sys.executable, "-m", *command], check=True, capture_output=True)
    return target


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "text.txt").write_text("the cat sat on the mat\n" * 200, encoding="utf-8")
    yield tmp_path


def test_everything_that_is_needed_is_inside(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as files:
        names = {name for name in files.namelist() if ".dist-info/" not in name}
    expected = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "textgen").rglob("*")
        if path.is_file() and path.parent.name != "__pycache__" and path.suffix != ".md"
    }
    assert names == {*expected, "textgen/manifest/model_card.md"}


def test_it_trains_writes_and_opens_the_app(installed: Path, home: Path) -> None:
    env = environment(home, PYTHONPATH=str(installed))
    where = run("-c", "import textgen; print(textgen.__file__)", cwd=home, env=env).check().out
    assert Path(where.strip()).is_relative_to(installed)
    training = ("--corpus", "text.txt", "--recipe", "tiny", "--epochs", "1", "--output", "out")
    printed = run("-m", "textgen", "train", *training, cwd=home, env=env).check().out
    assert "Watch it learn:  python -m textgen app --model out" in printed
    card = (home / "out" / "README.md").read_text(encoding="utf-8")
    assert card.startswith("---\n")
    written = run("-m", "textgen", "generate", "out", "the ", "--seed", "1", cwd=home, env=env)
    assert written.check().out.startswith("the ")
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    arguments = ("-m", "textgen", "app", "--model", str(home / "out"), "--port", str(port))
    with serving(*arguments, url=url, env=env, cwd=home):
        client = Client(url, verbose=False)
        text = client.predict(seed_text="the ", seed=1, api_name="/generate")
        client.close()
    assert text == "the " + Timeline.from_directory(home / "out").generator().generate(
        "the ", seed=1
    )


def test_without_a_model_the_app_says_that_none_is_bundled(installed: Path, home: Path) -> None:
    env = environment(home, PYTHONPATH=str(installed))
    outcome = run("-m", "textgen", "app", cwd=home, env=env)
    assert outcome.status == 1
    expected = "textgen: There is no model to show, because the installed package contains none."
    assert outcome.err.startswith(f"{expected} Name one with --model")
    assert outcome.err.count("\n") == 1


def test_there_is_a_command_of_its_name(installed: Path, home: Path) -> None:
    timeline = write_timeline(home / "letters")
    done = subprocess.run(
        [sys.executable, installed / "bin" / "textgen", "inspect", timeline.directory],
        env=environment(home, PYTHONPATH=str(installed)),
        cwd=home,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "All files are intact." in done.stdout
