"""Measures the app in a browser: how soon it can be used, and how smoothly it then runs.

All times come from the browser's own clock, `performance.now()`.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, Page, sync_playwright

WORDS = ("truth", "woman", "music", "spirit", "nature", "reason", "pity", "power", "duty", "love")
USABLE = {
    "ours": """() => document.querySelector('#output .written')?.textContent &&
        document.querySelector('#write')?.checkVisibility() &&
        document.querySelector('#curve input[type=range]')?.checkVisibility() &&
        document.querySelector('#seed-text textarea')?.checkVisibility() &&
        document.querySelectorAll('#curve .dot').length""",
    "empty": "() => document.querySelector('#empty')?.checkVisibility()",
}
# Stores the time of the frame after the one in which the page became usable.
WATCH_LOAD = """(() => {
    const usable = %s;
    const watcher = new MutationObserver(() => {
        if (!usable()) return;
        watcher.disconnect();
        requestAnimationFrame(() => setTimeout(() => (globalThis.usableAt = performance.now())));
    });
    watcher.observe(document, { childList: true, subtree: true, attributes: true });
})()"""
WATCH_WRITING = """() => {
    const [written, coming] = ['.written', '.coming'].map((one) =>
        document.querySelector(`#output ${one}`));
    document.querySelector('#write').addEventListener('click', () => {
        const pressed = performance.now();
        globalThis.shownAfter = null;
        const watcher = new MutationObserver(() => {
            // Only during writing are some characters shown and others still to come.
            if (!written.textContent || !coming.textContent) return;
            watcher.disconnect();
            requestAnimationFrame(() => setTimeout(() =>
                (globalThis.shownAfter = performance.now() - pressed)));
        });
        watcher.observe(document.querySelector('#output'),
            { childList: true, subtree: true, characterData: true });
    }, { capture: true });
}"""
WATCH_SCRUBBER = """() => {
    globalThis.moves = [];
    const text = document.querySelector('#output .passage');
    let before = text.textContent;
    document.querySelector('#curve input[type=range]').addEventListener('input', (event) => {
        // After all other listeners: first layout, then paint in the next frame.
        queueMicrotask(() => setTimeout(() => {
            text.getBoundingClientRect();
            const laid = performance.now() - event.timeStamp;
            const changed = text.textContent !== before;
            before = text.textContent;
            requestAnimationFrame(() => setTimeout(() => globalThis.moves.push(
                { laid, changed, painted: performance.now() - event.timeStamp })));
        }));
    });
}"""
WATCH_FRAMES = """() => {
    globalThis.frames = [];
    globalThis.longTasks = [];
    globalThis.watcher = new PerformanceObserver((list) =>
        longTasks.push(...list.getEntries().map((one) => one.duration)));
    watcher.observe({ type: 'longtask' });
    let last = performance.now();
    const frame = (now) => {
        if (!globalThis.frames) return;
        frames.push(now - last);
        last = now;
        requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
}"""
SETTLED = """() => !document.querySelector('#output .coming').textContent &&
    Object.keys(textgen.passage.texts).length === textgen.snapshots.length"""


@dataclass(frozen=True)
class Smoothness:
    """How smoothly a text of 2,000 characters was written: longest frame and task, in ms."""

    longest_frame: float
    frames: int
    longest_task: float
    tasks: int


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium, and stop it when the context ends."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        browser.close()


def load(browser: Browser, url: str, kind: str) -> float:
    """Return the seconds until a new user, with an empty cache, can use a page."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    try:
        page = context.new_page()
        page.add_init_script(WATCH_LOAD % USABLE[kind])
        page.goto(url, wait_until="commit")
        found = page.wait_for_function("globalThis.usableAt", timeout=60_000)
        return float(found.json_value()) / 1000
    finally:
        context.close()


def open_page(browser: Browser, url: str) -> Page:
    """Open the app and wait until the text of every snapshot has arrived."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(url)
    page.wait_for_function("globalThis.textgen?.passage")
    settle(page)
    return page


def settle(page: Page) -> None:
    """Wait until no text is being written."""
    for _ in range(2):  # one answer may trigger another
        page.wait_for_timeout(400)
        page.wait_for_function(SETTLED, timeout=60_000)


def first_characters(page: Page, presses: int) -> list[float]:
    """Return the milliseconds from each click on Write to the first characters of a new text."""
    page.evaluate(WATCH_WRITING)
    waits = []
    for press in range(presses):
        word = WORDS[press % len(WORDS)]
        page.locator("#seed-text textarea").fill(f"{word} and {WORDS[press // len(WORDS)]} are ")
        page.locator("#write").click()
        found = page.wait_for_function("globalThis.shownAfter", timeout=30_000)
        waits.append(float(found.json_value()))
        settle(page)
    return waits


def scrub(page: Page) -> list[dict[str, float]]:
    """Move the scrubber over all snapshots and back; return the milliseconds of each move."""
    scrubber = page.locator("#curve input[type=range]")
    snapshots = page.evaluate("textgen.snapshots.length")
    scrubber.focus()
    scrubber.press("Home")
    page.wait_for_timeout(300)
    page.evaluate(WATCH_SCRUBBER)
    for key in ["ArrowRight"] * (snapshots - 1) + ["ArrowLeft"] * (snapshots - 1):
        scrubber.press(key)
        page.wait_for_timeout(60)
    moves: list[dict[str, float]] = page.evaluate("globalThis.moves")
    if len(moves) != 2 * (snapshots - 1) or not all(move["changed"] for move in moves):
        raise SystemExit(f"Some moves of the scrubber did not change the text: {moves}")
    return moves


def stream(page: Page, number: int) -> Smoothness:
    """Have the app write 2,000 characters, and return how smoothly it did."""
    page.locator("#length input[type=number]").fill("2000")
    page.locator("#length input[type=number]").press("Tab")
    settle(page)
    page.locator("#seed-text textarea").fill(f"{WORDS[number]} with {WORDS[number]} is ")
    page.evaluate(WATCH_FRAMES)
    page.locator("#write").click()
    page.wait_for_function("document.querySelector('#output .coming').textContent")
    deadline = time.monotonic() + 60
    done = "!document.querySelector('#output .coming').textContent && textgen.written().text.length"
    while page.evaluate(done) != 2000:
        if time.monotonic() > deadline:
            raise SystemExit("The 2,000 characters were not written within a minute.")
        time.sleep(0.2)
    frames, tasks = page.evaluate(
        "() => { const all = [frames, longTasks]; frames = null; watcher.disconnect(); return all }"
    )
    settle(page)
    return Smoothness(max(frames), len(frames), max(tasks, default=0), len(tasks))
