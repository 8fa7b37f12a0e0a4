"""The clocks of reports, of the tracks of their items, and of feedback."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ops.committees.models.feedback import Feedback
from ops.committees.models.items import Response, Work
from ops.committees.models.reports import Report
from ops.people.authority import DIRECTORATE, USERS_COMMITTEE, holders_of
from ops.people.models import User
from ops.tickets.deadlines import TicketAdapter
from ops.workflow.deadlines import StatefulAdapter

COMMITTEE = {"committee": "the members of the Users Committee"}
OFFICE = {"directorate": "the Director's office"}


class ReportAdapter(TicketAdapter):
    """Reports, as the clocks see them."""

    concrete = Report
    audiences = {**TicketAdapter.audiences, **COMMITTEE}

    def audience(self, name: str, ids: Collection[int]) -> Mapping[int, Sequence[User | str]]:
        """Who is told when a report is late, of those who see it."""
        if name != "committee":
            return super().audience(name, ids)
        people = list(holders_of(USERS_COMMITTEE))
        return {row.pk: row.readers_among(people) for row in Report.objects.filter(pk__in=ids)}


class TrackAdapter(StatefulAdapter):
    """A track of an item, as the clocks see it."""

    audiences = {**COMMITTEE, **OFFICE}

    def audience(self, name: str, ids: Collection[int]) -> Mapping[int, Sequence[User | str]]:
        """Who is told when an item is neglected, of those who see its report."""
        people = list(holders_of(USERS_COMMITTEE if name == "committee" else DIRECTORATE))
        rows = self.concrete._default_manager.filter(pk__in=ids).select_related(*self.concrete.lock_related)
        return {row.pk: row.readers_among(people) for row in rows}

    def title(self, row: Any) -> str:
        """Which item of which report, and what it is about."""
        return str(row.subject)


class ResponseAdapter(TrackAdapter):
    """Responses, as the clocks see them."""

    concrete = Response


class WorkAdapter(TrackAdapter):
    """Work on items, as the clocks see it."""

    concrete = Work


class FeedbackAdapter(StatefulAdapter):
    """Feedback, as the clocks see it."""

    concrete = Feedback


ADAPTERS: Sequence[TicketAdapter | StatefulAdapter] = (
    ReportAdapter(),
    ResponseAdapter(),
    WorkAdapter(),
    FeedbackAdapter(),
)
