"""Tickets of one process as cards in columns, a column for each state."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from ops.clocks.explanation import Clock
from ops.clocks.selectors import next_deadlines
from ops.people.models import User
from ops.tickets import queue
from ops.tickets.models import Ticket, TicketQuerySet
from ops.web.finding import ticket_models
from ops.web.frame import clocks
from ops.web.queue.filters import Chip, FilterBar
from ops.web.queue.lists import Tab, address_of, at, tabs
from ops.workflow.declaration import Phase, States
from ops.workflow.errors import BadQuery

CARDS = 8
ENDED_CARDS = 5
COUNTED = 200
RECENT = datetime.timedelta(days=14)


@dataclass(frozen=True)
class Card:
    """A ticket on a board."""

    ticket: Ticket
    clock: Clock | None
    is_movable: bool

    @property
    def clock_short(self) -> str:
        """How its clock stands."""
        return clocks.short(self.clock) if self.clock else ""

    @property
    def clock_in_full(self) -> str:
        """What it counts, and until when."""
        return clocks.in_full(self.clock) if self.clock else ""

    @property
    def move_url(self) -> str:
        """Where it is dropped; nothing for those who can only look."""
        return reverse("move", args=[self.ticket.key]) if self.is_movable else ""

    @property
    def moves_url(self) -> str:
        """Where its moves are listed, asked only when they are wanted."""
        return reverse("moves", args=[self.ticket.key]) if self.is_movable else ""


def card_of(ticket: Ticket, reader: User | AnonymousUser) -> Card:
    """Return the card of one ticket, as its board shows it."""
    return Card(ticket, next_deadlines([ticket.anchor]).get(ticket.pk), reader.is_authenticated)


@dataclass(frozen=True)
class Column:
    """A state with its newest cards, how many there are, and where all of them are listed."""

    value: str
    label: str
    phase: str
    cards: Sequence[Card]
    count: int
    all_url: str
    note: str = ""

    @property
    def count_words(self) -> str:
        """How many there are; beyond what is counted, that there are more."""
        return str(self.count) if self.count <= COUNTED else f"{COUNTED}+"

    @property
    def is_cut(self) -> bool:
        """Whether there are more than the column shows."""
        return self.count > len(self.cards)


class Board:
    """The board under one address, for one reader; the number of queries depends neither on cards nor columns."""

    def __init__(self, request: HttpRequest) -> None:
        self.reader = request.user
        self.address = {name: value for name, value in address_of(request).items() if name != "cursor"}
        known = {model.workflow.kind: model for model in ticket_models()}
        self.kind = self.address.setdefault("kind", next(iter(known)))
        if self.kind not in known:
            raise BadQuery(f"There is no board of “{self.kind}”; there is one of {', '.join(known)}.")
        self.workflow = known[self.kind].workflow
        self.query = queue.parsed(self.address, self.reader)

    @property
    def queue_url(self) -> str:
        """The same filters as a list."""
        rest = {name: value for name, value in self.address.items() if name != "kind"}
        return self._queue_at(rest)

    @property
    def chips(self) -> list[Chip]:
        """The filters that are set, each with the way to do without it."""
        return FilterBar(self.address, self.reader, self.kind).chips(self._without)

    @property
    def tabs(self) -> list[Tab]:
        """What people ask for every day."""
        current = {n: v for n, v in self.address.items() if n not in queue.PAGING and n != "kind"}
        return tabs(self.reader, reverse("board"), current, kind=self.kind)

    def _without(self, name: str) -> str:
        return at(reverse("board"), {n: v for n, v in self.address.items() if n != name})

    def _queue_at(self, address: Mapping[str, str]) -> str:
        return at(reverse(f"queue-{self.kind}"), address)

    @cached_property
    def states(self) -> list[States]:
        """The states that have a column: those of the filter, else all; ended ones stand last."""
        chosen = set(self.address["state"].split(",")) if "state" in self.address else None
        states = [state for state in self.workflow.State if chosen is None or state.value in chosen]
        if self.address.get("live") == "yes":
            states = [state for state in states if state.phase.is_live]
        return sorted(states, key=lambda state: (not state.phase.is_live, state.phase == Phase.BAD_END))

    @cached_property
    def columns(self) -> list[Column]:
        """Every column with its cards."""
        found, cards = self._found, self._cards
        return [self._column(state, cards[state.value], len(found[state.value])) for state in self.states]

    def _column(self, state: States, cards: Sequence[Card], count: int) -> Column:
        rest = {name: value for name, value in self.address.items() if name not in {"kind", "live"}}
        note = "" if state.phase.is_live else f"in the last {RECENT.days} days"
        url = self._queue_at({**rest, "state": state.value})
        return Column(state.value, str(state.label), state.phase.value, cards, count, url, note)

    @cached_property
    def _found(self) -> Mapping[str, list[int]]:
        """The numbers of the tickets of each column in their order, up to the bound to which they are counted."""
        order = queue.SORTS[self.query.sort]
        names = [name.lstrip("-") for name in order]
        parts = [self._of(state).values_list("state", "pk", *names)[: COUNTED + 1] for state in self.states]
        # The database may give the parts of a union in any order.
        rows = list(_together(parts))
        for column in range(len(order) - 1, -1, -1):
            rows.sort(key=lambda row, at=column + 2: row[at], reverse=order[column].startswith("-"))  # type: ignore[misc]
        found: dict[str, list[int]] = defaultdict(list)
        for state, pk, *_ in rows:
            found[state].append(pk)
        return found

    @cached_property
    def _cards(self) -> Mapping[str, list[Card]]:
        shown = [
            pk
            for state in self.states
            for pk in self._found[state.value][: CARDS if state.phase.is_live else ENDED_CARDS]
        ]
        tickets = Ticket.objects.select_related("assignee").defer("description").in_bulk(shown)
        pressing = next_deadlines(list(tickets.values()))
        cards: dict[str, list[Card]] = defaultdict(list)
        for ticket in (tickets[pk] for pk in shown if pk in tickets):
            cards[ticket.state].append(Card(ticket, pressing.get(ticket.pk), self.reader.is_authenticated))
        return cards

    @cached_property
    def _rows(self) -> TicketQuerySet:
        return self.query.rows(Ticket.objects.filter(kind=self.kind), self.reader)

    def _of(self, state: States) -> TicketQuerySet:
        rows = self._rows.filter(state=state.value)
        if state.phase.is_live:
            return rows
        since = timezone.now() - RECENT
        # Nothing ended after it was last changed; the second condition is what the index serves.
        return rows.filter(Q(state_since__gte=since) & Q(updated_at__gte=since))


def _together(parts: Sequence[Any]) -> Sequence[tuple[Any, ...]]:
    if not parts:
        return []
    first, *rest = parts
    return list(first.union(*rest, all=True)) if rest else list(first)
