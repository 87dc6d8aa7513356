"""Finds the timeline, the snapshot and the prompt that a request means."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from textgen.manifest.records import Snapshot
from textgen.service.models import ModelCatalog, identity
from textgen.service.prompts import prompt_notes, prompts
from textgen.service.request import MAX_SEED_TEXT, Request
from textgen.timeline.timeline import Timeline


@dataclass(frozen=True, kw_only=True)
class ResolvedRequest:
    """A request with its timeline and snapshot, found once, because timelines can be replaced.

    Attributes:
        request: the request.
        timeline, snapshot: the chosen ones.
        prompt: the text to continue, made from `request.seed_text`; never empty.
        notes: sentences on how the prompt differs from `request.seed_text`.
    """

    request: Request
    timeline: Timeline
    snapshot: Snapshot
    prompt: str
    notes: list[str]

    @property
    def key(self) -> Hashable:
        """Everything that determines its text and the share of known words in it."""
        request = self.request
        return (
            *identity(self.timeline, self.snapshot),
            self.timeline.manifest.corpus_index,  # another run may have a different one
            (self.prompt, request.length, request.sampling, request.seed),
        )


def resolve(request: Request, catalog: ModelCatalog) -> ResolvedRequest:
    """Find what a request means.

    Raises:
        SettingsError: the model does not exist.
        TimelineError: the snapshot does not exist.
    """
    timeline, typed = catalog.timeline(request.model), request.seed_text
    kept = typed[-MAX_SEED_TEXT:]
    prompt, dropped = timeline.vocabulary.clean(kept)
    notes = prompt_notes(kept, dropped, timeline.vocabulary)
    if len(typed) > MAX_SEED_TEXT:
        notes.insert(0, f"Only the last {MAX_SEED_TEXT:,} characters of the prompt are used.")
    if not prompt.strip():
        prompt = prompts(timeline)[0]
        notes.append("The prompt was empty, so one of the model's own prompts is used.")
    return ResolvedRequest(
        request=request,
        timeline=timeline,
        snapshot=timeline.manifest.find(epoch=request.epoch),
        prompt=prompt,
        notes=notes,
    )
