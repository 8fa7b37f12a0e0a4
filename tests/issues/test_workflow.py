"""What is particular to the life of an issue: loops, skips, waiting, duplicates, closing (RTN-006 §2.5.1)."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.utils import timezone

from ops.clocks.sweep import sweep
from ops.issues.models import Announcement, Issue
from ops.people.models import User
from ops.tickets.models import Link, LinkKind
from ops.tickets.services import watch
from ops.workflow import errors
from ops.workflow.models import Event
from ops.workflow.services import create, edit, perform
from tests.cast import Cast
from tests.factories import RESOLUTION, issue_in

DAY = datetime.timedelta(days=1)


def events_of(issue: Issue) -> list[tuple[str, str, str]]:
    return list(Event.objects.of(issue).values_list("name", "source", "target"))


# Loops


def test_every_way_back_is_counted_with_its_reason(cast: Cast) -> None:
    issue = issue_in("in_progress", cast)
    issue = perform(issue, "replan", actor=cast.assignee, reason="The index does not help.")
    assert (issue.state, issue.replan_count) == ("planned", 1)
    issue = perform(issue, "replan", actor=cast.assignee, reason="It is another product.")
    assert (issue.state, issue.replan_count) == ("triaged", 2)

    issue = perform(
        issue, "submit_for_review", actor=cast.assignee, data={**RESOLUTION, "skip_reason": "no_threat"}
    )
    issue = perform(issue, "rework", actor=cast.reporter, reason="Still empty at night.")
    assert (issue.state, issue.rework_count) == ("planned", 1)

    issue = perform(perform(issue, "start", actor=cast.assignee), "submit_for_review", actor=cast.assignee)
    issue = perform(issue, "accept", actor=cast.reporter)
    issue = perform(issue, "reopen", actor=cast.reporter, reason="It is back.")
    assert (issue.state, issue.reopen_count, issue.resolved_at) == ("triaged", 1, None)
    reasons = Event.objects.of(issue).exclude(reason="").values_list("reason", flat=True)
    assert list(reasons) == [
        "The index does not help.", "It is another product.", "Still empty at night.", "It is back.",
    ]  # fmt: skip


def test_reopening_ends_when_it_is_resolved_again_and_says_when(cast: Cast) -> None:
    resolved = issue_in("resolved", cast)
    assert resolved.resolved_at == Event.objects.of(resolved).filter(name="accept").get().created_at
    closed = issue_in("closed", cast)
    reopened = perform(closed, "reopen", actor=cast.scientist, reason="It is back.")
    assert (reopened.state, reopened.resolved_at) == ("triaged", None)


# Skipping


@pytest.mark.parametrize("state", ["triaged", "investigating"])
def test_review_without_a_plan_needs_its_reason(cast: Cast, state: str) -> None:
    issue = issue_in(state, cast)
    with pytest.raises(errors.InvalidInput) as refused:
        perform(issue, "submit_for_review", actor=cast.assignee, data=RESOLUTION)
    assert list(refused.value.fields) == ["skip_reason"]
    skipped = perform(
        issue,
        "submit_for_review",
        actor=cast.assignee,
        data={**RESOLUTION, "skip_reason": "community_solved"},
    )
    assert (skipped.state, skipped.skip_reason) == ("in_review", "community_solved")


def test_review_after_the_work_has_nothing_to_skip(cast: Cast) -> None:
    with pytest.raises(errors.InvalidInput) as refused:
        perform(
            issue_in("in_progress", cast),
            "submit_for_review",
            actor=cast.assignee,
            data={**RESOLUTION, "skip_reason": "no_threat"},
        )
    assert list(refused.value.fields) == ["skip_reason"]


# Acceptance


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("reporter", True),
        ("owner", True),
        ("lead", True),
        ("scientist", False),
        ("assignee", False),
        ("staff", False),
    ],
)
def test_who_judges_a_resolution(cast: Cast, who: str, may: bool) -> None:
    issue, actor = issue_in("in_review", cast), getattr(cast, who)
    if may:
        assert perform(issue, "accept", actor=actor).state == "resolved"
    else:
        with pytest.raises(errors.NotAllowed, match="never the assignee"):
            perform(issue, "accept", actor=actor)


@pytest.mark.parametrize("also", ["reporter", "owner", "lead"])
def test_nobody_accepts_their_own_work_whatever_else_they_are(cast: Cast, also: str) -> None:
    person = getattr(cast, also)
    issue = edit(issue_in("in_review", cast), actor=cast.scientist, data={"assignee": person.username})
    for step in ("accept", "rework"):
        with pytest.raises(errors.NotAllowed):
            perform(issue, step, actor=person, reason="Not good enough.")


# Waiting


@pytest.mark.parametrize("state", Issue.WORKING)
def test_waiting_leads_back_to_where_it_was_left(cast: Cast, state: str) -> None:
    issue = issue_in(state, cast)
    data = {"waiting_for": "the vendor's answer", "resume_at": timezone.now() + DAY}
    waiting = perform(issue, "wait", actor=cast.scientist, data=data)
    assert (waiting.state, waiting.waiting_for) == ("waiting", "the vendor's answer")
    back = perform(waiting, "resume", actor=cast.assignee)
    assert (back.state, back.waiting_for, back.resume_at) == (state, "", None)


@pytest.mark.parametrize("resume_at", [timezone.now() - DAY, "", "1990-01-01"])
def test_waiting_has_an_end_that_is_still_to_come(cast: Cast, resume_at: Any) -> None:
    with pytest.raises(errors.InvalidInput) as refused:
        perform(
            issue_in("planned", cast),
            "wait",
            actor=cast.assignee,
            data={"waiting_for": "a miracle", "resume_at": resume_at},
        )
    assert list(refused.value.fields) == ["resume_at"]


def test_an_issue_that_nobody_triaged_does_not_wait(cast: Cast) -> None:
    with pytest.raises(errors.IllegalTransition):
        perform(issue_in("reported", cast), "wait", actor=cast.scientist)


@pytest.mark.django_db(transaction=True)
def test_waiting_ends_by_itself_on_its_day(cast: Cast) -> None:
    """The real sweep, with the real clock of the policy: each issue goes on where it was left, once."""
    resume_at = timezone.now() + 30 * DAY
    data = {"waiting_for": "the survey committee", "resume_at": resume_at}
    waiting = {
        state: perform(issue_in(state, cast), "wait", actor=cast.assignee, data=data)
        for state in ("triaged", "in_progress")
    }
    resumed = perform(issue_in("waiting", cast), "resume", actor=cast.assignee)

    sweep(moment=resume_at - datetime.timedelta(seconds=1))
    assert {Issue.objects.get(pk=issue.pk).state for issue in waiting.values()} == {"waiting"}

    sweep(moment=resume_at + datetime.timedelta(seconds=1))
    sweep(moment=resume_at + DAY)
    for state, issue in waiting.items():
        assert events_of(issue)[-1] == ("resume", "waiting", state)
        assert events_of(issue).count(("resume", "waiting", state)) == 1
        assert Event.objects.of(issue).last().actor == cast.system
    assert Event.objects.of(resumed).filter(name="resume").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_wait_that_is_prolonged_ends_on_its_new_day(cast: Cast) -> None:
    issue = issue_in("waiting", cast)
    issue = perform(issue, "resume", actor=cast.assignee)
    late = timezone.now() + 60 * DAY
    issue = perform(issue, "wait", actor=cast.assignee, data={"waiting_for": "them", "resume_at": late})
    sweep(moment=late - DAY)
    assert Issue.objects.get(pk=issue.pk).state == "waiting"
    sweep(moment=late + DAY)
    assert Issue.objects.get(pk=issue.pk).state == "in_progress"


# Duplicates


@pytest.fixture
def twins(cast: Cast) -> tuple[Issue, Issue]:
    """Two reports of one thing, by two people."""
    return (
        create(
            Issue,
            actor=cast.outsider,
            data={"title": "Plots are empty", "watchers": ["owner", "a@b.example"]},
        ),
        issue_in("triaged", cast),
    )


def followers(issue: Issue) -> set[User | str]:
    return {watcher.recipient for watcher in issue.watchers.select_related("user")}


def duplicate(issue: Issue, of: Issue, actor: User) -> Issue:
    return perform(issue, "mark_duplicate", actor=actor, data={"duplicate_of": of.key})


def test_who_followed_a_duplicate_follows_the_other_issue(cast: Cast, twins: tuple[Issue, Issue]) -> None:
    second, first = twins
    watch(first, actor=cast.owner)
    second = duplicate(second, first, cast.scientist)

    assert (second.state, second.duplicate_of) == ("duplicate", first)
    assert followers(first) == {cast.outsider, cast.owner, "a@b.example"}
    made = Link.objects.get(source=second.pk, target=first.pk)
    assert (made.kind, made.words_from(first)) == (LinkKind.DUPLICATES, "is duplicated by")


def test_separating_undoes_it_and_loses_nobody(cast: Cast, twins: tuple[Issue, Issue]) -> None:
    second, first = twins
    merged = duplicate(second, first, cast.scientist)
    before = followers(second)
    with pytest.raises(errors.InvalidInput):
        perform(merged, "separate", actor=cast.scientist)

    separate = perform(merged, "separate", actor=cast.scientist, reason="Another cause after all.")

    assert (separate.state, separate.duplicate_of) == ("reported", None)
    assert not Link.objects.exists()
    assert followers(separate) == before
    assert cast.outsider in followers(first)


def test_duplicates_never_lead_in_a_ring(cast: Cast) -> None:
    a, b, c = (issue_in("reported", cast) for _ in range(3))
    with pytest.raises(errors.InvalidInput, match="duplicate of"):
        duplicate(a, a, cast.scientist)
    duplicate(a, b, cast.scientist)
    duplicate(b, c, cast.scientist)
    for target in (a, b):
        with pytest.raises(errors.InvalidInput) as refused:
            duplicate(c, target, cast.scientist)
        assert list(refused.value.fields) == ["duplicate_of"]


# Closing


def test_closing_waits_for_documentation_announcement_and_children(cast: Cast) -> None:
    issue = issue_in("resolved", cast)
    child = issue_in("reported", cast, parent=issue.key)
    issue = edit(issue, actor=cast.scientist, data={"major_change": True})

    def refusal() -> str:
        with pytest.raises(errors.GuardUnmet) as refused:
            perform(issue, "close", actor=cast.scientist)
        return refused.value.detail

    assert [word in refusal() for word in ("documentation", "announcement", "below")] == [True, True, True]
    edit(issue, actor=cast.scientist, data={"documentation": "updated"})
    assert [word in refusal() for word in ("documentation", "announcement", "below")] == [False, True, True]
    perform(child, "decline", actor=cast.scientist, reason="Not needed.")
    assert "below" not in refusal()

    news = create(
        Announcement,
        actor=cast.scientist,
        data={"title": "New plots", "body": "They are full.", "tickets": [issue.key]},
    )
    assert "announcement" in refusal()
    perform(news, "approve", actor=cast.lead)
    assert "announcement" in refusal(), "approved is not published"
    perform(news, "publish", actor=cast.scientist)
    assert perform(issue, "close", actor=cast.scientist).state == "closed"


def test_a_minor_change_needs_no_announcement_and_open_children_of_others_do_not_count(cast: Cast) -> None:
    issue = issue_in("resolved", cast)
    issue_in("reported", cast, parent=issue_in("reported", cast).key)
    edit(issue, actor=cast.scientist, data={"documentation": "not_needed"})
    assert perform(issue, "close", actor=cast.scientist).state == "closed"


# Ways out


def test_redirecting_names_the_place_and_says_why(cast: Cast) -> None:
    issue = issue_in("reported", cast)
    with pytest.raises(errors.InvalidInput) as refused:
        perform(issue, "redirect", actor=cast.scientist, data={"venue": "the bar"}, reason="Politely.")
    assert list(refused.value.fields) == ["venue"]
    gone = perform(
        issue, "redirect", actor=cast.scientist, data={"venue": "accounts"}, reason="They can help."
    )
    assert (gone.state, gone.get_venue_display()) == ("redirected", "Account and sign-in help")


@pytest.mark.parametrize("state", ["planned", "in_progress", "in_review", "resolved"])
def test_what_is_in_work_is_not_declined(cast: Cast, state: str) -> None:
    with pytest.raises(errors.IllegalTransition):
        perform(issue_in(state, cast), "decline", actor=cast.scientist, reason="No.")


# Announcements


def test_an_announcement_is_changed_while_it_is_a_draft_only(cast: Cast) -> None:
    news = create(Announcement, actor=cast.scientist, data={"title": "New plots", "body": "Full."})
    news = edit(news, actor=cast.watcher, data={"body": "Full, at last."})
    with pytest.raises(errors.NotAllowed, match="Only the lead community scientist may approve"):
        perform(news, "approve", actor=cast.scientist)
    news = perform(news, "approve", actor=cast.lead)
    with pytest.raises(errors.NotAllowed, match="while it is a draft"):
        edit(news, actor=cast.scientist, data={"body": "Empty again."})
    news = perform(news, "revise", actor=cast.scientist, reason="A typo.")
    news = perform(perform(news, "approve", actor=cast.lead), "publish", actor=cast.scientist)
    assert news.published_at == Event.objects.of(news).last().created_at
    with pytest.raises(errors.NotAllowed):
        edit(news, actor=cast.lead, data={"title": "Other news"})


def test_an_announcement_is_public_when_it_is_published_and_not_before(cast: Cast) -> None:
    news = create(Announcement, actor=cast.scientist, data={"title": "New plots", "body": "Full."})

    def seen(reader: Any) -> bool:
        return Announcement.objects.visible_to(reader).exists()

    assert [seen(reader) for reader in (cast.staff, cast.outsider, cast.anonymous)] == [True, False, False]
    perform(perform(news, "approve", actor=cast.lead), "publish", actor=cast.scientist)
    assert [seen(reader) for reader in (cast.staff, cast.outsider, cast.anonymous)] == [True, True, True]
