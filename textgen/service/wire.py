"""The types of the JSON between service and browser: one question, and the answers to it.

`web/types.js` declares the same types in JSDoc; tests compare both with `tests/fixtures/`.
"""

from __future__ import annotations

from typing import TypedDict


class Question(TypedDict):
    """A request for a text.

    Attributes:
        model: one of `ModelCatalog.names`.
        epoch: the epoch label of the snapshot, or "best" or "last".
        seed_text: the prompt as it was typed; empty for one of the model's own.
        length: new characters.
        temperature, top_k, top_p, min_p, no_repeat_ngram_size: see
            `textgen.generation.sampling.Sampling`; 0 turns a filter off, 1 for `top_p`.
        seed: the random seed.
    """

    model: str
    epoch: str
    seed_text: str
    length: int
    temperature: float
    top_k: int
    top_p: float
    min_p: float
    no_repeat_ngram_size: int
    seed: int


class Continuation(TypedDict):
    """The text of one snapshot.

    Attributes:
        text: the new characters written so far.
        known_words: the share of its words that also occur in the training text, 0 to 1. None until
            the text is finished, and if the timeline has no index of words.
    """

    text: str
    known_words: float | None


class Passage(TypedDict):
    """The answer to a question: the same prompt continued by one snapshot, or by several.

    Attributes:
        question: the question.
        link: the query of a link to it, without the epoch and without default values.
        title: one line for lists.
        prompt: the prompt that was continued, made from the question's `seed_text`.
        notes: sentences on how the two differ; may be empty.
        texts: training step, as a string → the snapshot's text.
    """

    question: Question
    link: str
    title: str
    prompt: str
    notes: str
    texts: dict[str, Continuation]


class SnapshotSummary(TypedDict):
    """A snapshot as the learning curve shows it.

    Attributes:
        step: the training step.
        label: the epoch, as people read it.
        description: how long it was trained, in words.
        bits: validation loss in bits per character.
        best: whether it has the lowest validation loss.
        beaten: how many of `Curve.rungs` it beats; those are the first ones.
        standing: which counting models it beats, in words; empty if none were measured.
        context: pairs of a number of earlier characters and the validation loss, in bits per
            character, if it is shown only these; in order, empty if that was not measured.
        context_words: how far back it looks, in words; empty if that was not measured.
    """

    step: int
    label: str
    description: str
    bits: float
    best: bool
    beaten: int
    standing: str
    context: list[list[float]]
    context_words: str


class Rung(TypedDict):
    """A counting model on the learning curve.

    Attributes:
        order: the length of the longest sequence that it counts.
        name: what it counts: "letter counts", "pairs", "3 letters".
        title: a heading for its sample.
        bits: validation loss in bits per character.
        sample: what it wrote after `Curve.sample_prompt`.
    """

    order: int
    name: str
    title: str
    bits: float
    sample: str


class Curve(TypedDict):
    """The learning curve of a model.

    Attributes:
        snapshots: its snapshots, in order.
        guessing: the cost of a random guess, in bits per character.
        rungs: counting models to compare it with, each better than the one before; may be empty.
        sample_prompt: the prompt of their samples.
    """

    snapshots: list[SnapshotSummary]
    guessing: float
    rungs: list[Rung]
    sample_prompt: str


class TemperatureText(TypedDict):
    """The text at one temperature, and the probabilities of its first character.

    Attributes:
        temperature: 0 for greedy.
        text: the continuation.
        percent: the probability of each of `Temperatures.characters` at this temperature.
        others: the probability of all other characters together, in percent.
    """

    temperature: float
    text: str
    percent: list[float]
    others: float


class Temperatures(TypedDict):
    """One prompt continued at several temperatures.

    Attributes:
        prompt: the prompt.
        characters: the most likely next characters, best first.
        temperatures: one entry for each temperature, lowest first.
    """

    prompt: str
    characters: list[str]
    temperatures: list[TemperatureText]


class CopiedRuns(TypedDict):
    """The parts of a text that also occur in the training text; None without an index.

    Attributes:
        copied: start and end of each run of at least `Surprise.run` characters, after the prompt.
        longest: the longest of them; None if there is none.
        copied_share: the share of characters in such runs, 0 to 1.
    """

    copied: list[list[int]] | None
    longest: list[int] | None
    copied_share: float | None


class Surprise(CopiedRuns):
    """How surprising each character of a text is to a snapshot. Positions count code points.

    Attributes:
        text: the text, in characters of the model's vocabulary.
        typed: whether a user wrote it; otherwise the snapshot continued a prompt.
        prompt_length: the length of that prompt, at the start of the text.
        bits: −log2 p of each character given all before it; None for the first.
        alternatives: at each position the most likely characters, best first, as one string, and
            their probabilities in percent; None for the first.
        run: the shortest run that counts as copied, in characters.
        bits_per_char: the mean over the characters after the prompt.
        held_out_bits: the snapshot's mean over the validation text.
        random_bits: the cost of a random guess among `symbols` characters.
        symbols: the size of the vocabulary.
        notes: sentences to show.
    """

    text: str
    typed: bool
    prompt_length: int
    bits: list[float | None]
    alternatives: list[list[str | list[float]] | None]
    run: int
    bits_per_char: float
    held_out_bits: float
    random_bits: float
    symbols: int
    notes: list[str]


class Snippet(TypedDict):
    """Code that writes the page's text elsewhere; `language` is "python" or "bash"."""

    title: str
    language: str
    code: str


class Reuse(TypedDict):
    """What people need to use a model elsewhere.

    Attributes:
        facts: pairs of name and value.
        links: pairs of label and URL.
        limits: sentences on the model's limitations.
        snippets: code to run.
    """

    facts: list[list[str]]
    links: list[list[str]]
    limits: list[str]
    snippets: list[Snippet]
