"""Turns: so many at once, the urgent first, and handed over in order."""

import threading
import time

from textgen.turns import Turns


def test_turns_go_to_the_urgent_first_then_in_order() -> None:
    turns, went = Turns(1), list[str]()

    def go(name: str, urgent: bool) -> None:
        with turns.taken(urgent=urgent):
            went.append(name)

    threads = []
    with turns.taken(urgent=False):
        for name, urgent in (("a", False), ("b", True), ("c", False), ("d", True)):
            waiting = turns.waiting
            threads.append(threading.Thread(target=go, args=(name, urgent)))
            threads[-1].start()
            while turns.waiting == waiting:
                time.sleep(0.001)
        assert not went
    for thread in threads:
        thread.join()
    assert went == ["b", "d", "a", "c"]
    assert not turns.waiting


def test_no_more_than_so_many_have_a_turn_and_an_error_ends_it() -> None:
    turns, most, now, lock = Turns(3), 0, 0, threading.Lock()

    def go() -> None:
        nonlocal most, now
        for _ in range(20):
            try:
                with turns.taken(urgent=False):
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
