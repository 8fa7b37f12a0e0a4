"""Meetings or a report missing: who sees to it is told, once in four weeks, as long as it is so."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from ops.committees.models import Committee, Meeting, Report
from ops.committees.reminders import MEETINGS, REPORT, Reminder, compose, remind
from ops.committees.selectors import report_missing
from ops.notify.models import Channel, Message
from ops.people.models import Membership, Role
from ops.workflow.services import create
from tests.cast import LONG_AGO, Cast

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def only_the_users_committee(users_committee: Committee) -> None:
    Committee.objects.exclude(pk=users_committee.pk).update(meetings_per_year=0)


def told(cast: Cast, *, in_days: int = 0, of: Reminder = MEETINGS) -> list[str]:
    """Who was told in all, once the desk has looked on that day."""
    remind(of, actor=cast.system, moment=timezone.now() + in_days * DAY)
    letters = Message.objects.filter(kind=of.kind, channel=Channel.EMAIL)
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
    letter = compose(MEETINGS, [users_committee.pk], cast.uc_chair)
    assert letter is not None
    assert (
        letter.subject
        == "Users Committee: No meeting is planned. The Users Committee meets at least twice a year."
    )
    assert "/committees/users-committee/dates/" in letter.text
    assert compose(MEETINGS, [users_committee.pk], cast.outsider) is None
    plan(cast, 100)
    plan(cast, 300)
    assert compose(MEETINGS, [users_committee.pk], cast.uc_chair) is None


def test_a_secretary_is_told_as_well(cast: Cast, users_committee: Committee) -> None:
    Membership.objects.create(
        person=cast.outsider, team=users_committee, role=Role.SECRETARY, starts_on=LONG_AGO
    )
    assert told(cast) == ["lead", "outsider", "uc-chair"]


def test_a_report_that_nobody_begins_is_missed_before_it_is_due(
    cast: Cast, users_committee: Committee
) -> None:
    assert (
        report_missing(users_committee) == "No report is begun. The Users Committee reports every 6 months."
    )
    report = create(Report, actor=cast.uc_chair, data={"title": "Spring", "semester": "2026A"})
    assert told(cast, of=REPORT) == []  # somebody writes it

    Report.objects.filter(pk=report.pk).update(delivered_at=timezone.now())
    assert told(cast, in_days=100, of=REPORT) == []
    assert told(cast, in_days=150, of=REPORT) == ["lead", "uc-chair"]
    late = report_missing(users_committee, now=timezone.now() + 200 * DAY)
    assert "was due by" in late
    assert "that of 2026A" in late

    Committee.objects.update(report_every_months=0)
    users_committee.refresh_from_db()
    assert not report_missing(users_committee, now=timezone.now() + 200 * DAY)


def test_the_letter_about_a_report_is_for_those_who_see_to_it(cast: Cast, users_committee: Committee) -> None:
    letter = compose(REPORT, [users_committee.pk], cast.uc_chair)
    assert letter is not None
    assert "No report is begun" in letter.text
    assert "/committees/users-committee/" in letter.text
    assert compose(REPORT, [users_committee.pk], cast.outsider) is None
