"""Two versions of something, part by part and word by word: what was kept, taken away, added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ops.tickets.comparing import shared_runs


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
    at = at_new = 0
    for start, begin, length in [*shared_runs(old, new), (len(old), len(new), 0)]:
        pieces += [
            Piece("gone", "".join(old[at:start])),
            Piece("new", "".join(new[at_new:begin])),
            Piece("kept", "".join(old[start : start + length])),
        ]
        at, at_new = start + length, begin + length
    return [piece for piece in pieces if piece.words]


def _words(text: str) -> list[str]:
    words: list[str] = []
    for part in text.splitlines(keepends=True):
        words += [f"{word} " for word in part.split(" ")[:-1]] + [part.split(" ")[-1]]
    return words
