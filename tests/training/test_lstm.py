"""LSTM layers for training, compared with Keras' own: gradients, carried state, weight drop."""

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf  # type: ignore[import-untyped]
from numpy.typing import NDArray

from textgen.config import ModelConfig, TrainConfig
from textgen.network.model import build_model
from textgen.training import lstm
from textgen.training.lstm import TrainingLstm
from textgen.training.trainer import build_trainer, reset_states, set_dropout

pytestmark = pytest.mark.slow

VOCAB_SIZE = 11

Array = NDArray[np.float32]


@pytest.fixture
def exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compute the products of our own gradient in float32."""
    monkeypatch.setattr(lstm, "PRODUCT_DTYPE", "float32")


@pytest.fixture
def no_resets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never start a window from the empty state at random."""
    monkeypatch.setattr(lstm, "RESET_RATE", 0.0)


def scaled_model(lstm_units: tuple[int, ...]) -> keras.Model:
    keras.utils.set_random_seed(1)
    model = build_model(
        ModelConfig(vocab_size=VOCAB_SIZE, embedding_dim=5, lstm_units=lstm_units, dropout=0.0)
    )
    # Three times the initial weights, so that some gates are fully open or closed.
    model.set_weights([3 * weight for weight in model.get_weights()])
    return model


def trained(lstm_units: tuple[int, ...], shape: tuple[int, int], **settings: Any) -> list[Array]:
    """Return the losses of a few steps, and the weights after them."""
    model = scaled_model(lstm_units)
    training = TrainConfig(
        optimizer="adam", schedule="constant", learning_rate=0.01, batch_size=shape[0], **settings
    )
    trainer = build_trainer(model, training, 10)
    trainer.compile(
        optimizer=keras.optimizers.SGD(0.5),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    rng = np.random.default_rng(2)
    losses = [
        float(trainer.train_on_batch(*rng.integers(VOCAB_SIZE, size=(2, *shape), dtype=np.int32)))
        for _ in range(3)
    ]
    return [np.array(losses, np.float32), *model.get_weights()]


def outputs(trainer: keras.Model, ids: NDArray[np.int64]) -> Array:
    """Return the logits that the trainer computes in training, in a graph as in training."""
    result: Array = tf.function(lambda: trainer(ids, training=True))().numpy()
    return result


def assert_equal(ours: list[Array], theirs: list[Array]) -> None:
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("lstm_units", [(6,), (6, 4)])
@pytest.mark.parametrize("shape", [(3, 9), (1, 1), (1, 40)])
@pytest.mark.usefixtures("exact")
def test_losses_and_gradients_are_those_of_keras(
    lstm_units: tuple[int, ...], shape: tuple[int, int]
) -> None:
    assert_equal(
        trained(lstm_units, shape, precision="bfloat16"),
        trained(lstm_units, shape, precision="float32"),
    )


def test_bfloat16_is_close_to_float32_but_not_equal() -> None:
    exact, half = (
        trained((16,), (3, 9), precision=precision) for precision in ("float32", "bfloat16")
    )
    for ours, theirs in zip(half, exact, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0.02, atol=0.02)
    assert not all(np.array_equal(ours, theirs) for ours, theirs in zip(half, exact, strict=True))


@pytest.mark.parametrize("lstm_units", [(6,), (6, 4)])
@pytest.mark.usefixtures("exact", "no_resets")
def test_with_a_carried_state_too(lstm_units: tuple[int, ...]) -> None:
    ours = trained(lstm_units, (3, 9), precision="bfloat16", carry_state=True)
    assert_equal(ours, trained(lstm_units, (3, 9), precision="float32", carry_state=True))
    cold = trained(lstm_units, (3, 9), precision="float32")
    assert not np.allclose(ours[0][1:], cold[0][1:], atol=1e-3)  # the first batch starts empty


def carrying(precision: str) -> tuple[keras.Model, keras.Model]:
    model = scaled_model((6, 4))
    training = TrainConfig(batch_size=2, carry_state=True, precision=precision)
    return model, build_trainer(model, training, 10)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.usefixtures("exact", "no_resets")
def test_a_carried_state_makes_one_text_of_the_windows(precision: str) -> None:
    model, trainer = carrying(precision)
    ids = np.random.default_rng(0).integers(VOCAB_SIZE, size=(2, 12))
    whole = model.predict_on_batch(ids)
    pieces = [outputs(trainer, ids[:, i : i + 4]) for i in (0, 4, 8)]
    np.testing.assert_allclose(np.concatenate(pieces, axis=1), whole, rtol=1e-4, atol=1e-4)
    reset_states(trainer)
    again = outputs(trainer, ids[:, :4])
    np.testing.assert_allclose(again, pieces[0], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.usefixtures("exact")
def test_some_windows_start_from_the_empty_state(
    precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lstm, "RESET_RATE", 0.5)
    _, trainer = carrying(precision)
    ids = np.random.default_rng(0).integers(VOCAB_SIZE, size=(2, 4))
    cold = outputs(trainer, ids)
    later = [outputs(trainer, ids) for _ in range(8)]
    is_cold = np.array([np.isclose(one, cold, atol=1e-5).all(axis=(1, 2)) for one in later])
    assert 0 < is_cold.sum() < is_cold.size


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_weight_drop_affects_the_outputs_and_never_the_weights(precision: str) -> None:
    model = scaled_model((6,))
    training = TrainConfig(batch_size=2, weight_drop=0.5, precision=precision)
    trainer = build_trainer(model, training, 10)
    ids = np.random.default_rng(0).integers(VOCAB_SIZE, size=(2, 4))
    before = model.get_weights()
    set_dropout(trainer, {}, 0.5)
    one, other = outputs(trainer, ids), outputs(trainer, ids)
    assert not np.allclose(one, other, atol=1e-3)
    np.testing.assert_allclose(one[:, 0], other[:, 0], atol=1e-6)  # no state to drop from yet
    assert all(np.array_equal(*pair) for pair in zip(before, model.get_weights(), strict=True))
    set_dropout(trainer, {}, 0.0)
    np.testing.assert_array_equal(outputs(trainer, ids), outputs(trainer, ids))


def test_a_dropped_weight_gets_no_gradient() -> None:
    """The kernel that is trained is the masked one, not only the one that is read."""
    for precision in ("float32", "bfloat16"):
        model = scaled_model((6,))
        training = TrainConfig(batch_size=2, weight_drop=0.9, precision=precision)
        trainer = build_trainer(model, training, 10)
        trainer.compile(optimizer=keras.optimizers.SGD(0.5), loss=trainer.loss)
        set_dropout(trainer, {}, 0.9)
        before = model.get_layer("lstm_0").cell.recurrent_kernel.numpy()
        ids = np.random.default_rng(0).integers(VOCAB_SIZE, size=(2, 5))
        trainer.train_on_batch(ids[:, :-1], ids[:, 1:])
        after = model.get_layer("lstm_0").cell.recurrent_kernel.numpy()
        unchanged = (before == after).mean()
        assert 0.7 < unchanged < 1, precision


def test_the_layer_shares_the_weights_of_the_model() -> None:
    model, trainer = carrying("bfloat16")
    assert {id(v) for v in trainer.trainable_variables} == {
        id(v) for v in model.trainable_variables
    }
    assert any(isinstance(layer, TrainingLstm) for layer in trainer.layers)
