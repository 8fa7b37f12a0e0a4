"""A target moves; its deadlines start, pause, resume, are set anew, met and cancelled."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from ops.clocks.models import Deadline, DeadlineEntry
from ops.clocks.selectors import deadlines_of
from ops.clocks.services import follow, meet
from tests.clocks.conftest import ERRAND

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_a_deadline_starts_where_its_policy_says(errand, make_policy, now):
    make_policy()
    errand.move("new", now)
    deadline = errand.deadline()
    assert (deadline.state, deadline.started_at, deadline.due_at) == ("running", now, now + 24 * HOUR)
    assert (deadline.next_step, deadline.next_at) == ("due", now + 24 * HOUR)


def test_no_deadline_starts_elsewhere_or_for_another_kind(errand, make_policy, now):
    make_policy(starts_in=["working"])
    make_policy("other", kind="parcel")
    errand.move("new", now)
    assert errand.deadlines() == []


def test_an_edit_that_changes_nothing_reads_once_and_writes_nothing(
    errand, make_policy, now, django_assert_num_queries
):
    make_policy()
    make_policy("resolution", duration="2 weeks")
    errand.move("new", now)
    with django_assert_num_queries(1) as queries:
        errand.move("new", now + HOUR)
    assert all(query["sql"].startswith("SELECT") for query in queries)


def test_creation_costs_three_queries(errand, make_policy, make_errand, now, django_assert_num_queries):
    make_policy()
    make_policy("resolution", duration="2 weeks")
    errand.move("new", now)  # this process has read the policies
    other = make_errand()
    with django_assert_num_queries(3):
        other.move("new", now)
    newborn = make_errand()
    with django_assert_num_queries(2):
        follow(newborn.team, kind=ERRAND, state="new", facts={}, actor=newborn.actor, moment=now, is_new=True)
    assert len(newborn.deadlines()) == 2


@pytest.mark.parametrize("has_moved", [True, False])
def test_a_target_that_has_moved_is_followed_alike(errand, make_policy, now, has_moved):
    make_policy()
    make_policy("resolution", duration="2 weeks", met_in=["working"])
    errand.move("new", now)
    told = {"kind": ERRAND, "facts": {}, "actor": errand.actor, "moment": now + HOUR, "has_moved": has_moved}
    follow(errand.team, state="waiting", **told)
    follow(errand.team, state="working", **told)
    assert [(deadline.clock, deadline.state) for deadline in errand.deadlines()] == [
        ("answer", "running"),
        ("resolution", "met"),
    ]


def test_following_tells_what_is_open_afterwards(errand, make_policy, now):
    make_policy()
    make_policy("resolution", duration="2 weeks", met_in=["working"])
    for state in ("new", "working", "waiting", "done"):
        clocks = follow(errand.team, kind=ERRAND, state=state, facts={}, actor=errand.actor, moment=now)
        read = deadlines_of([errand.team])[errand.pk]
        assert [(c.name, c.look, c.due_at) for c in clocks] == [(c.name, c.look, c.due_at) for c in read]


def test_waiting_pauses_and_working_on_gives_the_time_back(errand, make_policy, now):
    make_policy()
    errand.move("new", now)
    errand.move("waiting", now + 4 * HOUR)
    paused = errand.deadline()
    assert (paused.state, paused.due_at, paused.next_at) == ("paused", None, None)
    errand.move("working", now + 10 * HOUR)
    resumed = errand.deadline()
    assert (resumed.state, resumed.due_at) == ("running", now + 30 * HOUR)
    assert [pause.state for pause in resumed.read_pauses()] == ["waiting"]


def test_a_state_meets_it(errand, make_policy, now):
    make_policy()
    errand.move("new", now)
    errand.move("done", now + HOUR)
    deadline = errand.deadline()
    assert (deadline.state, deadline.ending, deadline.ended_at) == ("met", "state", now + HOUR)
    assert deadline.next_at is None
    assert deadline.breached_at is None


def test_meeting_it_too_late_says_so_even_if_no_sweep_has_run(errand, make_policy, now):
    make_policy()
    errand.move("new", now)
    errand.move("done", now + 25 * HOUR)
    assert errand.deadline().breached_at == now + 24 * HOUR


def test_meeting_it_while_paused_closes_the_pause(errand, make_policy, now):
    make_policy()
    errand.move("new", now)
    errand.move("waiting", now + HOUR)
    errand.move("done", now + 2 * HOUR)
    deadline = errand.deadline()
    assert deadline.state == "met"
    assert deadline.read_pauses()[-1].until == now + 2 * HOUR


def test_a_state_cancels_it(errand, make_policy, now):
    make_policy()
    errand.move("new", now)
    errand.move("dropped", now + HOUR)
    assert (errand.deadline().state, errand.deadline().ending) == ("cancelled", "state")


def test_reopening_starts_a_new_deadline_and_keeps_the_old_one(errand, make_policy, now):
    make_policy()
    errand.move("new", now)
    errand.move("done", now + 100 * HOUR)
    errand.move("working", now + 200 * HOUR)
    first, second = errand.deadlines()
    assert (first.state, first.started_at) == ("met", now)
    assert (second.state, second.started_at, second.due_at) == ("running", now + 200 * HOUR, now + 224 * HOUR)


def test_an_answer_meets_it_and_it_does_not_start_again_where_it_is(errand, make_policy, now):
    make_policy(starts_in=["new"])
    errand.move("new", now)
    assert meet(errand.team, policy="answer", moment=now + HOUR) == 1
    assert meet(errand.team, policy="answer", moment=now + 2 * HOUR) == 0
    errand.move("new", now + 3 * HOUR)
    errand.move("waiting", now + 4 * HOUR)
    errand.move("new", now + 5 * HOUR)
    deadline = errand.deadline()
    assert (deadline.state, deadline.ending, deadline.ended_at) == ("met", "answer", now + HOUR)


def test_after_leaving_it_may_start_again(errand, make_policy, now):
    make_policy(starts_in=["new"])
    errand.move("new", now)
    meet(errand.team, policy="answer", moment=now + HOUR)
    errand.move("working", now + 2 * HOUR)
    errand.move("new", now + 3 * HOUR)
    assert [deadline.state for deadline in errand.deadlines()] == ["met", "running"]


def test_an_answer_to_something_without_a_deadline_is_no_error(errand, now):
    assert meet(errand.team, policy="nothing-of-the-kind", moment=now) == 0


def test_a_field_says_when_it_is_due(errand, make_policy, now):
    make_policy("promise", due_from_field="promised_at")
    errand.move("new", now)
    assert errand.deadlines() == []
    errand.move("new", now + HOUR, promised_at=now + 50 * HOUR)
    deadline = errand.deadline()
    assert (deadline.due_at, deadline.promised_for) == (now + 50 * HOUR, now + 50 * HOUR)


def test_another_promise_is_another_deadline(errand, make_policy, now):
    make_policy("promise", due_from_field="promised_at")
    errand.move("new", now, promised_at=now + 5 * HOUR)
    errand.move("new", now + HOUR, promised_at=now + 9 * HOUR)
    old, new = errand.deadlines()
    assert (old.state, old.ending) == ("cancelled", "replaced")
    assert (new.state, new.started_at, new.due_at) == ("running", now + HOUR, now + 9 * HOUR)


def test_a_promise_kept_does_not_come_back_until_there_is_another(errand, make_policy, now):
    make_policy("promise", due_from_field="promised_at")
    errand.move("new", now, promised_at=now + 5 * HOUR)
    meet(errand.team, policy="promise", moment=now + HOUR)
    errand.move("working", now + 2 * HOUR)
    errand.move("done", now + 3 * HOUR)
    errand.move("working", now + 4 * HOUR)
    assert len(errand.deadlines()) == 1
    errand.move("working", now + 5 * HOUR, promised_at=now + 99 * HOUR)
    assert [deadline.state for deadline in errand.deadlines()] == ["met", "running"]


def test_a_promise_taken_back_is_cancelled(errand, make_policy, now):
    make_policy("promise", due_from_field="promised_at")
    errand.move("new", now, promised_at=now + 5 * HOUR)
    errand.move("new", now + HOUR, promised_at=None)
    assert (errand.deadline().state, errand.deadline().ending) == ("cancelled", "condition")


def test_a_promise_is_moved_by_the_time_spent_waiting(errand, make_policy, now):
    make_policy("promise", due_from_field="promised_at")
    errand.move("new", now, promised_at=now + 10 * HOUR)
    errand.move("waiting", now + 2 * HOUR)
    errand.move("working", now + 5 * HOUR)
    assert errand.deadline().due_at == now + 13 * HOUR


@pytest.fixture
def resolution(make_policy):
    """Two weeks for what is important, a year for the rest."""
    common = {"clock": "resolution"}
    make_policy("resolution-high", duration="2 weeks", condition={"priority": ["high"]}, **common)
    make_policy("resolution-low", duration="52 weeks", condition={"priority": ["low"]}, **common)


def test_another_priority_sets_the_deadline_anew_from_its_start(errand, resolution, now):
    errand.move("new", now, priority="low")
    errand.move("waiting", now + 24 * HOUR)
    errand.move("working", now + 48 * HOUR)
    errand.move("working", now + 72 * HOUR, priority="high")
    deadline = errand.deadline()
    assert deadline.policy.slug == "resolution-high"
    assert deadline.started_at == now
    assert deadline.due_at == now + timedelta(weeks=2) + 24 * HOUR
    (entry,) = DeadlineEntry.objects.filter(deadline=deadline)
    assert (entry.what, entry.actor) == ("retimed", errand.actor)
    assert (entry.detail["was_policy"], entry.detail["policy"]) == ("resolution-low", "resolution-high")


def test_when_no_policy_of_the_clock_applies_the_deadline_is_cancelled(errand, resolution, now):
    errand.move("new", now, priority="low")
    errand.move("new", now + HOUR, priority=None)
    assert (errand.deadline().state, errand.deadline().ending) == ("cancelled", "condition")


def test_the_lowest_position_counts_when_two_policies_apply(errand, make_policy, now):
    make_policy("slow", clock="answer", duration="48 hours", position=2)
    make_policy("quick", clock="answer", duration="1 hour", position=1)
    errand.move("new", now)
    assert errand.deadline().policy.slug == "quick"


def test_switching_a_policy_off_cancels_at_the_next_change(errand, make_policy, now):
    policy = make_policy()
    errand.move("new", now)
    policy.active = False
    policy.save()
    errand.move("new", now + HOUR)
    assert (errand.deadline().state, errand.deadline().ending) == ("cancelled", "policy")


def test_a_changed_policy_counts_from_the_next_call_on(errand, make_errand, make_policy, now):
    policy = make_policy()
    errand.move("new", now)
    type(policy).objects.update(duration="1 hour")
    other = make_errand()
    other.move("new", now)
    assert other.deadline().due_at == now + HOUR


def test_a_changed_calendar_counts_from_the_next_call_on(errand, make_errand, make_policy, now):
    policy = make_policy(calendar="pacific", duration="1 hour")
    monday = now.replace(year=2026, month=3, day=2, hour=18, minute=0, second=0)  # 10:00 Pacific
    errand.move("new", monday)
    assert errand.deadline().due_at == monday + HOUR
    policy.calendar.days.create(date=monday.date(), name="Move of the office")
    other = make_errand()
    other.move("new", monday)
    assert other.deadline().due_at == monday + 24 * HOUR  # Tuesday 10:00: starts at nine, one hour


def test_one_target_has_one_open_deadline_per_clock(errand, make_policy, now):
    make_policy()
    errand.move("new", now)
    twin = errand.deadline()
    twin.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save(force_insert=True)
    assert Deadline.objects.count() == 1
