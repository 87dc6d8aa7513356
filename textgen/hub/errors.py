"""Translates errors of the Hub client into one line: what, why, what to do; never a token."""

from __future__ import annotations

import contextlib
import json
import re
import time
import traceback
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any

from textgen.errors import HubBusyError, HubError

_TEMPORARY = frozenset({408, 409, 412, 423, 425, 429})
"""Status codes of temporary refusals; after 412, the next try starts from the new commit."""
_LONGEST_RETRY = 3600.0  # seconds, even if the Hub asks for more


@contextlib.contextmanager
def translate_hub_errors(
    repo_id: str, revision: str | None, *, account_hint: str = ""
) -> Iterator[None]:
    """Turn errors that the client raises into HubErrors; errors of our own code stay as they are.

    Args:
        repo_id: the repository of the request; "" for a request about the Hub itself.
        revision: the requested revision, if any.
        account_hint: which accounts may do this; added to the message if this account may not.

    Raises:
        HubError: the client raised an error.
    """
    try:
        yield
    except Exception as error:
        translated = _translated(error, repo_id, revision) if _is_clients(error) else None
        if translated is None:
            raise
        status = getattr(getattr(error, "response", None), "status_code", None)
        if account_hint and status in (402, 403):
            translated = HubError(f"{translated} {account_hint}")
        raise translated from error


def _is_clients(error: Exception) -> bool:
    """Return whether an error was raised in a call of the client, not in our own code."""
    return any(
        frame.f_globals.get("__name__", "").partition(".")[0] == "huggingface_hub"
        for frame, _ in traceback.walk_tb(error.__traceback__)
    )


def is_not_found(error: HubError) -> bool:
    """Return whether the Hub has no such repository or was not reached, judged by its error."""
    from huggingface_hub import errors

    if isinstance(error, HubBusyError):
        return True
    reason = _reason(error.__cause__) if isinstance(error.__cause__, Exception) else None
    missing = (
        errors.LocalEntryNotFoundError,
        errors.OfflineModeIsEnabled,
        errors.RepositoryNotFoundError,
    )
    return isinstance(reason, missing) and not isinstance(reason, errors.GatedRepoError)


def _reason(error: Exception) -> Exception:
    """Return the underlying error if the client wrapped it in another one."""
    from huggingface_hub import errors

    if isinstance(error, RuntimeError) and isinstance(error.__cause__, Exception):
        error = error.__cause__  # why the Hub did not accept a file
    if isinstance(error, (errors.LocalEntryNotFoundError, ValueError)) and isinstance(
        error.__cause__, errors.HfHubHTTPError
    ):
        error = error.__cause__  # the Hub was reached and refused
    return error


def _translated(error: Exception, repo_id: str, revision: str | None) -> HubError | None:
    """Return the meaning of an error of the client, or None for an unexpected kind."""
    from huggingface_hub import errors

    error = _reason(error)
    if isinstance(error, errors.HfHubHTTPError):
        return _refused(error, repo_id, revision)
    return _local_error(error, repo_id) or _storage_error(error) or _network_error(error)


def _local_error(error: Exception, repo_id: str) -> HubError | None:
    """Return the meaning of an error that the client raises without an answer from the Hub."""
    import httpx2
    from huggingface_hub import constants, errors

    meanings: dict[Any, str] = {  # subclasses before their base classes
        errors.HFValidationError: f"Invalid repository name {repo_id!r}. Give USER/REPO.",
        errors.LocalTokenNotFoundError: (
            "No Hugging Face token found. Log in with 'hf auth login' or set HF_TOKEN."
        ),
        errors.LocalEntryNotFoundError: (
            f"{repo_id} is not in the cache, and the Hub at {constants.ENDPOINT} was not reached: "
            "check the network, or download it once while online."
        ),
        errors.OfflineModeIsEnabled: (
            "The Hub cannot be reached while HF_HUB_OFFLINE is set: unset it and try again."
        ),
        (UnicodeEncodeError, httpx2.LocalProtocolError): (
            "The Hugging Face token contains characters that no token has. Log in with "
            "'hf auth login'."
        ),
        UnicodeDecodeError: (
            f"The cached copy of {repo_id} is damaged: find it with 'hf cache ls' and delete it."
        ),
    }
    for kinds, meaning in meanings.items():
        if isinstance(error, kinds):
            return HubError(meaning)
    return None


