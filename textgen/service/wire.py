"""What goes between service and browser, typed: one question, and the answers to it, all JSON.

`web/types.js` says the same in JSDoc, and the tests of both sides read `tests/fixtures/`.
"""

from __future__ import annotations

from typing import TypedDict


class Question(TypedDict):
    """Which text is asked for.

    Attributes:
        model: a name out of `ModelCatalog.names`.
        epoch: the label of the snapshot that writes, or "best" or "last".
        seed_text: what the text starts from, as it was typed; empty for a prompt of the model's.
        length: new characters.
        temperature, top_k, top_p, min_p, no_repeat_ngram_size: see
            `textgen.generation.sampling.Sampling`; 0, for `top_p` 1, leaves a filter out.
        seed: of the random numbers.
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
    """What one snapshot wrote.

    Attributes:
        text: the new characters, as far as they are there.
        known_words: the share of its words that the training text has, 0 to 1, once the text is
            whole; None before, and where the timeline cannot tell.
    """

    text: str
    known_words: float | None


class Passage(TypedDict):
    """The answer to a question: the same prompt continued by one snapshot, or by several.

    Attributes:
        question: that is answered.
        link: the query of a link to it, without the epoch and what is the default.
        title: a line that tells it from others.
        prompt: what was made of the question's `seed_text`, and is continued.
        notes: what to tell of that; empty for nothing.
        texts: training step, as a string → what that snapshot wrote.
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
        step: of training.
        label: its epoch as people read it.
        description: in words, how far training had come.
        bits: validation loss in bits per character.
        best: whether no other snapshot has a lower one.
    """

    step: int
    label: str
    description: str
    bits: float
    best: bool


class TemperatureText(TypedDict):
    """What is written at one temperature, and the probabilities of its first character.

    Attributes:
        temperature: 0 for greedy.
        text: the continuation.
        percent: the probability of each of `Temperatures.characters`, at this temperature.
        others: of all other characters together.
    """

    temperature: float
    text: str
    percent: list[float]
    others: float


class Temperatures(TypedDict):
    """One prompt continued at several temperatures.

    Attributes:
        prompt: that is continued.
        characters: the most probable next ones, best first, before any temperature.
        temperatures: from greedy to the highest.
    """

    prompt: str
    characters: list[str]
    temperatures: list[TemperatureText]


class CopiedRuns(TypedDict):
    """What of a text after its prompt the training text has too; None where that is unknown.

    Attributes:
        copied: start and end of each run of at least `Surprise.run` characters.
        longest: the longest of them; None where there is none.
        copied_share: the share of the characters that are copied, 0 to 1.
    """

    copied: list[list[int]] | None
    longest: list[int] | None
    copied_share: float | None


class Surprise(CopiedRuns):
    """How surprising each character of a text is to a snapshot. Places count code points.

    Attributes:
        text: what is looked at, in the model's own characters.
        typed: whether a user wrote it; else the snapshot continued a prompt.
        prompt_length: characters of that prompt, at the text's start.
        bits: −log2 p of each character given all before it; None for the first.
        alternatives: the most probable characters at each place, best first, as one string, and
            their probabilities in percent; None for the first.
        run: characters of the shortest run that counts as copied.
        bits_per_char: the mean over the characters after the prompt.
        held_out_bits: the snapshot's mean over the validation text.
        random_bits: the mean of a guess among `symbols` characters, each as probable.
        symbols: how many different characters the model knows.
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
    """Code that writes what the page shows, elsewhere; `language` is "python" or "bash"."""

    title: str
    language: str
    code: str


class Reuse(TypedDict):
    """What somebody needs who takes a model elsewhere.

    Attributes:
        facts: names and words.
        links: words and addresses.
        limits: sentences.
        snippets: code to run.
    """

    facts: list[list[str]]
    links: list[list[str]]
    limits: list[str]
    snippets: list[Snippet]
