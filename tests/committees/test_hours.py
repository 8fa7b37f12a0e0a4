"""Hours: logged by members, credited by whoever saw them work, shown against what may be asked."""

from __future__ import annotations

import datetime

import pytest

from ops.committees.models import Committee, HoursEntry
from ops.committees.semesters import Semester, semester_named, semester_of
from ops.committees.timesheets import entries, log_hours, sheets, withdraw_hours
from ops.people.hours import Work, credit_hours
from ops.people.models import Membership
from ops.workflow import errors
from tests.cast import Cast
from tests.committees.seats import today

DAY = datetime.timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "name"),
    [("2026-01-01", "2026A"), ("2026-06-30", "2026A"), ("2026-07-01", "2026B"), ("2026-12-31", "2026B")],
)
def test_a_day_lies_in_one_semester(day: str, name: str) -> None:
    semester = semester_of(datetime.date.fromisoformat(day))
    assert str(semester) == name
    assert semester.first_day <= datetime.date.fromisoformat(day) <= semester.last_day
    assert semester.next.previous == semester_named(name) == semester


@pytest.mark.parametrize(
    "name", ["", "2026", "2026C", "A2026", "20261A", "1800A", "\uff12\uff10\uff12\uff16A"]
)
def test_other_words_name_no_semester(name: str) -> None:
    assert semester_named(name) is None


def logged(committee: Committee, cast: Cast, hours: str = "1.5", **data: str) -> HoursEntry:
    given = {"work": "report", "day": today().isoformat(), "hours": hours, "note": "Chapter 2", **data}
    return log_hours(committee, actor=cast.uc_member, data=given)


def test_members_log_their_own_and_take_back_what_was_wrong(users_committee: Committee, cast: Cast) -> None:
    entry = logged(users_committee, cast)
    assert (entry.minutes, entry.person) == (90, cast.uc_member)
    with pytest.raises(errors.NotFound):
        withdraw_hours(entry, actor=cast.uc_chair)
    withdraw_hours(entry, actor=cast.uc_member)
    assert entries(users_committee, semester_of(today()), cast.uc_member) == []
    assert HoursEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"hours": "0"}, "hours"),
        ({"hours": "25"}, "hours"),
        ({"hours": "NaN"}, "hours"),
        ({"hours": "two"}, "hours"),
        ({"work": "sleep"}, "work"),
        ({"day": (today() + DAY).isoformat()}, "day"),
        ({"day": "2001-01-01"}, "day"),
        ({"day": "yesterday"}, "day"),
        ({"note": "x" * 201}, "note"),
    ],
)
def test_bad_hours_are_refused_by_name(
    users_committee: Committee, cast: Cast, given: dict[str, str], field: str
) -> None:
    with pytest.raises(errors.InvalidInput) as refused:
        logged(users_committee, cast, **given)
    assert list(refused.value.fields) == [field]


def test_hours_are_for_days_on_which_one_sat_there(users_committee: Committee, cast: Cast) -> None:
    Membership.objects.filter(person=cast.uc_member).update(ends_on=today() - 2 * DAY)
    with pytest.raises(errors.NotAllowed):
        logged(users_committee, cast)
    assert logged(users_committee, cast, day=(today() - 3 * DAY).isoformat()).minutes == 90


def test_other_processes_credit_once_and_correct(users_committee: Committee, cast: Cast) -> None:
    def credit(minutes: int) -> int:
        return credit_hours(
            cast.uc_member, work=Work.SERVICE, minutes=minutes, day=today(), source="campaign:7",
            note="UAT-7", actor=cast.coordinator,
        )  # fmt: skip

    assert [credit(60), credit(60), credit(150)] == [1, 1, 1]
    (entry,) = entries(users_committee, semester_of(today()), cast.uc_chair)
    assert entry.minutes == 150
    with pytest.raises(errors.NotAllowed):
        withdraw_hours(entry, actor=cast.uc_member)
    assert credit(0) == 0
    assert entries(users_committee, semester_of(today()), cast.uc_chair) == []


def test_who_sits_nowhere_is_credited_nothing(cast: Cast) -> None:
    given = {"work": Work.SERVICE, "minutes": 60, "day": today(), "source": "campaign:7", "note": ""}
    assert credit_hours(cast.outsider, actor=cast.coordinator, **given) == 0  # type: ignore[arg-type]
    assert not HoursEntry.objects.exists()


def test_a_sheet_says_what_is_more_than_was_meant(users_committee: Committee, cast: Cast) -> None:
    for hours in ("3", "4"):
        logged(users_committee, cast, hours)
    logged(users_committee, cast, "14", work="service")
    semester = semester_of(today())
    everybody = {sheet.person.username: sheet for sheet in sheets(users_committee, semester, cast.uc_chair)}
    assert set(everybody) == {"uc-chair", "uc-member"}
    mine = everybody["uc-member"]
    assert [(share.work, share.minutes, share.is_over) for share in mine.shares] == [
        (Work.MEETING, 0, False),
        (Work.REPORT, 420, True),
        (Work.SERVICE, 840, True),
    ]
    assert (mine.total.hours, mine.total.hours_meant, mine.total.is_over) == (21, 20, True)
    assert not everybody["uc-chair"].total.is_over


def test_members_see_their_own_hours_alone(users_committee: Committee, cast: Cast) -> None:
    logged(users_committee, cast)
    semester = semester_of(today())
    assert [sheet.person.username for sheet in sheets(users_committee, semester, cast.uc_member)] == [
        "uc-member"
    ]
    assert len(sheets(users_committee, semester, cast.lead)) == 2
    assert sheets(users_committee, semester, cast.staff) == []
    assert entries(users_committee, semester, cast.staff) == []
    assert sheets(users_committee, Semester(1995, "A"), cast.uc_chair) == []
