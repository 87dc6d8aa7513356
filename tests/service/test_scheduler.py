"""Turns: so many at once, by rank, and handed over in order."""

import threading
import time

from textgen.service.scheduler import Turns


def test_turns_go_by_rank_then_in_order() -> None:
    turns, went = Turns(1), list[str]()

    def go(name: str, rank: int) -> None:
        with turns.taken(rank=rank):
            went.append(name)

    threads = []
    with turns.taken(rank=2):
        for name, rank in (("a", 2), ("b", 1), ("c", 2), ("d", 0), ("e", 1)):
            waiting = turns.waiting
            threads.append(threading.Thread(target=go, args=(name, rank)))
            threads[-1].start()
            while turns.waiting == waiting:
                time.sleep(0.001)
        assert not went
    for thread in threads:
        thread.join()
    assert went == ["d", "b", "e", "a", "c"]
    assert not turns.waiting


def test_no_more_than_so_many_have_a_turn_and_an_error_ends_it() -> None:
    turns, most, now, lock = Turns(3), 0, 0, threading.Lock()

    def go() -> None:
        nonlocal most, now
        for _ in range(20):
            try:
                with turns.taken(rank=2):
                    with lock:
                        now += 1
                        most = max(most, now)
                    time.sleep(0.0005)
                    with lock:
                        now -= 1
                    raise ValueError
            except ValueError:
                pass

    threads = [threading.Thread(target=go) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 3
    assert not now
