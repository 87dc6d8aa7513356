"""textgen: watch a character-level LSTM learn to write.

`TextGenerator` generates text with one snapshot of a model, `Timeline` contains all snapshots, and
`train` trains a model. Modules that need Keras are imported when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from textgen.config import ModelConfig, TrainConfig
from textgen.errors import TextGenError
from textgen.generation.evaluation import Evaluation, Score, evaluate
from textgen.manifest.records import Publication, Snapshot
from textgen.network.engine import Engine
from textgen.text.corpus import Corpus, read_corpus
from textgen.text.novelty import Novelty
from textgen.text.vocabulary import Vocabulary
from textgen.timeline.generator import TextGenerator
from textgen.timeline.timeline import Timeline
from textgen.training.recipes import Recipe, get_recipe
from textgen.version import __version__

if TYPE_CHECKING:
    from textgen.network.model import build_model
    from textgen.training.run import train

_NEED_KERAS = {"build_model": "textgen.network.model", "train": "textgen.training.run"}

__all__ = [
    "Corpus",
    "Engine",
    "Evaluation",
    "ModelConfig",
    "Novelty",
    "Publication",
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
