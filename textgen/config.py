"""The settings of a model and of its training: immutable, checked, with all defaults."""

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
    """The architecture of a character LSTM: input → LSTM layers → dense layer → logits.

    `encoding` selects how a character enters the network: as a learned vector ("embedding"), as a
    one-hot vector ("one_hot"), or as one number, its id divided by `vocab_size` ("scaled"). Some
    published models use "scaled".

    Raises:
        ConfigError: a setting is outside its range.
    """

    vocab_size: int = setting(MISSING, int, "vocabulary size", at_least=1, at_most=200_000)
    encoding: str = setting(
        "embedding",
        str,
        "input encoding of a character: a learned vector (embedding), a one-hot vector (one_hot), "
        "or one number (scaled)",
        choices=ENCODINGS,
    )
    embedding_dim: int = setting(
        64, int, "embedding size; used by the embedding encoding only", at_least=1, at_most=4096
    )
    lstm_units: tuple[int, ...] = setting(
        (256,),
        int,
        f"units of each LSTM layer, from input to output; 1 to {MAX_LSTM_LAYERS} layers",
        at_least=1,
        at_most=8192,
        several=True,
    )
    dropout: float = setting(
        0.3,
        float,
        "dropout rate before and after every LSTM layer, except on one_hot and scaled inputs; "
        "0 = off",
        at_least=0.0,
        at_most=0.9,
    )
    input_dropout: float | None = setting(
        None,
        float,
        "dropout rate of the embedding; off = the dropout rate",
        at_least=0.0,
        at_most=0.9,
        optional=True,
    )
    context: int | None = setting(
        None,
        int,
        "context length: the model sees only this many characters at a time; off = no limit",
        at_least=1,
        at_most=10_000,
        optional=True,
    )

    def __post_init__(self) -> None:
        check_settings(self, ConfigError)
        if not 1 <= len(self.lstm_units) <= MAX_LSTM_LAYERS:
            raise ConfigError(
                f"lstm_units must list 1 to {MAX_LSTM_LAYERS} layers, received {self.lstm_units!r}."
            )

    @property
    def input_width(self) -> int:
        """The size of the vector that represents one character in the first LSTM layer's input."""
        return {"embedding": self.embedding_dim, "one_hot": self.vocab_size, "scaled": 1}[
            self.encoding
        ]

    @property
    def parameters(self) -> int:
        """The number of trainable parameters."""
        width = self.input_width
        total = self.vocab_size * width if self.encoding == "embedding" else 0
        for units in self.lstm_units:
            total += 4 * units * (width + units + 1)
            width = units
        return total + (width + 1) * self.vocab_size


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """How a model is trained.

    Raises:
        ConfigError: a setting is outside its range.
    """

    seq_length: int = setting(
        64, int, "length of a training window, in characters", at_least=1, at_most=100_000
    )
    stride: int | None = setting(
        None,
        int,
        "characters between the starts of neighboring windows; off = the window length, with a new "
        "random offset in each epoch",
        at_least=1,
        at_most=100_000,
        optional=True,
    )
    targets: str = setting(
        "all",
        str,
        "what to predict: the next character at every position of a window (all), or only the one "
        "after its end (last)",
        choices=TARGETS,
    )
    carry_state: bool = setting(
        False,
        bool,
        "carry the state: each row of a batch continues the text of the same row in the batch "
        "before; off = every window starts from the empty state",
    )
    batch_size: int = setting(
        32, int, "batch size: windows per training step", at_least=1, at_most=65_536
    )
    epochs: int = setting(
        10, int, "epochs: passes over the training text", at_least=1, at_most=100_000
    )
    optimizer: str = setting("adamw", str, "optimizer", choices=OPTIMIZERS)
    learning_rate: float = setting(
        0.004,
        float,
        "learning rate; with the cosine schedule, its peak",
        at_least=1e-8,
        at_most=1.0,
    )
    schedule: str = setting(
        "cosine",
        str,
        "learning-rate schedule: warm-up, then cosine decay to 2% of the peak (cosine), or "
        "constant",
        choices=SCHEDULES,
    )
    warmup_steps: int = setting(
        100,
        int,
        "warm-up steps of the cosine schedule; limited to about 5% of all steps",
        at_least=1,
        at_most=1_000_000,
    )
    weight_decay: float = setting(
        0.01,
        float,
        "weight decay; used by adamw and muon only; 0 = off",
        at_least=0.0,
        at_most=1.0,
    )
    clip_norm: float = setting(
        1.0,
        float,
        "gradient-norm clipping: largest allowed norm, per weight array; 0 = off",
        at_least=0.0,
        at_most=1e6,
    )
    patience: int | None = setting(
        None,
        int,
        "early stopping patience: stop after this many snapshots without a lower validation "
        "loss; off = never",
        at_least=1,
        at_most=100_000,
        optional=True,
    )
    dropout_from: int = setting(
        0,
        int,
        "epochs to train before dropout starts; 0 = from the beginning",
        at_least=0,
        at_most=100_000,
    )
    weight_drop: float = setting(
        0.0,
        float,
        "share of the LSTM's recurrent weights to drop in each step, as long as there is dropout; "
        "0 = off",
        at_least=0.0,
        at_most=0.9,
    )
    val_fraction: float = setting(
        0.1,
        float,
        "validation fraction: share of the text, at its end, that is used only for "
        "validation; at most a million characters",
        at_least=0.001,
        at_most=0.5,
    )
    early_snapshots: int = setting(
        4, int, "extra snapshots within the first epoch; 0 = none", at_least=0, at_most=10
    )
    snapshot_every: int = setting(
        1, int, "epochs between two snapshots", at_least=1, at_most=100_000
    )
    precision: str = setting(
        "float32",
        str,
        "number format of the LSTM's matrix products in training; auto = bfloat16 with TensorFlow "
        "on an x86 CPU that supports it (1.5 to 1.8 times as fast), else float32",
        choices=PRECISIONS,
    )
    seed: int = setting(
        0,
        int,
        "random seed; the same seed repeats a run",
        at_least=0,
        at_most=2**32 - 1,
    )

    def __post_init__(self) -> None:
        check_settings(self, ConfigError)
        if self.carry_state and (self.stride is not None or self.targets == "last"):
            raise ConfigError(
                "carry_state needs adjacent windows with a target at every position, received "
                f"stride {self.stride!r} and targets {self.targets!r}. Turn off carry_state, or "
                "set stride to off and targets to 'all'."
            )
