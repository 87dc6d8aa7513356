"""The semaphore lets a limited number of threads in, by priority, then in order."""

import threading
import time

from textgen.service.scheduler import PrioritySemaphore


def test_threads_go_by_priority_then_in_order() -> None:
    semaphore, went = PrioritySemaphore(1), list[str]()

    def go(name: str, priority: int) -> None:
        with semaphore.acquire(priority=priority):
            went.append(name)

    threads = []
    with semaphore.acquire(priority=2):
        for name, priority in (("a", 2), ("b", 1), ("c", 2), ("d", 0), ("e", 1)):
            waiting = len(semaphore._waiting)
            threads.append(threading.Thread(target=go, args=(name, priority)))
            threads[-1].start()
            while len(semaphore._waiting) == waiting:
                time.sleep(0.001)
        assert not went
    for thread in threads:
        thread.join()
    assert went == ["d", "b", "e", "a", "c"]
    assert not semaphore._waiting


def test_the_limit_holds_and_an_error_frees_a_place() -> None:
    semaphore, most, now, lock = PrioritySemaphore(3), 0, 0, threading.Lock()

    def go() -> None:
        nonlocal most, now
        for _ in range(20):
            try:
                with semaphore.acquire(priority=2):
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
