"""What the columns of a Jira export mean, and of the recommendation lists that are kept beside it.

Nothing is lost: what has no field of its own is kept as text under the name of its column (`Record.kept`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any

from ops.tabular import tolerant_csv
from ops.tabular.dates import read_moment
from ops.tabular.row_readings import ANY_KEY, TRACKER_KEY
from ops.tabular.tolerant_csv import Repair, Row, Table, Unreadable, excerpt

ONE_VALUE = (
    "key", "title", "description", "status", "priority", "assignee", "reporter", "created", "updated", "due",
    "resolution", "workaround", "forum_topic", "documentation",
)  # fmt: skip
MANY_VALUES = ("labels", "components", "watchers", "comments")
KEPT = "text"
FIELDS = (*ONE_VALUE, *MANY_VALUES, KEPT)
"""What a column can be mapped to. `text` keeps it in the description under the name of the column."""

COLUMNS = {
    "issue key": "key", "key": "key",
    "summary": "title", "title": "title",
    "description": "description",
    "status": "status", "implementation status": "status",
    "priority": "priority",
    "assignee": "assignee", "(assignee)": "assignee",
    "reporter": "reporter",
    "created": "created", "updated": "updated",
    "due date": "due", "due": "due",
    "resolution": "resolution",
    "labels": "labels", "label": "labels",
    "report date": "labels",  # in recommendation lists this names the review: a label, not a date
    "component/s": "components", "components": "components", "component": "components",
    "watchers": "watchers", "comment": "comments", "comments": "comments",
    "workaround": "workaround",
}  # fmt: skip
"""Well-known columns, in lower case. Every other column is kept as text."""

COMMENT = re.compile(r"(?P<when>[^;\n]{6,40});(?P<author>[^;\n]{0,100});(?P<body>.*)", re.DOTALL)


class UnknownMapping(ValueError):
    """A mapping names a column that the file does not have, or a field that does not exist."""


@dataclass(frozen=True)
class Remark:
    """One comment of the foreign tracker. `author` is the name it has there; both may be unknown."""

    body: str
    author: str = ""
    written_at: datetime | None = None


@dataclass(frozen=True)
class Record:
    """One issue as the file has it. Texts are stripped, an empty text means that the file says nothing."""

    lines: range
    key: str
    title: str
    description: str = ""
    status: str = ""
    priority: str = ""
    assignee: str = ""
    reporter: str = ""
    resolution: str = ""
    workaround: str = ""
    forum_topic: str = ""
    documentation: str = ""
    created: datetime | None = None
    updated: datetime | None = None
    due: datetime | None = None
    labels: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    watchers: tuple[str, ...] = ()
    comments: tuple[Remark, ...] = ()
    kept: tuple[tuple[str, str], ...] = ()
    """Pairs of column and text, in the order of the file, for what has no field."""


@dataclass(frozen=True)
class Reading:
    """All that was found in a file: each line is in exactly one of the records, the unreadable, the header or
    the blank lines; a repair tells what was assumed about lines that are in one of these too."""

    columns: Mapping[str, str]
    """Which field each column was read as."""
    header_lines: range
    records: Sequence[Record]
    repairs: Sequence[Repair]
    unreadable: Sequence[Unreadable]
    blank_lines: Sequence[int]


@dataclass
class _Cells:
    """The cells of one row, sorted by what they mean."""

    lines: range
    texts: dict[str, str] = field(default_factory=dict)
    dates: dict[str, datetime] = field(default_factory=dict)
    many: dict[str, list[str]] = field(default_factory=dict)
    kept: list[tuple[str, str]] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)


def read(data: bytes, mapping: Mapping[str, str] | None = None, *, zone: tzinfo = UTC) -> Reading:
    """Read an export. `mapping` says for columns what they are, over what is known of them; names of columns
    are compared without regard to case. Times without a zone are in `zone`.

    Raises `tolerant_csv.NoHeader` when no column holds the issue key, `UnknownMapping` for a mapping that
    cannot be followed.
    """
    chosen = _chosen(mapping or {})
    table = tolerant_csv.read(
        data,
        find_key_column=lambda columns: _key_column(columns, chosen),
        key=ANY_KEY if "key" in chosen.values() else TRACKER_KEY,
    )
    fields = [_field_of(column, chosen) for column in table.columns]
    _refuse_unknown_columns(mapping or {}, table.columns)
    records: dict[str, Record] = {}
    unreadable, repairs = list(table.unreadable), list(table.repairs)
    for row in table.rows:
        cells = _sorted_cells(row, table, fields, zone)
        record = _record(cells, zone)
        earlier = records.pop(record.key, None)
        if earlier is not None:
            reason = f"{record.key} comes again on line {record.lines.start}, which is read instead"
            unreadable.append(Unreadable(earlier.lines, reason, table.text_of(earlier.lines)))
        records[record.key] = record
        repairs += cells.repairs
    return Reading(
        columns=dict(zip(table.columns, fields, strict=True)),
        header_lines=table.header_lines,
        records=sorted(records.values(), key=lambda record: record.lines.start),
        repairs=sorted(repairs, key=lambda repair: repair.lines[0]),
        unreadable=sorted(unreadable, key=lambda note: note.lines[0]),
        blank_lines=table.blank_lines,
    )


def _plain(column: str) -> str:
    """The name of a column for comparison; Jira wraps its own fields: `Custom field (Story Points)`."""
    name = " ".join(column.split()).casefold()
    wrapped = re.fullmatch(r"custom field \((.+)\)", name)
    return wrapped[1] if wrapped else name


def _chosen(mapping: Mapping[str, str]) -> dict[str, str]:
    for column, name in mapping.items():
        if name not in FIELDS:
            raise UnknownMapping(
                f"“{column}={name}”: there is no field “{name}”. Known: {', '.join(FIELDS)}."
            )
    return {_plain(column): name for column, name in mapping.items()}


def _refuse_unknown_columns(mapping: Mapping[str, str], columns: Iterable[str]) -> None:
    present = {_plain(column) for column in columns}
    for column, name in mapping.items():
        if _plain(column) not in present:
            raise UnknownMapping(
                f"“{column}={name}”: the file has no column “{column}”. It has: {', '.join(columns)}."
            )


def _field_of(column: str, chosen: Mapping[str, str]) -> str:
    return chosen.get(_plain(column)) or COLUMNS.get(_plain(column), KEPT)


def _key_column(columns: Sequence[str], chosen: Mapping[str, str]) -> int | None:
    for wanted in (chosen, COLUMNS):  # a column that was mapped to the key wins over a well-known one
        for index, column in enumerate(columns):
            if wanted.get(_plain(column)) == "key" and _field_of(column, chosen) == "key":
                return index
    return None


def _sorted_cells(row: Row, table: Table, fields: Sequence[str], zone: tzinfo) -> _Cells:
    cells = _Cells(row.lines)
    cells.texts["key"] = row.cells[table.key_column].strip()
    for index, (column, name, raw) in enumerate(zip(table.columns, fields, row.cells, strict=True)):
        text = raw.strip()
        if index == table.key_column or text in ("", "None"):
            continue
        if name in MANY_VALUES:
            cells.many.setdefault(name, []).append(text)
        elif name == KEPT or name in cells.texts or name in cells.dates:
            cells.kept.append((column, text))  # a second column of a single-valued field is text as well
        elif name in ("created", "updated", "due"):
            _sort_date(cells, column, name, text, zone)
        else:
            cells.texts[name] = text
    cells.kept += [("After the last column", text.strip()) for text in row.beyond]
    return cells


def _sort_date(cells: _Cells, column: str, name: str, text: str, zone: tzinfo) -> None:
    moment = read_moment(text, zone)
    if moment is not None:
        cells.dates[name] = moment
        return
    cells.kept.append((column, text))
    problem = f"“{column}” is not a date that can be told for sure"
    cells.repairs.append(Repair(cells.lines, problem, f"kept as text: {excerpt(text)}"))


def _record(cells: _Cells, zone: tzinfo) -> Record:
    title = " ".join(cells.texts.pop("title", "").split())
    if not title:
        title = excerpt(cells.texts.get("description", "")) or cells.texts["key"]
        cells.repairs.append(Repair(cells.lines, "there is no summary", f"the title is: {title}"))
    values: dict[str, Any] = {**cells.texts, **cells.dates}
    labels = " ".join(cells.many.get("labels", ()))  # a label is one word
    return Record(
        lines=cells.lines,
        title=title,
        **values,
        labels=_distinct(re.split(r"[\s,;]+", labels)),
        components=_distinct(cells.many.get("components", ())),
        watchers=_distinct(cells.many.get("watchers", ())),
        comments=tuple(_remark(text, zone) for text in cells.many.get("comments", ())),
        kept=tuple(cells.kept),
    )


def _remark(text: str, zone: tzinfo) -> Remark:
    """Jira writes `19/Dec/23 4:02 PM;author;text`. What looks different is all text."""
    parts = COMMENT.fullmatch(text)
    written_at = read_moment(parts["when"].strip(), zone) if parts else None
    if parts is None or written_at is None:
        return Remark(text)
    return Remark(parts["body"].strip(), parts["author"].strip(), written_at)


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
