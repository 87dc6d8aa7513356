"""The model in Keras: what it computes and how it is saved."""

from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest

from textgen.config import ModelConfig
from textgen.network.model import build_model
from textgen.network.weights import shapes

pytestmark = pytest.mark.slow

CONFIGS = [
    ModelConfig(vocab_size=11, embedding_dim=3, lstm_units=(5,), dropout=0.0),
    ModelConfig(vocab_size=2, embedding_dim=1, lstm_units=(1, 1), dropout=0.9),
    ModelConfig(vocab_size=7, embedding_dim=8, lstm_units=(4, 9, 3), dropout=0.5),
    ModelConfig(vocab_size=59, encoding="one_hot", lstm_units=(128,)),
    ModelConfig(vocab_size=44, encoding="scaled", lstm_units=(256,)),
]
IDS = np.array([[3, 1, 4, 1, 5, 9, 2, 6], [2, 7, 1, 8, 2, 8, 1, 8]], np.int32)


@pytest.fixture(scope="module")
def model() -> keras.Model:
    keras.utils.set_random_seed(0)
    return build_model(CONFIGS[0])


def logits(model: keras.Model, ids: np.ndarray) -> np.ndarray:
    return np.asarray(keras.ops.convert_to_numpy(model(ids, training=False)))


@pytest.mark.parametrize("config", CONFIGS)
def test_weights_have_the_shapes_and_the_size_of_the_configuration(config: ModelConfig) -> None:
    model = build_model(config)
    assert model.count_params() == config.parameters
    assert [array.shape for array in model.get_weights()] == list(shapes(config).values())


def test_ids_become_logits_of_every_next_character(model: keras.Model) -> None:
    result = logits(model, IDS)
    assert result.shape == (2, 8, 11)
    assert result.dtype == np.float32
    assert result.min() < 0, "not logits but probabilities"


def test_logits_depend_only_on_earlier_characters(model: keras.Model) -> None:
    changed = IDS.copy()
    changed[:, 4] = 0
    before, after = logits(model, IDS), logits(model, changed)
    np.testing.assert_array_equal(before[:, :4], after[:, :4])
    assert (np.abs(before[:, 4:] - after[:, 4:]).max(axis=-1) > 0).all()


def test_dropout_is_active_only_in_training() -> None:
    model = build_model(CONFIGS[2])
    dropouts = [layer for layer in model.layers if isinstance(layer, keras.layers.Dropout)]
    assert [layer.rate for layer in dropouts] == [0.5] * 4  # before each LSTM and the logits
    ids = IDS % 7
    np.testing.assert_array_equal(logits(model, ids), logits(model, ids))
    assert not np.array_equal(model(ids, training=True), model(ids, training=True))


def test_the_embedding_can_have_its_own_dropout_rate() -> None:
    model = build_model(ModelConfig(vocab_size=7, lstm_units=(4, 3), input_dropout=0.1))
    rates = {one.name: one.rate for one in model.layers if isinstance(one, keras.layers.Dropout)}
    assert rates == {"dropout_0": 0.1, "dropout_1": 0.3, "dropout": 0.3}


@pytest.mark.parametrize("encoding", ["one_hot", "scaled"])
def test_only_embeddings_get_dropout(encoding: str) -> None:
    model = build_model(ModelConfig(vocab_size=7, encoding=encoding, lstm_units=(4, 3)))
    names = [layer.name for layer in model.layers if isinstance(layer, keras.layers.Dropout)]
    assert names == ["dropout_1", "dropout"]


@pytest.mark.parametrize("config", CONFIGS)
def test_the_lstm_settings_allow_cudnn(config: ModelConfig) -> None:
    layers = [layer for layer in build_model(config).layers if isinstance(layer, keras.layers.LSTM)]
    assert [layer.units for layer in layers] == list(config.lstm_units)
    for layer in layers:
        settings = layer.get_config()
        assert settings["activation"] == "tanh"
        assert settings["recurrent_activation"] == "sigmoid"
        assert settings["recurrent_dropout"] == 0
        assert settings["use_bias"]
        assert not settings["unroll"]


def test_a_saved_model_opens_without_this_package(model: keras.Model, tmp_path: Path) -> None:
    model.save(tmp_path / "saved", zipped=False)
    loaded = keras.saving.load_model(tmp_path / "saved", safe_mode=True)
    np.testing.assert_array_equal(logits(loaded, IDS), logits(model, IDS))
    assert "textgen" not in (tmp_path / "saved" / "config.json").read_text()


def test_equal_models_are_saved_as_equal_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        keras.utils.set_random_seed(3)
        model = build_model(CONFIGS[2])
        model.save_weights(tmp_path / f"{name}.weights.h5")
    model.save(tmp_path / "saved", zipped=False)
    one = (tmp_path / "one.weights.h5").read_bytes()
    assert one == (tmp_path / "two.weights.h5").read_bytes()
    assert one == (tmp_path / "saved" / "model.weights.h5").read_bytes()


@pytest.fixture
def half_precision() -> Iterator[None]:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    yield
    keras.config.set_dtype_policy(before)


@pytest.mark.usefixtures("half_precision")
def test_logits_are_float32_even_under_mixed_precision() -> None:
    model = build_model(CONFIGS[0])
    assert keras.backend.standardize_dtype(model(IDS).dtype) == "float32"


def test_the_classic_one_hot_model_has_its_published_number_of_parameters() -> None:
    config = ModelConfig(vocab_size=59, encoding="one_hot", lstm_units=(128,))
    assert build_model(config).count_params() == config.parameters == 103_867
