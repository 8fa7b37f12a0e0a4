"""Whose turn it is: who has been longest without a watch comes first, and it is said why."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from ops.people.authority import COMMUNITY_SCIENCE, holders_of
from ops.people.models import Role, Team, User
from ops.watch.models import WEEK, WatchWeek, is_available
from ops.workflow import errors
from ops.workflow.services import create, perform, permitted_step

WEEKS_AHEAD = 8


@dataclass(frozen=True)
class Turn:
    """Who is next, and why."""

    person: User
    why: str


def whose_turn(monday: datetime.date) -> Turn | None:
    """Return who should take a week, or None where nobody can.

    Among those who are in the team through the week and not on leave: never on watch first, then longest ago,
    then fewest weeks in all, then by name.
    """
    members = list(holders_of(COMMUNITY_SCIENCE, Role.MEMBER, Role.LEAD, Role.DEPUTY, on=monday))
    away = [person for person in members if not is_available(person, monday)]
    candidates = [person for person in members if person not in away]
    if not candidates:
        return None
    watched: dict[int, list[datetime.date]] = {person.pk: [] for person in candidates}
    for week in WatchWeek.objects.filter(person__in=candidates, monday__lt=monday):
        watched[week.person_id].append(week.monday)
    chosen = min(
        candidates,
        key=lambda person: (
            max(watched[person.pk], default=datetime.date.min),
            len(watched[person.pk]),
            person.name,
        ),
    )
    return Turn(chosen, _why(watched[chosen.pk], away))


def _why(mondays: list[datetime.date], away: list[User]) -> str:
    last = "Never on watch so far"
    if mondays:
        latest = max(mondays)
        last = f"Longest without a watch: the last was on {latest.day} {latest:%B %Y}"
    others = f"; away: {', '.join(person.name for person in away)}" if away else ""
    return f"{last}{others}"[:300]


@transaction.atomic
def plan_ahead(*, actor: User, weeks: int = WEEKS_AHEAD) -> list[WatchWeek]:
    """Fill the coming weeks that nobody has yet, this one included; return those that were filled.

    Run twice, also at once, it fills nothing twice: whoever plans holds the row of the team.
    """
    Team.objects.select_for_update(no_key=True).get(slug=COMMUNITY_SCIENCE)
    today = timezone.localdate(timezone=datetime.UTC)
    this_monday = today - datetime.timedelta(days=today.weekday())
    planned = []
    for monday in (this_monday + number * WEEK for number in range(weeks)):
        turn = None if WatchWeek.objects.filter(monday=monday).exists() else whose_turn(monday)
        if turn is not None:
            planned.append(_plan(monday, turn, actor))
    return planned


@transaction.atomic
def _plan(monday: datetime.date, turn: Turn, actor: User) -> WatchWeek:
    week = create(WatchWeek, actor=actor, data={"monday": monday, "person": turn.person}, why=turn.why)
    week.put_on_watch()
    return week


@transaction.atomic
def swap(first: WatchWeek, second: WatchWeek, *, actor: User) -> None:
    """Exchange two weeks, both or neither. Either of the two people may, or the lead.

    Raises what `perform` raises, `Stale` where one of them changed hands meanwhile, and `InvalidInput` where both
    weeks are the same person's.
    """
    if first.person_id == second.person_id:
        raise errors.InvalidInput(
            "Please correct the week.",
            fields={"week": [f"Both weeks are {first.person.name}'s; choose another."]},
        )
    theirs = [week for week in (first, second) if _may_give(week, actor)]
    if not theirs:
        permitted_step(first, "give", actor=actor)  # says who may
    exchange = {first.pk: (first, second.person), second.pk: (second, first.person)}
    # In the order of their keys: two swaps of the same weeks at once then wait instead of blocking each other.
    for pk in sorted(exchange):
        week, person = exchange[pk]
        # Nobody gives the week of another away; in return for their own the desk does it.
        giver = actor if week in theirs else User.objects.system()
        answers = {"person": person, "why": f"Swapped by {actor.name}"}
        # The version, because a week that somebody gave away at this moment is not theirs to be swapped any more.
        perform(week, "give", actor=giver, data=answers, version=week.version)


def _may_give(week: WatchWeek, actor: User) -> bool:
    return any(step.by.test(actor, week) for step in week.workflow.steps_named("give"))
