"""The card's metadata, read as the Hub reads it, and what the text says about the same facts."""

import re
from typing import Any

import pytest
from huggingface_hub import ModelCard

from tests.support.cards import REPO_ID, body_of, cells, tokens
from tests.support.timelines import hostile_manifest, manifest_of
from textgen.manifest import card
from textgen.manifest.records import Origin, Publication
from textgen.manifest.schema import Manifest

STATED = Publication(
    license="cc-by-4.0",
    language="de",
    datasets=("tester/books", "tester/_more_"),
    demo="https://example.org/a(b)?x=1&copy;=[2]",
)


def metadata(manifest: Manifest) -> Any:
    return ModelCard(card.render(manifest, REPO_ID)).data


def links(manifest: Manifest) -> set[str]:
    """Return where the links of a card's text lead."""
    opened = [token for token in tokens(body_of(manifest)) if token.type == "link_open"]
    return {str(token.attrGet("href")) for token in opened}


def license_section(manifest: Manifest) -> str:
    return " ".join(body_of(manifest).rpartition("## License")[2].split())


@pytest.mark.parametrize("manifest", [manifest_of(), hostile_manifest()], ids=["plain", "hostile"])
def test_the_hub_reads_the_metadata(manifest: Manifest) -> None:
    data = metadata(manifest)
    assert data.library_name == "keras"
    assert data.pipeline_tag == "text-generation"
    assert "textgen" in data.tags
    assert data.model_name == manifest.name
    assert {(each.metric_type, each.metric_value) for each in data.eval_results} == {
        ("loss", 1.5),
        ("bits_per_character", 2.164),
    }
    for each in data.eval_results:
        assert each.source_url == f"https://huggingface.co/{REPO_ID}/blob/main/timeline.json"
        assert each.dataset_name == f"{manifest.corpus.name} (validation part)"


def test_the_card_begins_with_its_metadata_and_no_name_ends_it_early() -> None:
    text = card.render(hostile_manifest(), REPO_ID)
    _, metadata, body = re.split(r"^---$", text, maxsplit=2, flags=re.MULTILINE)
    assert text.startswith("---\n")
    assert "pipeline_tag" in metadata
    assert body.lstrip().startswith("# ")


def test_a_card_states_nothing_that_the_trainer_has_not_stated() -> None:
    data = metadata(manifest_of()).to_dict()
    assert not {"license", "language", "datasets", "base_model", "base_model_relation"} & set(data)
    assert "The trainer has not stated a license for the weights" in license_section(manifest_of())
    assert "Try it" not in body_of(manifest_of())
    assert not {"language", "dataset"} & set(cells(body_of(manifest_of())))


def test_what_the_trainer_states_is_in_the_metadata_and_in_the_text() -> None:
    manifest = manifest_of(publication=STATED)
    data = metadata(manifest)
    assert (data.license, data.language) == ("cc-by-4.0", "de")
    assert data.datasets == ["tester/books", "tester/_more_"]
    assert "under the license `cc-by-4.0`" in license_section(manifest)
    shown = cells(body_of(manifest))
    assert shown[shown.index("language") + 1] == "`de`"
    assert shown.count("dataset") == 2
    assert {
        "https://huggingface.co/datasets/tester/books",
        "https://huggingface.co/datasets/tester/_more_",
        "https://example.org/a%28b%29?x=1&copy;=[2]",
    } <= {link.replace("%5B", "[").replace("%5D", "]") for link in links(manifest)}


def test_norwegian_is_not_read_as_false() -> None:
    assert metadata(manifest_of(publication=Publication(language="no"))).language == "no"


def test_a_license_that_the_hub_does_not_list_is_explained() -> None:
    manifest = manifest_of(publication=Publication(license="other"))
    assert metadata(manifest).license == "other"
    assert "a license that is not on [the Hub's list]" in license_section(manifest)


def test_every_card_says_that_the_license_does_not_cover_the_training_text() -> None:
    for license in (None, "other", "mit"):
        said = license_section(manifest_of(publication=Publication(license=license)))
        assert "does not cover the training text" in said


def test_a_model_fine_tuned_from_the_hub_names_its_base_model() -> None:
    origin = Origin(name="before", step=1500, sha256="0" * 64, repo_id="tester/before")
    data = metadata(manifest_of(init_from=origin))
    assert (data.base_model, data.base_model_relation) == ("tester/before", "finetune")
    shown = cells(body_of(manifest_of(init_from=origin)))
    assert "before, step 1,500, from tester/before on the Hugging Face Hub" in shown


def test_a_model_fine_tuned_from_a_directory_names_no_base_model() -> None:
    origin = Origin(name="tester/before", step=1500, sha256="0" * 64)
    data = metadata(manifest_of(init_from=origin)).to_dict()
    assert not {"base_model", "base_model_relation"} & set(data)


def test_the_link_to_a_demo_cannot_end_early() -> None:
    (demo,) = [link for link in links(hostile_manifest()) if "demo.example" in link]
    assert demo.startswith("https://demo.example/%22%3E%3Cimg")
