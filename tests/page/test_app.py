"""The endpoints of the app's API, as Gradio's client and plain HTTP see them."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from tests.support.api import PROMISED, SAMPLING, over_http
from tests.support.apps import served
from tests.support.paths import BUNDLED
from tests.support.timelines import write_timeline
from textgen import Timeline
from textgen.generation.streams import DEFAULT_LENGTH
from textgen.page.app import build_demo
from textgen.service.request import MAX_LENGTH
from textgen.service.surprise import MAX_OWN_TEXT

pytestmark = pytest.mark.slow

PROMPT = "the soul of man "


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    return write_timeline(tmp_path_factory.mktemp("app") / "letters")


@pytest.fixture(scope="module")
def bundled() -> Timeline:
    return Timeline.from_pretrained(BUNDLED)


@pytest.fixture(scope="module")
def url(letters: Timeline, bundled: Timeline) -> Iterator[str]:
    with served(bundled, letters) as url:
        yield url


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[Client]:
    client = Client(url, verbose=False)
    yield client
    client.close()


def test_the_endpoints_are_those_that_clients_were_promised(client: Client) -> None:
    api = client.view_api(return_format="dict", print_info=False)
    offered = {
        name: [
            (each["parameter_name"], each["type"]["type"], each.get("parameter_default"))
            for each in endpoint["parameters"]
        ]
        for name, endpoint in api["named_endpoints"].items()
    }
    assert offered == PROMISED
    for name, endpoint in api["named_endpoints"].items():
        needed = [
            each["parameter_name"]
            for each in endpoint["parameters"]
            if not each["parameter_has_default"]
        ]
        assert needed == (["text"] if name.endswith("score") else [])
        assert len(endpoint["returns"]) == 1
        assert endpoint["description"].endswith(".")
    assert not api["unnamed_endpoints"]


def test_the_documented_limits_are_those_that_are_checked(letters: Timeline) -> None:
    demo = build_demo([letters])
    docs = {
        function.api_name: str(function.fn.__doc__)
        for function in demo.fns.values()
        if function.api_visibility == "public"
    }
    for name in ("v1_generate", "v1_compare", "generate", "compare"):
        assert f"length: number of new characters; 1 to {MAX_LENGTH}." in docs[name]
    assert f"the first {MAX_OWN_TEXT:,} characters" in docs["v1_score"]


def test_generate_returns_what_the_package_returns(
    client: Client, url: str, bundled: Timeline
) -> None:
    arguments = {
        "model": "nietzsche",
        "epoch": "1",
        "seed_text": "The soul",
        "length": 300,
        "temperature": 0.8,
        "seed": 7,
    }
    text = bundled.generator(1).generate("the soul", length=300, temperature=0.8, seed=7)
    words = bundled.known_words(text, seed_text="the soul")
    assert words is not None
    assert client.predict(**arguments, api_name="/generate") == f"the soul{text}"
    assert over_http(url, "/generate", **arguments) == ("complete", [f"the soul{text}"])
    answer = {
        "prompt": "the soul",
        "notes": "Converted to lowercase: this model only knows lowercase.",
        "text": text,
        "known_words": round(words, 3),
    }
    assert client.predict(**arguments, api_name="/v1_generate") == answer
    assert over_http(url, "/v1_generate", **arguments) == ("complete", [answer])


@pytest.mark.parametrize(
    "setting",
    [{"top_k": 2}, {"top_p": 0.5}, {"min_p": 0.5}, {"no_repeat_ngram_size": 2}, {"seed": 9}],
    ids=str,
)
def test_every_setting_reaches_every_endpoint(
    client: Client, letters: Timeline, setting: dict[str, Any]
) -> None:
    common: dict[str, Any] = {"temperature": 2.0, "length": 60, "seed": 4}
    plain = letters.generator().generate("ab", **common)
    expected = letters.generator().generate("ab", **common | setting)
    assert plain != expected
    arguments = {"model": "letters", "seed_text": "ab", **common, **setting}
    assert client.predict(**arguments, api_name="/generate") == "ab" + expected
    assert client.predict(**arguments, api_name="/v1_generate")["text"] == expected
    compared = client.predict(**arguments, api_name="/compare")
    snapshots = client.predict(**arguments, api_name="/v1_compare")["snapshots"]
    for one in (*compared, *snapshots):
        assert (one["text"] == expected) == one["best"]


def test_generate_needs_no_argument_and_repeats_itself(client: Client) -> None:
    first = client.predict(api_name="/generate")
    assert first == client.predict(api_name="/generate")
    assert len(first) == len(PROMPT) + DEFAULT_LENGTH


def test_users_at_once_get_what_each_would_get_alone(client: Client, bundled: Timeline) -> None:
    jobs = {
        seed: client.submit(length=1000, temperature=0.9, seed=seed, api_name="/generate")
        for seed in range(20)
    }
    generator = bundled.generator()
    for seed, job in jobs.items():
        alone = generator.generate(PROMPT, length=1000, temperature=0.9, seed=seed)
        assert job.result() == PROMPT + alone


def test_generate_streams_growing_text(client: Client) -> None:
    pieces = list(client.submit(length=2000, seed=77, api_name="/generate"))
    assert len(pieces) > 1
    assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(pieces))
    assert len(pieces[-1]) > 2000


def renamed(answer: dict[str, Any], **names: str) -> dict[str, Any]:
    """Return an answer of version 0 with the field names of version 1."""
    return {names.get(name, name): value for name, value in answer.items()}


def test_compare_returns_what_every_snapshot_writes(
    client: Client, url: str, letters: Timeline
) -> None:
    arguments = {"model": "letters", "seed_text": "Xab", "length": 60, "seed": 3}
    expected = []
    for snapshot in letters.snapshots:
        text = letters.generator(step=snapshot.step).generate("ab", length=60, seed=3)
        words = letters.known_words(text, seed_text="ab")
        expected.append(
            {
                "epoch": snapshot.label,
                "step": snapshot.step,
                "bits_per_char": round(snapshot.val_bits_per_char, 3),
                "best": snapshot is letters.best,
                "seed_text": "ab",
                "text": text,
                "real_words": None if words is None else round(words, 3),
            }
        )
    assert client.predict(**arguments, api_name="/compare") == expected
    assert over_http(url, "/compare", **arguments) == ("complete", [expected])
    for one in expected:
        del one["seed_text"]
    names = {"bits_per_char": "val_bits_per_char", "real_words": "known_words"}
    assert client.predict(**arguments, api_name="/v1_compare") == {
        "prompt": "ab",
        "notes": "Removed characters this model does not know: X.",
        "snapshots": [renamed(one, **names) for one in expected],
    }


def test_snapshots_are_those_of_the_manifest(
    client: Client, url: str, letters: Timeline, bundled: Timeline
) -> None:
    for timeline, arguments in ((bundled, {}), (letters, {"model": "letters"})):
        expected = [
            {
                "epoch": snapshot.label,
                "step": snapshot.step,
                "bits_per_char": round(snapshot.val_bits_per_char, 3),
                "best": snapshot is timeline.best,
            }
            for snapshot in timeline.snapshots
        ]
        assert client.predict(**arguments, api_name="/snapshots") == expected
        assert over_http(url, "/snapshots", **arguments) == ("complete", [expected])
        newer = client.predict(**arguments, api_name="/v1_snapshots")
        assert newer == [renamed(one, bits_per_char="val_bits_per_char") for one in expected]
    for one in expected:  # its epochs are accepted
        assert client.predict(
            model="letters", epoch=one["epoch"], length=1, api_name="/generate"
        ).startswith("a bad ")


def test_score_returns_what_the_package_returns(
    client: Client, url: str, bundled: Timeline
) -> None:
    typed = "The superiority of the soul ☃"
    scored = client.predict(text=typed, epoch="4", api_name="/score")
    score = bundled.generator(4).score(typed)
    novelty = bundled.novelty(score.text)
    likely = [zip(*score.alternatives(place), strict=True) for place in range(1, len(score.text))]
    assert scored == {
        "text": "the superiority of the soul ",
        "bits": [None, *(score.nats / 0.6931471805599453).round(2).tolist()],
        "bits_per_char": round(score.bits_per_char, 2),
        "alternatives": [
            None,
            *(["".join(chars), [round(100 * p, 1) for p in shares]] for chars, shares in likely),
        ],
        "run": 20,
        "copied": [list(run) for run in novelty.runs],
        "longest": list(novelty.longest),
        "copied_share": round(novelty.copied_share, 4),
        "held_out_bits": round(bundled.manifest.find(epoch=4).val_bits_per_char, 2),
        "random_bits": 5.83,
        "symbols": 57,
        "notes": scored["notes"],
    }
    assert "'☃'" in scored["notes"][0]
    assert over_http(url, "/score", text=typed, epoch="4") == ("complete", [scored])
    names = {
        "held_out_bits": "val_bits_per_char",
        "random_bits": "random_bits_per_char",
        "symbols": "vocab_size",
        "run": "copied_run",
    }
    answer = client.predict(text=typed, epoch="4", api_name="/v1_score")
    assert answer == renamed(scored, **names) | {"notes": " ".join(scored["notes"])}


NO_NUMBERS: list[Any] = [None, [], "x"]
WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("/generate", {"length": 0}, "length must be a whole number from 1 to 2,000, received 0"),
    ("/generate", {"length": 10**9}, "length must be"),
    ("/generate", {"temperature": 99}, "temperature must be 0 (greedy) or a number from 0.01"),
    ("/generate", {"top_k": -1}, "top_k must be a whole number from 0 to 1,000,000, received -1"),
    ("/generate", {"top_p": 0}, "top_p must be"),
    ("/generate", {"min_p": 1.1}, "min_p must be"),
    ("/generate", {"no_repeat_ngram_size": 1}, "no_repeat_ngram_size must be"),
    ("/generate", {"seed": -1}, "seed must be"),
    ("/generate", {"epoch": "0.5"}, "no snapshot at epoch '0.5'; it has best, last, 0,"),
    ("/generate", {"model": []}, "no model []. Available: 'nietzsche', 'letters'"),
    ("/generate", {"model": "<img src=x>"}, "no model '&lt;img src=x&gt;'. Available"),
    ("/generate", {"seed_text": 5}, "seed_text must be a string, received int"),
    ("/compare", {"length": 2001}, "length must be"),
    ("/compare", {"model": {}}, "no model {}"),
    ("/compare", {"seed_text": None}, "seed_text must be a string, received NoneType"),
    ("/score", {"text": ""}, "needs at least 2 characters that this model knows; this one has 0"),
    ("/score", {"text": "☃☃☃"}, "this one has 0 (unknown: '☃' (3 times))"),
    ("/score", {"text": ["ab"]}, "text must be a string, received list"),
    ("/score", {"text": "ab", "epoch": "<b>"}, "no snapshot at epoch '&lt;b&gt;'"),
    ("/score", {"text": "ab", "model": 1}, "no model 1"),
    ("/snapshots", {"model": "<b>"}, "no model '&lt;b&gt;'"),
    *(
        (name, {setting: value}, f"{setting} must be")
        for name in ("/generate", "/compare")
        for setting, kind, _ in SAMPLING
        if kind != "string"
        for value in NO_NUMBERS
    ),
]


@pytest.mark.parametrize(("name", "arguments", "message"), WRONG)
def test_values_out_of_range_are_explained(
    client: Client, url: str, name: str, arguments: dict[str, Any], message: str
) -> None:
    for version in ("/", "/v1_"):
        with pytest.raises(AppError) as error:
            client.predict(**arguments, api_name=version + name.removeprefix("/"))
        assert message in str(error.value)
    kind, answer = over_http(url, name, **arguments)
    assert kind == "error"
    assert message in str(answer)


def test_half_of_a_surrogate_pair_is_removed(url: str) -> None:
    kind, (text,) = over_http(url, "/generate", model="letters", seed_text="ab\ud83d", length=1)
    assert kind == "complete"
    assert text[:-1] == "ab"
