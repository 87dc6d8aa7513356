"""Where things are in the clone that is tested."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
BUNDLED = ROOT / "pretrained" / "nietzsche"
WEB = ROOT / "textgen" / "web"
