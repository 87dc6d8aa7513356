"""Messages between service and browser: the same in Python, JavaScript and the fixtures."""

import re
import typing
from pathlib import Path
from typing import Any

import pytest

from tests.support.paths import WEB
from tests.support.wire import FIXTURES, answers, fixture
from textgen.service import wire
from textgen.service.request import Request

TYPES = (WEB / "types.js").read_text(encoding="utf-8")
TYPED = {
    name: one
    for name, one in vars(wire).items()
    if typing.is_typeddict(one) and name != "CopiedRuns"  # a part of Surprise
}


def properties(name: str) -> list[str]:
    """Return the properties of a type in JSDoc."""
    (comment,) = [
        one
        for one in re.findall(r"/\*\*.*?\*/", TYPES, re.S)
        if f"@typedef {{object}} {name}\n" in one
    ]
    return re.findall(r"@property \{.*\} (\w+)", comment)


def test_every_type_is_declared_in_javascript_too() -> None:
    declared = set(re.findall(r"@typedef \{object\} (\w+)", TYPES))
    assert declared == set(TYPED)


@pytest.mark.parametrize("name", TYPED)
def test_a_type_has_the_same_properties_in_javascript(name: str) -> None:
    assert sorted(properties(name)) == sorted(typing.get_type_hints(TYPED[name]))


@pytest.mark.parametrize("name", TYPED)
def test_a_type_documents_each_of_its_properties(name: str) -> None:
    doc, hints = str(TYPED[name].__doc__), typing.get_type_hints(TYPED[name])
    inherited = str(wire.CopiedRuns.__doc__) if name == "Surprise" else ""
    if name != "Snippet":  # its names need no explanation
        assert not [each for each in hints if f"{each}" not in doc + inherited]


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return answers(tmp_path_factory.mktemp("wire"))


def test_the_fixtures_are_what_the_service_returns(answered: dict[str, Any]) -> None:
    assert {path.stem for path in FIXTURES.glob("*.json")} == set(answered)
    for name, value in answered.items():
        assert fixture(name) == value, "python -m tests.support.wire writes it again"


@pytest.mark.parametrize(
    "name", ["question", "passage", "curve", "temperatures", "surprise", "reuse"]
)
def test_the_fixtures_have_the_properties_of_their_types(name: str) -> None:
    assert set(fixture(name)) == set(typing.get_type_hints(TYPED[name.capitalize()]))


def test_the_parts_of_the_fixtures_have_the_properties_of_their_types() -> None:
    curve = fixture("curve")
    for name, parts in (("SnapshotSummary", curve["snapshots"]), ("Rung", curve["rungs"])):
        for part in parts:
            assert set(part) == set(typing.get_type_hints(TYPED[name]))


def test_a_question_becomes_its_request() -> None:
    question = fixture("question")
    request = Request(**question)
    assert request.question == question
    assert fixture("passage")["question"] == question
    assert fixture("passage")["link"] == request.link()


def test_the_scripts_read_only_properties_that_exist() -> None:
    known = {each for one in TYPED.values() for each in typing.get_type_hints(one)}
    known |= {"request_id", "run", "start"}  # of an answer
    scripts = "".join(path.read_text("utf-8") for path in sorted(Path(WEB).glob("*.js")))
    read = set(re.findall(r"\bpassage\??\.(\w+)", scripts))
    read |= set(re.findall(r"\bquestion\.(\w+)", scripts))
    assert read <= known
