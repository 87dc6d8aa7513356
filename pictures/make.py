#!/usr/bin/env python3
"""Make the README's pictures (screenshots and a short animation) from the real app.

    python pictures/make.py
    python pictures/make.py --into /tmp/pictures --chromium /opt/chrome

Starts the app with the bundled timeline and takes pictures of it in Chromium. Nothing is drawn by
hand, and nothing is random: the random seed decides the texts, and during the animation the
browser's clock runs only between two frames. Only the machine's fonts make a difference.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import shutil
import socket
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from PIL import Image
from playwright.sync_api import Browser, FloatRect, Page, sync_playwright

from textgen import Timeline
from textgen.page.app import build_demo, launch_options

HERE = Path(__file__).parent
BUNDLED = HERE.parent / "pretrained" / "nietzsche"
PIXEL_RATIO = 1.5  # device pixels per CSS pixel, for sharp screens
FRAME_MS, LAST_FRAME_MS, LOOPS = 1000, 4000, 5  # it pauses on the best snapshot
COLORS = 128  # in a screenshot; two ink colors and their edges need no more
TICK_MS = 100
ANIMATION = "learning.webp"


def main() -> int:
    """Make all pictures; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--into", type=Path, default=HERE, help="directory to write to (default: %(default)s)"
    )
    parser.add_argument(
        "--chromium",
        default=shutil.which("chromium") or shutil.which("chromium-browser"),
        help="the browser's executable (default: %(default)s)",
    )
    arguments = parser.parse_args()
    arguments.into.mkdir(parents=True, exist_ok=True)
    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=arguments.chromium, args=["--no-sandbox"]
        )
        pictures = {
            "page.png": whole_page(browser, address),
            "phone.png": phone(browser, address),
            "temperatures.png": tab(browser, address, "Temperatures", "#temperatures"),
            "surprise.png": tab(browser, address, "Surprise", "#surprise"),
        }
        for name, picture in pictures.items():
            reduced(picture).save(arguments.into / name, optimize=True)
        animate(film(browser, address), arguments.into / ANIMATION)
        browser.close()
    for name in (*pictures, ANIMATION):
        print(f"{name:16} {(arguments.into / name).stat().st_size / 1000:4.0f} kB")
    return 0


@contextlib.contextmanager
def served() -> Iterator[str]:
    """Serve the app while the context lasts, and yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    demo = build_demo([Timeline.from_pretrained(BUNDLED)])
    _, address, _ = demo.launch(
        prevent_thread_lock=True, quiet=True, server_port=port, **launch_options()
    )
    try:
        yield address
    finally:
        demo.close(verbose=False)


def opened(browser: Browser, address: str, width: int, height: int, theme: str = "light") -> Page:
    """Open the app in a window of this size; return it once every snapshot's text is there."""
    page = browser.new_page(
        viewport={"width": width, "height": height},
        device_scale_factor=PIXEL_RATIO,
        reduced_motion="reduce",
    )
    page.goto(f"{address}?__theme={theme}")
    page.wait_for_function(
        "() => globalThis.textgen?.passage && textgen.snapshots.every(textgen.written)"
    )
    return page


def shot(page: Page, clip: FloatRect | None = None) -> Image.Image:
    """Return a screenshot of the window, or of a part of the page."""
    return Image.open(io.BytesIO(page.screenshot(clip=clip, full_page=clip is not None)))


def around(page: Page, *selectors: str, margin: float = 16) -> FloatRect:
    """Return the rectangle around some elements, with a margin in CSS pixels."""
    boxes = [box for selector in selectors if (box := page.locator(selector).bounding_box())]
    left, top = (min(box[edge] for box in boxes) - margin for edge in ("x", "y"))
    right = max(box["x"] + box["width"] for box in boxes) + margin
    bottom = max(box["y"] + box["height"] for box in boxes) + margin
    return {"x": left, "y": top, "width": right - left, "height": bottom - top}


def whole_page(browser: Browser, address: str) -> Image.Image:
    """Return the learning curve, the text and the settings on a desktop screen."""
    page = opened(browser, address, 1280, 900)
    return shot(page, around(page, "#title", "#top", margin=20))


def phone(browser: Browser, address: str) -> Image.Image:
    """Return the first screen on a phone, in dark mode."""
    return shot(opened(browser, address, 390, 844, "dark"))


def tab(browser: Browser, address: str, name: str, selector: str) -> Image.Image:
    """Return one of the tabs, with its content."""
    page = opened(browser, address, 1280, 1600)
    page.get_by_role("tab", name=name).click()
    page.locator(f"{selector} button").first.wait_for()
    page.mouse.move(0, 0)
    return shot(page, around(page, selector))


def film(browser: Browser, address: str) -> list[Image.Image]:
    """Return one frame per snapshot, from random letters to the best snapshot."""
    page = opened(browser, address, 660, 900)
    page.clock.install()
    page.get_by_role("button", name="Watch it learn").click()
    page.mouse.move(0, 0)
    part = around(page, "#curve", "#output .passage", margin=10)
    frames = [shot(page, part)]
    while not page.evaluate("textgen.chosen.best"):
        step = page.evaluate("textgen.chosen.step")
        while page.evaluate("textgen.chosen.step") == step:
            page.clock.run_for(TICK_MS)
        frames.append(shot(page, part))
    return frames


def reduced(picture: Image.Image) -> Image.Image:
    """Return a picture with few colors; the file is a third of the size and looks the same."""
    return picture.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)


def animate(frames: Sequence[Image.Image], path: Path) -> None:
    """Write a lossless WebP animation: 295 kB, while a GIF took 416 kB and had few colors."""
    first, *others = (frame.convert("RGB") for frame in frames)
    durations = [FRAME_MS] * len(others) + [LAST_FRAME_MS]
    first.save(
        path,
        save_all=True,
        append_images=others,
        duration=durations,
        loop=LOOPS,
        lossless=True,
        quality=100,  # effort, in lossless mode: the smallest file
        method=6,
    )


if __name__ == "__main__":
    sys.exit(main())
