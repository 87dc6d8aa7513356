"""Suggests local directories that may have been meant instead of one that was not found."""

from __future__ import annotations

import difflib
import os
import shlex
from pathlib import Path

_SUGGESTIONS = 3  # directories named at most


def suggest_similar(name: str, required: str) -> str:
    """Return which local directories the name of a missing one may stand for, or "".

    Args:
        name: a path, absolute or relative to the current directory.
        required: a file that a suggested directory must have.
    """
    try:
        path = Path(name).expanduser()
        is_bare = path.name == str(path)
        patterns = [f"[!.]*/{required}", *([f"[!.]*/[!.]*/{required}"] if is_bare else [])]
        found = _matching(path.parent, patterns)
        closest = difflib.get_close_matches(path.name, [place.name for place in found], n=1)
        meant = [_for_shell(place) for place in found if place.name in closest]
        if meant:
            return f"Did you mean {' or '.join(meant[:_SUGGESTIONS])}?"
        if is_bare or not found:
            return ""
        return _listed(found)
    except (OSError, ValueError, RuntimeError):  # not a possible path, or no current directory
        return ""


def suggest_inside(directory: Path, required: str) -> str:
    """Return a suggestion of directories, up to two levels down, that have the required file.

    Args:
        directory: the directory that was named.
        required: the file.

    Returns:
        The suggestion; "" if there is none, or if the directory itself has the file.
    """
    try:
        if (directory / required).exists():
            return ""
        found = _matching(directory, [f"[!.]*/{required}", f"[!.]*/[!.]*/{required}"])
        if len(found) > _SUGGESTIONS:
            return _listed(found)
        return f"Did you mean {' or '.join(map(_for_shell, found))}?" if found else ""
    except OSError:
        return ""


def _matching(folder: Path, patterns: list[str]) -> list[Path]:
    """Return the directories of the files that match, without names that would break a line."""
    matches = (match.parent for each in patterns for match in folder.glob(each))
    return sorted(place for place in matches if str(place).isprintable())


def _listed(found: list[Path]) -> str:
    there = ", ".join(map(_for_shell, found[:_SUGGESTIONS]))
    rest = len(found) - _SUGGESTIONS
    return f"Timelines found there: {there}{f' and {rest} more' if rest > 0 else ''}."


def _for_shell(path: Path) -> str:
    """Return a path to paste into a shell: relative, unless the absolute one is shorter."""
    return shlex.quote(min(os.path.relpath(path), str(path.absolute()), key=len))
