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
from ops.tickets.models import Level, Priority, Ticket, Visibility
from ops.web import clocks
from ops.web.finding import ticket_models
from ops.workflow.registry import model_of

COLUMN_SORTS = {"priority": ("priority", "-priority"), "clock": ("due",), "changed": ("-updated", "updated")}


@dataclass(frozen=True)
class Choice:
    """One value that a filter can take."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class Filter:
    """One filter of the bar: what it is called, what it is set to, and what can be chosen."""

    name: str
    label: str
    value: str = ""
    choices: Sequence[Choice] = ()
    sort: str = "text"
    hint: str = ""

    @property
    def is_one_choice(self) -> bool:
        """Whether it is set to one of its choices, not to several."""
        return any(choice.value == self.value for choice in self.choices)

    @property
    def words(self) -> str:
        """What it is set to, in words."""
        return ", ".join(choice.label for choice in self.choices if choice.chosen) or self.value


@dataclass(frozen=True)
class Chip:
    """A filter that is set, and the same list without it."""

    label: str
    words: str
    without: str


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

    # -- Its rows ---------------------------------------------------------------------------------------------

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

    # -- Its addresses ----------------------------------------------------------------------------------------

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

    # -- Its bar ----------------------------------------------------------------------------------------------

    @cached_property
    def main_filters(self) -> list[Filter]:
        """What is asked for most."""
        return [
            self._chosen("state", "State", self._states()),
            self._chosen("priority", "Priority", Priority.choices),
            self._typed("assignee", "Assignee", "user", "Username, me, none"),
            self._typed("component", "Component", "product", "Any"),
        ]

    @cached_property
    def more_filters(self) -> list[Filter]:
        """Everything else that the list can be asked for."""
        kinds = [(model.workflow.kind, model.workflow.plural) for model in ticket_models()]
        return [
            *([] if self.kind or len(kinds) < 2 else [self._chosen("kind", "Kind", kinds)]),
            self._chosen("live", "Still open", [("yes", "Open"), ("no", "Ended")]),
            self._chosen("importance", "Importance", Level.choices),
            self._chosen("urgency", "Urgency", Level.choices),
            self._chosen(
                "visibility", "Visibility", [(v.value, v.label.partition(":")[0]) for v in Visibility]
            ),
            self._typed("label", "Label", "label", "Any"),
            self._typed("reporter", "Reporter", "user", "Username, me"),
            *(
                [
                    self._chosen("holder", "Waits for", [("me", "Me")]),
                    self._chosen("watcher", "Followed", [("me", "By me")]),
                ]
                if self.reader.is_authenticated
                else []
            ),
            self._chosen("sweep", "Weekly sweep", [("yes", "To be looked at")]),
            self._typed("parent", "Below", "ticket", "Key"),
            self._typed("external_key", "Key elsewhere", "text", ""),
            *(
                self._typed(name, label, "date", "")
                for name, label in (
                    ("created_after", "Reported from"),
                    ("created_before", "Reported before"),
                    ("updated_after", "Changed from"),
                    ("updated_before", "Changed before"),
                    ("due_before", "Due before"),
                )
            ),
        ]

    @property
    def more_set(self) -> int:
        """How many of the rarer filters are set."""
        return sum(bool(each.value) for each in self.more_filters)

    @property
    def chips(self) -> list[Chip]:
        """The filters that are set, each with the way to do without it."""
        named = {each.name: each for each in [*self.main_filters, *self.more_filters]}
        named["search"] = Filter("search", "Words", self.address.get("search", ""))
        return [
            Chip(named[name].label, named[name].words, self._with(**{name: None, "cursor": None}))
            for name in self.filters_set
            if name in named
        ]

    @property
    def tabs(self) -> list[Tab]:
        """The lists that people ask for every day."""
        return tabs(self.reader, self.path, self.filters_set)

    @property
    def everything(self) -> Mapping[str, str]:
        """What to do where the filters let nothing through."""
        return {"label": "Show everything", "url": self.path}

    @property
    def first_step(self) -> Mapping[str, str]:
        """What to do where there is nothing yet."""
        return {"label": "Report a problem", "url": reverse("report")}

    @property
    def sorts(self) -> dict[str, tuple[str, str]]:
        """For each column that sorts: where its head leads, and how the list is sorted by it now."""
        return {column: self._sort(keys) for column, keys in COLUMN_SORTS.items()}

    def _sort(self, keys: Sequence[str]) -> tuple[str, str]:
        if self.query.sort not in keys:
            return self._with(sort=keys[0], cursor=None), ""
        following = keys[(keys.index(self.query.sort) + 1) % len(keys)]
        direction = "descending" if self.query.sort.startswith("-") else "ascending"
        return self._with(sort=following, cursor=None), direction

    def _states(self) -> list[tuple[str, str]]:
        models = [model_of(self.kind)] if self.kind else ticket_models()
        return list(dict.fromkeys((s.value, str(s.label)) for m in models for s in m.workflow.State))

    def _chosen(self, name: str, label: str, choices: Sequence[tuple[str, str]]) -> Filter:
        value = self.address.get(name, "")
        chosen = value.split(",")
        made = [Choice(str(each), str(words), str(each) in chosen) for each, words in choices]
        return Filter(name, label, value, made, "choices")

    def _typed(self, name: str, label: str, sort: str, hint: str) -> Filter:
        return Filter(name, label, self.address.get(name, ""), sort=sort, hint=hint)
