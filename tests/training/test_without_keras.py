"""What the command line needs before training starts works without Keras or Matplotlib."""

import subprocess
import sys

from tests.support.paths import ROOT

HEAVY = ("keras", "tensorflow", "jax", "torch", "matplotlib")
LIGHT = (
    "data",
    "output",
    "prompt",
    "publisher",
    "recipes",
    "resume",
    "schedule",
    "setup",
    "tracking",
)

# `None` in place of a module makes every import of it fail, as if it were not installed.
SCRIPT = f"""
import importlib, sys
for name in {HEAVY}:
    sys.modules[name] = None
for name in {LIGHT}:
    importlib.import_module("textgen.training." + name)
"""


def test_modules_that_do_not_train_need_no_keras() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
