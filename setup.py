"""What pyproject.toml cannot say: a wheel holds the model card's template inside the package."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

TEMPLATE = "model_card.md"


class BuildWithTemplate(build_py):
    """Copies the template to where `textgen.manifest.card` looks for it."""

    def run(self) -> None:
        """Build the package's files."""
        super().run()
        if not self.editable_mode:
            shutil.copyfile(TEMPLATE, Path(self.build_lib, "textgen", "manifest", TEMPLATE))


setup(cmdclass={"build_py": BuildWithTemplate})
