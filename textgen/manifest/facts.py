"""What a manifest tells of its model, in words: plain text, which whoever shows it escapes."""

from __future__ import annotations

from textgen.manifest.schema import Manifest


def described(manifest: Manifest) -> dict[str, str]:
    """Return what is known of a model and of how it came to be, as name → words."""
    software = ", ".join(f"{name} {version}" for name, version in manifest.software.items())
    seconds, origin = manifest.snapshots[-1].seconds, manifest.init_from
    return {
        "preparation": _preparation(manifest),
        "split": _split(manifest),
        "network": _network(manifest),
        "weights": f"{manifest.model.parameters:,}",
        "training": _training(manifest),
        "time": f"{_duration(seconds)} on {manifest.device}, measuring and saving not counted",
        "software": software,
        **({"goes on from": f"{origin.name}, step {origin.step:,}"} if origin else {}),
    }


def how_far(manifest: Manifest) -> str:
    """Return in words how far training went."""
    epochs, reached = manifest.training.epochs, manifest.snapshots[-1]
    if not manifest.finished:
        return f"epoch {reached.label} of {epochs} when this was written"
    early = "" if reached.epoch >= epochs else f" of {epochs}, where it had stopped getting better"
    return f"{reached.label} epoch{'' if reached.label == '1' else 's'}{early}"


def limits(manifest: Manifest) -> list[str]:
    """Return, in sentences, what the model is not to be taken for."""
    return [
        "It knows nothing but the characters of one text: no facts, no intent, no meaning beyond "
        "a sentence.",
        "What that text says, of whomever, it may say again: its style, its errors and its "
        "prejudices, unfiltered, sometimes word for word.",
        "Do not use it where anyone could take its output for information.",
        "What was measured is of other pages of the same text and says nothing of any other.",
        f"It reads and writes only the {manifest.model.vocab_size} characters it was trained on.",
    ]


def _preparation(manifest: Manifest) -> str:
    done = manifest.preparation
    return (
        f"{'lowercased, ' * done.lowercase}{'punctuation stripped, ' * done.strip_punctuation}"
        "Project Gutenberg's header and footer left out where found"
    )


def _split(manifest: Manifest) -> str:
    corpus = manifest.corpus
    unseen = corpus.unseen_characters
    left_out = f"; {unseen:,} more left out, which the model does not know" if unseen else ""
    return (
        f"{corpus.train_characters:,} characters to train on, {corpus.held_out_characters:,} "
        f"held out{left_out}"
    )


def _network(manifest: Manifest) -> str:
    model = manifest.model
    layers = " → ".join(f"LSTM({units})" for units in model.lstm_units)
    entry = {
        "embedding": f"Embedding({model.embedding_dim})",
        "one_hot": "one-hot",
        "scaled": "id ÷ vocabulary size",
    }[model.encoding]
    forgets = "" if model.context is None else f", shown {model.context:,} characters at a time"
    return f"{entry} → {layers} → Dense({model.vocab_size}){forgets}"


def _training(manifest: Manifest) -> str:
    settings = manifest.training
    optimizer = {"adamw": "AdamW", "adam": "Adam", "rmsprop": "RMSprop", "muon": "Muon"}[
        settings.optimizer
    ]
    return (
        f"recipe {manifest.recipe}: windows of {settings.seq_length}, batch "
        f"{settings.batch_size}, {optimizer} {settings.learning_rate:g} ({settings.schedule}), "
        f"dropout {manifest.model.dropout:g}, {how_far(manifest)}, seed {settings.seed}"
    )


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.1f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"
