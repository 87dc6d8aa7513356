"""A weights file from anyone is either read correctly or refused."""

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from textgen.config import ModelConfig
from textgen.errors import TimelineError
from textgen.network.weights import (
    converted,
    read_weights,
    rounded,
    shapes,
    weights_from_arrays,
)

CONFIG = ModelConfig(vocab_size=5, embedding_dim=3, lstm_units=(4, 2))
KERNEL = "layers/lstm_1/cell/vars/0"
SHAPE = (4, 8)

Attack = Callable[[h5py.File, Path], object]


def write(path: Path, config: ModelConfig = CONFIG) -> list[np.ndarray]:
    """Write a valid file with random weights and return its arrays."""
    random = np.random.default_rng(0)
    arrays = [random.normal(size=shape).astype(np.float32) for shape in shapes(config).values()]
    with h5py.File(path, "w") as file:
        for name, array in zip(shapes(config), arrays, strict=True):
            file[name] = array
    return arrays


def test_each_array_is_read_from_its_path(tmp_path: Path) -> None:
    embedding, *lstm, kernel, bias = write(tmp_path / "w.h5")
    weights = read_weights(tmp_path / "w.h5", CONFIG)
    np.testing.assert_array_equal(weights.embedding, embedding)
    for layer, arrays in zip(weights.lstm, (lstm[:3], lstm[3:]), strict=True):
        np.testing.assert_array_equal(layer.kernel, arrays[0])
        np.testing.assert_array_equal(layer.recurrent_kernel, arrays[1])
        np.testing.assert_array_equal(layer.bias, arrays[2])
    np.testing.assert_array_equal(weights.kernel, kernel)
    np.testing.assert_array_equal(weights.bias, bias)


def test_half_the_bytes_are_read_as_rounded_numbers(tmp_path: Path) -> None:
    arrays = write(tmp_path / "w.h5")
    whole = (tmp_path / "w.h5").read_bytes()
    (tmp_path / "half.h5").write_bytes(converted(whole, "float16"))
    found = read_weights(tmp_path / "half.h5", CONFIG).arrays
    for read, expected, array in zip(found, rounded(arrays, "float16"), arrays, strict=True):
        assert read.dtype == np.float32
        np.testing.assert_array_equal(read, expected)
        np.testing.assert_allclose(read, array, rtol=5e-4, atol=1e-6)
    assert not all(np.array_equal(*pair) for pair in zip(found, arrays, strict=True))
    assert converted(whole, "float16") == converted(whole, "float16")


def test_numbers_too_large_for_float16_are_found(tmp_path: Path) -> None:
    assert np.isinf(rounded([np.full(1, 1e5, np.float32)], "float16")[0])
    write(tmp_path / "w.h5")
    with h5py.File(tmp_path / "w.h5", "a") as file:
        file[KERNEL][0, 0] = 1e5
    (tmp_path / "half.h5").write_bytes(converted((tmp_path / "w.h5").read_bytes(), "float16"))
    with pytest.raises(TimelineError, match="contains numbers outside"):
        read_weights(tmp_path / "half.h5", CONFIG)


@pytest.mark.parametrize(
    "config",
    [
        ModelConfig(vocab_size=6, embedding_dim=3, lstm_units=(4, 2)),
        ModelConfig(vocab_size=5, embedding_dim=4, lstm_units=(4, 2)),
        ModelConfig(vocab_size=5, embedding_dim=3, lstm_units=(2, 4)),
        ModelConfig(vocab_size=5, embedding_dim=3, lstm_units=(4,)),
        ModelConfig(vocab_size=5, embedding_dim=3, lstm_units=(4, 2, 1)),
    ],
)
def test_weights_of_the_wrong_shape_are_refused(tmp_path: Path, config: ModelConfig) -> None:
    arrays = write(tmp_path / "w.h5")
    with pytest.raises(TimelineError, match=r"w\.h5"):
        read_weights(tmp_path / "w.h5", config)
    with pytest.raises(TimelineError, match="do not fit the configuration"):
        weights_from_arrays(arrays, config)


def elsewhere(path: Path) -> Path:
    """Write another file that contains a secret, next to a weights file."""
    with h5py.File(path.with_name("secret.h5"), "w") as file:
        file["secret"] = np.ones(SHAPE, np.float32)
    return path.with_name("secret.h5")


def missing(file: h5py.File, path: Path) -> None:
    """Omit the array."""


def missing_groups(file: h5py.File, path: Path) -> None:
    del file["layers"]


def a_group(file: h5py.File, path: Path) -> None:
    file.create_group(KERNEL)


def below_an_array(file: h5py.File, path: Path) -> None:
    del file["layers/lstm_1"]
    file["layers/lstm_1"] = 1.0


def a_named_type(file: h5py.File, path: Path) -> None:
    file[KERNEL] = np.dtype("f4")


def another_shape(file: h5py.File, path: Path) -> None:
    file[KERNEL] = np.zeros(SHAPE[::-1], np.float32)


def no_shape(file: h5py.File, path: Path) -> None:
    file[KERNEL] = h5py.Empty("f4")


