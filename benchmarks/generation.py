"""Characters per second: this package and other ways to generate, in one run.

    python benchmarks/generation.py
    taskset -c 0 python benchmarks/generation.py      # one core, like the README's figures

Every row uses an LSTM(128) with random weights and a vocabulary of 60 characters, and samples at
temperature 0.5:

- tutorial: the loop of the classic tutorials. It one-hot encodes the last 60 characters, calls
  `model.predict`, samples and appends.
- compiled step: one `tf.function` call per character; the state is carried along.
- loop in the graph: the whole loop in one `tf.while_loop`; the state is carried along.
- textgen: `TextGenerator.generate`.
- textgen, 32 at once: `TextGenerator.generate_batch`.

A second table compares one stream with the machine's limit: NumPy doing the matrix products and
nothing else. The last line is the time to read twenty snapshots of the bundled LSTM(256) from disk
and to continue a text with each, as the app does to compare them.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).parent.parent))

import keras
import numpy as np
import tensorflow as tf

from textgen import Engine, ModelConfig, TextGenerator, Timeline, Vocabulary, build_model

BUNDLED = Path(__file__).parents[1] / "pretrained/nietzsche"
VOCAB_SIZE, WINDOW, TEMPERATURE = 60, 60, 0.5
VOCABULARY = Vocabulary(tuple(chr(ord("A") + index) for index in range(VOCAB_SIZE)))
PROMPT = list(range(WINDOW))
Loop = Callable[[int], object]  # generates this number of characters


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Measure characters per second.")
    parser.add_argument(
        "--repeats",
        type=int,
        default=5,
        help="runs of each row; the best is shown (default: %(default)s)",
    )
    repeats = parser.parse_args().repeats
    rows = [("tutorial: predict for each character", *measure(tutorial(), 40, repeats))]
    for name, loop, length in (
        ("TensorFlow, compiled step", compiled_step(), 1000),
        ("TensorFlow, loop in the graph", in_the_graph(), 4000),
        ("textgen", single(128), 20_000),
        ("textgen, 32 at once", batch(128, 32), 1000),
    ):
        rows.append((name, *measure(loop, length, repeats)))
    slowest = rows[0][1]
    print(f"\nLSTM(128), {VOCAB_SIZE} characters, temperature {TEMPERATURE}; best of {repeats}\n")
    print(f"{'':38} {'characters/s':>14} {'× the tutorial':>19}")
    for name, rate, _ in rows:
        print(f"{name:38} {rate:>14,.0f} {rate / slowest:>18,.0f}×")
    print(f"\n{'textgen, one stream':38} {'characters/s':>14} {'of the limit':>22}")
    for layers in ((128,), (256, 256), (512, 512)):
        rate, _ = measure(single(*layers), 5000, repeats)
        limit, _ = measure(products_alone(*layers), 5000, repeats)
        name = " + ".join(f"LSTM({units})" for units in layers)
        print(f"{name:38} {rate:>14,.0f} {rate / limit:>22.0%}")
    seconds = 1 / measure(compare(20, 400), 1, repeats)[0]
    print(f"\nReading 20 snapshots and writing 400 characters with each: {seconds:.2f} s")
    return 0


def measure(loop: Loop, length: int, repeats: int) -> tuple[float, float]:
    """Return the characters per second of the best of several runs, and that run's seconds."""
    loop(min(length, 10))  # compile and warm up
    seconds = []
    for _ in range(repeats):
        began = time.perf_counter()
        written = loop(length)
        seconds.append(time.perf_counter() - began)
        characters = length * (written if isinstance(written, int) else 1)
    return characters / min(seconds), min(seconds)


def tutorial() -> Loop:
    """Return the classic tutorials' loop: re-encode the window, predict, sample."""
    model = keras.Sequential(
        [
            keras.Input((WINDOW, VOCAB_SIZE)),
            keras.layers.LSTM(128),
            keras.layers.Dense(VOCAB_SIZE, activation="softmax"),
        ]
    )
    rng = np.random.default_rng(0)

    def write(length: int) -> None:
        text = list(PROMPT)
        for _ in range(length):
            one_hot = np.zeros((1, WINDOW, VOCAB_SIZE))
            for position, index in enumerate(text[-WINDOW:]):
                one_hot[0, position, index] = 1.0
            predicted = model.predict(one_hot, verbose=0)[0].astype("float64")
            scaled = np.exp(np.log(predicted) / TEMPERATURE)
            text.append(int(rng.choice(VOCAB_SIZE, p=scaled / scaled.sum())))

    return write


