"""A published timeline loads in Keras alone, in a process that cannot import textgen."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.support.hub_server import HubServer
from tests.support.processes import environment, run
from tests.support.timelines import write_timeline

pytestmark = pytest.mark.slow

TEXT = "a bad cab\nhé 🙂."
TOLERANCE = 1e-4
PROGRAM = """
import json, sys
sys.modules["textgen"] = None  # even if it is installed
import keras, numpy as np
directory, repo_id, ids, files = json.loads(sys.argv[1])

def logits(model):
    return np.asarray(model(np.array([ids], "int32")))[0].tolist()

local = keras.saving.load_model(directory)
results = {"directory": logits(local), "hub": logits(keras.saving.load_model("hf://" + repo_id))}
for file in files:
    local.load_weights(directory + "/" + file)
    results[file] = logits(local)
try:
    import textgen
except ImportError:
    print(json.dumps(results))
"""


def test_keras_alone_loads_the_best_model_and_every_snapshot(tmp_path: Path) -> None:
    timeline = write_timeline(tmp_path / "timeline")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    ids = timeline.vocabulary.encode(TEXT).tolist()
    files = [snapshot.file for snapshot in timeline.snapshots]
    with HubServer(tmp_path / "hub") as hub:
        hub.create("tester/letters")
        hub.commit("tester/letters", {name: p.read_bytes() for name, p in timeline.files().items()})
        arguments = json.dumps([str(timeline.directory), "tester/letters", ids, files])
        env = environment(elsewhere, hub.endpoint)
        outcome = run("-I", "-c", PROGRAM, arguments, cwd=elsewhere, env=env).check()
    results = {name: np.array(logits) for name, logits in json.loads(outcome.out).items()}
    best = timeline.generator("best").logits(TEXT)
    assert np.ptp(best) > 1  # the logits are not all the same
    np.testing.assert_allclose(results["directory"], best, atol=TOLERANCE, rtol=0)
    np.testing.assert_allclose(results["hub"], best, atol=TOLERANCE, rtol=0)
    for snapshot in timeline.snapshots:
        expected = timeline.generator(step=snapshot.step).logits(TEXT)
        np.testing.assert_allclose(results[snapshot.file], expected, atol=TOLERANCE, rtol=0)
