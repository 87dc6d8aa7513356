"""Connects Python and the browser: loads the scripts of `textgen/web/` and calls them.

No other module has JavaScript in Python strings.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from textgen.service.request import CONTROLS

WEB = Path(__file__).parents[1] / "web"

# These run in the browser before an event is sent, and add what only the browser knows. The second
# also scrolls to the text, which on a phone is far from the button.
ASK = "(...values) => textgen.ask(values)"
ASK_IN_SIGHT = "(...values) => textgen.ask(values, document.querySelector('#output'))"
# Runs before another model is shown. The user may have chosen again while this event waited.
WANTED = "() => textgen.wanted"
# Runs instead of an event, and renders the folded settings.
UNFOLD = "() => ({ __type__: 'update', visible: true })"


def styles() -> list[Path]:
    """Return the style sheets."""
    return sorted(WEB.glob("*.css"))


def _scripts() -> list[Path]:
    return [path for path in sorted(WEB.glob("*.js")) if path.name != "types.js"]


def head() -> str:
    """Return the scripts for the page's head, with the limits that they use."""
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
    """Return a component whose value is drawn by `web/PART.js`.

    Args:
        part: the name of the function in the browser.
        value: data that JSON can represent.
        heading: an invisible heading for screen readers.
        events: the events that it triggers; Gradio finds their names in the script. "wanted" is
            triggered when the part is visible and out of date.
        elem_id: default `part`.
        props: more properties for the function.
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
