"""What the package does fast, done by its definition."""

import re
import unicodedata
from collections.abc import Iterable

SIZES = [0, 1, 2, 3, 4, 5, 7, 8, 9, 100, 101, 102, 103, 5000]
"""Of packed sets: with every number of bits left over at their end."""


def packed(hashes: Iterable[int]) -> bytes:
    """Return a set of hashes by the definition of its format, bit by bit."""
    distinct = set(hashes)
    count = len(distinct)
    values = sorted(number % (4096 * count) for number in distinct)
    low = "".join(f"{value % 4096:012b}" for value in values) + "0" * (12 * (count % 2))
    marks = {value // 4096 + place for place, value in enumerate(values)}
    high = "".join("01"[place in marks] for place in range(2 * count)) + "0" * (-2 * count % 8)
    return bytes(int((low + high)[bit : bit + 8], 2) for bit in range(0, len(low + high), 8))


def words(text: str) -> list[str]:
    """Return the words of a text without marks, and without letters that NFC would change."""
    assert unicodedata.is_normalized("NFC", text)
    found = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", text)
    return [word.replace("’", "'").casefold() for word in found]
