"""What a request is about: the timeline, the snapshot and the prompt that it chooses."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from textgen.manifest.schema import Snapshot
from textgen.service.models import ModelCatalog, identity
from textgen.service.prompts import prompt_notes, prompts
from textgen.service.request import MAX_SEED_TEXT, Request
from textgen.timeline.timeline import Timeline


@dataclass(frozen=True, kw_only=True)
class ResolvedRequest:
    """What a request is about, looked up once: its timeline may be replaced meanwhile.

    Attributes:
        request: what is asked.
        timeline, snapshot: what it chooses.
        prompt: what is used for what the user typed; never empty.
        notes: what to tell of it.
    """

    request: Request
    timeline: Timeline
    snapshot: Snapshot
    prompt: str
    notes: list[str]

    @property
    def key(self) -> Hashable:
        """All that its text, and the share of known words in it, follow from."""
        request = self.request
        return (
            *identity(self.timeline, self.snapshot),
            self.timeline.manifest.corpus_index,  # another run may have another
            (self.prompt, request.length, request.sampling, request.seed),
        )


def resolve(request: Request, catalog: ModelCatalog) -> ResolvedRequest:
    """Look up what a request is about.

    Raises:
        SettingsError: there is no such model.
        TimelineError: there is no such snapshot.
    """
    timeline, typed = catalog.timeline(request.model), request.seed_text
    kept = typed[-MAX_SEED_TEXT:]
    prompt, dropped = timeline.vocabulary.normalize(kept)
    notes = prompt_notes(kept, dropped, timeline.vocabulary)
    if len(typed) > MAX_SEED_TEXT:
        notes.insert(0, f"Only the last {MAX_SEED_TEXT:,} characters of the opening are read.")
    if not prompt.strip():
        prompt = prompts(timeline)[0]
        notes.append("Nothing was left to start from, so here is an opening of its own.")
    return ResolvedRequest(
        request=request,
        timeline=timeline,
        snapshot=timeline.manifest.find(epoch=request.epoch),
        prompt=prompt,
        notes=notes,
    )
