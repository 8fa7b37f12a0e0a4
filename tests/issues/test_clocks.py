"""The clocks of an issue, by the policies that a new installation begins with (RTN-006 §2.5.1, RTN-097)."""

from __future__ import annotations

import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ops.clocks.models import Deadline
from ops.clocks.sweep import sweep
from ops.issues.models import Announcement, Issue
from ops.notify.models import Message
from ops.people.models import User
from ops.tickets.services import comment
from ops.workflow.services import create, edit, perform
from tests.cast import Cast

HOUR = datetime.timedelta(hours=1)
DAY = 24 * HOUR
PACIFIC = ZoneInfo("America/Los_Angeles")
# A Tuesday, at ten in the morning where the Pacific calendar works.
TUESDAY = datetime.datetime(2026, 3, 10, 17, 0, tzinfo=datetime.UTC)
TRIAGE = {"assignee": "assignee", "component": "portal", "importance": "medium", "urgency": "medium"}


def reported(cast: Cast, **data: Any) -> Issue:
    return create(Issue, actor=cast.reporter, data={"title": "Empty plot", **data}, moment=TUESDAY)


def triaged(cast: Cast, **data: Any) -> Issue:
    return perform(reported(cast), "triage", actor=cast.scientist, data={**TRIAGE, **data}, moment=TUESDAY)


def clock(issue: Issue | Announcement, name: str) -> Deadline:
    """The newest deadline of a clock."""
    found = Deadline.objects.of(issue.anchor).filter(clock=name).order_by("-started_at", "-pk").first()
    assert found is not None, f"no {name}"
    return found


def standing(issue: Issue) -> dict[str, str]:
    """How every clock of an issue stands."""
    rows = Deadline.objects.of(issue.anchor).order_by("started_at", "pk")
    return {deadline.clock: deadline.state for deadline in rows}


# First response


def test_first_response_is_due_a_day_after_the_report_on_any_day_of_the_week(cast: Cast) -> None:
    for days in range(7):
        moment = TUESDAY + days * DAY
        issue = create(Issue, actor=cast.reporter, data={"title": "T"}, moment=moment)
        assert clock(issue, "first-response").due_at == moment + DAY


@pytest.mark.parametrize(
    ("who", "visibility", "answered"),
    [
        ("staff", "public", True),
        ("scientist", "participants", True),
        ("staff", "staff", False),
        ("outsider", "public", False),
        ("reporter", "public", False),
    ],
)
def test_a_word_of_staff_that_the_reporter_can_read_is_a_first_response(
    cast: Cast, who: str, visibility: str, answered: bool
) -> None:
    issue = reported(cast)
    said = comment(
        issue, actor=getattr(cast, who), body="We look at it.", visibility=visibility, moment=TUESDAY + HOUR
    )
    first = clock(issue, "first-response")
    assert (first.state, first.ended_at) == (("met", said.created_at) if answered else ("running", None))


def test_staff_who_add_to_their_own_report_have_not_answered_it(cast: Cast) -> None:
    issue = create(Issue, actor=cast.staff, data={"title": "T"}, moment=TUESDAY)
    comment(issue, actor=cast.staff, body="One thing more.", moment=TUESDAY + HOUR)
    assert clock(issue, "first-response").state == "running"


@pytest.mark.parametrize(
    ("step", "data", "reason"),
    [
        ("triage", TRIAGE, ""),
        ("redirect", {"venue": "accounts"}, "They help."),
        ("decline", {}, "It works as described."),
    ],
)
def test_whatever_is_decided_answers_the_report(
    cast: Cast, step: str, data: dict[str, Any], reason: str
) -> None:
    issue = reported(cast)
    perform(issue, step, actor=cast.scientist, data=data, reason=reason, moment=TUESDAY + HOUR)
    assert (clock(issue, "first-response").state, clock(issue, "first-response").ended_at) == (
        "met", TUESDAY + HOUR,
    )  # fmt: skip


def test_an_answer_in_time_and_a_late_one_are_told_apart(cast: Cast) -> None:
    for late, moment in ((False, TUESDAY + 23 * HOUR), (True, TUESDAY + 25 * HOUR)):
        issue = reported(cast)
        comment(issue, actor=cast.staff, body="Yes.", moment=moment)
        first = clock(issue, "first-response")
        assert (first.ended_at > first.due_at) is late


