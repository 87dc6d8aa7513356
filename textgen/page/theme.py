"""The page's colors and fonts: ink on paper, light and dark."""

from __future__ import annotations

import gradio as gr
from gradio.themes.utils.colors import Color

INK = Color(
    name="ink",
    c50="#eef3fb",
    c100="#d9e4f5",
    c200="#b6caea",
    c300="#8caadc",
    c400="#6389ca",
    c500="#416bb4",
    c600="#2f5597",
    c700="#26457b",
    c800="#1f3862",
    c900="#1a2d4d",
    c950="#111d33",
)
PAPER = Color(
    name="paper",
    c50="#fdfbf7",
    c100="#f7f3ea",
    c200="#ebe4d6",
    c300="#d8cfbd",
    c400="#a89e8b",
    c500="#746b5b",
    c600="#5d5548",
    c700="#453f36",
    c800="#2a2621",
    c900="#1d1a17",
    c950="#141210",
)


def theme() -> gr.themes.Base:
    """Return the theme; it uses installed fonts and fetches none."""
    sans = ("system-ui", "sans-serif")
    return gr.themes.Base(
        primary_hue=INK, neutral_hue=PAPER, font=sans, font_mono=("ui-monospace", "monospace")
    ).set(
        body_text_color_subdued="*neutral_500",
        body_text_color_subdued_dark="*neutral_400",
        body_background_fill="*neutral_50",
        body_background_fill_dark="*neutral_950",
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        block_border_width="0px",
        block_border_width_dark="0px",
        block_padding="0px",
        block_label_background_fill="transparent",
        block_label_background_fill_dark="transparent",
        block_title_text_weight="600",
        block_title_text_color="*body_text_color",
        block_title_text_color_dark="*body_text_color",
        block_info_text_color="*neutral_500",
        block_info_text_color_dark="*neutral_400",
        input_background_fill="white",
        input_background_fill_dark="*neutral_900",
        input_border_width="1px",
        input_border_color="*neutral_300",
        input_border_color_dark="*neutral_700",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
        button_primary_background_fill_dark="*primary_600",
        button_primary_background_fill_hover_dark="*primary_500",
        button_primary_text_color="white",
        color_accent="*primary_600",
        slider_color="*primary_600",
        slider_color_dark="*primary_400",
    )
