"""The names of a timeline's files, the same on disk and on the Hub."""

MANIFEST = "timeline.json"
VOCABULARY = "vocabulary.json"
ARCHITECTURE = "config.json"  # of the Keras model
ROOT_FILES = (ARCHITECTURE, "metadata.json")  # with ROOT_WEIGHTS, the model as Keras saves it
ROOT_WEIGHTS = "model.weights.h5"
TRANSCRIPT = "transcript.md"
HISTORY = "history.csv"
PICTURE = "assets/learning-curve.png"
CARD = "README.md"
CORPUS_INDEX = "corpus-index.bin"  # optional
SNAPSHOTS = "snapshots/"

FOR_READERS = (TRANSCRIPT, HISTORY, PICTURE, CARD)
FILES = (MANIFEST, VOCABULARY, *ROOT_FILES, ROOT_WEIGHTS, *FOR_READERS)
"""The files that every timeline has, besides its snapshots."""


def snapshot_file(step: int) -> str:
    """Return the path of a snapshot's weights file, relative to the timeline's directory."""
    return f"{SNAPSHOTS}step-{step:07d}.weights.h5"
