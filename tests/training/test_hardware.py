"""The device that training runs on."""

from pathlib import Path

import pytest

from tests.support.processes import environment, run
from textgen.errors import ConfigError
from textgen.training import hardware
from textgen.training.hardware import best_precision, data_parallel, device_name


@pytest.mark.parametrize(
    ("flags", "precision"),
    [
        ("flags\t\t: fpu sse avx512f avx512_bf16 amx_tile\n", "bfloat16"),
        ("flags\t\t: fpu amx_bf16\n", "bfloat16"),
        ("flags\t\t: fpu sse avx2 avx512f avx512_vnni\n", "float32"),
        ("", "float32"),
    ],
)
def test_bfloat16_is_for_cpus_that_support_it(flags: str, precision: str, tmp_path: Path) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(flags)
    assert best_precision(cpuinfo) == precision


def test_precision_is_float32_if_the_cpu_is_unknown(tmp_path: Path) -> None:
    assert best_precision(tmp_path / "none") == "float32"


@pytest.mark.parametrize(("cores", "words"), [(1, "1 CPU core ("), (2, "2 CPU cores (")])
def test_cpu_cores_are_counted(monkeypatch: pytest.MonkeyPatch, cores: int, words: str) -> None:
    monkeypatch.setattr(hardware, "_on_gpu", lambda: False)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(cores)), raising=False)
    assert device_name().startswith(words)


@pytest.mark.parametrize(("devices", "words"), [(1, "1 GPU"), (2, "2 GPUs")])
def test_gpus_are_counted(monkeypatch: pytest.MonkeyPatch, devices: int, words: str) -> None:
    monkeypatch.setattr(hardware, "_on_gpu", lambda: True)
    assert device_name(devices) == words


def test_tensorflow_trains_on_one_device() -> None:
    with data_parallel(32, 1):
        pass
    with pytest.raises(
        ConfigError, match=r"2 devices .* received tensorflow\. Set KERAS_BACKEND=jax"
    ):
        data_parallel(32, 2)
    with pytest.raises(ConfigError, match="at least 1, received 0"):
        data_parallel(32, 0)


SCRIPT = """
import sys
from textgen import get_recipe, read_corpus, train
from textgen.errors import ConfigError

text, output = sys.argv[1:]
recipe = get_recipe("tiny").override(
    epochs=2, early_snapshots=0, optimizer="muon", dropout=0.2, dropout_from=1
)
def run(devices, **settings):
    return train(
        read_corpus(text),
        recipe.override(**settings),
        output=f"{output}-{devices}",
        devices=devices,
        verbose=False,
    )

for devices, settings in ((3, {}), (0, {}), (2, {"batch_size": 15})):
    try:
        run(devices, **settings)
    except ConfigError as error:
        print(error)
one_device, two_devices = run(1), run(2)
assert two_devices.best.val_loss < two_devices.snapshots[0].val_loss - 0.3
for one, two in zip(one_device.snapshots, two_devices.snapshots, strict=True):
    print(f"step {one.step}: {one.val_loss:.5f} {two.val_loss:.5f}")
    assert abs(one.val_loss - two.val_loss) < 1e-3, (one, two)
"""


@pytest.mark.slow
def test_two_devices_learn_what_one_learns(tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("the cat sat on the mat, and the dog. " * 200, encoding="utf-8")
    env = environment(
        tmp_path,
        KERAS_BACKEND="jax",
        XLA_FLAGS="--xla_force_host_platform_device_count=2",
    )
    done = run("-c", SCRIPT, str(text), str(tmp_path / "out"), env=env).check()
    assert "Keras finds 2 devices here, received --devices 3. Use at most 2." in done.out
    assert "devices must be at least 1, received 0." in done.out
    assert "A batch of 15 windows cannot be split evenly across 2 devices." in done.out
