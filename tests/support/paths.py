"""Paths in the clone that is being tested."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
BUNDLED = ROOT / "pretrained" / "nietzsche"
WEB = ROOT / "textgen" / "web"
