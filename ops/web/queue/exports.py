"""A list of tickets as a table for other programs."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib.auth.models import AnonymousUser

from ops.people.models import User
from ops.tabular.writing import guarded
from ops.tickets.models import Ticket
from ops.tickets.queue import Query

COLUMNS = (
    "key", "kind", "title", "state", "priority", "importance", "urgency", "component", "reporter", "assignee",
    "visibility", "labels", "parent", "reported", "changed", "state_since", "due", "external_key",
)  # fmt: skip
ROWS_AT_ONCE = 2_000


class _Line:
    """A file of one line: what is written is returned."""

    def write(self, line: str) -> str:
        """Return the line."""
        return line


def csv_lines(query: Query, reader: User | AnonymousUser) -> Iterator[str]:
    """Yield the lines of the whole list as this reader sees it, a few thousand rows in memory at a time.

    Moments are in UTC. A cell that a spreadsheet would take for a formula begins with an apostrophe.
    """
    writer = csv.writer(_Line())
    yield writer.writerow(COLUMNS)
    rows = query.rows(Ticket.objects.all(), reader).select_related("assignee", "reporter", "component")
    seen = Ticket.objects.visible_to(reader)
    for batch in _batches(rows.defer("description").iterator(chunk_size=ROWS_AT_ONCE)):
        parents = {ticket.parent_id for ticket in batch} - {None}
        keys = dict(seen.filter(pk__in=parents).values_list("pk", "key")) if parents else {}
        for ticket in batch:
            yield writer.writerow([guarded(cell) for cell in _cells(ticket, keys)])


def _batches(rows: Iterator[Ticket]) -> Iterator[list[Ticket]]:
    batch: list[Ticket] = []
    for row in rows:
        batch.append(row)
        if len(batch) == ROWS_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _cells(ticket: Ticket, keys: dict[int, str]) -> Sequence[Any]:
    return (
        ticket.key,
        ticket.kind,
        ticket.title,
        ticket.state,
        ticket.priority,
        ticket.importance,
        ticket.urgency,
        ticket.component.slug if ticket.component else "",
        ticket.reporter.username,
        ticket.assignee.username if ticket.assignee else "",
        ticket.visibility,
        " ".join(ticket.labels),
        keys.get(ticket.parent_id or 0, ""),
        *(
            moment.isoformat() if moment else ""
            for moment in (ticket.created_at, ticket.updated_at, ticket.state_since, ticket.due_at)
        ),
        ticket.external_key,
    )
