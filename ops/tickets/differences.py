"""Two versions of something, part by part and word by word: what was kept, taken away, added."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Piece:
    """Some words of a text: kept, taken away, or added."""

    sort: str
    words: str


@dataclass(frozen=True)
class Difference:
    """One part of something in two versions."""

    label: str
    pieces: Sequence[Piece]

    @property
    def is_same(self) -> bool:
        """Whether nothing was changed in it."""
        return all(piece.sort == "kept" for piece in self.pieces)


def pieces_of(before: str, after: str) -> list[Piece]:
    """Return two texts as one, word by word: kept, taken away, added."""
    old, new = _words(before), _words(after)
    pieces: list[Piece] = []
    # Words that stand everywhere in a long text are no landmarks: comparing each with each would take minutes.
    matcher = difflib.SequenceMatcher(a=old, b=new)
    for sort, start, end, begin, stop in matcher.get_opcodes():
        if sort == "equal":
            pieces.append(Piece("kept", "".join(old[start:end])))
            continue
        if end > start:
            pieces.append(Piece("gone", "".join(old[start:end])))
        if stop > begin:
            pieces.append(Piece("new", "".join(new[begin:stop])))
    return pieces


def _words(text: str) -> list[str]:
    words: list[str] = []
    for part in text.splitlines(keepends=True):
        words += [f"{word} " for word in part.split(" ")[:-1]] + [part.split(" ")[-1]]
    return words
