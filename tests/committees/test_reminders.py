"""Too few meetings planned: who plans them is told, once in four weeks, as long as it is so."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from ops.committees.models import Committee, Meeting
from ops.committees.reminders import MEETINGS_MISSING, compose, remind_of_meetings
from ops.notify.models import Channel, Message
from ops.people.models import Membership, Role
from ops.workflow.services import create
from tests.cast import LONG_AGO, Cast

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def only_the_users_committee(users_committee: Committee) -> None:
    Committee.objects.exclude(pk=users_committee.pk).update(meetings_per_year=0)


def told(cast: Cast, *, in_days: int = 0) -> list[str]:
    """Who was told in all, once the desk has looked on that day."""
    remind_of_meetings(actor=cast.system, moment=timezone.now() + in_days * DAY)
    letters = Message.objects.filter(kind=MEETINGS_MISSING, channel=Channel.EMAIL)
    return sorted(letter.person.username for letter in letters if letter.person)


def plan(cast: Cast, in_days: int) -> None:
    data = {"committee": "users-committee", "starts_at": (timezone.now() + in_days * DAY).isoformat()}
    create(Meeting, actor=cast.uc_chair, data=data)


def test_chair_and_facilitator_are_told_once_in_four_weeks(cast: Cast, users_committee: Committee) -> None:
    plan(cast, 100)
    once = told(cast)
    assert once == ["lead", "uc-chair"]
    assert told(cast, in_days=27) == once
    assert told(cast, in_days=29) == sorted([*once, *once])


def test_nobody_is_told_while_enough_is_planned(cast: Cast) -> None:
    plan(cast, 100)
    plan(cast, 300)
    assert told(cast) == []
    assert told(cast, in_days=101) == ["lead", "uc-chair"]


def test_the_letter_says_what_is_missing_when_it_leaves(cast: Cast, users_committee: Committee) -> None:
    letter = compose([users_committee.pk], cast.uc_chair)
    assert letter is not None
    assert (
        letter.subject
        == "Users Committee: No meeting is planned. The Users Committee meets at least twice a year."
    )
    assert "/committees/users-committee/dates/" in letter.text
    assert compose([users_committee.pk], cast.outsider) is None
    plan(cast, 100)
    plan(cast, 300)
    assert compose([users_committee.pk], cast.uc_chair) is None


def test_a_secretary_is_told_as_well(cast: Cast, users_committee: Committee) -> None:
    Membership.objects.create(
        person=cast.outsider, team=users_committee, role=Role.SECRETARY, starts_on=LONG_AGO
    )
    assert told(cast) == ["lead", "outsider", "uc-chair"]
