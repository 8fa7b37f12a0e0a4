"""All the ways in which some lines can be one row of CSV, each with what it would have to assume."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

TRACKER_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*-\d+")
"""The key of an issue as trackers write it: PROJ-123."""
ANY_KEY = re.compile(r"(?=[^\s,;|\"]*\d)[^\s,;|\"]{1,64}")
"""One word with a digit in it, for a column that somebody has named to be the key."""

# What an assumption costs. Only the order matters: a stray quote is likely, a lost line is the last resort.
BLANKS_AROUND_QUOTES = 1
STRAY_QUOTE = 1
NEVER_CLOSED = 3
QUOTE_BEGINS_PLAIN_CELL = 4
TOO_FEW_OR_MANY_CELLS = 6
KEY_SWALLOWED = 8
LINE_LOST = 12

# Bounds that keep the work proportional to the file, whatever is in it.
LINES_AHEAD = 2000
KEYS_AHEAD = 3
CLOSING_QUOTES_AHEAD = 150
CELLS_TOO_MANY = 20


@dataclass(frozen=True)
class Shape:
    """What is known of every row before it is read."""

    delimiter: str
    width: int
    key_column: int
    key: re.Pattern[str]

    def fits(self, cells: Sequence[str]) -> bool:
        """Whether these are the cells of a whole row: all columns, a key, nothing left over."""
        return (
            len(cells) >= self.width
            and not any(cell.strip() for cell in cells[self.width :])
            and self.is_key(cells[self.key_column])
        )

    def is_key(self, cell: str) -> bool:
        return self.key.fullmatch(cell.strip()) is not None

    @cached_property
    def beginning(self) -> re.Pattern[str]:
        """Matches a line in which a row may well begin."""
        separator = re.escape(self.delimiter)
        if self.key_column == 0:
            return re.compile(rf'\s*"?{self.key.pattern}"?\s*(?:{separator}|$)')
        return re.compile(rf'(?:.*{separator})?\s*"?{TRACKER_KEY.pattern}"?\s*(?:{separator}|$)')

    @cached_property
    def blanks(self) -> re.Pattern[str]:
        return re.compile("[ ]*" if self.delimiter == "\t" else "[ \t]*")

    @cached_property
    def opening(self) -> re.Pattern[str]:
        return re.compile(self.blanks.pattern + '"')

    @cached_property
    def closing(self) -> re.Pattern[str]:
        return re.compile(rf'"(?={self.blanks.pattern}(?:{re.escape(self.delimiter)}|\n|\Z))')


@dataclass(frozen=True)
class Fault:
    """An assumption that was made in the cell with this index. `problem` may name the `{column}`."""

    cell: int
    problem: str
    read_as: str


@dataclass(frozen=True)
class _Cell:
    """One cell of a possible reading: where its text stands, chained to the cells before it."""

    before: _Cell | None
    index: int
    start: int
    end: int
    quoted: bool
    problem: str
    cost: int  # of the whole chain

    def chain(self) -> list[_Cell]:
        """All cells of the row so far, first to last."""
        cells, cell = [self], self.before
        while cell is not None:
            cells.append(cell)
            cell = cell.before
        return cells[::-1]


@dataclass(frozen=True)
class Reading:
    """The lines up to `stop` as one row: its cells, what was assumed, and what that costs."""

    cells: tuple[str, ...]
    faults: tuple[Fault, ...]
    cost: int
    stop: int  # line index after the row


class _Quotes:
    """Counts the quotes between two offsets that are not half of a doubled quote."""

    def __init__(self, text: str) -> None:
        runs = [match.span() for match in re.finditer('"+', text)]
        self.starts = [start for start, _ in runs]
        self.ends = [end for _, end in runs]
        self.odd_before = [0, *accumulate((end - start) % 2 for start, end in runs)]

    def stray(self, start: int, end: int) -> int:
        first = bisect.bisect_right(self.ends, start)
        last = bisect.bisect_left(self.starts, end) - 1
        if first > last:
            return 0
        if first == last:
            return (min(end, self.ends[last]) - max(start, self.starts[first])) % 2
        whole = self.odd_before[last] - self.odd_before[first + 1]
        cut = (self.ends[first] - max(start, self.starts[first])) % 2
        return whole + cut + (min(end, self.ends[last]) - self.starts[last]) % 2


class Readings:
    """All readings of the lines ahead as one row."""

    def __init__(self, lines: Sequence[str], stretch: range, shape: Shape) -> None:
        ahead = self._window(lines, stretch, shape)
        self.shape = shape
        self.first = ahead.start
        self.text = "\n".join(lines[index] for index in ahead)
        self.line_ends = [end - 1 for end in accumulate(len(lines[index]) + 1 for index in ahead)]
        self.keys = [
            self.line_ends[i - 1] + 1 for i in range(1, len(ahead)) if shape.beginning.match(lines[ahead[i]])
        ]
        self.key_set = frozenset(self.keys)
        self.quotes = _Quotes(self.text)
        self.closing = _both_ends([match.start() for match in shape.closing.finditer(self.text)])
        self.best: dict[int, tuple[int, _Cell]] = {}  # line on which the row ends → cost, last cell

    @staticmethod
    def _window(lines: Sequence[str], stretch: range, shape: Shape) -> range:
        keys = 0
        for index in stretch[1:LINES_AHEAD]:
            keys += bool(shape.beginning.match(lines[index]))
            if keys == KEYS_AHEAD:
                return range(stretch.start, index)
        return stretch[:LINES_AHEAD]

    def best_by_end(self) -> Iterator[Reading]:
        """The cheapest reading for each line on which the row could end."""
        waiting: dict[int, dict[int, _Cell | None]] = {0: {0: None}}  # offset → number of cells → chain
        while waiting:
            offset = min(waiting)
            for count, before in waiting.pop(offset).items():
                for cell, end in self._cells_at(offset, count, before):
                    self._go_on(cell, end, waiting)
        for line, (cost, last) in self.best.items():
            cells = last.chain()
            faults = (Fault(cell.index, cell.problem, self._text(cell)) for cell in cells if cell.problem)
            texts = tuple(self._text(cell) for cell in cells)
            yield Reading(texts, tuple(faults), cost, self.first + line + 1)

    def _text(self, cell: _Cell) -> str:
        text = self.text[cell.start : cell.end]
        return text.replace('""', '"') if cell.quoted else text

    def _go_on(self, cell: _Cell, end: int, waiting: dict[int, dict[int, _Cell | None]]) -> None:
        if cell.index == self.shape.key_column and not self.shape.is_key(self._text(cell)):
            return
        if end == len(self.text) or self.text[end] == "\n":
            self._end_row(cell, end)
        elif cell.index + 1 < self.shape.width + CELLS_TOO_MANY:
            chains = waiting.setdefault(end + len(self.shape.delimiter), {})
            rival = chains.get(cell.index + 1)
            if rival is None or cell.cost < rival.cost:
                chains[cell.index + 1] = cell

    def _end_row(self, last: _Cell, end: int) -> None:
        count = last.index + 1
        if count <= self.shape.key_column or count < min(2, self.shape.width):
            return  # without its key it is no row, and a word that stands alone is none either
        cost = last.cost
        if count != self.shape.width:
            cost += TOO_FEW_OR_MANY_CELLS + max(0, count - self.shape.width)
        line = bisect.bisect_left(self.line_ends, end)
        if line not in self.best or cost < self.best[line][0]:
            self.best[line] = cost, last

    def _cells_at(self, offset: int, index: int, before: _Cell | None) -> Iterator[tuple[_Cell, int]]:
        """Every way to read the cell that begins at this offset, with the offset of what follows it."""
        opening = self.shape.opening.match(self.text, offset)
        if opening:
            yield from self._quoted_cells(offset, opening.end(), index, before)
        line_end = self.line_ends[bisect.bisect_left(self.line_ends, offset)]
        end = self.text.find(self.shape.delimiter, offset, line_end)
        end = line_end if end < 0 else end
        quotes = self.text.count('"', offset, end)
        problem = "quotes in the unquoted cell “{column}”" if quotes else ""
        cost = quotes * STRAY_QUOTE + (QUOTE_BEGINS_PLAIN_CELL if opening else 0)
        yield (
            _Cell(before, index, offset, end, quoted=False, problem=problem, cost=_spent(before) + cost),
            end,
        )

    def _quoted_cells(
        self, offset: int, start: int, index: int, before: _Cell | None
    ) -> Iterator[tuple[_Cell, int]]:
        for quote in self.closing[bisect.bisect_left(self.closing, start) :]:
            after = self.shape.blanks.match(self.text, quote + 1)
            end = after.end() if after else quote + 1
            blank = BLANKS_AROUND_QUOTES if start - offset > 1 or end - quote > 1 else 0
            inside = self._cost_inside(start, quote)
            problem = "blanks around the quotes of the cell “{column}”" if blank else ""
            problem = "quotes inside the quoted cell “{column}” are not doubled" if inside else problem
            cost = _spent(before) + inside + blank
            yield _Cell(before, index, start, quote, quoted=True, problem=problem, cost=cost), end
        for end in self._ends_without_quote(start):
            cost = _spent(before) + NEVER_CLOSED + self._cost_inside(start, end)
            problem = "the cell “{column}” is never closed"
            yield _Cell(before, index, start, end, quoted=True, problem=problem, cost=cost), end

    def _ends_without_quote(self, start: int) -> Iterator[int]:
        """Where a cell may end that was never closed: with its line, before a blank line or key, or last."""
        last = len(self.line_ends) - 1
        first = bisect.bisect_left(self.line_ends, start)
        for line in range(first, last + 1):
            end = self.line_ends[line]
            if line in (first, last) or self.text.startswith("\n", end + 1) or end + 1 in self.key_set:
                yield end

    def _cost_inside(self, start: int, end: int) -> int:
        swallowed = bisect.bisect_left(self.keys, end) - bisect.bisect_left(self.keys, start)
        return self.quotes.stray(start, end) * STRAY_QUOTE + swallowed * KEY_SWALLOWED


def _spent(before: _Cell | None) -> int:
    return before.cost if before else 0


def _both_ends(offsets: list[int]) -> list[int]:
    """Of too many closing quotes the first and the last, where a cell is likeliest to end."""
    if len(offsets) <= CLOSING_QUOTES_AHEAD:
        return offsets
    half = CLOSING_QUOTES_AHEAD // 2
    return offsets[:half] + offsets[-half:]
