"""The clocks of terms of office, of seats and of meetings."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence

from django.urls import reverse
from django.utils import timezone

from ops.clocks import registry
from ops.clocks.course import Happening
from ops.clocks.registry import Adapter, Label
from ops.committees import timesheets
from ops.committees.models import Meeting, Seat
from ops.committees.parties import officers
from ops.committees.reports.adapters import ADAPTERS
from ops.committees.terms import ENDED, KIND, SERVING, ends_at, follow_term, state_of
from ops.people.authority import COMMUNITY_SCIENCE, holders_of
from ops.people.hours import keep_ledger
from ops.people.models import Membership, Role, User
from ops.workflow.deadlines import StatefulAdapter
from ops.workflow.models import thread_of
from ops.workflow.services import perform

LEAD = {"lead": "the lead community scientists"}


class TermAdapter(Adapter):
    """Memberships, as the clocks see them. The person and the facilitators are told; there is nothing to do."""

    model = Membership
    states = {SERVING: "serving", ENDED: "ended"}
    final_states = (ENDED,)
    moments = {"ends_at": "the end of the term"}
    actions = {"end-term": "ends"}

    def holders(self, ids: Collection[int]) -> Mapping[int, Sequence[User | str]]:
        """The person whose term it is, and the leads, who facilitate committees."""
        facilitators = list(holders_of(COMMUNITY_SCIENCE, Role.LEAD, Role.DEPUTY))
        rows = Membership.objects.filter(pk__in=ids).select_related("person")
        return {row.pk: list(dict.fromkeys([row.person, *facilitators])) for row in rows}

    def thread(self, target_id: int) -> str:
        """Messages about one term belong together."""
        return thread_of(Membership, target_id)

    def ids_in(self, states: Collection[str]) -> Iterable[int]:
        """Terms that run, or that are over."""
        now = timezone.now()
        rows = Membership.objects.filter(ends_on__isnull=False).exclude(role=Role.WATCHER)
        return [row.pk for row in rows if state_of(row, now) in states]

    def labels(self, ids: Collection[int], reader: User | str) -> Mapping[int, Label]:
        """Name the term, to people with an account."""
        if not isinstance(reader, User):
            return {}
        rows = Membership.objects.filter(pk__in=ids).select_related("person", "team")
        return {
            row.pk: Label(
                f"{row.person.name}: {row.get_role_display().lower()} of {row.team.name}",
                reverse("team", args=[row.team.slug]),
            )
            for row in rows
        }

    def history(self, ids: Collection[int]) -> Mapping[int, Iterable[Happening]]:
        """A term as it stands: it began on its first day, and perhaps it ended after its last."""
        now = timezone.now()
        return {row.pk: _story_of(row, now) for row in Membership.objects.filter(pk__in=ids)}

    def act(self, action: str, target_id: int, *, actor: User) -> None:
        """Let a term that is over be over also for the clocks; nobody has missed anything."""
        follow_term(Membership.objects.get(pk=target_id), actor=actor, moment=timezone.now())


def _story_of(membership: Membership, now: datetime.datetime) -> list[Happening]:
    facts = {"ends_at": ends_at(membership)}
    first = datetime.datetime.combine(membership.starts_on, datetime.time.min, datetime.UTC)
    end = ends_at(membership)
    began = [Happening(first, SERVING, facts)]
    return [*began, Happening(end, ENDED, facts)] if end is not None and end <= now else began


class LedAdapter(StatefulAdapter):
    """What the leads are told of when it is late."""

    audiences = LEAD

    def audience(self, name: str, ids: Collection[int]) -> Mapping[int, Sequence[User | str]]:
        """The lead and the deputy, who facilitate committees."""
        people = list(holders_of(COMMUNITY_SCIENCE, Role.LEAD, Role.DEPUTY))
        return dict.fromkeys(ids, people)


class SeatAdapter(LedAdapter):
    """Seats, as the clocks see them: terms begin and end by themselves."""

    concrete = Seat
    actions = {"begin-term": "begins", "end-term": "ends"}

    def act(self, action: str, target_id: int, *, actor: User) -> None:
        """Begin or end a term whose day has come; one that was moved meanwhile is left alone."""
        seat = Seat.objects.select_related(*Seat.lock_related).get(pk=target_id)
        step = action.replace("-", "_")
        offered = [edge for edge in seat.workflow.steps_from(seat.state) if edge.name == step]
        if offered and not offered[0].unmet(seat):
            perform(seat, step, actor=actor)


class MeetingAdapter(LedAdapter):
    """Meetings, as the clocks see them."""

    concrete = Meeting

    def holders(self, ids: Collection[int]) -> Mapping[int, Sequence[User | str]]:
        """Chair and secretary, who are reminded before the meeting as well as after it."""
        rows = Meeting.objects.filter(pk__in=ids).select_related("committee")
        return {row.pk: officers.of(row) for row in rows}


# Loaded at the start, as the clocks are: from then on hours are kept that any process credits.
keep_ledger(timesheets.credit)
registry.register(KIND, TermAdapter())
registry.register(Seat.workflow.kind, SeatAdapter())
registry.register(Meeting.workflow.kind, MeetingAdapter())
for adapter in ADAPTERS:
    registry.register(adapter.concrete.workflow.kind, adapter)
