"""Terms that end are said in time, once, to the person and the facilitator."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from ops.clocks.models import Deadline
from ops.clocks.sweep import sweep
from ops.committees.terms import follow_terms
from ops.notify.models import Channel, Message
from ops.people.authority import USERS_COMMITTEE
from ops.people.models import Membership, Role, Team
from tests.cast import LONG_AGO, Cast

pytestmark = pytest.mark.django_db(transaction=True)
DAY = datetime.timedelta(days=1)


def serving(cast: Cast, days_left: int, role: str = Role.MEMBER) -> Membership:
    today = timezone.localdate(timezone=datetime.UTC)
    team = Team.objects.get(slug=USERS_COMMITTEE)
    return Membership.objects.create(
        person=cast.outsider, team=team, role=role, starts_on=LONG_AGO, ends_on=today + days_left * DAY
    )


def told(cast: Cast, *, in_days: int = 0) -> list[str]:
    moment = timezone.now() + in_days * DAY
    follow_terms(actor=cast.system, moment=timezone.now())
    sweep(moment=moment)
    letters = Message.objects.filter(channel=Channel.EMAIL).select_related("person")
    return sorted(message.person.username for message in letters if message.person)


def test_nobody_is_told_long_before(cast: Cast) -> None:
    serving(cast, days_left=80)
    assert told(cast) == []


def test_the_person_and_the_facilitator_are_told_sixty_and_fourteen_days_ahead(cast: Cast) -> None:
    serving(cast, days_left=80)
    assert told(cast, in_days=20) == []
    assert told(cast, in_days=22) == ["lead", "outsider"]
    assert told(cast, in_days=23) == ["lead", "outsider"]
    assert told(cast, in_days=68) == ["lead", "lead", "outsider", "outsider"]


def test_an_extended_term_is_not_announced_as_ending(cast: Cast) -> None:
    term = serving(cast, days_left=65)
    assert told(cast) == []
    term.ends_on += 400 * DAY
    term.save()
    assert told(cast) == []
    assert Deadline.objects.open().get().due_at > timezone.now() + 400 * DAY


def test_a_week_on_watch_is_no_term_to_be_reminded_of(cast: Cast) -> None:
    serving(cast, days_left=6, role=Role.WATCHER)
    assert told(cast) == []


def test_the_end_itself_is_nothing_that_anybody_has_missed(cast: Cast) -> None:
    term = serving(cast, days_left=2)
    assert told(cast) == []
    Membership.objects.filter(pk=term.pk).update(ends_on=timezone.localdate(timezone=datetime.UTC) - DAY)
    sweep(moment=timezone.now() + 4 * DAY)
    assert not Message.objects.filter(person=cast.outsider).exists()
    assert not Deadline.objects.open().exists()


def test_a_term_that_is_over_has_met_its_deadline(cast: Cast) -> None:
    term = serving(cast, days_left=2)
    told(cast)
    Membership.objects.filter(pk=term.pk).update(ends_on=timezone.localdate(timezone=datetime.UTC) - DAY)
    told(cast)
    assert not Deadline.objects.open().exists()
