"""The metadata at the start of a model card, from which the Hub fills its lists and filters."""

from __future__ import annotations

from textgen.hub.client import card_metadata
from textgen.manifest.schema import Manifest


def front_matter(manifest: Manifest, repo_id: str) -> str:
    """Return the metadata of a timeline's model card as YAML, without the lines around it.

    What the trainer has not stated, such as a license, is left out.

    Args:
        manifest: the timeline's manifest, with at least one snapshot.
        repo_id: the repository that the card is for.
    """
    publication, origin = manifest.publication, manifest.init_from
    base_model = None if origin is None else origin.repo_id
    return card_metadata(
        library_name="keras",
        pipeline_tag="text-generation",
        license=publication.license,
        language=publication.language,
        datasets=list(publication.datasets) or None,
        base_model=base_model,
        base_model_relation=None if base_model is None else "finetune",
        tags=["textgen", "char-lstm", "lstm", "character-level", "text-generation"],
        model_name=manifest.name,
        results=_results(manifest, repo_id),
    )


def _results(manifest: Manifest, repo_id: str) -> list[dict[str, object]]:
    """Return the losses of the best snapshot, as fields of the Hub's evaluation results."""
    validation = {
        "task_type": "text-generation",
        "task_name": "Character-level language modeling",
        "source_name": "timeline.json, measured by textgen after each snapshot",
        "source_url": f"https://huggingface.co/{repo_id}/blob/main/timeline.json",
        "dataset_type": "text",
        "dataset_name": f"{manifest.corpus.name} (validation part)",
    }
    return [
        {
            "metric_type": "loss",
            "metric_name": "Validation loss (nats per character)",
            "metric_value": round(manifest.best.val_loss, 4),
            **validation,
        },
        {
            "metric_type": "bits_per_character",
            "metric_name": "Validation loss (bits per character)",
            "metric_value": round(manifest.best.val_bits_per_char, 4),
            **validation,
        },
    ]
