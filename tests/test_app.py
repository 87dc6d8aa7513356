"""The page's server: its endpoint for machines, its command line, what it imports."""

import itertools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

import app
from tests.processes import free_port
from textgen import TextGenerator, Timeline
from textgen.request import DEFAULT_LENGTH

ROOT = Path(__file__).parent.parent
BUNDLED = ROOT / "pretrained" / "nietzsche"


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    demo = app.build_demo([Timeline.from_pretrained(BUNDLED)])
    _, url, _ = demo.launch(
        prevent_thread_lock=True, quiet=True, server_port=free_port(), **app.launch_options()
    )
    client = Client(url, verbose=False)
    yield client
    client.close()
    demo.close()


def test_generate_gives_what_the_package_gives(client: Client) -> None:
    written = client.predict(
        model="nietzsche",
        epoch="1",
        seed_text="The soul",
        length=300,
        temperature=0.8,
        seed=7,
        api_name="/generate",
    )
    generator = TextGenerator.from_pretrained(BUNDLED, epoch=1)
    assert written == "the soul" + generator.generate(
        "the soul", length=300, temperature=0.8, seed=7
    )


def test_generate_needs_no_argument_and_repeats_itself(client: Client) -> None:
    first = client.predict(api_name="/generate")
    assert first == client.predict(api_name="/generate")
    assert len(first) > DEFAULT_LENGTH


def test_visitors_at_once_get_what_each_would_get_alone(client: Client) -> None:
    jobs = {
        seed: client.submit(length=1000, temperature=0.9, seed=seed, api_name="/generate")
        for seed in range(20)
    }
    generator = TextGenerator.from_pretrained(BUNDLED)
    for seed, job in jobs.items():
        alone = generator.generate("the soul of man ", length=1000, temperature=0.9, seed=seed)
        assert job.result() == "the soul of man " + alone


def test_generate_streams_growing_text(client: Client) -> None:
    pieces = list(client.submit(length=2000, api_name="/generate"))
    assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(pieces))
    assert len(pieces[-1]) > 2000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"length": 0}, "length must be a whole number from 1 to 2,000, received 0"),
        ({"length": 10**9}, "length must be"),
        ({"temperature": -0.1}, "temperature must be 0 (greedy) or a number from 0.01 to 10"),
        ({"temperature": 99}, "temperature must be"),
        ({"top_k": -1}, "top_k must be a whole number of at least 0, 0 for none, received -1"),
        ({"top_p": 0}, "top_p must be"),
        ({"min_p": 1.1}, "min_p must be"),
        ({"no_repeat_ngram_size": -1}, "no_repeat_ngram_size must be"),
        ({"no_repeat_ngram_size": 1}, "no_repeat_ngram_size must be"),
        ({"seed": -1}, "seed must be"),
        ({"epoch": "0.5"}, "no snapshot at epoch '0.5'; it has best, last, 0,"),
        ({"model": []}, "no model []; there are 'nietzsche'"),
        ({"model": "<img src=x>"}, "no model '&lt;img src=x&gt;'; there are 'nietzsche'"),
    ],
)
def test_values_out_of_range_are_answered_in_words(
    client: Client, arguments: dict[str, object], message: str
) -> None:
    with pytest.raises(AppError) as error:
        client.predict(**arguments, api_name="/generate")
    assert message in str(error.value)


def test_only_generate_is_offered_to_machines(client: Client) -> None:
    api = client.view_api(return_format="dict", print_info=False)
    assert list(api["named_endpoints"]) == ["/generate"]
    assert not api["unnamed_endpoints"]


def test_a_page_of_two_models_names_each() -> None:
    timeline = Timeline.from_pretrained(BUNDLED)
    demo = app.build_demo([timeline, timeline])
    dropdowns = [block for block in demo.blocks.values() if isinstance(block, gr.Dropdown)]
    assert [choice for choice, _ in dropdowns[0].choices] == ["nietzsche", "nietzsche (2)"]
    assert dropdowns[0].visible


def test_opening_the_page_imports_neither_tensorflow_nor_keras() -> None:
    script = (
        "import sys, app\n"
        "demo = app.build_demo(app.load_timelines([sys.argv[1]]))\n"
        "print([name for name in ('tensorflow', 'keras', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(BUNDLED)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_a_model_that_is_not_there_gets_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.main(["--model", str(tmp_path / "none")]) == 1
    errors = capsys.readouterr().err
    assert errors.startswith("app.py: No timeline at ")
    assert errors.count("\n") == 1


def test_models_come_from_the_environment_where_none_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TEXTGEN_MODELS", f"{BUNDLED}, /nowhere/at/all")
    assert app.main([]) == 1
    assert "'/nowhere/at/all'" in capsys.readouterr().err
