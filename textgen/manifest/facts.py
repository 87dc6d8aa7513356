"""Facts about a model in words, from its manifest: plain text, to be escaped where it is shown."""

from __future__ import annotations

from textgen.manifest.records import Origin
from textgen.manifest.schema import Manifest


def described(manifest: Manifest) -> dict[str, str]:
    """Return facts about a model and its training, as name → plain text."""
    software = ", ".join(f"{name} {version}" for name, version in manifest.software.items())
    time = f"{_duration(manifest.snapshots[-1].seconds)} on {manifest.device}"
    origin = manifest.init_from
    return {
        "preprocessing": _preprocessing(manifest),
        "split": _split(manifest),
        "network": _network(manifest),
        "parameters": f"{manifest.model.parameters:,}",
        "training": _training(manifest),
        "training time": f"{time}, not counting validation and saving",
        "software": software,
        **({"fine-tuned from": _origin(origin)} if origin else {}),
    }


def how_far(manifest: Manifest) -> str:
    """Return how long the model was trained, in epochs: "12 epochs", "epoch 2 of 5 so far"."""
    epochs, reached = manifest.training.epochs, manifest.snapshots[-1]
    if not manifest.finished:
        return f"epoch {reached.label} of {epochs} so far"
    if reached.epoch < epochs:
        return (
            f"{reached.label} of {epochs} epochs; training stopped early because the validation "
            "loss no longer improved"
        )
    return f"{reached.label} epoch{'' if reached.label == '1' else 's'}"


def limits(manifest: Manifest) -> list[str]:
    """Return sentences about what the model must not be mistaken for."""
    return [
        "The model imitates the character patterns of its training text. It has no knowledge of "
        "facts, no intent, and no meaning beyond a sentence.",
        "It can repeat what its training text says about people, with the text's style, errors "
        "and prejudices, unfiltered and sometimes word for word.",
        "Do not use it where its output could be mistaken for information.",
        "Its validation loss was measured on another part of the same text. It says nothing about "
        "other texts.",
        f"It reads and writes only the {manifest.model.vocab_size} characters of its vocabulary.",
    ]


def _preprocessing(manifest: Manifest) -> str:
    done = manifest.preparation
    return (
        f"{'converted to lowercase; ' * done.lowercase}"
        f"{'punctuation removed; ' * done.strip_punctuation}"
        "Project Gutenberg header and footer removed, if present"
    )


def _split(manifest: Manifest) -> str:
    corpus = manifest.corpus
    unseen = corpus.unseen_characters
    removed = f"; characters outside the vocabulary removed: {unseen:,}" if unseen else ""
    return (
        f"{corpus.train_characters:,} characters for training, {corpus.held_out_characters:,} for "
        f"validation{removed}"
    )


def _network(manifest: Manifest) -> str:
    model = manifest.model
    layers = " → ".join(f"LSTM({units})" for units in model.lstm_units)
    entry = {
        "embedding": f"Embedding({model.embedding_dim})",
        "one_hot": "one-hot",
        "scaled": "id ÷ vocabulary size",
    }[model.encoding]
    limit = "" if model.context is None else f", context of {model.context:,} characters"
    return f"{entry} → {layers} → Dense({model.vocab_size}){limit}"


def _training(manifest: Manifest) -> str:
    settings = manifest.training
    optimizer = {"adamw": "AdamW", "adam": "Adam", "rmsprop": "RMSprop", "muon": "Muon"}[
        settings.optimizer
    ]
    return (
        f"recipe {manifest.recipe}: windows of {settings.seq_length} characters, batch size "
        f"{settings.batch_size}, {optimizer}, learning rate {settings.learning_rate:g} "
        f"({settings.schedule} schedule), dropout rate {_dropout(manifest)}, "
        f"{'carried state, ' * settings.carry_state}random seed {settings.seed}, "
        f"{how_far(manifest)}"
    )


def _origin(origin: Origin) -> str:
    where = "" if origin.repo_id is None else f", from {origin.repo_id} on the Hugging Face Hub"
    return f"{origin.name}, step {origin.step:,}{where}"


def _dropout(manifest: Manifest) -> str:
    """Return the dropout rates: "0.5", or "0.5 (embedding 0.1, recurrent weights 0.2)"."""
    model, weights = manifest.model, manifest.training.weight_drop
    special = [
        *([] if model.input_dropout is None else [f"embedding {model.input_dropout:g}"]),
        *([f"recurrent weights {weights:g}"] if weights else []),
    ]
    return f"{model.dropout:g}" + (f" ({', '.join(special)})" if special else "")


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.1f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"
