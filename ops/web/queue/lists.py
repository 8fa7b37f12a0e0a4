"""A list of tickets as its address describes it: the filters, what is on the page, and where its neighbours are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser
from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpRequest
from django.urls import reverse

from ops.clocks.explanation import Clock
from ops.clocks.selectors import next_deadlines
from ops.people.models import User
from ops.tickets import queue
from ops.tickets.models import Ticket
from ops.web.finding import ticket_models
from ops.web.forms.making import REPORT_KIND
from ops.web.frame import clocks
from ops.web.queue.columns import COLUMNS, Column, columns_of
from ops.web.queue.filters import Chip, FilterBar
from ops.workflow import registry

COLUMN_SORTS = {
    "priority": ("priority", "-priority"),
    "clock": ("due",),
    "reported": ("-created", "created"),
    "changed": ("-updated", "updated"),
}


@dataclass(frozen=True)
class Row:
    """One ticket of the list with its most pressing clock."""

    ticket: Ticket
    clock: Clock | None

    @property
    def clock_short(self) -> str:
        """How the clock stands."""
        return clocks.short(self.clock) if self.clock else ""

    @property
    def clock_in_full(self) -> str:
        """What it counts, and until when."""
        return clocks.in_full(self.clock) if self.clock else ""


@dataclass(frozen=True)
class Head:
    """A column of the list: where its head leads when it sorts, and how the list is sorted by it now."""

    column: Column
    sort_url: str
    direction: str


@dataclass(frozen=True)
class Tab:
    """A list that people ask for every day."""

    label: str
    url: str
    current: bool


def address_of(request: HttpRequest) -> dict[str, str]:
    """Return the parameters of an address; what is given several times is one value with commas."""
    joined = {name: ",".join(filter(None, values)) for name, values in request.GET.lists()}
    return {name: value for name, value in joined.items() if value}


def tabs(reader: User | AnonymousUser, path: str, current: Mapping[str, str], **always: str) -> list[Tab]:
    """Return what people ask for every day, of the queue or the board at a path; `always` stands in each address."""
    wanted = [("Open", {"live": "yes"})]
    if reader.is_authenticated:
        wanted += [
            ("Waits for me", {"holder": "me"}),
            ("Assigned to me", {"assignee": "me", "live": "yes"}),
            ("Without an owner", {"assignee": "none", "live": "yes"}),
            ("Reported by me", {"reporter": "me"}),
            ("Followed", {"watcher": "me"}),
        ]
    wanted += [("Everything", {})]
    return [
        Tab(label, at(path, {**always, **address}), dict(current) == address) for label, address in wanted
    ]


def at(path: str, address: Mapping[str, str | None]) -> str:
    """Return a path with parameters; those without a value are left out."""
    query = urlencode({name: value for name, value in address.items() if value})
    return f"{path}?{query}" if query else path


class TicketList:
    """The list under one address, for one reader; `kind` narrows it to one process."""

    def __init__(self, request: HttpRequest, *, kind: str = "") -> None:
        self.request, self.reader, self.kind = request, request.user, kind
        self.path = reverse(f"queue-{kind}") if kind else reverse("queue")
        self.address = self._read_address()
        self.query = queue.parsed({**self.address, **({"kind": kind} if kind else {})}, self.reader)

    def _read_address(self) -> dict[str, str]:
        return address_of(self.request)

    @cached_property
    def page(self) -> queue.Page:
        """The rows of this page."""
        return queue.page_of(self.query, Ticket.objects.all(), self.reader)

    @cached_property
    def rows(self) -> list[Row]:
        """The rows with their clocks; two more queries, however many rows."""
        pressing = next_deadlines(self.page.rows)
        return [Row(ticket, pressing.get(ticket.pk)) for ticket in self.page.rows]

    @property
    def range(self) -> str:
        """How much of how much is shown; what is estimated is called so."""
        page, shown = self.page, len(self.page.rows)
        if not shown:
            return "Nothing"
        total = f"{'' if page.total_is_exact else 'about '}{intcomma(page.total)}"
        if page.total_is_exact and page.total == shown:
            return f"All {shown}" if shown > 1 else "One"
        return f"{shown} of {total}" if self.query.cursor else f"1–{shown} of {total}"  # noqa: RUF001  # a range is written so

    @property
    def next(self) -> str:
        """The address of the next page; nothing after the last."""
        return self._with(cursor=self.page.next_cursor) if self.page.next_cursor else ""

    @property
    def previous(self) -> str:
        """The address of the page before; nothing before the first."""
        return self._with(cursor=self.page.previous_cursor) if self.page.previous_cursor else ""

    @property
    def filters_set(self) -> Mapping[str, str]:
        """What the address asks for, without sorting and paging."""
        return {name: value for name, value in self.address.items() if name not in queue.PAGING}

    @property
    def full_address(self) -> str:
        """This list from its first page, to be saved or sent to somebody."""
        return self._with(cursor=None)

    @property
    def csv_url(self) -> str:
        """The same list as a table for other programs."""
        return at(reverse("queue-csv"), {**self.address, **self._kind, "cursor": None})

    @property
    def board_url(self) -> str:
        """The same filters on the board; of all processes only one has columns."""
        kind = self.kind or self.address.get("kind", "") or ticket_models()[0].workflow.kind
        return at(reverse("board"), {**self.filters_set, "kind": kind})

    @property
    def _kind(self) -> dict[str, str]:
        return {"kind": self.kind} if self.kind else {}

    def _with(self, **changes: str | None) -> str:
        return at(self.path, {**self.address, **changes})

    @cached_property
    def bar(self) -> FilterBar:
        """The filters, and what each is set to."""
        return FilterBar(self.address, self.reader, self.kind)

    @property
    def chips(self) -> list[Chip]:
        """The filters that are set, each with the way to do without it."""
        return self.bar.chips(lambda name: self._with(**{name: None, "cursor": None}))

    @property
    def tabs(self) -> list[Tab]:
        """The lists that people ask for every day."""
        return tabs(self.reader, self.path, self.filters_set)

    @property
    def everything(self) -> Mapping[str, str]:
        """What to do where the filters let nothing through."""
        return {"label": "Show everything", "url": self.path}

    @property
    def nothing(self) -> Mapping[str, object]:
        """What stands where there is nothing at all: what the place is for, and the first step."""
        if self.kind in {"", REPORT_KIND}:
            words = "What is reported stands here, with who holds it and until when."
            report = {"label": "Report a problem", "url": reverse("report")}
            return {"heading": "Nothing here yet", "words": words, "action": report}
        heading = f"No {registry.model_of(self.kind).workflow.plural.lower()} that you can see"
        if self.reader.is_authenticated:
            return {
                "heading": heading,
                "words": "Those that you take part in stand here, and those open to everybody.",
            }
        sign_in = {"label": "Sign in", "url": f"{reverse('login')}?next={self.path}"}
        return {"heading": heading, "words": "Yours are there when you have signed in.", "action": sign_in}

    @cached_property
    def columns(self) -> list[Head]:
        """The columns that this reader has chosen."""
        return [
            Head(column, *(self._sort(COLUMN_SORTS[column.sort]) if column.sort else ("", "")))
            for column in columns_of(self.reader)
        ]

    @property
    def columns_offered(self) -> list[tuple[Column, bool]]:
        """Every column that there is, and whether this reader has it."""
        chosen = {head.column for head in self.columns}
        return [(column, column in chosen) for column in COLUMNS.values()]

    def _sort(self, keys: Sequence[str]) -> tuple[str, str]:
        if self.query.sort not in keys:
            return self._with(sort=keys[0], cursor=None), ""
        following = keys[(keys.index(self.query.sort) + 1) % len(keys)]
        direction = "descending" if self.query.sort.startswith("-") else "ascending"
        return self._with(sort=following, cursor=None), direction
