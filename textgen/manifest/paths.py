"""The files of a timeline: what each is called, on disk and on the Hub."""

MANIFEST = "timeline.json"
VOCABULARY = "vocabulary.json"
ROOT_FILES = ("config.json", "metadata.json")  # with the weights, Keras' own form of the model
ROOT_WEIGHTS = "model.weights.h5"
TRANSCRIPT = "transcript.md"
HISTORY = "history.csv"
PICTURE = "assets/learning-curve.png"
CARD = "README.md"
CORPUS_INDEX = "corpus-index.bin"  # not every timeline has it
SNAPSHOTS = "snapshots/"

FOR_READERS = (TRANSCRIPT, HISTORY, PICTURE, CARD)
FILES = (MANIFEST, VOCABULARY, *ROOT_FILES, ROOT_WEIGHTS, *FOR_READERS)
"""Those that every timeline has, beside its snapshots."""


def snapshot_file(step: int) -> str:
    """Return the path of a snapshot's weights inside a timeline."""
    return f"{SNAPSHOTS}step-{step:07d}.weights.h5"
