"""The clocks at work: real issues moved by the engine, the policies of a new installation, the real adapters."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from ops.clocks import registry
from ops.clocks.checks import check_policies
from ops.clocks.models import Deadline, DeadlinePolicy
from ops.clocks.recomputation import recompute, recomputed, save_policy
from ops.clocks.selectors import deadline_history, next_deadlines
from ops.clocks.sweep import sweep
from ops.issues.models import Issue
from ops.notify.models import Message
from ops.people.models import User
from ops.tickets.services import comment
from ops.workflow.services import create, edit, perform
from tests.cast import Cast
from tests.factories import issue_in

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def deadlines(issue: Issue) -> dict[str, str]:
    """Clock → where its latest deadline stands."""
    return dict(Deadline.objects.of(issue.anchor).order_by("pk").values_list("clock", "state"))


def report(cast: Cast, **data: object) -> Issue:
    return create(Issue, actor=cast.reporter, data={"title": "Bright streaks", **data})


def told(step: str) -> set[User]:
    return {
        message.person
        for message in Message.objects.filter(kind__startswith="clocks.", channel="in_app").select_related(
            "person"
        )
        if Deadline.objects.filter(entries__pk=message.object_id, entries__step=step).exists()
    }


def test_the_policies_of_a_new_installation_can_all_apply(cast: Cast) -> None:
    assert DeadlinePolicy.objects.count() > 8
    assert check_policies(databases=["default"]) == []
    assert not [
        policy.slug for policy in DeadlinePolicy.objects.all() if policy.in_words().startswith("Never")
    ]


def test_a_public_word_of_staff_meets_the_first_response(cast: Cast) -> None:
    issue = report(cast)
    assert deadlines(issue)["first-response"] == "running"
    comment(issue.anchor, actor=cast.reporter, body="Nobody there?")
    assert deadlines(issue)["first-response"] == "running"
    comment(issue.anchor, actor=cast.scientist, body="We are looking at it.")
    assert deadlines(issue)["first-response"] == "met"
    edit(issue, actor=cast.scientist, data={"title": "Bright streaks in the north"})
    assert Deadline.objects.of(issue.anchor).filter(clock="first-response").count() == 1


def test_the_priority_says_by_when_it_is_resolved(cast: Cast) -> None:
    issue = issue_in("triaged", cast)
    (before,) = Deadline.objects.of(issue.anchor).filter(clock="resolution")
    issue = edit(issue, actor=cast.scientist, data={"importance": "low", "urgency": "low"})
    (after,) = Deadline.objects.of(issue.anchor).filter(clock="resolution")
    assert (after.pk, after.started_at) == (before.pk, before.started_at)
    assert after.policy_id != before.policy_id
    assert after.due_at > before.due_at


def test_waiting_pauses_and_ends_by_itself_where_it_began(cast: Cast) -> None:
    issue = issue_in("waiting", cast)
    assert deadlines(issue)["resolution"] == "paused"
    assert sweep(moment=issue.resume_at - HOUR) == {}
    done = sweep(moment=issue.resume_at + HOUR)
    assert done["acted"] == 1
    issue = Issue.objects.get(pk=issue.pk)
    assert issue.state == "in_progress"
    assert deadlines(issue)["resolution"] == "running"
    assert deadlines(issue)["return-from-waiting"] == "met"
    assert sweep(moment=issue.state_since + 2 * HOUR) == {}


def test_reopening_starts_anew(cast: Cast) -> None:
    issue = issue_in("resolved", cast)
    perform(issue, "reopen", actor=cast.reporter, reason="It is back.")
    states = list(
        Deadline.objects.of(issue.anchor)
        .filter(clock="resolution")
        .order_by("pk")
        .values_list("state", flat=True)
    )
    assert states == ["met", "running"]


def test_an_overdue_report_tells_the_watcher_and_then_the_leads(cast: Cast) -> None:
    report(cast)
    sweep(moment=timezone.now() + 24 * HOUR)
    assert told("due") == {cast.watcher}
    sweep(moment=timezone.now() + 29 * HOUR)
    assert told("escalate 4 hours lead") == {cast.lead}


@pytest.mark.parametrize("count", [1, 3])
def test_who_holds_many_issues_is_asked_in_a_fixed_number_of_queries(
    cast: Cast, count: int, django_assert_num_queries
) -> None:
    issues = [report(cast) for _ in range(count)]
    secret = report(cast, visibility="confidential")
    adapter = registry.adapter_for("issue")
    with django_assert_num_queries(5):  # the issues, the watcher, the leads, and who may see them
        holders = adapter.holders([issue.pk for issue in (*issues, secret)])
    assert [holders[issue.pk] for issue in issues] == [[cast.watcher]] * count
    assert holders[secret.pk] == [cast.lead]


@pytest.mark.parametrize("count", [1, 3])
def test_who_accepts_many_issues_is_asked_once_for_those_alike(
    cast: Cast, count: int, django_assert_num_queries
) -> None:
    ids = [issue_in("in_review", cast).pk for _ in range(count)]
    with django_assert_num_queries(2):
        holders = registry.adapter_for("issue").holders(ids)
    assert all(set(people) == {cast.reporter, cast.owner} for people in holders.values())
    assert len(holders) == count


def test_the_history_of_the_events_gives_what_the_rows_say(cast: Cast) -> None:
    for state in ("reported", "triaged", "in_review", "closed", "waiting", "declined"):
        issue = issue_in(state, cast)
        if state in ("triaged", "in_review"):
            edit(issue, actor=cast.scientist, data={"promised_reply_at": timezone.now() + 50 * HOUR})
            edit(issue, actor=cast.scientist, data={"importance": "low"})
    answered = report(cast)
    comment(answered.anchor, actor=cast.scientist, body="We are looking at it.")
    rows = list(Deadline.objects.select_related("policy"))
    answers = recomputed(rows)
    assert len(rows) > 15
    for row in rows:
        answer = answers[row.pk]
        assert answer is not None
        assert (answer.rule.slug, answer.status, answer.due_at, answer.ended_at, answer.pauses) == (
            row.policy.slug, row.state, row.due_at, row.ended_at, row.read_pauses(),
        )  # fmt: skip
    assert recompute(Deadline.objects.all(), actor=cast.system).moved == 0


def test_a_policy_that_the_lead_adds_covers_what_is_already_there(cast: Cast) -> None:
    issue_in("planned", cast)
    issue_in("triaged", cast)
    first = DeadlinePolicy.objects.get(slug="first-response")
    policy = DeadlinePolicy(
        slug="stale-plan", kind="issue", name="Plan", starts_in=["planned"], met_in=["in_progress"],
        duration="30 days", calendar=first.calendar,
    )  # fmt: skip
    policy.full_clean()
    assert save_policy(policy, actor=cast.lead).started == 1


def test_a_ticket_says_what_its_clocks_did(cast: Cast) -> None:
    issue = issue_in("waiting", cast)
    clocks = {clock.deadline.clock: clock for clock in deadline_history(issue.anchor)}
    words = [line.words for line in clocks["resolution"].lines]
    assert any(line.startswith("Paused while waiting, with ") for line in words)
    assert next_deadlines([issue.anchor])[issue.pk].name == "Return from waiting"
