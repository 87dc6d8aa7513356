"""Checks of what a trainer states about the model for its card, made before training begins."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from typing import Any

from textgen.checks import did_you_mean, shown
from textgen.errors import ConfigError, HubError
from textgen.hub.client import check_repo_id
from textgen.hub.licenses import LICENSE_LIST, LICENSES
from textgen.manifest.records import Publication
from textgen.text.corpus import BUILTIN_CORPORA, Corpus

BUILTIN_LANGUAGE = "en"  # of every built-in corpus


def completed(publication: Publication | None, corpus: Corpus) -> Publication:
    """Check what a trainer states, and add the language if the corpus is a built-in one.

    There is no default license, not even for the built-in corpora: those texts are in the public
    domain, but only the person who trained the weights can license them.

    Raises:
        ConfigError: a statement would not be accepted on a model card.
    """
    publication = publication or Publication()
    for name, check in (
        ("license", license_id),
        ("language", language_code),
        ("demo", web_address),
    ):
        if (value := getattr(publication, name)) is not None:
            _checked(f"publication.{name}", check, value)
    for dataset in publication.datasets:
        _checked("publication.datasets", dataset_id, dataset)
    is_builtin = corpus.source in {builtin.url for builtin in BUILTIN_CORPORA.values()}
    if publication.language is None and is_builtin:
        return dataclasses.replace(publication, language=BUILTIN_LANGUAGE)
    return publication


def _checked(name: str, check: Callable[[Any], str], value: object) -> None:
    try:
        check(value)
    except ConfigError as error:
        raise ConfigError(f"{name} {error}") from None


def license_id(text: str) -> str:
    """Return the identifier of a license if the Hub accepts it on a model card.

    The errors of this function and the next ones lack the name of what is wrong, which the caller
    puts before them.

    Raises:
        ConfigError: the Hub would refuse it.
    """
    if isinstance(text, str) and text in LICENSES:
        return text
    meant = did_you_mean(str(text).lower(), LICENSES)
    raise ConfigError(
        "must be a license identifier of the Hugging Face Hub, such as cc0-1.0, cc-by-4.0, mit, "
        f"apache-2.0 or other, received {shown(text)}"
        f"{meant or f'. All identifiers: {LICENSE_LIST}.'}"
    )


def language_code(text: str) -> str:
    """Return the ISO 639 code of a language.

    Raises:
        ConfigError: it does not have the form of a code.
    """
    if isinstance(text, str) and re.fullmatch("[a-z]{2,3}", text):
        return text
    raise ConfigError(
        "must be an ISO 639 code of two or three lowercase letters, such as en, received "
        f"{shown(text)}."
    )


def dataset_id(text: str) -> str:
    """Return the name of a dataset on the Hub.

    Raises:
        ConfigError: it does not have the form of a name.
    """
    try:
        check_repo_id(text)
    except HubError:
        raise ConfigError(
            f"must be USER/REPO, the name of a dataset on the Hub, received {shown(text)}."
        ) from None
    return text


def web_address(text: str) -> str:
    """Return the URL of a web page.

    Raises:
        ConfigError: it is not an http or https URL, or has more than 2,000 characters.
    """
    if isinstance(text, str) and len(text) <= 2000 and re.fullmatch(r"https?://[^\s/?#]\S*", text):
        return text
    raise ConfigError(
        "must be a URL of at most 2,000 characters that begins with https:// or http://, received "
        f"{shown(text)}."
    )
