"""Training on JAX, without TensorFlow."""

import pytest

from tests.support.processes import environment, run
from textgen import Timeline

pytestmark = pytest.mark.slow

# `None` in place of a module makes every import of it fail, as if it were not installed.
SCRIPT = """
import sys
sys.modules["tensorflow"] = None
import keras
from textgen import get_recipe, read_corpus, train

text, output, precision = sys.argv[1:]

class Interrupt(keras.callbacks.Callback):
    seen = 0

    def on_train_batch_end(self, batch, logs=None):
        self.seen += 1
        if self.seen == 14:
            raise KeyboardInterrupt

carried = {"carry_state": True, "weight_drop": 0.1, "dropout_from": 1}
recipe = get_recipe("tiny").override(
    epochs=2, early_snapshots=2, precision=precision, batch_size=8, **carried
)
corpus = read_corpus(text)
train(corpus, recipe, output=f"{output}/whole", verbose=False)
settings = {"output": f"{output}/resumed", "verbose": False, "resume": True}
try:
    train(corpus, recipe, callbacks=[Interrupt()], **settings)
except KeyboardInterrupt:
    print("interrupted")
train(corpus, recipe, **settings)
assert keras.backend.backend() == "jax"
"""


@pytest.fixture(scope="module", params=["float32", "bfloat16"])
def timelines(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Timeline, Timeline]:
    """Two timelines trained on JAX: one without interruption, one interrupted and resumed."""
    home = tmp_path_factory.mktemp("jax")
    (home / "text.txt").write_text("the cat sat on the mat, and the dog. " * 200, encoding="utf-8")
    env = environment(home, KERAS_BACKEND="jax")
    done = run("-c", SCRIPT, str(home / "text.txt"), str(home), request.param, env=env).check()
    assert "interrupted" in done.out
    return Timeline.from_pretrained(home / "whole"), Timeline.from_pretrained(home / "resumed")


def test_a_timeline_trained_on_jax_is_like_any_other(timelines: tuple[Timeline, Timeline]) -> None:
    timeline = timelines[0]
    timeline.verify()
    assert "jax" in timeline.manifest.software
    assert "tensorflow" not in timeline.manifest.software
    assert timeline.best.val_loss < timeline.snapshots[0].val_loss - 0.3
    assert timeline.generator().generate("the ", length=20, seed=1)


def test_an_interrupted_run_on_jax_ends_in_the_same_weights(
    timelines: tuple[Timeline, Timeline],
) -> None:
    whole, resumed = ([s.sha256 for s in timeline.snapshots] for timeline in timelines)
    assert whole == resumed
