"""The order in which people count: RSP-2 stands before RSP-10; the database has it as `natural_order`."""

from __future__ import annotations

import re
from collections.abc import Iterable

_FIGURES = re.compile(r"(\d+)")
Key = tuple[tuple[str, int], ...]


def natural(text: str) -> Key:
    """Return what a name is sorted by: its words, and the numbers between them as numbers."""
    parts = _FIGURES.split(text)
    return tuple(
        (words, int(number[:18] or -1)) for words, number in zip(parts[::2], [*parts[1::2], ""], strict=True)
    )


def each_in_order(words: Iterable[str]) -> list[str]:
    """Return each of some words once, without the space around it, in that order."""
    return sorted({word.strip() for word in words} - {""}, key=natural)
