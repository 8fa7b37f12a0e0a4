"""Reads the CSV files that people really have, and accounts for every line of them.

Rows are recognised by a key (`PROJ-123`) in a known column. A row that obeys the rules of CSV is taken as
it stands. Where the rules are broken, the stretch up to the next sound row is read in the way that needs the
fewest assumptions, and each assumption is reported. What fits no reading is handed back with its text.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from ops.tabular import torn_rows
from ops.tabular.row_readings import Shape

DELIMITERS = (",", ";", "\t", "|")
HEADER_WITHIN = 20  # lines; a title or an export note may stand above the header
OUTPUT_OF_DATE = re.compile(
    r"[A-Z][a-z]{2},? +(\d{1,2} [A-Z][a-z]{2} \d{4}|[A-Z][a-z]{2} +\d{1,2}) \d\d:\d\d:\d\d\b.*"
)


@dataclass(frozen=True)
class Repair:
    """Something wrong that could be mended without loss: where, what was wrong, what was read instead."""

    lines: Sequence[int]
    problem: str
    read_as: str


@dataclass(frozen=True)
class Unreadable:
    """Lines that became no record: where, why, and their text, so that a person can enter them by hand."""

    lines: Sequence[int]
    reason: str
    text: str


@dataclass(frozen=True)
class Row:
    """One record: its physical lines and its cells, as many as the header has columns.

    `beyond` holds the cells that stand after the last column.
    """

    lines: range
    cells: tuple[str, ...]
    beyond: tuple[str, ...] = ()


@dataclass
class Table:
    """A file that was read. Every line is in exactly one of header, blank lines, rows, unreadable."""

    lines: Sequence[str]
    columns: tuple[str, ...]
    key_column: int
    header_lines: range
    rows: list[Row] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    blank_lines: list[int] = field(default_factory=list)

    def text_of(self, lines: range) -> str:
        """The physical lines with these numbers (the first line of a file is 1)."""
        return "\n".join(self.lines[lines.start - 1 : lines.stop - 1])


class NoHeader(ValueError):
    """The file has no header line with a key column: there is nothing to recognise a record by."""


def read(
    data: bytes, *, find_key_column: Callable[[Sequence[str]], int | None], key: re.Pattern[str]
) -> Table:
    """Read a whole file. `find_key_column` says which of the header's cells names the key, or None; `key` is
    what a key looks like.

    Raises `NoHeader` when no line near the top is a header.
    """
    lines, repairs = decode(data)
    delimiter, table = _find_header(lines, find_key_column)
    table.repairs = repairs
    shape = Shape(delimiter, len(table.columns), table.key_column, key)
    at = table.header_lines.stop - 1
    while at < len(lines):
        at = _read_next(lines, at, shape, table)
    table.unreadable = _joined(sorted(table.unreadable, key=lambda note: note.lines[0]))
    return table


def decode(data: bytes) -> tuple[list[str], list[Repair]]:
    """The physical lines of a file, without their ends. UTF-8 and UTF-16 are known by themselves; a line that
    is not UTF-8 is read as Windows-1252, of which Latin-1 is a part, and reported."""
    for mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        if data.startswith(mark):
            data = data.decode("utf-16", errors="replace").encode("utf-8")
    data = data.removeprefix(codecs.BOM_UTF8)
    raw = re.split(rb"\r\n|\n|\r", data)
    if raw[-1] == b"":
        raw.pop()  # the end of the last line is not one more line
    lines, foreign, nul = [], [], []
    for number, line in enumerate(raw, start=1):
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            text = "".join(_windows_1252(byte) for byte in line)
            foreign.append(number)
        if "\0" in text:
            nul.append(number)
            text = text.replace("\0", "")
        lines.append(text)
    repairs = []
    if foreign:
        repairs.append(Repair(foreign, "not UTF-8", "read as Windows-1252 (Western European)"))
    if nul:
        repairs.append(Repair(nul, "contains NUL characters", "read without them"))
    return lines, repairs


def _windows_1252(byte: int) -> str:
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:  # five bytes that cp1252 leaves undefined and Latin-1 does not
        return chr(byte)


def _find_header(
    lines: list[str], find_key_column: Callable[[Sequence[str]], int | None]
) -> tuple[str, Table]:
    for at in range(min(HEADER_WITHIN, len(lines))):
        found = []
        for delimiter in DELIMITERS:
            strict = torn_rows.sound_row(lines, at, delimiter)
            if strict is None:
                continue
            columns = [" ".join(cell.split()) for cell in strict.cells]
            while columns and not columns[-1]:
                columns.pop()
            key_column = find_key_column(columns)
            if key_column is not None:
                found.append((len(columns), delimiter, columns, key_column, strict.stop))
        if found:
            _, delimiter, columns, key_column, stop = max(found, key=lambda candidate: candidate[0])
            table = Table(lines, tuple(columns), key_column, range(at + 1, stop + 1))
            for number, above in enumerate(lines[:at], start=1):
                _set_aside(table, number, above, "it stands above the header")
            return delimiter, table
    raise NoHeader("No header was found: none of the first lines names a column with the issue key.")


def _read_next(lines: list[str], at: int, shape: Shape, table: Table) -> int:
    """Account for what stands at line index `at`, and give the index where to go on."""
    if not lines[at].strip():
        table.blank_lines.append(at + 1)
        return at + 1
    sound = torn_rows.sound_row(lines, at, shape.delimiter)
    if sound is not None and shape.fits(sound.cells):
        table.rows.append(Row(range(at + 1, sound.stop + 1), sound.cells[: shape.width]))
        return sound.stop
    if sound is not None and _is_header_again(sound.cells, table.columns):
        numbers = range(at + 1, sound.stop + 1)
        table.unreadable.append(Unreadable(numbers, "it is the header again", table.text_of(numbers)))
        return sound.stop
    stop = _next_sound(lines, at + 1, shape)
    for piece in torn_rows.mend(lines, range(at, stop), shape):
        _take(piece, lines, shape, table)
    return stop


def _next_sound(lines: list[str], at: int, shape: Shape) -> int:
    """Index of the next line that begins a row without any fault, or the end of the file."""
    for index in range(at, len(lines)):
        sound = torn_rows.sound_row(lines, index, shape.delimiter)
        if sound is not None and shape.fits(sound.cells):
            return index
    return len(lines)


def _take(piece: torn_rows.Piece, lines: list[str], shape: Shape, table: Table) -> None:
    if piece.cells is None:
        for index in piece.lines:
            _set_aside(table, index + 1, lines[index], _why_unreadable(lines[index], table))
        return
    numbers = range(piece.lines.start + 1, piece.lines.stop + 1)
    for fault in piece.faults:
        column = table.columns[fault.cell] if fault.cell < shape.width else "after the last column"
        table.repairs.append(
            Repair(numbers, fault.problem.format(column=column), f"read as: {fault.read_as}")
        )
    cells = piece.cells[: shape.width]
    missing = shape.width - len(cells)
    if missing:
        names = ", ".join(table.columns[-missing:])
        table.repairs.append(Repair(numbers, "the row ends early", f"read as empty: {names}"))
    beyond = tuple(cell for cell in piece.cells[shape.width :] if cell.strip())
    if beyond:
        problem = f"{len(beyond)} more than the header has columns"
        table.repairs.append(Repair(numbers, problem, f"kept: {excerpt(' | '.join(beyond))}"))
    table.rows.append(Row(numbers, cells + ("",) * missing, beyond))


def _set_aside(table: Table, number: int, text: str, reason: str) -> None:
    if text.strip():
        table.unreadable.append(Unreadable(range(number, number + 1), reason, text))
    else:
        table.blank_lines.append(number)


def _why_unreadable(line: str, table: Table) -> str:
    if OUTPUT_OF_DATE.fullmatch(line.strip()):
        return "it is the output of the command `date`, not a record"
    return f"no record can be made of it: no {table.columns[table.key_column]} where one should stand"


def _is_header_again(cells: Sequence[str], columns: Sequence[str]) -> bool:
    return [" ".join(cell.split()) for cell in cells[: len(columns)]] == list(columns)


def _joined(notes: Iterable[Unreadable]) -> list[Unreadable]:
    """Neighbouring lines with the same reason become one note."""
    joined: list[Unreadable] = []
    for note in notes:
        last = joined[-1] if joined else None
        if last and last.reason == note.reason and last.lines[-1] + 1 == note.lines[0]:
            joined[-1] = Unreadable(
                range(last.lines[0], note.lines[-1] + 1), note.reason, f"{last.text}\n{note.text}"
            )
        else:
            joined.append(note)
    return joined


def excerpt(text: str, length: int = 80) -> str:
    """The beginning of a text on one line, for a report."""
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
