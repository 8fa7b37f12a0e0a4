"""The first page of somebody with an account: what waits for them, what they follow, what they reported."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest

from ops.people.authority import is_operator
from ops.people.models import User
from ops.tickets.models import Ticket, TicketQuerySet
from ops.tickets.timeline import Entry
from ops.web.first_steps import FirstStep, first_steps
from ops.web.frame.dates import spoken
from ops.web.news import news_of
from ops.web.visits import last_visit
from ops.web.waiting import WaitingFor

SHOWN = 10


@dataclass(frozen=True)
class Followed:
    """A ticket that somebody follows, with the latest that happened since they were here."""

    ticket: Ticket
    news: Sequence[Entry]

    @property
    def latest(self) -> str:
        """Who did what, last; nothing where nothing has happened."""
        if not self.news:
            return ""
        last = self.news[-1]
        if last.comment is not None:
            return f"{last.comment.author.name} commented"
        return f"{last.event.actor.name} {last.words}"  # type: ignore[union-attr]  # it is one or the other

    @property
    def more(self) -> int:
        """How much else."""
        return len(self.news) - 1


class Home:
    """Home of one person."""

    def __init__(self, request: HttpRequest) -> None:
        self.person: User = request.user  # type: ignore[assignment]  # the view lets nobody else in
        self.since = last_visit(self.person)

    @cached_property
    def first_steps(self) -> list[FirstStep]:
        """What the desk itself still needs, for those who set it up."""
        return first_steps() if is_operator.test(self.person) else []

    @cached_property
    def waiting(self) -> WaitingFor:
        """What waits for them."""
        return WaitingFor(self.person)

    @property
    def sentence(self) -> str:
        """How much waits, and how much of it is late."""
        count, late = len(self.waiting.now), self.waiting.overdue
        if not count:
            return "The desk is not set up yet." if self.first_steps else "Nothing has to be done by you now."
        words = "One thing" if count == 1 else f"{count} things"
        more = "more than " if self.waiting.has_more else ""
        lateness = f", {late if late < count else 'all'} of them overdue" if late else ", nothing overdue"
        return f"{more}{words}{', overdue' if count == late == 1 else lateness}.".capitalize()

    @cached_property
    def followed(self) -> list[Followed]:
        """What they follow, the latest change first."""
        return [Followed(ticket, self._news[ticket.pk]) for ticket in self._followed]

    @cached_property
    def reported(self) -> list[Followed]:
        """What they reported, the latest change first."""
        return [Followed(ticket, self._news[ticket.pk]) for ticket in self._reported]

    @property
    def since_words(self) -> str:
        """When they were here before, as it follows on “since”."""
        return spoken(self.since)

    @cached_property
    def _followed(self) -> list[Ticket]:
        return _newest(Ticket.objects.visible_to(self.person).filter(watchers__user=self.person))

    @cached_property
    def _reported(self) -> list[Ticket]:
        return _newest(Ticket.objects.visible_to(self.person).filter(reporter=self.person))

    @cached_property
    def _news(self) -> Mapping[int, list[Entry]]:
        news: dict[int, list[Entry]] = defaultdict(list)
        for ticket, entry in news_of([*self._followed, *self._reported], self.person, since=self.since):
            news[ticket.pk].append(entry)
        return news


def _newest(tickets: TicketQuerySet) -> list[Ticket]:
    rows = tickets.select_related("assignee").defer("description").order_by("-updated_at", "-pk")
    return list(rows[:SHOWN])
