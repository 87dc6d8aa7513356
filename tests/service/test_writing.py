"""Cached texts are those that would be written again, also with many users at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.requests import REQUEST, SETTINGS, asking, expected, text_of, texts
from textgen import Timeline
from textgen.service.request import Request
from textgen.service.service import Service


def test_the_cache_changes_no_answer(timeline: Timeline) -> None:
    service = Service([timeline])
    requests = [
        asking(temperature=2.0),
        *(asking(**{"temperature": 2.0} | one) for one in SETTINGS),
    ]
    requests += [asking(seed_text="ab"), asking(seed_text="ab "), asking(temperature=1)]
    requests += [asking(epoch=epoch) for epoch in ("best", "last", "0")]
    for _ in range(2):
        for request in requests:
            assert text_of(service, request) == expected(timeline, request)
            *_, passage = service.compare(request)
            assert texts(passage)[200] == expected(timeline, request, 200)


def test_a_cached_text_is_not_written_again(
    timeline: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Service([timeline, timeline])
    *_, first = service.compare(REQUEST)
    monkeypatch.setattr(Request, "stream", lambda *_: iter(["other"]))
    *_, again = service.compare(asking(epoch=0, model="letters (2)"))
    assert again["texts"] == first["texts"]
    assert text_of(service, asking(length=61)) == "other"


def test_more_texts_than_the_cache_keeps_are_all_right(
    timeline: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("textgen.service.writing.CACHED_TEXTS", 3)
    monkeypatch.setattr("textgen.service.models.CACHED_BYTES", 2 * 4 * timeline.config.parameters)
    service = Service([timeline])
    for _ in range(2):
        *_, passage = service.compare(REQUEST)
        assert texts(passage) == {
            snapshot.step: expected(timeline, REQUEST, snapshot.step)
            for snapshot in timeline.snapshots
        }
    assert len(service._writer._texts) == 3
    assert len(service.catalog._generators) == 2


def test_users_at_once_get_what_each_would_get_alone(
    timeline: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("textgen.service.writing.CACHED_TEXTS", 5)
    monkeypatch.setattr("textgen.service.models.CACHED_BYTES", 2 * 4 * timeline.config.parameters)
    service = Service([timeline])
    requests = [asking(seed=seed, epoch=epoch) for seed in range(5) for epoch in (0, 0.5, 1, 2)]
    alone = [expected(timeline, request) for request in requests]
    with ThreadPoolExecutor(8) as users:
        for _ in range(3):
            assert list(users.map(lambda request: text_of(service, request), requests)) == alone