def tensorflow_step() -> tuple[Callable[..., tuple[tf.Tensor, ...]], list[tf.Tensor]]:
    """Return one step of network and sampling in TensorFlow, and the initial state."""
    embedding = tf.random.normal((VOCAB_SIZE, 64))
    cell = keras.layers.LSTMCell(128)
    cell.build((1, 64))
    dense = keras.layers.Dense(VOCAB_SIZE)
    dense.build((1, 128))

    def step(ids: tf.Tensor, h: tf.Tensor, c: tf.Tensor) -> tuple[tf.Tensor, ...]:
        out, (h, c) = cell(tf.gather(embedding, ids), [h, c])
        sampled = tf.random.categorical(dense(out) / TEMPERATURE, 1)[:, 0]
        return sampled, h, c

    return step, [tf.zeros((1,), tf.int64), tf.zeros((1, 128)), tf.zeros((1, 128))]


def compiled_step() -> Loop:
    """Return a loop with one call of a compiled function per character."""
    step, start = tensorflow_step()
    compiled = tf.function(step)

    def write(length: int) -> None:
        state = list(start)
        for _ in range(length):
            state = list(compiled(*state))
            int(state[0][0])

    return write


def in_the_graph() -> Loop:
    """Return a loop that TensorFlow compiles as a whole."""
    step, start = tensorflow_step()

    @tf.function
    def loop(length: tf.Tensor) -> tf.Tensor:
        written = tf.TensorArray(tf.int64, size=length, element_shape=(1,))
        ids, h, c = start
        for index in tf.range(length):
            ids, h, c = step(ids, h, c)
            written = written.write(index, ids)
        return written.stack()

    return lambda length: loop(tf.constant(length)).numpy()


def engine(*layers: int) -> Engine:
    """Return an engine with random weights and these LSTM layers."""
    config = ModelConfig(vocab_size=VOCAB_SIZE, lstm_units=layers)
    return Engine.from_model(build_model(config), config)


def single(*layers: int) -> Loop:
    """Return a loop that generates one text with this package."""
    generator = TextGenerator(engine(*layers), VOCABULARY)
    prompt = VOCABULARY.decode(PROMPT)
    return lambda length: (
        generator.generate(prompt, length=length, temperature=TEMPERATURE, seed=0) and None
    )


def batch(units: int, streams: int) -> Loop:
    """Return a loop that generates many texts with this package, in shared matrix products."""
    generator = TextGenerator(engine(units), VOCABULARY)
    prompts, seeds = ["A"] * streams, list(range(streams))

    def write(length: int) -> int:
        generator.generate_batch(prompts, length=length, temperature=TEMPERATURE, seed=seeds)
        return streams

    return write


def compare(snapshots: int, characters: int) -> Loop:
    """Return a loop that reads snapshots from disk and continues one text with each."""

    def write(length: int) -> None:
        for _ in range(length):
            timeline = Timeline.from_pretrained(BUNDLED)
            steps = [snapshot.step for snapshot in timeline.snapshots * 2][:snapshots]
            for step in steps:
                timeline.generator(step=step).generate("the soul ", length=characters, seed=1)

    return write


def products_alone(*layers: int) -> Loop:
    """Return a loop of a step's matrix products alone: the machine's limit for this method."""
    rng = np.random.default_rng(0)
    products = []
    for number, units in enumerate(layers):
        for width in (units,) if number == 0 else (layers[number - 1], units):
            matrix = rng.normal(size=(width, 4 * units)).astype(np.float32)
            products.append((np.zeros(width, np.float32), matrix, np.zeros(4 * units, np.float32)))
    last = rng.normal(size=(layers[-1], VOCAB_SIZE)).astype(np.float32)
    products.append((np.zeros(layers[-1], np.float32), last, np.zeros(VOCAB_SIZE, np.float32)))

    def write(length: int) -> None:
        dot = np.dot
        for _ in range(length):
            for vector, matrix, out in products:
                dot(vector, matrix, out)

    return write


if __name__ == "__main__":
    sys.exit(main())