def _network_error(error: Exception) -> HubError | None:
    """Return the meaning of an error of the network or the disk, or of an unreadable answer."""
    import httpx2
    from huggingface_hub import constants

    hub, kind = f"the Hub at {constants.ENDPOINT}", type(error).__name__
    if isinstance(error, (httpx2.HTTPError, json.JSONDecodeError)):
        return HubBusyError(f"Cannot reach {hub} ({kind}): check the network and try again.")
    if isinstance(error, OSError):
        return HubError(
            f"Cannot save files from {hub}: {error}. Free some space, or set HF_HOME to a "
            "directory you may write to."
        )
    if isinstance(error, (AssertionError, AttributeError, KeyError, TypeError)):
        return HubBusyError(
            f"Cannot read the answer of {hub} ({kind}): check the network and try again."
        )
    if isinstance(error, ValueError):
        return HubError(f"The Hub does not accept a file: {' '.join(str(error).split())}")
    return None


def _storage_error(error: Exception) -> HubError | None:
    """Return the meaning of an error of hf_xet, the client of the Hub's storage."""
    from huggingface_hub.errors import OfflineModeIsEnabled

    kinds = (ConnectionError, TimeoutError, RuntimeError)
    if not isinstance(error, kinds) or isinstance(error, OfflineModeIsEnabled):
        return None
    said = " ".join(str(error).split())[:200]
    if re.search(r"\b40[13]\b", said):
        return HubError(
            f"The Hub's storage refused ({said}): log in with 'hf auth login' and a token that may "
            "read or write there."
        )
    return HubBusyError(f"The Hub's storage failed ({said}): check the network and try again.")


def _refused(error: Any, repo_id: str, revision: str | None) -> HubError:
    """Return the meaning of a refusal by the Hub; HubBusyError if it is temporary."""
    status = error.response.status_code
    meaning = _refusal_message(error, status, repo_id, revision)
    if status in _TEMPORARY or status >= 500:
        return HubBusyError(meaning, retry_after=_retry_after(error.response.headers))
    return HubError(meaning)


def _retry_after(headers: Any) -> float:
    """Return how many seconds the Hub asks clients to wait, from the two headers that may say."""
    from huggingface_hub.utils import parse_ratelimit_headers  # type: ignore[attr-defined]

    header, seconds = headers.get("Retry-After", ""), 0.0
    limit = parse_ratelimit_headers(headers)
    if limit is not None and limit.remaining == 0:
        seconds = float(limit.reset_in_seconds)
    if header.isdecimal():
        seconds = max(seconds, float(header[:9]))
    elif header:
        with contextlib.suppress(ValueError):  # neither seconds nor a date
            seconds = max(seconds, parsedate_to_datetime(header).timestamp() - time.time())
    return min(seconds, _LONGEST_RETRY)


def _refusal_message(error: Any, status: int, repo_id: str, revision: str | None) -> str:
    from huggingface_hub import errors

    said = (error.server_message or f"status {status}").splitlines()[0]
    if isinstance(error, errors.GatedRepoError):
        return f"{repo_id} is gated: accept its terms on the Hub, then log in with 'hf auth login'."
    if isinstance(error, errors.RevisionNotFoundError):
        return f"{repo_id} has no revision {revision!r}: no such branch, tag or commit."
    if isinstance(error, errors.RepositoryNotFoundError):
        # Users without a token get the same, with the message "Invalid username or password".
        return (
            f"No model repository {repo_id} can be seen on the Hub: check the name; if it is "
            "private, log in with 'hf auth login'."
        )
    if status == 401:
        return (
            "The Hub refused the token: it is invalid or expired. Create one with write access at "
            "https://huggingface.co/settings/tokens and log in with 'hf auth login'."
        )
    if status == 400:
        return f"The Hub does not accept what was sent to {repo_id}: {said}"
    if status == 402:
        return f"The Hub refused ({said}): the plan or credit of the account does not cover this."
    if status == 403:
        return (
            f"The Hub refused ({said}): log in with 'hf auth login' and a token that may write to "
            f"{repo_id or 'your repositories'}."
        )
    if status == 412:
        return f"{repo_id} was just changed by somebody else; nothing was sent. Try again."
    return f"The Hub answered {status} for {repo_id}: {said}. Try again later."
