"""A model as it is trained: its targets, precision, loss, optimizer and dropout."""

from __future__ import annotations

from typing import Any

import keras

from textgen.config import TrainConfig
from textgen.errors import TrainingError
from textgen.training.bfloat16_lstm import in_bfloat16


def build_trainer(model: keras.Model, training: TrainConfig, steps: int) -> keras.Model:
    """Return a compiled model over the layers of a `build_model` model, to train it by.

    A model of its own, since a compiled model saves its optimizer's state too, three times the
    bytes: what is trained is this one, what is saved the other.

    Args:
        model: the one to be trained.
        training: targets, precision, optimizer and schedule.
        steps: of the whole training, which the schedule spans.
    """
    trainer = keras.Model(model.inputs, _predicted(model, training))
    trainer.compile(
        optimizer=_optimizer(training, steps),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    return trainer


def set_dropout(trainer: keras.Model, rate: float) -> None:
    """Set the share of activations that is dropped from now on.

    Source:
        Liu et al. (2023), Dropout Reduces Underfitting, whose late dropout begins after a while.
    """
    layers = [layer for layer in trainer.layers if isinstance(layer, keras.layers.Dropout)]
    if any(layer.rate != rate for layer in layers):
        for layer in layers:
            layer.rate = rate
        trainer.make_train_function(force=True)  # the one there is has the other rate in it


def _predicted(model: keras.Model, training: TrainConfig) -> keras.KerasTensor:
    """Return the logits that are trained on: of every character, or of a window's last."""
    read = model.get_layer("logits").input  # of shape (batch, time, units), as are the logits
    if training.precision == "bfloat16":
        read = in_bfloat16(model)
    return model.get_layer("logits")(read if training.targets == "all" else read[:, -1])


def _optimizer(training: TrainConfig, steps: int) -> keras.Optimizer:
    """Return the optimizer, with the schedule of its step size.

    Source:
        Loshchilov and Hutter (2019), Decoupled Weight Decay Regularization; Jordan et al. (2024),
        Muon: An optimizer for hidden layers in neural networks.
    """
    rate: float | keras.optimizers.schedules.LearningRateSchedule = training.learning_rate
    if training.schedule == "cosine":
        rise = min(training.warmup_steps, 1 + steps // 20)
        rate = keras.optimizers.schedules.CosineDecay(
            training.learning_rate / rise,  # not zero: the very first step is to change the weights
            decay_steps=max(1, steps - rise),
            warmup_target=training.learning_rate,
            warmup_steps=rise,
            alpha=0.02,
        )
    settings: dict[str, Any] = {"clipnorm": training.clip_norm or None}
    if training.optimizer in ("adamw", "muon"):
        settings["weight_decay"] = training.weight_decay
    if training.optimizer == "muon":
        # For matrices between layers; the embedding and the logits, as is usual, take AdamW.
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
    """Raise TrainingError unless Keras' Muon still calls what `BFloat16Muon` puts its own for."""
    if not hasattr(keras.optimizers.Muon, "zeropower_via_newtonschulz5"):
        raise TrainingError(
            f"Muon of Keras {keras.__version__} is built otherwise than textgen expects, so it "
            "cannot run in bfloat16. Add --precision float32, or install keras>=3.15,<4."
        )


class BFloat16Muon(keras.optimizers.Muon):  # type: ignore[misc]
    """Muon with the products of its iteration in bfloat16, which is as good for a direction."""

    def zeropower_via_newtonschulz5(self, x: Any, steps: int) -> Any:
        """Return the orthogonal matrix nearest to `x`, about; the Newton-Schulz iteration."""
        ops = keras.ops
        wide = x.shape[0] <= x.shape[1]
        x = x if wide else ops.transpose(x)
        x = ops.cast(x / (ops.norm(x) + 1e-7), "bfloat16")
        for _ in range(steps):
            gram = x @ ops.transpose(x)
            x = self.muon_a * x + (self.muon_b * gram + self.muon_c * (gram @ gram)) @ x
        x = ops.cast(x, "float32")
        return x if wide else ops.transpose(x)
