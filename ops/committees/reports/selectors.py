"""What is asked of reports and their items, each in a constant number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from ops.committees.models import Item, Report, Vote
from ops.committees.reports.outline import depths_of
from ops.committees.reports.rules import is_users_committee_member
from ops.people.models import User
from ops.tickets.models import Ticket
from ops.workflow.errors import NotAllowed, NotFound
from ops.workflow.models import Stateful
from ops.workflow.words import who_may


@dataclass(frozen=True)
class Line:
    """One item of a report as lists show it."""

    item: Item
    depth: int

    @property
    def response(self) -> Stateful | None:
        """Where its response stands; nothing while the report is written, and for commendations."""
        return getattr(self.item, "response", None)

    @property
    def work(self) -> Stateful | None:
        """Where the work on it stands."""
        return getattr(self.item, "work", None)


@dataclass(frozen=True)
class Standing:
    """How far the items of a report are."""

    asked: int
    answered: int
    done: int


def lines_of(report: Report) -> list[Line]:
    """Return the outline of a report with where each item stands."""
    items = list(report.items.select_related("response", "work__assignee").order_by("position", "pk"))
    for item in items:
        item.report = report
    depths = depths_of(items)
    return [Line(item, depths[item.pk]) for item in items]


def standing_of(lines: Iterable[Line]) -> Standing:
    """Count how many items are answered, and on how many the work is over."""
    asked = [line for line in lines if line.work is not None]
    answered = [line for line in asked if line.response is not None and line.response.state != "awaiting"]
    done = [line for line in asked if line.work is not None and not line.work.phase.is_live]
    return Standing(len(asked), len(answered), len(done))


@dataclass(frozen=True)
class Ballot:
    """How one member voted on the wording as it stands."""

    member: User
    vote: Vote | None
    is_current: bool


def ballots(report: Report, reader: User) -> list[Ballot]:
    """Return who votes on a report with their votes, to the members; a vote on an earlier wording counts no more.

    Raises `NotAllowed` for everybody else, also once the report itself is public.
    """
    if not is_users_committee_member.test(reader):
        raise NotAllowed(f"Only {who_may(is_users_committee_member)} may read who voted how.")
    votes = {vote.member_id: vote for vote in report.votes.all()}
    wording = report.wording()
    return [
        Ballot(member, vote, is_current=vote is not None and vote.wording == wording)
        for member in report.voters()
        for vote in [votes.get(member.pk)]
    ]


def report_named(key: str, reader: User | AnonymousUser) -> Report:
    """Return a report as this reader sees it; raises `NotFound`."""
    found = Report.objects.visible_to(reader).filter(key=key.upper()).first()
    if found is None:
        raise NotFound
    report: Report = found
    return report


def item_named(pk: int, reader: User | AnonymousUser, *, report: Report | None = None) -> Item:
    """Return an item, of one report where that is named, as this reader sees it; raises `NotFound`."""
    related = ("report", "parent", "response", "work__assignee")
    found = Item.objects.visible_to(reader).filter(pk=pk).select_related(*related).first()
    if found is None or report not in {None, found.report}:
        raise NotFound
    return found


def tickets_of(item: Item, reader: User | AnonymousUser) -> QuerySet[Ticket]:
    """Return the tickets opened for an item, of those that the reader may know."""
    rows: QuerySet[Ticket] = Ticket.objects.visible_to(reader).filter(report_items=item.pk)
    return rows.select_related("assignee").defer("description").order_by("pk")


def finished(tickets: Sequence[Ticket]) -> int:
    """Count the tickets that are finished."""
    return sum(ticket.has_ended for ticket in tickets)
