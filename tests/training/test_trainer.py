"""The optimizer: the method of Keras that it overrides is really called."""

from typing import Any

import keras
import numpy as np
import pytest

from textgen.config import ModelConfig, TrainConfig
from textgen.errors import TrainingError
from textgen.network.model import build_model
from textgen.training.trainer import BFloat16Muon, build_trainer

pytestmark = pytest.mark.slow

MODEL = ModelConfig(vocab_size=11, embedding_dim=4, lstm_units=(6,))
TRAINING = TrainConfig(optimizer="muon", precision="bfloat16", seq_length=8, batch_size=2)


def test_muon_in_bfloat16_calls_the_overridden_method(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = []
    own = BFloat16Muon.zeropower_via_newtonschulz5

    def watched(self: BFloat16Muon, x: Any, steps: int) -> Any:
        shapes.append(tuple(x.shape))
        return own(self, x, steps)

    monkeypatch.setattr(BFloat16Muon, "zeropower_via_newtonschulz5", watched)
    trainer = build_trainer(build_model(MODEL), TRAINING, 10)
    ids = np.random.default_rng(0).integers(11, size=(2, 9))
    trainer.train_on_batch(ids[:, :-1], ids[:, 1:])
    assert sorted(set(shapes)) == [(4, 24), (6, 24)]  # the LSTM's kernel and recurrent kernel


def test_its_updates_are_close_to_those_of_keras() -> None:
    x = np.random.default_rng(1).normal(size=(16, 64)).astype(np.float32)
    ours = BFloat16Muon(0.1).zeropower_via_newtonschulz5(keras.ops.convert_to_tensor(x), 5)
    theirs = keras.optimizers.Muon(0.1).zeropower_via_newtonschulz5(
        keras.ops.convert_to_tensor(x), 5
    )
    difference = keras.ops.convert_to_numpy(ours - theirs)
    assert np.abs(difference).max() < 0.05  # of entries up to about one half


def test_a_keras_with_another_muon_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(keras.optimizers.Muon, "zeropower_via_newtonschulz5")
    with pytest.raises(TrainingError, match=r"cannot run in bfloat16\. Add --precision float32"):
        build_trainer(build_model(MODEL), TRAINING, 10)
    in_float32 = TrainConfig(optimizer="muon", precision="float32")
    assert not isinstance(build_trainer(build_model(MODEL), in_float32, 10).optimizer, BFloat16Muon)
