"""Characters a second, ours and others', side by side in one run.

    python benchmarks/generation.py
    taskset -c 0 python benchmarks/generation.py      # one core, as the README's figures

Every row continues the same text with the same LSTM(128) over 60 symbols, random weights, by
sampling at temperature 0.5:

- tutorial: the loop of the classic tutorials: one-hot encode the last 60 characters, call
  `model.predict`, sample, append.
- compiled step: one `tf.function` call for each character, state carried.
- in the graph: the whole loop in one `tf.while_loop`, state carried.
- textgen: `TextGenerator.generate`.
- textgen, 32 at once: `TextGenerator.generate_batch`.

The machine's own limit is shown beside ours: how fast NumPy does nothing but the products. Last,
how long it takes to read twenty snapshots of the bundled LSTM(256) from disk and to continue a text
with each, as the page does to compare them.
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
SYMBOLS, WINDOW, TEMPERATURE = 60, 60, 0.5
VOCABULARY = Vocabulary(tuple(chr(ord("A") + index) for index in range(SYMBOLS)))
PROMPT = list(range(WINDOW))
Loop = Callable[[int], object]  # writes so many characters


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Measure characters a second.")
    parser.add_argument("--repeats", type=int, default=5, help="the best of so many is shown")
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
    print(f"\nLSTM(128), {SYMBOLS} symbols, temperature {TEMPERATURE}; best of {repeats}\n")
    print(f"{'':38} {'characters/s':>14} {'times the tutorial':>19}")
    for name, rate, _ in rows:
        print(f"{name:38} {rate:>14,.0f} {rate / slowest:>18,.0f}×")
    print(f"\n{'textgen, one stream':38} {'characters/s':>14} {'of the products alone':>22}")
    for layers in ((128,), (256, 256), (512, 512)):
        rate, _ = measure(single(*layers), 5000, repeats)
        limit, _ = measure(products_alone(*layers), 5000, repeats)
        name = " + ".join(f"LSTM({units})" for units in layers)
        print(f"{name:38} {rate:>14,.0f} {rate / limit:>22.0%}")
    seconds = 1 / measure(compare(20, 400), 1, repeats)[0]
    print(f"\n20 snapshots read, 400 characters by each: {seconds:.2f} s")
    return 0


def measure(loop: Loop, length: int, repeats: int) -> tuple[float, float]:
    """Return the best rate of some runs in characters a second, and that run's seconds."""
    loop(min(length, 10))  # compile, warm up
    seconds = []
    for _ in range(repeats):
        began = time.perf_counter()
        written = loop(length)
        seconds.append(time.perf_counter() - began)
        characters = length * (written if isinstance(written, int) else 1)
    return characters / min(seconds), min(seconds)


def tutorial() -> Loop:
    """Re-encode the window, predict, sample: as the classic tutorials do."""
    model = keras.Sequential(
        [
            keras.Input((WINDOW, SYMBOLS)),
            keras.layers.LSTM(128),
            keras.layers.Dense(SYMBOLS, activation="softmax"),
        ]
    )
    random = np.random.default_rng(0)

    def write(length: int) -> None:
        text = list(PROMPT)
        for _ in range(length):
            one_hot = np.zeros((1, WINDOW, SYMBOLS))
            for place, index in enumerate(text[-WINDOW:]):
                one_hot[0, place, index] = 1.0
            predicted = model.predict(one_hot, verbose=0)[0].astype("float64")
            scaled = np.exp(np.log(predicted) / TEMPERATURE)
            text.append(int(random.choice(SYMBOLS, p=scaled / scaled.sum())))

    return write


def tensorflow_step() -> tuple[Callable[..., tuple[tf.Tensor, ...]], list[tf.Tensor]]:
    """Return one step of the network and of sampling in TensorFlow, and the first state."""
    embedding = tf.random.normal((SYMBOLS, 64))
    cell = keras.layers.LSTMCell(128)
    cell.build((1, 64))
    dense = keras.layers.Dense(SYMBOLS)
    dense.build((1, 128))

    def step(ids: tf.Tensor, h: tf.Tensor, c: tf.Tensor) -> tuple[tf.Tensor, ...]:
        out, (h, c) = cell(tf.gather(embedding, ids), [h, c])
        drawn = tf.random.categorical(dense(out) / TEMPERATURE, 1)[:, 0]
        return drawn, h, c

    return step, [tf.zeros((1,), tf.int64), tf.zeros((1, 128)), tf.zeros((1, 128))]


def compiled_step() -> Loop:
    """One call of a compiled function for each character."""
    step, start = tensorflow_step()
    compiled = tf.function(step)

    def write(length: int) -> None:
        state = list(start)
        for _ in range(length):
            state = list(compiled(*state))
            int(state[0][0])

    return write


def in_the_graph() -> Loop:
    """The whole loop compiled."""
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
    """Return an engine of random weights."""
    config = ModelConfig(vocab_size=SYMBOLS, lstm_units=layers)
    return Engine.from_model(build_model(config), config)


def single(*layers: int) -> Loop:
    """One stream of ours."""
    generator = TextGenerator(engine(*layers), VOCABULARY)
    prompt = VOCABULARY.decode(PROMPT)
    return lambda length: (
        generator.generate(prompt, length=length, temperature=TEMPERATURE, seed=0) and None
    )


def batch(units: int, streams: int) -> Loop:
    """Many streams of ours in one product."""
    generator = TextGenerator(engine(units), VOCABULARY)
    prompts, seeds = ["A"] * streams, list(range(streams))

    def write(length: int) -> int:
        generator.generate_batch(prompts, length=length, temperature=TEMPERATURE, seed=seeds)
        return streams

    return write


def compare(snapshots: int, characters: int) -> Loop:
    """One text continued by many snapshots of ours, each read from disk."""

    def write(length: int) -> None:
        for _ in range(length):
            timeline = Timeline.from_pretrained(BUNDLED)
            steps = [snapshot.step for snapshot in timeline.snapshots * 2][:snapshots]
            for step in steps:
                timeline.generator(step=step).generate("the soul ", length=characters, seed=1)

    return write


def products_alone(*layers: int) -> Loop:
    """The matrix products of a step and nothing else: the machine's limit for this method."""
    random = np.random.default_rng(0)
    products = []
    for place, units in enumerate(layers):
        for width in (units,) if place == 0 else (layers[place - 1], units):
            matrix = random.normal(size=(width, 4 * units)).astype(np.float32)
            products.append((np.zeros(width, np.float32), matrix, np.zeros(4 * units, np.float32)))
    last = random.normal(size=(layers[-1], SYMBOLS)).astype(np.float32)
    products.append((np.zeros(layers[-1], np.float32), last, np.zeros(SYMBOLS, np.float32)))

    def write(length: int) -> None:
        dot = np.dot
        for _ in range(length):
            for vector, matrix, out in products:
                dot(vector, matrix, out)

    return write


if __name__ == "__main__":
    sys.exit(main())
