"""Where Python meets the browser: the scripts of `textgen/web/`, and the little that calls them.

All JavaScript in Python strings is here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from textgen.service.request import CONTROLS

WEB = Path(__file__).parents[1] / "web"

# These run in the browser before an event does, and add what only the browser knows; the second
# brings the text in sight as well: on a phone it is not on the button's screen.
ASK = "(...values) => textgen.ask(values)"
ASK_IN_SIGHT = "(...values) => textgen.ask(values, document.querySelector('#output'))"
# Runs in place of an event, and builds what was folded away.
UNFOLD = "() => ({ __type__: 'update', visible: true })"


def styles() -> list[Path]:
    """Return the style sheets."""
    return sorted(WEB.glob("*.css"))


def _scripts() -> list[Path]:
    return [path for path in sorted(WEB.glob("*.js")) if path.name != "types.js"]


def head() -> str:
    """Return the scripts for the page's head, and the limits that they read."""
    limits = {name: {"least": one.least, "most": one.most} for name, one in CONTROLS.items()}
    scripts = (path.read_text(encoding="utf-8") for path in _scripts())
    return "\n".join(
        [
            "<script>",
            f"globalThis.textgen = {{ limits: {json.dumps(limits)} }};",
            *scripts,
            "</script>",
        ]
    )


def browser_part(
    part: str,
    value: Any = None,
    *,
    heading: str | None = None,
    events: Sequence[str] = (),
    elem_id: str | None = None,
    **props: Any,
) -> gr.HTML:
    """Return a component whose value `web/PART.js` draws.

    Args:
        part: the function's name in the browser.
        value: JSON.
        heading: what stands there, for who goes through the page by headings; it is not seen.
        events: the names that it triggers; Gradio finds them in the script. One that is "wanted"
            comes whenever it is in sight and what it shows is out of date.
        elem_id: default the part's name.
        props: more for the function to read.
    """
    script = f"textgen.{part}(element, props, watch, trigger); // {', '.join(map(repr, events))}"
    if "wanted" in events:
        script += "\ntextgen.whenSeen(element, () => trigger('wanted'));"
    unseen = "" if heading is None else f"<h2 class='unseen'>{heading}</h2>"
    return gr.HTML(
        value,
        html_template=f"{unseen}<div class='{part}'></div>",
        js_on_load=f"element = element.lastElementChild;\n{script}",
        apply_default_css=False,
        elem_id=elem_id or part,
        **props,
    )
