"""The compiled model for training: targets, precision, loss, optimizer and dropout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras

from textgen.config import TrainConfig
from textgen.errors import TrainingError
from textgen.training.lstm import TrainingLstm


def build_trainer(model: keras.Model, training: TrainConfig, steps: int) -> keras.Model:
    """Return a compiled model that shares its layers with `model`; training it trains `model`.

    There are two models because Keras saves a compiled model together with its optimizer's state,
    which makes the file three times as large. We train this one and save the other.

    Args:
        model: the model to train, from `build_model`.
        training: targets, precision, optimizer and learning-rate schedule.
        steps: length of the whole training, in steps; the schedule ends there.
    """
    trainer = keras.Model(*_graph(model, training))
    trainer.compile(
        optimizer=_optimizer(training, steps),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    return trainer


def set_dropout(trainer: keras.Model, rates: Mapping[str, float], weight_drop: float) -> None:
    """Set the rates of all dropout layers and of weight drop from now on.

    Args:
        trainer: a model from `build_trainer`.
        rates: name of a dropout layer → its rate; 0 for layers that are not named.
        weight_drop: the share of each recurrent kernel to drop; 0 for none.

    Source:
        Liu et al. (2023), Dropout Reduces Underfitting ("late dropout").
    """
    changed = False
    for layer in trainer.layers:
        if isinstance(layer, keras.layers.Dropout):
            rate = rates.get(layer.name, 0.0)
            changed |= layer.rate != rate
            layer.rate = rate
        elif isinstance(layer, TrainingLstm):
            changed |= layer.weight_drop != weight_drop
            layer.weight_drop = weight_drop
    if changed:
        trainer.make_train_function(force=True)  # the compiled one contains the old rates


def reset_states(trainer: keras.Model) -> None:
    """Start all streams from the empty state, if the state is carried."""
    for layer in trainer.layers:
        if isinstance(layer, TrainingLstm):
            layer.reset_state()


def _graph(
    model: keras.Model, training: TrainConfig
) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """Return the input ids, and the logits at every position of a window or at its last only."""
    own = training.carry_state or training.weight_drop or training.precision == "bfloat16"
    rows = training.batch_size if training.carry_state else None
    x = ids = keras.Input((None,), batch_size=rows, dtype="int32")
    for layer in model.layers[1:-1]:
        is_lstm = isinstance(layer, keras.layers.LSTM)
        x = TrainingLstm(layer, training)(x) if own and is_lstm else layer(x)
    return ids, model.get_layer("logits")(x if training.targets == "all" else x[:, -1])


def _optimizer(training: TrainConfig, steps: int) -> keras.Optimizer:
    """Return the optimizer with its learning-rate schedule.

    Source:
        Loshchilov and Hutter (2019), Decoupled Weight Decay Regularization; Jordan et al. (2024),
        Muon: An optimizer for hidden layers in neural networks.
    """
    rate: float | keras.optimizers.schedules.LearningRateSchedule = training.learning_rate
    if training.schedule == "cosine":
        warmup = min(training.warmup_steps, 1 + steps // 20)
        rate = keras.optimizers.schedules.CosineDecay(
            training.learning_rate / warmup,  # not 0, so that the first step changes the weights
            decay_steps=max(1, steps - warmup),
            warmup_target=training.learning_rate,
            warmup_steps=warmup,
            alpha=0.02,
        )
    settings: dict[str, Any] = {"clipnorm": training.clip_norm or None}
    if training.optimizer in ("adamw", "muon"):
        settings["weight_decay"] = training.weight_decay
    if training.optimizer == "muon":
        # Muon is for hidden matrices; as usual, the embedding and the logits use AdamW instead.
        settings["exclude_layers"] = ["logits"]
        settings["adam_weight_decay"] = min(0.004, training.weight_decay)
    in_bfloat16 = training.precision == "bfloat16"
    if in_bfloat16 and training.optimizer == "muon":
        check_muon()
    optimizers = {
        "muon": BFloat16Muon if in_bfloat16 else keras.optimizers.Muon,
        "adamw": keras.optimizers.AdamW,
        "adam": keras.optimizers.Adam,
        "rmsprop": keras.optimizers.RMSprop,
    }
    return optimizers[training.optimizer](rate, **settings)


def check_muon() -> None:
    """Raise TrainingError if Keras' Muon lacks the method that `BFloat16Muon` overrides."""
    if not hasattr(keras.optimizers.Muon, "zeropower_via_newtonschulz5"):
        raise TrainingError(
            f"The Muon optimizer of Keras {keras.__version__} differs from the one that textgen "
            "expects, so it cannot run in bfloat16. Add --precision float32, or install "
            "keras>=3.15,<4."
        )


class BFloat16Muon(keras.optimizers.Muon):  # type: ignore[misc]
    """Muon with the matrix products of its iteration in bfloat16, which is accurate enough."""

    def zeropower_via_newtonschulz5(self, x: Any, steps: int) -> Any:
        """Return about the orthogonal matrix nearest to `x`, by the Newton-Schulz iteration."""
        ops = keras.ops
        wide = x.shape[0] <= x.shape[1]
        x = x if wide else ops.transpose(x)
        x = ops.cast(x / (ops.norm(x) + 1e-7), "bfloat16")
        for _ in range(steps):
            gram = x @ ops.transpose(x)
            x = self.muon_a * x + (self.muon_b * gram + self.muon_c * (gram @ gram)) @ x
        x = ops.cast(x, "float32")
        return x if wide else ops.transpose(x)
