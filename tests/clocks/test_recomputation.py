"""The same answer from the history; and what an edit of a policy or a calendar does to open deadlines."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings

from ops.clocks.models import Calendar, Deadline, DeadlineEntry, DeadlinePolicy
from ops.clocks.policies import rulebook
from ops.clocks.recomputation import recompute, recomputed, retime_calendar, save_policy, start_missing
from ops.clocks.rows import course_of
from ops.clocks.services import meet
from ops.clocks.sweep import sweep
from tests.clocks.lives import TICK, histories

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def policies(make_policy):
    """Two alternatives, a promise, and a way back: everything a deadline can do."""
    make_policy("urgent", clock="answer", condition={"priority": ["high"]}, duration="2 hours", position=0)
    make_policy("answer", calendar="pacific", duration="2 days", position=1, pauses_in=["waiting", "stuck"])
    make_policy("promise", calendar="chile", due_from_field="promised_at", warnings=["80 %"])
    make_policy(
        "return", due_from_field="promised_at", starts_in=["waiting"], pauses_in=[], met_in=["working"]
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(history=histories(shortest=TICK))
def test_the_rows_say_what_the_history_says(policies, make_errand, history):
    errand = make_errand()
    for happening in history:
        if happening.state is None:
            meet(errand.team, policy="answer", moment=happening.moment)
            meet(errand.team, policy="promise", moment=happening.moment)
        else:
            errand.move(happening.state, happening.moment, **happening.facts)
    book = rulebook()
    deadlines = errand.deadlines()
    answers = recomputed(deadlines)
    for deadline in deadlines:
        stored, answer = course_of(deadline, book), answers[deadline.pk]
        assert answer is not None
        assert (answer.rule.slug, answer.pauses, answer.due_at) == (
            stored.rule.slug,
            stored.pauses,
            deadline.due_at,
        )
        assert (answer.status, answer.ending, answer.ended_at) == (
            stored.status,
            stored.ending,
            stored.ended_at,
        )


def test_recomputing_what_has_not_changed_moves_nothing(policies, make_errand, now):
    for index in range(5):
        errand = make_errand()
        errand.move("new", now - index * DAY, priority="low", promised_at=now + 3 * DAY)
        errand.move("waiting", now - index * DAY + HOUR)
        errand.move("working", now - index * DAY + 3 * HOUR)
    before = list(Deadline.objects.order_by("pk").values())
    result = recompute(Deadline.objects.all(), actor=errand.actor)
    assert (result.looked_at, result.moved, result.ended, result.started) == (10, 0, 0, 0)
    assert list(Deadline.objects.order_by("pk").values()) == before


def test_a_row_that_was_damaged_is_mended_from_the_history(policies, errand, now):
    errand.move("new", now)
    errand.move("waiting", now + HOUR)
    errand.move("working", now + 9 * HOUR)
    right = errand.deadline().due_at
    Deadline.objects.update(pauses=[], due_at=now)
    assert recompute(Deadline.objects.all(), actor=errand.actor).moved == 1
    assert errand.deadline().due_at == right


def test_another_duration_moves_what_is_open_and_says_how_many(make_policy, make_errand, lead, now):
    policy = make_policy(duration="24 hours")
    errands = [make_errand() for _ in range(3)]
    for errand in errands:
        errand.move("new", now)
    errands[0].move("done", now + HOUR)
    errands[1].move("waiting", now + HOUR)
    errands[1].move("working", now + 3 * HOUR)
    policy.duration = "48 hours"
    result = save_policy(policy, actor=lead, moment=now + 4 * HOUR)
    assert str(result) == "2 open deadlines looked at: 2 moved."
    assert [errand.deadline().due_at - now for errand in errands] == [24 * HOUR, 50 * HOUR, 48 * HOUR]
    entry = DeadlineEntry.objects.get(deadline=errands[2].deadline())
    assert (entry.what, entry.actor, entry.detail["because"]) == ("retimed", lead, "a change of “Answer”")


def test_a_paused_deadline_keeps_standing_still_and_resumes_with_the_new_duration(
    make_policy, errand, lead, now
):
    policy = make_policy(duration="24 hours")
    errand.move("new", now)
    errand.move("waiting", now + HOUR)
    policy.duration = "48 hours"
    save_policy(policy, actor=lead, moment=now + 2 * HOUR)
    assert (errand.deadline().state, errand.deadline().due_at) == ("paused", None)
    errand.move("working", now + 3 * HOUR)
    assert errand.deadline().due_at == now + 50 * HOUR


def test_saving_without_a_change_looks_at_nothing(make_policy, errand, lead, now):
    policy = make_policy()
    errand.move("new", now)
    assert str(save_policy(policy, actor=lead)) == "0 open deadlines looked at: none moved."


def test_another_name_moves_nothing(make_policy, errand, lead, now):
    policy = make_policy()
    errand.move("new", now)
    policy.name = "A first answer"
    assert str(save_policy(policy, actor=lead)) == "1 open deadline looked at: none moved."
    assert not DeadlineEntry.objects.exists()


def test_a_state_that_now_pauses_gives_back_the_time_spent_in_it(make_policy, errand, lead, now):
    policy = make_policy(pauses_in=[])
    errand.move("new", now)
    errand.move("waiting", now + 2 * HOUR)
    errand.move("working", now + 8 * HOUR)
    assert errand.deadline().due_at == now + 24 * HOUR
    policy.pauses_in = ["waiting"]
    result = save_policy(policy, actor=lead, moment=now + 9 * HOUR)
    assert result.moved == 1
    assert errand.deadline().due_at == now + 30 * HOUR


def test_a_narrower_condition_ends_what_it_no_longer_covers(make_policy, make_errand, lead, now):
    policy = make_policy()
    high, low = make_errand(), make_errand()
    high.move("new", now, priority="high")
    low.move("new", now, priority="low")
    policy.condition = {"priority": ["high"]}
    result = save_policy(policy, actor=lead, moment=now + HOUR)
    assert (result.looked_at, result.moved, result.ended) == (2, 0, 1)
    assert (high.deadline().state, low.deadline().state) == ("running", "cancelled")


def test_switching_a_policy_off_ends_its_deadlines(make_policy, errand, lead, now):
    policy = make_policy()
    errand.move("new", now)
    policy.active = False
    assert save_policy(policy, actor=lead, moment=now + HOUR).ended == 1
    assert (errand.deadline().state, errand.deadline().ended_at) == ("cancelled", now + HOUR)


def test_a_policy_that_comes_first_takes_over_what_is_open(make_policy, errand, lead, now):
    make_policy("slow", clock="answer", duration="48 hours", position=1)
    errand.move("new", now, priority="high")
    quick = DeadlinePolicy.objects.get(slug="slow")
    quick.pk, quick.slug, quick.name, quick.duration = None, "quick", "Quick", "3 hours"
    quick.condition, quick.position = {"priority": ["high"]}, 0
    assert save_policy(quick, actor=lead, moment=now + HOUR).moved == 1
    deadline = errand.deadline()
    assert (deadline.policy.slug, deadline.due_at) == ("quick", now + 3 * HOUR)


def test_a_new_policy_counts_from_now_for_what_already_is_there(make_policy, make_errand, lead, now):
    old, over, elsewhere = make_errand(), make_errand(), make_errand()
    old.move("new", now - 90 * DAY)
    over.move("dropped", now - 90 * DAY)
    elsewhere.move("waiting", now - 90 * DAY)
    policy = make_policy()
    policy.pk = None
    DeadlinePolicy.objects.all().delete()
    assert save_policy(policy, actor=lead, moment=now).started == 1
    assert (old.deadline().started_at, old.deadline().due_at) == (now, now + 24 * HOUR)
    assert over.deadlines() == elsewhere.deadlines() == []
    assert start_missing("errand", "answer", moment=now).started == 0


def test_such_a_deadline_recomputes_to_itself(make_policy, errand, lead, now):
    errand.move("new", now - 90 * DAY)
    make_policy()
    start_missing("errand", "answer", moment=now)
    errand.move("waiting", now + HOUR)
    errand.move("working", now + 2 * HOUR)
    before = Deadline.objects.values().get()
    assert recompute(Deadline.objects.all(), actor=lead).moved == 0
    assert Deadline.objects.values().get() == before


def test_a_calendar_that_gets_a_day_off_moves_what_counts_in_it(make_policy, errand, lead, now):
    make_policy(calendar="pacific", duration="1 day")
    monday = now.replace(year=2026, month=3, day=2, hour=18, minute=0, second=0)
    errand.move("new", monday)
    calendar = Calendar.objects.get(slug="pacific")
    calendar.days.create(date=monday.date() + DAY, name="Move of the office")
    assert retime_calendar(calendar, actor=lead, moment=monday + HOUR).moved == 1
    assert errand.deadline().due_at == monday + 2 * DAY


def test_what_was_warned_of_and_then_moved_far_away_is_warned_of_again(make_policy, errand, lead, now):
    policy = make_policy(warnings=["50 %"], escalations=[{"after": "1 hour", "to": "lead"}])
    errand.move("new", now)
    assert sweep(moment=now + 26 * HOUR) == {"passed": 1, "breached": 1, "escalated": 1}
    policy.duration = "100 hours"
    save_policy(policy, actor=lead, moment=now + 27 * HOUR)
    deadline = errand.deadline()
    assert (deadline.breached_at, deadline.next_step) == (None, "warn 50 %")
    seen = [sweep(moment=now + hour * HOUR) for hour in (50, 100, 101, 102)]
    assert seen == [{"warned": 1}, {"breached": 1}, {"escalated": 1}, {}]


def test_what_is_overdue_and_moved_but_still_overdue_is_not_told_again(make_policy, errand, lead, now):
    policy = make_policy(warnings=["50 %"], escalations=[{"after": "1 hour", "to": "lead"}])
    errand.move("new", now)
    sweep(moment=now + 26 * HOUR)
    policy.duration = "20 hours"
    assert save_policy(policy, actor=lead, moment=now + 27 * HOUR).moved == 1
    assert sweep(moment=now + 28 * HOUR) == {}
    assert errand.deadline().breached_at is not None


def test_ended_deadlines_stay_as_they_are(make_policy, errand, lead, now):
    policy = make_policy()
    errand.move("new", now)
    errand.move("done", now + HOUR)
    before = Deadline.objects.values().get()
    policy.duration, policy.met_in = "1 hour", []
    save_policy(policy, actor=lead, moment=timezone.now())
    assert Deadline.objects.values().get() == before
