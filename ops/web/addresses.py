"""What the pages of records are called and where they are: tickets by their key, everything else by its number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.text import slugify

from ops.tickets.models import Ticket
from ops.workflow.declaration import Workflow
from ops.workflow.models import Stateful

Places = Mapping[tuple[str, str], Callable[[Any], str]]
"""Where parts of records are: by the kind of the record and what the part is about, from a record to an address."""


def page_name(workflow: type[Workflow]) -> str:
    """Return the name under which the page of a record is addressed: `announcement`, `watch-week`."""
    return slugify(workflow.title)


def called(record: Any) -> str:
    """Return what a record is called in a sentence: the key of a ticket, the words of anything else."""
    return record.key if isinstance(record, Ticket) else f"“{record}”"


def address_words(record: Any) -> str:
    """Return what names a record among those of every kind: `CST-12`, `announcement-3`."""
    return record.key if isinstance(record, Ticket) else f"{record.workflow.kind}-{record.pk}"


def step_url(record: Stateful, name: str) -> str:
    """Return where a step of a record is taken."""
    if isinstance(record, Ticket):
        return reverse("do", args=[record.key, name])
    return reverse(f"do-{record.workflow.kind}", args=[record.pk, name])


def edit_url(record: Stateful, *fields: str) -> str:
    """Return where some fields of a record are changed, or all that the person may change when none is named."""
    if isinstance(record, Ticket):
        path = reverse("edit-ticket", args=[record.key])
    else:
        path = reverse(f"edit-{record.workflow.kind}", args=[record.pk])
    return f"{path}?{urlencode([('field', field) for field in fields])}" if fields else path


def part_of_page(record: Any, anchor: str) -> str:
    """Return the address of one part of the page of a record."""
    return f"{record.get_absolute_url()}#{anchor}"


def process_url(record: Stateful) -> str:
    """Return where the process of a record is explained, with the place at which this one stands."""
    return f"{reverse('workflow', args=[record.workflow.kind])}?of={record.name_in_address}"
