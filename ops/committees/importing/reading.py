"""What the columns of a list of recommendations mean; every cell is kept, whatever it means."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ops.clocks.words import counted
from ops.tabular import tolerant_csv
from ops.tabular.dates import read_moment
from ops.tabular.row_readings import ANY_KEY, TRACKER_KEY
from ops.tabular.tolerant_csv import NoHeader, Repair, Row, Table, Unreadable, excerpt
from ops.tabular.writing import unguarded

# What the columns of the real files are called, in their order; the export gives the same ones back.
EXPORTED = (
    "Issue key", "Rec#", "Summary", "Report date", "Due Date", "Implementation Status", "Description", "Response",
    "Implementation Status Description",
)  # fmt: skip
ASSIGNEE = "(Assignee)"
COLUMNS: Mapping[str, str] = {
    "issue key": "key", "key": "key",
    "rec#": "number", "rec #": "number", "rec": "number", "rec. no.": "number", "number": "number",
    "summary": "title", "title": "title",
    "report date": "report", "report": "report", "review": "report",
    "due date": "due", "due": "due",
    "implementation status": "status", "status": "status",
    "(assignee)": "assignee", "assignee": "assignee",
    "description": "text", "recommendation": "text",
    "response": "response",
    "implementation status description": "status_text", "status description": "status_text",
}  # fmt: skip
"""Well-known columns, in lower case. Every other column is kept beside the item under its own name."""
COLUMN_OF: Mapping[str, str] = {COLUMNS[name.casefold()]: name for name in (*EXPORTED, ASSIGNEE)}
"""What the columns are called in the real lists, by what they are here."""

UNNAMED_REVIEW = "unnamed review"
END_OF_DAY = datetime.time(23, 59)
LONGEST_LABEL, LONGEST_KEY, LONGEST_NUMBER, LONGEST_STATUS = 80, 64, 40, 80


@dataclass(frozen=True)
class Record:
    """One recommendation as the file has it. An empty text means that the file says nothing."""

    lines: range
    key: str
    report: str
    number: str = ""
    title: str = ""
    text: str = ""
    status: str = ""
    status_text: str = ""
    response: str = ""
    assignee: str = ""
    due: datetime.datetime | None = None
    cells: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Reading:
    """All that was found in a file; every line is in one of the records, the unreadable, the header or the blanks."""

    columns: Mapping[str, str]
    missing: Sequence[str]
    records: Sequence[Record]
    repairs: Sequence[Repair]
    unreadable: Sequence[Unreadable]
    blank_lines: Sequence[int]
    line_count: int
    written_at: datetime.datetime | None
    """When the file was made, where its last line is the output of `date`."""

    @property
    def summary(self) -> str:
        """How much was found, in words."""
        found = (
            counted(len(self.records), "record"),
            counted(len(self.repairs), "repair"),
            f"{len(self.unreadable)} not {'a record' if len(self.unreadable) == 1 else 'records'}",
        )
        return f"{counted(self.line_count, 'line')}: {', '.join(found)}"


def read(data: bytes, *, report: str = "") -> Reading:
    """Read a list. `report` names the review of records that name none.

    Raises `NoHeader` where no column names a key: then nothing could be recognised a second time.
    """
    table = _table(data)
    records: dict[tuple[str, str], Record] = {}
    repairs, unreadable = list(table.repairs), list(table.unreadable)
    for row in table.rows:
        record = _record(row, table, report, repairs)
        earlier = records.pop((record.report, record.key), None)
        if earlier is not None:
            reason = f"{record.key} comes again on line {record.lines.start}, which is read instead"
            unreadable.append(Unreadable(earlier.lines, reason, table.text_of(earlier.lines)))
        records[record.report, record.key] = record
    known = {COLUMNS.get(_plain(column), "") for column in table.columns}
    return Reading(
        columns={column: COLUMNS.get(_plain(column), "") for column in table.columns},
        missing=[column for column in EXPORTED if COLUMNS[_plain(column)] not in known],
        records=sorted(records.values(), key=lambda record: record.lines.start),
        repairs=sorted(repairs, key=lambda repair: repair.lines[0]),
        unreadable=sorted(unreadable, key=lambda note: note.lines[0]),
        blank_lines=table.blank_lines,
        line_count=len(table.lines),
        written_at=_written_at(table.unreadable),
    )


def _table(data: bytes) -> Table:
    """Rows are known by their key; in a list without that column by the number of the recommendation."""
    try:
        return tolerant_csv.read(data, find_key_column=lambda columns: _find(columns, "key"), key=TRACKER_KEY)
    except NoHeader:
        return tolerant_csv.read(data, find_key_column=lambda columns: _find(columns, "number"), key=ANY_KEY)


def _find(columns: Sequence[str], name: str) -> int | None:
    return next((at for at, column in enumerate(columns) if COLUMNS.get(_plain(column)) == name), None)


def _plain(column: str) -> str:
    return " ".join(column.split()).casefold()


def _record(row: Row, table: Table, report: str, repairs: list[Repair]) -> Record:
    cells: dict[str, str] = {}
    texts: dict[str, str] = {}
    for column, raw in zip(table.columns, row.cells, strict=True):
        text = unguarded(raw.replace("\xa0", " ").strip())
        text = "" if text == "None" else text  # so the exporter writes what is empty
        cells[_free(column, cells)] = raw
        name = COLUMNS.get(_plain(column), "")
        if name and not texts.get(name):
            texts[name] = text
    for text in row.beyond:
        cells[_free("After the last column", cells)] = text
    due = texts.pop("due", "")
    moment = _due(due)
    if due and moment is None:
        problem = "“Due Date” is not a date that can be told for sure"
        repairs.append(Repair(row.lines, problem, f"kept as text: {excerpt(due)}"))
    texts["key"] = (row.cells[table.key_column].strip() or texts.get("key", "")).upper()
    texts["title"] = " ".join(texts.get("title", "").split())
    if not texts.get("report"):
        texts["report"] = report or UNNAMED_REVIEW
        repairs.append(Repair(row.lines, "no review is named", f"read as: {texts['report']}"))
    return Record(lines=row.lines, due=moment, cells=cells, **texts)


def _free(column: str, cells: Mapping[str, str]) -> str:
    """A name under which nothing is kept yet: real files repeat their columns."""
    name, count = column, 1
    while name in cells:
        count += 1
        name = f"{column} ({count})"
    return name


def _due(text: str) -> datetime.datetime | None:
    """What is due on a day is due until its end."""
    moment = read_moment(text) if text else None
    if moment is not None and moment.time() == datetime.time.min:
        moment = datetime.datetime.combine(moment.date(), END_OF_DAY, moment.tzinfo)
    return moment.astimezone(datetime.UTC) if moment else None


def _written_at(notes: Sequence[Unreadable]) -> datetime.datetime | None:
    for note in notes:
        found = re.search(
            r"(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d\d:\d\d:\d\d)(?: ([+-]\d\d)(\d\d)?)?", note.text
        )
        if found and "command `date`" in note.reason:
            day, month, year, clock, hours, minutes = found.groups()
            moment = read_moment(f"{day} {month} {year}")
            if moment is not None:
                zone = f"{hours or '+00'}:{minutes or '00'}"
                return datetime.datetime.fromisoformat(f"{moment:%Y-%m-%d}T{clock}{zone}").astimezone(
                    datetime.UTC
                )
    return None