def another_type(name: str) -> Attack:
    def attack(file: h5py.File, path: Path) -> None:
        file.create_dataset(KERNEL, SHAPE, name)

    attack.__name__ = f"of type {name}"
    return attack


def of_objects(file: h5py.File, path: Path) -> None:
    file.create_dataset(KERNEL, SHAPE, h5py.vlen_dtype(np.float32))


def of_times(file: h5py.File, path: Path) -> None:
    space = h5py.h5s.create_simple(SHAPE)
    h5py.h5d.create(file[Path(KERNEL).parent.as_posix()].id, b"0", h5py.h5t.UNIX_D32LE, space)


def not_finite(value: float) -> Attack:
    def attack(file: h5py.File, path: Path) -> None:
        array = np.zeros(SHAPE, np.float32)
        array[-1, -1] = value
        file[KERNEL] = array

    attack.__name__ = f"with {value}"
    return attack


def a_soft_link(file: h5py.File, path: Path) -> None:
    file["elsewhere"] = np.ones(SHAPE, np.float32)
    file[KERNEL] = h5py.SoftLink("/elsewhere")


def a_soft_link_on_the_way(file: h5py.File, path: Path) -> None:
    file[KERNEL] = np.ones(SHAPE, np.float32)
    file.move("layers/lstm_1", "elsewhere")
    file["layers/lstm_1"] = h5py.SoftLink("/elsewhere")


def a_dangling_link(file: h5py.File, path: Path) -> None:
    file[KERNEL] = h5py.SoftLink("/nowhere")


def a_link_to_itself(file: h5py.File, path: Path) -> None:
    file[KERNEL] = h5py.SoftLink(f"/{KERNEL}")


def an_external_link(file: h5py.File, path: Path) -> None:
    file[KERNEL] = h5py.ExternalLink(elsewhere(path), "/secret")


def external_storage(file: h5py.File, path: Path) -> None:
    raw = path.with_name("secret.bin")
    raw.write_bytes(np.ones(SHAPE, np.float32).tobytes())
    file.create_dataset(KERNEL, SHAPE, "f4", external=[(raw, 0, h5py.h5f.UNLIMITED)])


def a_virtual_dataset(file: h5py.File, path: Path) -> None:
    layout = h5py.VirtualLayout(SHAPE, np.float32)
    layout[...] = h5py.VirtualSource(elsewhere(path), "secret", SHAPE)
    file.create_virtual_dataset(KERNEL, layout)


def never_stored(file: h5py.File, path: Path) -> None:
    """With a configuration of the largest size, a few bytes would become gigabytes of zeros."""
    file.create_dataset(KERNEL, SHAPE, "f4", chunks=True)


def compressed(file: h5py.File, path: Path) -> None:
    file.create_dataset(KERNEL, data=np.zeros(SHAPE, np.float32), compression="gzip")


@pytest.mark.parametrize(
    "attack",
    [
        missing,
        missing_groups,
        a_group,
        below_an_array,
        a_named_type,
        another_shape,
        no_shape,
        *(another_type(name) for name in ("f8", "f2", ">f4", "i4", "c8", "S4")),
        of_objects,
        of_times,
        *(not_finite(value) for value in (np.nan, np.inf, -np.inf)),
        a_soft_link,
        a_soft_link_on_the_way,
        a_dangling_link,
        a_link_to_itself,
        an_external_link,
        external_storage,
        a_virtual_dataset,
        never_stored,
        compressed,
    ],
    ids=lambda attack: attack.__name__.replace("_", " "),
)
def test_an_invalid_array_is_refused(attack: Attack, tmp_path: Path) -> None:
    path = tmp_path / "bad.weights.h5"
    write(path)
    with h5py.File(path, "r+") as file:
        del file[KERNEL]
        attack(file, path)
    with pytest.raises(TimelineError, match=r"Cannot read the weights bad\.weights\.h5: .*layers/"):
        read_weights(path, CONFIG)


@pytest.mark.parametrize("data", [b"", b"not HDF5", b"\x89HDF\r\n\x1a\n" + bytes(100)])
def test_a_file_that_is_not_hdf5_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "bad.weights.h5"
    path.write_bytes(data)
    with pytest.raises(TimelineError, match="Cannot read the weights"):
        read_weights(path, CONFIG)


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.weights.h5"
    write(path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(TimelineError, match="Cannot read the weights"):
        read_weights(path, CONFIG)


@pytest.mark.parametrize(
    "name",
    [
        "nowhere.weights.h5",
        ".",
    ],
)
def test_a_missing_file_is_reported_in_one_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(TimelineError, match="Cannot read the weights") as caught:
        read_weights(tmp_path / name, CONFIG)
    assert "\n" not in str(caught.value)


def test_a_damaged_byte_is_either_refused_or_read_as_a_number(tmp_path: Path) -> None:
    path = tmp_path / "damaged.weights.h5"
    write(path)
    good = path.read_bytes()
    random = np.random.default_rng(0)
    refused = 0
    for _ in range(300):
        data = bytearray(good)
        data[random.integers(len(data) // 2)] = random.integers(256)
        path.write_bytes(data)
        try:
            read_weights(path, CONFIG)
        except TimelineError:
            refused += 1
    assert refused, "no damage hit anything that matters"