# Resolution


@pytest.mark.parametrize(
    ("importance", "urgency", "due"),
    [
        ("high", "high", TUESDAY + 7 * DAY),
        ("high", "medium", datetime.datetime(2026, 3, 24, 17, 0, tzinfo=PACIFIC)),
        ("medium", "medium", datetime.datetime(2026, 6, 10, 17, 0, tzinfo=PACIFIC)),
        ("low", "low", datetime.datetime(2027, 3, 10, 17, 0, tzinfo=PACIFIC)),
    ],
    ids=["critical", "high", "medium", "low"],
)
def test_resolution_is_due_by_priority(
    cast: Cast, importance: str, urgency: str, due: datetime.datetime
) -> None:
    """A week, two weeks, three months, a year; all but the critical in the hours of the Pacific calendar."""
    issue = triaged(cast, importance=importance, urgency=urgency)
    found = clock(issue, "resolution").due_at
    assert found is not None
    assert abs(found - due) < DAY, f"{found} is not {due}"


def test_a_critical_issue_is_scoped_within_a_day(cast: Cast) -> None:
    issue = triaged(cast, importance="high", urgency="high")
    assert clock(issue, "scope").due_at == TUESDAY + DAY
    issue = perform(issue, "investigate", actor=cast.assignee, moment=TUESDAY + HOUR)
    assert clock(issue, "scope").state == "running"
    perform(issue, "plan", actor=cast.assignee, data={"strategy": "An index."}, moment=TUESDAY + 2 * HOUR)
    assert clock(issue, "scope").state == "met"


def test_another_priority_sets_the_resolution_anew_from_where_it_began(cast: Cast) -> None:
    issue = triaged(cast, importance="low", urgency="low")
    slow = clock(issue, "resolution")
    issue = edit(
        issue, actor=cast.scientist, data={"importance": "high", "urgency": "high"}, moment=TUESDAY + DAY
    )
    fast = clock(issue, "resolution")
    assert (fast.pk, fast.due_at) == (slow.pk, TUESDAY + 7 * DAY)
    assert fast.policy.slug == "resolution-critical"


def test_nothing_is_due_of_an_issue_without_a_priority(cast: Cast) -> None:
    assert standing(reported(cast)) == {"first-response": "running"}


# Waiting


def test_clocks_stand_still_while_it_waits_and_go_on_with_what_was_left(cast: Cast) -> None:
    issue = triaged(cast, importance="high", urgency="high", promised_reply_at=TUESDAY + 5 * DAY)
    before = clock(issue, "resolution").due_at
    issue = perform(
        issue, "wait", actor=cast.assignee, moment=TUESDAY + DAY,
        data={"waiting_for": "the vendor", "resume_at": TUESDAY + 90 * DAY},
    )  # fmt: skip
    assert standing(issue) == {
        "first-response": "met",
        "resolution": "paused",
        "scope": "paused",
        "promised-reply": "paused",
        "return-from-waiting": "running",
    }
    assert clock(issue, "return-from-waiting").due_at == TUESDAY + 90 * DAY

    issue = perform(issue, "resume", actor=cast.assignee, moment=TUESDAY + 31 * DAY)
    assert clock(issue, "resolution").state == "running"
    assert clock(issue, "resolution").due_at == before + 30 * DAY
    assert clock(issue, "return-from-waiting").ended_at is not None


def test_waiting_never_breaches(cast: Cast) -> None:
    """What users of other trackers suffer from: the clock that runs out while one waits for the reporter."""
    issue = triaged(cast, importance="high", urgency="high")
    perform(
        issue, "wait", actor=cast.assignee, moment=TUESDAY + HOUR,
        data={"waiting_for": "the reporter", "resume_at": TUESDAY + 400 * DAY},
    )  # fmt: skip
    assert (
        not Deadline.objects.of(issue.anchor)
        .filter(clock="resolution", due_at__lte=TUESDAY + 300 * DAY)
        .exists()
    )


# Promised reply


