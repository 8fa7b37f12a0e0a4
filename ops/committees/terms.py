"""Terms of office as deadlines: a membership is followed while its end is near."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q

from ops.clocks.models import Deadline
from ops.clocks.services import follow
from ops.people.models import Membership, Role, User

KIND = "membership"
SERVING, ENDED = "serving", "ended"
NEAR = datetime.timedelta(days=90)
# Long enough for a sweep that was away to catch up with a term that ended meanwhile.
PAST = datetime.timedelta(days=30)
DAY = datetime.timedelta(days=1)


def ends_at(membership: Membership) -> datetime.datetime | None:
    """The first moment after the last day of a term, or None where it is open-ended."""
    if membership.ends_on is None:
        return None
    return datetime.datetime.combine(membership.ends_on + DAY, datetime.time.min, datetime.UTC)


def state_of(membership: Membership, moment: datetime.datetime) -> str:
    """Whether the term still runs at a moment."""
    end = ends_at(membership)
    return ENDED if end is not None and end <= moment else SERVING


def follow_terms(*, actor: User, moment: datetime.datetime) -> int:
    """Let the clocks see every term whose end is near, and every one that they follow already; return how many.

    Terms are changed in several places, also by hand; looking at them daily misses none. A week on the forum
    watch is no term to be reminded of.
    """
    count = 0
    for membership in _concerned(moment.date()):
        follow_term(membership, actor=actor, moment=moment)
        count += 1
    return count


@transaction.atomic
def follow_term(membership: Membership, *, actor: User, moment: datetime.datetime) -> None:
    """Tell the clocks how one term stands."""
    follow(
        membership,
        kind=KIND,
        state=state_of(membership, moment),
        facts={"ends_at": ends_at(membership)},
        actor=actor,
        moment=moment,
    )


def _concerned(today: datetime.date) -> Iterable[Membership]:
    kind = ContentType.objects.get_for_model(Membership)
    followed = Deadline.objects.open().filter(content_type=kind).values("object_id")
    near = Q(ends_on__range=(today - PAST, today + NEAR)) & ~Q(role=Role.WATCHER)
    return Membership.objects.filter(near | Q(pk__in=followed)).iterator()
