"""Two people who edit one text at once: what each changed is kept, and what both changed stands side by side.

Texts are compared line by line, as they are typed: a paragraph is a line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ops.tickets.comparing import shared_runs

BEGIN = "⟪ {name} wrote: ⟫"
END = "⟪ End of the two versions: keep what is right and delete these three lines. ⟫"


@dataclass(frozen=True)
class Merged:
    """The text that holds what both wrote."""

    text: str
    has_conflict: bool


Lines = Sequence[str]
Stretch = tuple[Lines, Lines, Lines]


def merged(base: str, theirs: str, mine: str, *, their_name: str, my_name: str) -> Merged:
    """Put two texts together that were both made from `base`; nothing that either wrote is lost.

    What only one of them changed is taken. What both changed differently stands twice, each under the name of its
    author, between lines that `is_unsettled` finds.
    """
    lines: list[str] = []
    has_conflict = False
    for before, first, second in _stretches(*(text.splitlines() for text in (base, theirs, mine))):
        if list(first) == list(second) or list(second) == list(before):
            lines += first
        elif list(first) == list(before):
            lines += second
        else:
            has_conflict = True
            lines += [BEGIN.format(name=their_name), *first, BEGIN.format(name=my_name), *second, END]
    return Merged("\n".join(lines), has_conflict)


def is_unsettled(text: str) -> bool:
    """Whether two versions of some passage still stand side by side in a text."""
    return any(line.startswith("⟪ ") and line.endswith("⟫") for line in text.splitlines())


def _stretches(base: Lines, first: Lines, second: Lines) -> Iterator[Stretch]:
    """Cut three texts into stretches that all have in common and stretches in which at least one differs."""
    at = at_first = at_second = 0
    for start, start_first, start_second, length in [
        *_common(base, first, second),
        (len(base), len(first), len(second), 0),
    ]:
        if (at, at_first, at_second) != (start, start_first, start_second):
            yield base[at:start], first[at_first:start_first], second[at_second:start_second]
        at, at_first, at_second = start + length, start_first + length, start_second + length
        same = base[start:at]
        yield same, same, same


def _common(base: Lines, first: Lines, second: Lines) -> Iterator[tuple[int, int, int, int]]:
    """Yield the runs of lines that all three share, in order: where each begins in each text, and how long it is."""
    runs = shared_runs(base, first), shared_runs(base, second)
    one, other = 0, 0
    while one < len(runs[0]) and other < len(runs[1]):
        start, start_first, length = runs[0][one]
        start_again, start_second, length_again = runs[1][other]
        begins, ends = max(start, start_again), min(start + length, start_again + length_again)
        if begins < ends:
            yield begins, start_first + begins - start, start_second + begins - start_again, ends - begins
        if start + length < start_again + length_again:
            one += 1
        else:
            other += 1
