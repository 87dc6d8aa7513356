"""textgen: a character-level LSTM that can be watched learning to write.

`TextGenerator` writes with one snapshot of a model, `Timeline` holds them all, `train` makes one.
What needs Keras is imported when it is first used, so that writing stays quick to start.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from textgen.config import ModelConfig, TrainConfig
from textgen.corpus import Corpus, read_corpus
from textgen.engine import Engine
from textgen.errors import TextGenError
from textgen.evaluation import Evaluation, evaluate
from textgen.generator import TextGenerator
from textgen.manifest import Snapshot
from textgen.novelty import Novelty
from textgen.recipes import Recipe, get_recipe
from textgen.scoring import Score
from textgen.timeline import Timeline
from textgen.version import __version__
from textgen.vocabulary import Vocabulary

if TYPE_CHECKING:
    from textgen.model import build_model
    from textgen.training import train

_NEED_KERAS = {"build_model": "textgen.model", "train": "textgen.training"}

__all__ = [
    "Corpus",
    "Engine",
    "Evaluation",
    "ModelConfig",
    "Novelty",
    "Recipe",
    "Score",
    "Snapshot",
    "TextGenError",
    "TextGenerator",
    "Timeline",
    "TrainConfig",
    "Vocabulary",
    "__version__",
    "build_model",
    "evaluate",
    "get_recipe",
    "read_corpus",
    "train",
]


def __getattr__(name: str) -> Any:
    if name in _NEED_KERAS:
        return getattr(import_module(_NEED_KERAS[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
