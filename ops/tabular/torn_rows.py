"""How a row of CSV is read when it keeps the rules, and what is the likeliest reading when it does not.

The commonest fault is a quote inside a quoted cell that was not doubled. Whether such a quote ends its cell
cannot be told on the spot; but the number of columns is known, and so is what a key looks like. So every
reading is weighed (`mend`): each assumption costs, and the cheapest reading of the whole stretch wins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ops.tabular.row_readings import LINE_LOST, Fault, Readings, Shape


@dataclass(frozen=True)
class SoundRow:
    """A row that keeps the rules of CSV; `stop` is the index of the line after it."""

    cells: tuple[str, ...]
    stop: int


@dataclass(frozen=True)
class Piece:
    """A run of line indices: one row with its cells or, when `cells` is None, lines that make no row."""

    lines: range
    cells: tuple[str, ...] | None = None
    faults: tuple[Fault, ...] = ()


def sound_row(lines: Sequence[str], at: int, delimiter: str) -> SoundRow | None:
    """The row that begins on line index `at`, by the letter of RFC 4180, or None if it breaks the rules."""
    cells: list[str] = []
    line, column = lines[at], 0
    while True:
        if line.startswith('"', column):
            closed = _closed(lines, at, column + 1)
            if closed is None:
                return None
            cell, at, column = closed
            line = lines[at]
            if column < len(line) and not line.startswith(delimiter, column):
                return None
        else:
            end = line.find(delimiter, column)
            end = len(line) if end < 0 else end
            cell, column = line[column:end], end
            if '"' in cell:
                return None
        cells.append(cell)
        if column >= len(line):
            return SoundRow(tuple(cells), at + 1)
        column += len(delimiter)


def _closed(lines: Sequence[str], at: int, column: int) -> tuple[str, int, int] | None:
    """The rest of a quoted cell, with the line and column after its closing quote; None if there is none."""
    parts: list[str] = []
    while at < len(lines):
        line = lines[at]
        quote = line.find('"', column)
        if quote < 0:
            parts.append(line[column:] + "\n")
            at, column = at + 1, 0
        elif line.startswith('""', quote):
            parts.append(line[column : quote + 1])
            column = quote + 2
        else:
            parts.append(line[column:quote])
            return "".join(parts), at, quote + 1
    return None


def mend(lines: Sequence[str], stretch: range, shape: Shape) -> list[Piece]:
    """Divide a stretch without a single sound row into rows and lost lines, at the least cost.

    Every line of the stretch is in exactly one piece, in order.
    """
    costs = {stretch.stop: 0}
    choice: dict[int, Piece] = {}
    for at in reversed(stretch):
        lost = 0 if not lines[at].strip() else LINE_LOST
        costs[at] = lost + costs[at + 1]
        choice[at] = Piece(range(at, at + 1))
        if not _may_begin(lines, at, stretch, shape):
            continue
        for reading in Readings(lines, range(at, stretch.stop), shape).best_by_end():
            total = reading.cost + costs[reading.stop]
            if total < costs[at]:
                costs[at] = total
                choice[at] = Piece(range(at, reading.stop), reading.cells, reading.faults)
    pieces, at = [], stretch.start
    while at < stretch.stop:
        pieces.append(choice[at])
        at = choice[at].lines.stop
    return pieces


def _may_begin(lines: Sequence[str], at: int, stretch: range, shape: Shape) -> bool:
    if not lines[at].strip():
        return False
    return at == stretch.start or not lines[at - 1].strip() or bool(shape.beginning.match(lines[at]))