def test_a_promised_reply_is_due_when_it_was_promised_and_moves_with_the_promise(cast: Cast) -> None:
    issue = triaged(cast, promised_reply_at=TUESDAY + 2 * DAY)
    assert clock(issue, "promised-reply").due_at == TUESDAY + 2 * DAY
    issue = edit(
        issue, actor=cast.assignee, data={"promised_reply_at": TUESDAY + 4 * DAY}, moment=TUESDAY + HOUR
    )
    assert clock(issue, "promised-reply").due_at == TUESDAY + 4 * DAY
    comment(issue, actor=cast.assignee, body="Here it is.", moment=TUESDAY + 3 * DAY)
    assert clock(issue, "promised-reply").state == "met"


# Ends, and beginnings after them


def test_resolution_is_met_when_it_is_accepted_and_starts_anew_when_it_is_reopened(cast: Cast) -> None:
    issue = triaged(cast, importance="high", urgency="high")
    issue = perform(
        issue, "submit_for_review", actor=cast.assignee, moment=TUESDAY + 2 * DAY,
        data={"resolution_code": "fixed", "resolution_text": "Done.", "skip_reason": "community_solved"},
    )  # fmt: skip
    assert clock(issue, "resolution").state == "running"
    issue = perform(issue, "accept", actor=cast.reporter, moment=TUESDAY + 3 * DAY)
    assert clock(issue, "resolution").state == "met"
    assert (clock(issue, "acceptance").state, clock(issue, "closing").state) == ("met", "running")

    later = TUESDAY + 100 * DAY
    issue = perform(issue, "reopen", actor=cast.reporter, reason="It is back.", moment=later)
    again = clock(issue, "resolution")
    assert (again.state, again.started_at, again.due_at) == ("running", later, later + 7 * DAY)
    assert clock(issue, "closing").state == "cancelled"
    assert clock(issue, "first-response").started_at == TUESDAY, "the report was answered long ago"


@pytest.mark.parametrize(
    ("step", "data", "reason"),
    [("redirect", {"venue": "accounts"}, "They help."), ("decline", {}, "No."), ("mark_duplicate", {}, "")],
)
def test_what_will_not_be_done_is_not_due(cast: Cast, step: str, data: dict[str, Any], reason: str) -> None:
    issue = triaged(cast)
    if step == "mark_duplicate":
        data = {"duplicate_of": reported(cast).key}
    perform(issue, step, actor=cast.scientist, data=data, reason=reason, moment=TUESDAY + DAY)
    assert standing(issue)["resolution"] == "cancelled"
    assert not Deadline.objects.of(issue.anchor).open().exists()


# What the sweep does about them


@pytest.mark.django_db(transaction=True)
def test_a_report_without_an_answer_warns_its_holder_and_reaches_the_lead(cast: Cast) -> None:
    issue = create(Issue, actor=cast.reporter, data={"title": "Empty plot"})
    begun = issue.created_at

    def told(moment: datetime.datetime) -> set[User | None]:
        Message.objects.all().delete()
        sweep(moment=moment)
        sweep(moment=moment)
        return {message.person for message in Message.objects.select_related("person")}

    assert told(begun + 11 * HOUR) == set()
    assert told(begun + 12 * HOUR) == {cast.watcher}
    assert told(begun + 20 * HOUR) == {cast.watcher}
    assert told(begun + 24 * HOUR) == {cast.watcher}
    assert clock(issue, "first-response").breached_at == begun + DAY
    assert told(begun + 28 * HOUR) == {cast.lead}
    assert told(begun + 300 * HOUR) == set()


def test_an_announcement_has_its_clocks_too(cast: Cast) -> None:
    news = create(
        Announcement, actor=cast.scientist, data={"title": "New plots", "body": "Full."}, moment=TUESDAY
    )
    assert clock(news, "announcement-approval").state == "running"
    news = perform(news, "approve", actor=cast.lead, moment=TUESDAY + HOUR)
    assert clock(news, "announcement-approval").state == "met"
    assert clock(news, "announcement-publication").state == "running"
    perform(news, "publish", actor=cast.scientist, moment=TUESDAY + 2 * HOUR)
    assert not Deadline.objects.of(news).open().exists()
