#!/usr/bin/env python3
"""Pictures for the README: screenshots and a short animation, made from the real page.

    python pictures/make.py
    python pictures/make.py --into /tmp/pictures --chromium /opt/chrome

Starts the page on the bundled timeline and looks at it through Chromium. Nothing in them is drawn
by hand or left to chance: the texts follow from the dice, and while the play is filmed the
browser's clock goes on only between two frames. The machine's fonts alone make a difference.
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
SHARPNESS = 1.5  # pixels to a point, for screens that have them
FRAME_MS, LAST_FRAME_MS, TIMES = 1000, 4000, 5  # played so often, it rests on its best
COLOURS = 128  # of a screenshot: two inks and their edges need no more
TICK_MS = 100
ANIMATION = "learning.webp"


def main() -> int:
    """Make all pictures and return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--into", type=Path, default=HERE, help="directory (default: %(default)s)")
    parser.add_argument(
        "--chromium",
        default=shutil.which("chromium") or shutil.which("chromium-browser"),
        help="the browser to look through (default: %(default)s)",
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
            "inside.png": tab(browser, address, "Look inside", "#surprise"),
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
    """Serve the page until the exit, and give its address."""
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
    """Return the page in a window of this size, every snapshot's text written."""
    page = browser.new_page(
        viewport={"width": width, "height": height},
        device_scale_factor=SHARPNESS,
        reduced_motion="reduce",
    )
    page.goto(f"{address}?__theme={theme}")
    page.wait_for_function(
        "() => globalThis.textgen?.passage && textgen.snapshots.every(textgen.written)"
    )
    return page


def shot(page: Page, clip: FloatRect | None = None) -> Image.Image:
    """Return what is to be seen in the window, or in a part of the page."""
    return Image.open(io.BytesIO(page.screenshot(clip=clip, full_page=clip is not None)))


def around(page: Page, *selectors: str, margin: float = 16) -> FloatRect:
    """Return the part of the page that holds some elements."""
    boxes = [box for selector in selectors if (box := page.locator(selector).bounding_box())]
    left, top = (min(box[edge] for box in boxes) - margin for edge in ("x", "y"))
    right = max(box["x"] + box["width"] for box in boxes) + margin
    bottom = max(box["y"] + box["height"] for box in boxes) + margin
    return {"x": left, "y": top, "width": right - left, "height": bottom - top}


def whole_page(browser: Browser, address: str) -> Image.Image:
    """The curve, the text and what can be set, as on a desk."""
    page = opened(browser, address, 1280, 900)
    return shot(page, around(page, "#title", "#top", margin=20))


def phone(browser: Browser, address: str) -> Image.Image:
    """The first screen of a phone, by night."""
    return shot(opened(browser, address, 390, 844, "dark"))


def tab(browser: Browser, address: str, name: str, selector: str) -> Image.Image:
    """One of the tabs, filled."""
    page = opened(browser, address, 1280, 1600)
    page.get_by_role("tab", name=name).click()
    page.locator(f"{selector} button").first.wait_for()
    page.mouse.move(0, 0)
    return shot(page, around(page, selector))


def film(browser: Browser, address: str) -> list[Image.Image]:
    """The play from noise to its best: a frame for each snapshot."""
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
    """Return a picture in few colours, which takes a third of the room and looks the same."""
    return picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)


def animate(frames: Sequence[Image.Image], path: Path) -> None:
    """Write an animation: WebP without loss, 295 kB where GIF took 416 and few colours."""
    first, *others = (frame.convert("RGB") for frame in frames)
    durations = [FRAME_MS] * len(others) + [LAST_FRAME_MS]
    first.save(
        path,
        save_all=True,
        append_images=others,
        duration=durations,
        loop=TIMES,
        lossless=True,
        quality=100,  # of the search for what is smallest
        method=6,
    )


if __name__ == "__main__":
    sys.exit(main())
