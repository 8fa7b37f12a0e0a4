"""The tracker for other programs: CSV with the columns of the real lists, and a table in reStructuredText."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence

from ops.committees.importing.mapping import word_of
from ops.committees.importing.reading import ASSIGNEE, EXPORTED
from ops.committees.models import Item, Work
from ops.tabular.writing import guarded

ROWS_AT_ONCE = 500
_MARKUP = re.compile(r"([\\`*_|<>])")


class _Line:
    """A file of one line: what is written is returned."""

    def write(self, line: str) -> str:
        """Return the line."""
        return line


def csv_lines(items: Iterable[Item], *, with_assignees: bool = False) -> Iterator[str]:
    """Yield the lines of a list, with exactly the columns of the real ones; the assignee is one more.

    A cell that a spreadsheet would take for a formula begins with an apostrophe; the import takes it away again.
    """
    writer = csv.writer(_Line(), lineterminator="\n")
    yield writer.writerow([*EXPORTED, ASSIGNEE] if with_assignees else EXPORTED)
    for item in items:
        cells = _cells(item)
        if with_assignees:
            cells = [*cells, _assignee(item.work)]
        yield writer.writerow([guarded(cell) for cell in cells])


def _cells(item: Item) -> list[str]:
    work: Work = item.work
    return [
        item.external_key or f"{item.report.key}-{item.pk}",
        item.number,
        item.title,
        item.report.label or item.report.semester or item.report.key,
        f"{work.due_at:%Y-%m-%d}" if work.due_at else "",
        word_of(work),
        item.text,
        item.response.text,
        work.status_text,
    ]


def _assignee(work: Work) -> str:
    return work.assignee.name if work.assignee else ""


def rst_lines(items: Iterable[Item], *, title: str) -> Iterator[str]:
    """Yield a page with one table in reStructuredText; what would be markup there is escaped."""
    yield f"{title}\n{'=' * len(title)}\n\n"
    yield ".. list-table::\n   :header-rows: 1\n   :widths: 8 22 30 12 10 18\n\n"
    yield from _rst_row(("Item", "Recommendation", "Response", "Status", "Due", "How it stands"))
    for item in items:
        work: Work = item.work
        due = f"{work.due_at:%Y-%m-%d}" if work.due_at else ""
        words = f"{item.title}\n\n{item.text}".strip() if item.title != item.text else item.text
        named = f"{item.report.name} {item.number}".strip()
        yield from _rst_row((named, words, item.response.text, word_of(work), due, work.status_text))


def _rst_row(cells: Sequence[str]) -> Iterator[str]:
    for at, cell in enumerate(cells):
        lines = [_escaped(line) for line in cell.splitlines()] or [""]
        yield f"   {'* -' if at == 0 else '  -'} {lines[0]}".rstrip() + "\n"
        yield from (f"       {line}".rstrip() + "\n" for line in lines[1:])


def _escaped(line: str) -> str:
    line = _MARKUP.sub(r"\\\1", line.strip())
    # What would begin a list, a heading or a directive inside the cell.
    return f"\\{line}" if re.match(r"[-+=~^#.:\u2022]|\d+[.)]", line) else line
