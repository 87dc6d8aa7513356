"""Finds prompts in a text: how its lines and sentences often begin, in many different ways."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

COUNT = 4
_LONGEST = 40  # characters of a prompt, to fit on a button
_MOST_WORDS = 4
_LEAST_CONTINUATIONS = 3
_COMMON = 100  # so many of the most frequent words are function words: "the", "of", "same"

# Chinese and Japanese write no spaces between words; there, each character counts as a word.
_WIDE = "぀-ヿ㐀-鿿豈-﫿"
_TOKEN = re.compile(rf"[{_WIDE}]|[^\s{_WIDE}]+(?:\s|(?=[{_WIDE}]))")
_WORD = re.compile(rf"[{_WIDE}]|[^\W\d_{_WIDE}]+(?:['’][^\W\d_]+)*")
_NEXT = re.compile(rf"\s*([{_WIDE}]|[^\s{_WIDE}]{{1,30}})")
_LINE_START = re.compile(r"(?:\A|\n)(?=\S)")
_PARAGRAPH_START = re.compile(r"(?:\A|\n\s+)(?=\S)")  # after a blank line, or indented
_SENTENCE_START = re.compile(r"[.!?…][\"'”’»)\]]*[^\S\n]+(?=\S)|[。！？]+[」』”]*(?=\S)")
_LABEL_END = ":>："


def typical_beginnings(text: str, *, hard_wrapped: bool) -> tuple[str, ...]:
    """Return prompts for a model that learns from a text, such as "ROMEO:\\n" or "Alice was ".

    They are beginnings of lines, paragraphs or sentences, of up to four words, or first lines of
    paragraphs such as the names of speakers. They occur several times, followed by many different
    words, so the model has to choose how to go on. Single words, and beginnings of nothing but
    frequent words such as "It is", come last. No two begin with the same word.

    Args:
        text: the training text after preprocessing, or a sample of it.
        hard_wrapped: whether it is prose with a line break every 70 characters or so; then lines
            are no units.

    Returns:
        Up to `COUNT` prompts, always the same for the same text; none if nothing is repeated.

    Example:
        >>> rows = [f"ANNA:\\n{word} it.\\n" for word in ("Take", "Give", "Bring", "Leave")]
        >>> typical_beginnings("\\n".join(rows), hard_wrapped=False)
        ('ANNA:\\n',)
    """
    text = text.rstrip()  # so that every run of white space is followed by something
    if hard_wrapped:
        text = re.sub(r"(?<!\n)\n(?!\s)", " ", text)
    continuations: dict[str, set[str]] = defaultdict(set)
    found = list(_beginnings(text, hard_wrapped=hard_wrapped))
    counts = Counter(beginning for beginning, _ in found)
    for beginning, end in found:
        if counts[beginning] >= _LEAST_CONTINUATIONS and (following := _NEXT.match(text, end)):
            continuations[beginning].add(following[1])
    often = [each for each, next_ in continuations.items() if len(next_) >= _LEAST_CONTINUATIONS]
    often.sort(key=lambda each: (-len(continuations[each]), each))
    words = Counter(_WORD.findall(text))
    common = {word for word, _ in Counter(_WORD.findall(text.lower())).most_common(_COMMON)}
    inviting = [each for each in often if _is_inviting(each, words, common)]
    chosen: dict[str, str] = {}
    for each in (*inviting, *often):
        chosen.setdefault(_WORD.findall(each)[0].lower(), each)
    return tuple(chosen.values())[:COUNT]


def _beginnings(text: str, *, hard_wrapped: bool) -> Iterator[tuple[str, int]]:
    """Yield every possible prompt as often as it occurs, and where it ends in the text."""
    unit = _PARAGRAPH_START if hard_wrapped else _LINE_START
    units = {found.end() for found in unit.finditer(text)}
    sentences = {found.end() for found in _SENTENCE_START.finditer(text)}
    has_case = text != text.lower()
    for start in sorted(units | sentences):
        if start not in units and has_case and text[start].islower():
            continue  # an abbreviation, or speech within a sentence
        end = start
        for _ in range(_MOST_WORDS):
            token = _TOKEN.match(text, end)
            if token is None or token.end() > start + _LONGEST:
                break
            end = token.end()
            whole_line = token[0].endswith("\n")
            heading = not hard_wrapped and text[max(0, start - 2) : start] in ("", "\n\n")
            if _is_possible(text[start:end], whole_line=whole_line, heading=heading):
                yield text[start:end], end
            if whole_line:
                break


def _is_possible(beginning: str, *, whole_line: bool, heading: bool) -> bool:
    """Return whether a beginning may be a prompt: of words, and open at its end.

    Args:
        beginning: a beginning.
        whole_line: whether it ends with its line.
        heading: whether its line is the first after a blank line; then it may be a whole line.
    """
    if not _WORD.search(beginning) or re.search(r"\d", beginning):
        return False
    return heading if whole_line else beginning.rstrip()[-1] not in ".!?…,;-–—。！？，、；"


def _is_inviting(beginning: str, words: Counter[str], common: set[str]) -> bool:
    """Return whether a beginning names a speaker, or has a name or a less frequent word.

    Args:
        beginning: a beginning.
        words: how often each word occurs in the text.
        common: the most frequent words, in lowercase.
    """
    if beginning.rstrip()[-1] in _LABEL_END:
        return True
    own = _WORD.findall(beginning)
    names = [
        word
        for word in own
        if len(word) > 1 and word.isalpha() and word[0].isupper()
        if words[word] > 4 * words[word.lower()]  # so the sentence is not what makes it a capital
    ]
    telling = names or any(word.lower() not in common for word in own)
    return bool(telling) and (len(own) > 1 or beginning.endswith("\n"))
