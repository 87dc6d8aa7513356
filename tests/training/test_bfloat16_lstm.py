"""LSTM layers in bfloat16, compared with Keras' own."""

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from textgen.config import ModelConfig
from textgen.network.model import build_model
from textgen.training.bfloat16_lstm import BFloat16Lstm

pytestmark = pytest.mark.slow

VOCAB_SIZE = 11

Array = NDArray[np.float32]


def trained(lstm_units: tuple[int, ...], shape: tuple[int, int], dtype: str | None) -> list[Array]:
    """Return the losses of a few steps and the weights after them; dtype None: Keras' layers."""
    keras.utils.set_random_seed(1)
    model = build_model(
        ModelConfig(vocab_size=VOCAB_SIZE, embedding_dim=5, lstm_units=lstm_units, dropout=0.0)
    )
    # Three times the initial weights, so that some gates are fully open or closed.
    model.set_weights([3 * weight for weight in model.get_weights()])
    x = model.inputs[0]
    for layer in model.layers[1:]:
        if dtype and isinstance(layer, keras.layers.LSTM):
            x = BFloat16Lstm(layer, dtype)(x)
        else:
            x = layer(x)
    trainer = keras.Model(model.inputs, x)
    trainer.compile(
        optimizer=keras.optimizers.SGD(0.5),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    ids = np.random.default_rng(2).integers(VOCAB_SIZE, size=(2, *shape), dtype=np.int32)
    losses = [float(trainer.train_on_batch(*ids)) for _ in range(3)]
    return [np.array(losses, np.float32), *model.get_weights()]


@pytest.mark.parametrize("lstm_units", [(6,), (6, 4)])
@pytest.mark.parametrize("shape", [(3, 9), (1, 1), (1, 40)])
def test_losses_and_gradients_are_those_of_keras(
    lstm_units: tuple[int, ...], shape: tuple[int, int]
) -> None:
    for ours, theirs in zip(
        trained(lstm_units, shape, "float32"), trained(lstm_units, shape, None), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)


def test_bfloat16_is_close_to_float32_but_not_equal() -> None:
    exact, half = (trained((16,), (3, 9), dtype) for dtype in ("float32", "bfloat16"))
    for ours, theirs in zip(half, exact, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0.02, atol=0.02)
    assert not all(np.array_equal(ours, theirs) for ours, theirs in zip(half, exact, strict=True))
