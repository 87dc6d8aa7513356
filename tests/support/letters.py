"""The corpus of the tests' timelines, its index, and what a manifest states about them."""

import hashlib

import numpy as np

from textgen.manifest.records import CorpusFacts, IndexFacts
from textgen.text.corpus_index import NGRAM_SIZE, CorpusIndex

CORPUS = "".join(np.random.default_rng(0).choice(list("\n abcdé🙂"), 1000))
TRAIN, HELD_OUT = CORPUS[:900], CORPUS[900:]
CORPUS_FACTS = CorpusFacts(
    name="letters",
    source="https://example.org/letters.txt",
    sha256=hashlib.sha256(CORPUS.encode()).hexdigest(),
    characters=1000,
    train_characters=900,
    held_out_characters=100,
    unseen_characters=1,
)
INDEX = CorpusIndex.of(TRAIN).to_bytes()
INDEX_FACTS = IndexFacts(
    ngram_size=NGRAM_SIZE,
    ngrams=CorpusIndex.of(TRAIN).ngrams,
    words=CorpusIndex.of(TRAIN).words,
    sha256=hashlib.sha256(INDEX).hexdigest(),
)
