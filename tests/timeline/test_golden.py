"""Fixed weights and a fixed seed write a fixed text, so saved texts can be repeated."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.support.golden import TEXTS, golden_generator
from tests.support.processes import environment, run
from textgen import TextGenerator

# Settings that make this machine compute like others, as far as it can.
MACHINES = {
    "other products": {"OPENBLAS_CORETYPE": "Nehalem"},
    "one thread": {"OPENBLAS_NUM_THREADS": "1"},
    "three threads": {"OPENBLAS_NUM_THREADS": "3"},
    "other functions": {"NPY_DISABLE_CPU_FEATURES": "AVX512F AVX512_SKX AVX512_ICL X86_V4"},
}


@pytest.fixture(scope="module")
def generator() -> TextGenerator:
    return golden_generator()


@pytest.mark.parametrize(("temperature", "text"), TEXTS)
def test_a_seed_repeats_its_text(generator: TextGenerator, temperature: float, text: str) -> None:
    settings = {"length": len(text), "temperature": temperature, "seed": 1}
    assert generator.generate("the soul ", **settings) == text  # type: ignore[arg-type]
    assert generator.generate_batch(["the soul "] * 3, **settings) == [text] * 3  # type: ignore[arg-type]


@pytest.mark.parametrize("machine", MACHINES)
def test_other_processors_write_the_same_except_for_near_ties(machine: str, tmp_path: Path) -> None:
    # These texts, from random weights, have no near-ties. The logits of the bundled model show how
    # much rounding differs: too little to change a choice more than rarely.
    code = """
import json, sys
from tests.support.golden import TEXTS, golden_generator
from textgen import TextGenerator
texts = [
    golden_generator().generate("the soul ", length=len(text), temperature=temperature, seed=1)
    for temperature, text in TEXTS
]
logits = TextGenerator.from_pretrained("pretrained/nietzsche").logits("the soul of man ")
print(json.dumps([texts, logits.tolist()]))
"""
    # NumPy warns about features that it was built without or that this processor lacks.
    env = environment(tmp_path, **MACHINES[machine], PYTHONWARNINGS="ignore")
    texts, logits = json.loads(run("-c", code, env=env).check().out)
    assert texts == [text for _, text in TEXTS]
    here = TextGenerator.from_pretrained("pretrained/nietzsche").logits("the soul of man ")
    np.testing.assert_allclose(np.array(logits), here, rtol=0, atol=1e-4)
