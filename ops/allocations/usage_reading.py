"""Reads reports of usage, as the machines that count it write them: CSV or JSON, some rows of it wrong.

Nothing here asks the database. Each row is either read or listed with the reason; one bad row spoils no other.
"""

from __future__ import annotations

import csv
import datetime
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

COLUMNS = ("source_id", "award", "resource", "amount", "unit", "used_on")
REQUIRED = ("source_id", "award", "resource", "amount", "used_on")
MOST_ROWS = 50_000
LONGEST_ID = 120
PLACES = 3
LARGEST = Decimal(10) ** 12
_EXAMPLE = "source_id,award,resource,amount,unit,used_on"


class Unreadable(ValueError):
    """The file as a whole cannot be read; the sentence says what would be right."""


@dataclass(frozen=True)
class Use:
    """So much of a resource was used under an award on a day; `source_id` is its name where it was counted."""

    row: int
    source_id: str
    award: str
    resource: str
    amount: Decimal
    unit: str
    used_on: datetime.date


@dataclass(frozen=True)
class BadRow:
    """A row that was not taken, and why."""

    row: int
    source_id: str
    reason: str

    def as_json(self) -> dict[str, Any]:
        """The row as the API tells it."""
        return {"row": self.row, "source_id": self.source_id, "reason": self.reason}


Read = list[Use | BadRow]


def read(content: bytes, *, name: str = "") -> Read:
    """Read a file as JSON where it is called or begins so, as CSV otherwise. Raises `Unreadable`."""
    text = _text(content)
    is_json = name.lower().endswith(".json") or text.lstrip()[:1] in {"[", "{"}
    return read_json(text) if is_json else read_csv(text)


def read_csv(text: str) -> Read:
    """Read CSV with a line of column names; commas, semicolons or tabs. Raises `Unreadable`."""
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        names = [column.strip().lower().replace(" ", "_") for column in next(lines, [])]
    except csv.Error as problem:
        raise Unreadable(f"The first line cannot be read: {problem}.") from None
    missing = [column for column in REQUIRED if column not in names]
    if missing:
        raise Unreadable(
            f"The first line must name the columns, as “{_EXAMPLE}”; {', '.join(missing)} is missing."
        )
    return _limited(_csv_rows(lines, names))


def _csv_rows(lines: Any, names: list[str]) -> Iterator[tuple[int, Mapping[str, Any] | str]]:
    while True:
        try:
            cells = next(lines)
        except StopIteration:
            return
        except csv.Error as problem:
            yield lines.line_num, f"The line cannot be read: {problem}."
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(names):
            yield lines.line_num, f"The line has {len(cells)} cells, the first line {len(names)} columns."
            continue
        yield lines.line_num, dict(zip(names, cells, strict=False))


def read_json(text: str) -> Read:
    """Read JSON: a list of objects, or an object with such a list as `usage`. Raises `Unreadable`."""
    try:
        # A number stays the text that was written: 0.1 is a tenth here.
        value = json.loads(text, parse_float=Decimal, parse_constant=str)
    except InvalidOperation:
        raise Unreadable(
            "This is not JSON of amounts: a number in it has an exponent beyond all counting."
        ) from None
    except (ValueError, RecursionError) as problem:
        raise Unreadable(f"This is not JSON: {problem}.") from None
    return read_values(value)


def read_values(value: Any) -> Read:
    """Read what JSON held. Raises `Unreadable`."""
    entries = value.get("usage") if isinstance(value, dict) else value
    if not isinstance(entries, list):
        raise Unreadable("Send a list of objects, or an object with such a list as “usage”.")
    rows = ((number, entry if isinstance(entry, dict) else "This is no object.")
            for number, entry in enumerate(entries, 1))  # fmt: skip
    return _limited(rows)


def _limited(rows: Iterable[tuple[int, Mapping[str, Any] | str]]) -> Read:
    taken: Read = []
    seen: set[str] = set()
    for number, entry in rows:
        if len(taken) == MOST_ROWS:
            raise Unreadable(f"There are more than {MOST_ROWS:,} rows; send them in parts.")
        read = BadRow(number, "", entry) if isinstance(entry, str) else _row(number, entry)
        if isinstance(read, Use) and read.source_id in seen:
            read = BadRow(
                number, read.source_id, "This source id stands in the file before; ids are given once."
            )
        elif isinstance(read, Use):
            seen.add(read.source_id)
        taken.append(read)
    return taken


def _row(number: int, entry: Mapping[str, Any]) -> Use | BadRow:
    given = {name: _cell(entry.get(name)) for name in COLUMNS}
    source_id = given["source_id"][:LONGEST_ID]
    try:
        missing = [name for name in REQUIRED if not given[name]]
        if missing:
            return BadRow(number, source_id, f"{', '.join(missing)} is missing.")
        if len(given["source_id"]) > LONGEST_ID:
            return BadRow(number, source_id, f"A source id has at most {LONGEST_ID} characters.")
        amount, used_on = _amount(given["amount"]), _day(given["used_on"])
    except ValueError as problem:
        return BadRow(number, source_id, str(problem))
    return Use(
        number, source_id, given["award"].upper(), given["resource"].lower(), amount, given["unit"], used_on
    )


def _cell(value: Any) -> str:
    if value is None or isinstance(value, dict | list | bool):
        return ""
    return str(value).replace("\x00", "").encode("utf-8", "ignore").decode().strip()


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"The amount “{text[:40]}” is no number; write it like 1250.5.") from None
    if not amount.is_finite() or amount <= 0:
        raise ValueError(f"The amount must be above zero, not {text[:40]}; a refund is entered by the desk.")
    if amount >= LARGEST or amount != round(amount, PLACES):
        raise ValueError(f"An amount has at most twelve digits and {PLACES} after the point.")
    return round(amount, PLACES)


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text[:10])
    except ValueError:
        raise ValueError(f"The day “{text[:40]}” is none; write it like 2027-03-31.") from None


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise Unreadable(f"The file is not UTF-8: byte {problem.start + 1} is none.") from None
