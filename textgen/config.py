"""The settings of a model and of its training: frozen, validated, each default in one place."""

from __future__ import annotations

from dataclasses import MISSING, dataclass

from textgen.checks import check_settings, setting
from textgen.errors import ConfigError

MAX_LSTM_LAYERS = 4
ENCODINGS = ("embedding", "one_hot", "scaled")
TARGETS = ("all", "last")
OPTIMIZERS = ("adamw", "adam", "rmsprop", "muon")
SCHEDULES = ("cosine", "constant")
PRECISIONS = ("auto", "float32", "bfloat16")


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """The shape of a character LSTM: input → LSTM … → Dense logits.

    A character enters as a learned vector ("embedding"), as a 1 among zeros ("one_hot"), or as one
    number, its id divided by `vocab_size` ("scaled"), as some published models have it.
    """

    vocab_size: int = setting(MISSING, int, "symbols", at_least=1, at_most=200_000)
    encoding: str = setting(
        "embedding", str, "how a character enters the network", choices=ENCODINGS
    )
    embedding_dim: int = setting(
        64, int, "numbers that stand for one character", at_least=1, at_most=4096
    )
    lstm_units: tuple[int, ...] = setting(
        (256,),
        int,
        "units of each LSTM layer, from the input up",
        at_least=1,
        at_most=8192,
        several=True,
    )
    dropout: float = setting(
        0.3,
        float,
        "share of activations dropped in training, around every LSTM layer but for inputs that are "
        "no embedding; 0 for none",
        at_least=0.0,
        at_most=0.9,
    )
    context: int | None = setting(
        None,
        int,
        "characters it is shown at a time, forgetting all before them; by default it forgets none",
        at_least=1,
        at_most=10_000,
        optional=True,
    )

    def __post_init__(self) -> None:
        check_settings(self, ConfigError)
        if not 1 <= len(self.lstm_units) <= MAX_LSTM_LAYERS:
            raise ConfigError(
                f"lstm_units must name 1 to {MAX_LSTM_LAYERS} layers, received {self.lstm_units!r}."
            )

    @property
    def input_width(self) -> int:
        """The numbers by which one character enters the first LSTM layer."""
        return {"embedding": self.embedding_dim, "one_hot": self.vocab_size, "scaled": 1}[
            self.encoding
        ]

    @property
    def parameters(self) -> int:
        """The number of weights of the model."""
        width = self.input_width
        total = self.vocab_size * width if self.encoding == "embedding" else 0
        for units in self.lstm_units:
            total += 4 * units * (width + units + 1)
            width = units
        return total + (width + 1) * self.vocab_size


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """How a model is trained."""

    seq_length: int = setting(
        64, int, "characters in one training window", at_least=1, at_most=100_000
    )
    stride: int | None = setting(
        None,
        int,
        "characters from one window's start to the next; by default windows lie side by side, cut "
        "anew in each epoch",
        at_least=1,
        at_most=100_000,
        optional=True,
    )
    targets: str = setting(
        "all", str, "what a window is to predict: each next character, or its last", choices=TARGETS
    )
    batch_size: int = setting(32, int, "windows in one training step", at_least=1, at_most=65_536)
    epochs: int = setting(10, int, "readings of the training text", at_least=1, at_most=100_000)
    optimizer: str = setting("adamw", str, "how weights follow the gradient", choices=OPTIMIZERS)
    learning_rate: float = setting(
        0.004, float, "step size, with a schedule the highest", at_least=1e-8, at_most=1.0
    )
    schedule: str = setting(
        "cosine",
        str,
        "of the step size: a short rise and a long fall to almost nothing, or always the same",
        choices=SCHEDULES,
    )
    warmup_steps: int = setting(
        100,
        int,
        "steps in which the step size of a cosine schedule rises, at most a twentieth of all",
        at_least=1,
        at_most=1_000_000,
    )
    weight_decay: float = setting(
        0.01,
        float,
        "how strongly adamw, and muon its matrices, pull weights to zero, 0 for none",
        at_least=0.0,
        at_most=1.0,
    )
    clip_norm: float = setting(
        1.0,
        float,
        "longest gradient, longer ones are shortened to it; 0 for no limit",
        at_least=0.0,
        at_most=1e6,
    )
    patience: int | None = setting(
        None,
        int,
        "snapshots without a better held-out loss after which training stops; by default never",
        at_least=1,
        at_most=100_000,
        optional=True,
    )
    dropout_from: int = setting(
        0,
        int,
        "readings of the text before anything is dropped: the first, fastest, need no dropout",
        at_least=0,
        at_most=100_000,
    )
    val_fraction: float = setting(
        0.1,
        float,
        "share of the text, at its end, held out to measure on, a million characters at most",
        at_least=0.001,
        at_most=0.5,
    )
    early_snapshots: int = setting(
        4, int, "snapshots inside the first epoch, 0 for none", at_least=0, at_most=10
    )
    snapshot_every: int = setting(
        1, int, "epochs from one snapshot to the next", at_least=1, at_most=100_000
    )
    precision: str = setting(
        "float32",
        str,
        "of the LSTM's matrix products in training: auto is bfloat16 with TensorFlow on an x86 "
        "processor that multiplies in it, where a step takes about two thirds of the time, else "
        "float32",
        choices=PRECISIONS,
    )
    seed: int = setting(
        0,
        int,
        "seed of all random choices; the same seed repeats a run",
        at_least=0,
        at_most=2**32 - 1,
    )

    def __post_init__(self) -> None:
        check_settings(self, ConfigError)
