"""The rules of a deadline's life, on random lives: what holds whatever happens to its target."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ops.clocks.course import NOTHING, Course, Happening, Pause, Status, replay
from ops.clocks.schedule import Deed, due_steps, next_step, steps
from ops.clocks.spans import Span, WarningPoint
from tests.clocks.lives import HOUR, PROMISE, RULE, START, URGENT, histories

CLOCKS = ((RULE,), (URGENT, RULE), (PROMISE,))
clocks = st.sampled_from(CLOCKS)


@given(clocks, histories())
def test_only_the_last_deadline_can_be_open_and_none_begins_before_the_last_has_ended(rules, history):
    courses = replay(rules, history)
    assert all(not course.is_open for course in courses[:-1])
    assert all(one.ended_at <= two.started_at for one, two in pairwise(courses))
    assert sum(course.is_open or course.spent for course in courses) <= 1


@given(clocks, histories())
def test_a_deadline_is_open_exactly_until_it_has_an_end(rules, history):
    for course in replay(rules, history):
        assert course.is_open == (course.ended_at is None)
        assert bool(course.ending) == (course.ended_at is not None)
        assert course.ended_at is None or course.ended_at >= course.started_at


@given(clocks, histories())
def test_pauses_are_in_order_and_only_the_last_is_open(rules, history):
    for course in replay(rules, history):
        edges = [edge for pause in course.pauses for edge in (pause.since, pause.until)]
        assert None not in edges[:-1]
        known = [course.started_at, *(edge for edge in edges if edge is not None)]
        assert known == sorted(known)
        assert (edges[-1:] == [None]) == (course.status is Status.PAUSED)


@given(clocks, histories())
def test_its_time_is_used_up_exactly_when_it_is_due(rules, history):
    for course in replay(rules, history):
        due = course.due_at
        if course.status is Status.RUNNING and course.promised_for is None:
            assert course.used(due) == course.total
            assert course.left(due) == NOTHING
        if due is not None:
            assert due >= course.started_at or due == course.promised_for


@given(clocks, histories())
def test_pausing_never_brings_the_due_time_forward(rules, history):
    for course in replay(rules, history):
        if course.due_at is not None and course.pauses:
            assert course.due_at >= replace(course, pauses=(), status=Status.RUNNING).due_at


@given(clocks, histories(), st.timedeltas(NOTHING, timedelta(days=60)))
def test_one_more_look_at_the_same_thing_changes_nothing(rules, history, later):
    last = history[-1]
    again = replace(last, moment=last.moment + later)
    if last.state is not None:
        assert replay(rules, [*history, again]) == replay(rules, history)


@given(clocks, histories())
def test_steps_come_in_order_and_the_escalations_after_the_due_time(rules, history):
    for course in replay(rules, history):
        plan = steps(course)
        assert [step.at for step in plan] == sorted(step.at for step in plan)
        assert len({step.name for step in plan}) == len(plan)
        if course.status is not Status.RUNNING:
            assert plan == []
            continue
        due = next(step for step in plan if step.name == "due")
        assert due.at == course.due_at
        assert all(step.at < due.at for step in plan if step.deed is Deed.WARN)
        assert all(step.at >= due.at for step in plan if step.deed is Deed.ESCALATE)


@given(clocks, histories(), st.lists(st.timedeltas(HOUR, timedelta(days=9)), min_size=1, max_size=8))
def test_however_often_one_looks_every_step_is_done_or_passed_over_once(rules, history, looks):
    for course in replay(rules, history):
        done: list[str] = []
        moment = course.started_at
        for wait in looks:
            moment += wait
            todo, over = due_steps(steps(course), done, moment)
            done += [step.name for step in (*todo, *over)]
            following = next_step(steps(course), done)
            assert following is None or following.at > moment
        assert len(done) == len(set(done))
        assert done == [step.name for step in steps(course) if step.at <= moment] or set(done) == {
            step.name for step in steps(course) if step.at <= moment
        }


def test_machines_that_disagree_about_the_time_do_no_harm():
    """The clock of one web server is a second behind that of another."""
    before = START - timedelta(seconds=1)
    history = [Happening(START, "new"), Happening(before, "waiting"), Happening(before, "working")]
    (course,) = replay((RULE,), history)
    assert course.pauses == (Pause(START, START, "waiting"),)
    assert course.due_at == Course(RULE, START).due_at


def test_a_promise_already_past_is_due_when_it_was():
    facts = {"promised_at": START - HOUR}
    (course,) = replay((PROMISE,), [Happening(START, "new", facts)])
    assert course.due_at == START - HOUR
    assert [step.name for step in steps(course)] == ["due", "escalate 1 day lead", "escalate 1 week director"]


def test_a_promise_outside_the_hours_is_due_when_it_says():
    midnight = datetime(2026, 3, 8, 7, tzinfo=UTC)
    (course,) = replay((PROMISE,), [Happening(START, "new", {"promised_at": midnight})])
    assert course.due_at == midnight


def test_a_promise_replaced_while_waiting_stays_paused():
    early, late = START + 20 * HOUR, START + 90 * HOUR
    history = [
        Happening(START, "new", {"promised_at": early}),
        Happening(START + HOUR, "waiting", {"promised_at": early}),
        Happening(START + 2 * HOUR, "waiting", {"promised_at": late}),
        Happening(START + 2 * HOUR, "working", {"promised_at": late}),
    ]
    old, new = replay((PROMISE,), history)
    assert (old.status, new.status, new.due_at) == (Status.CANCELLED, Status.RUNNING, late)


def test_warnings_before_the_end_follow_the_calendar():
    rule = replace(RULE, warnings=(WarningPoint(before=Span.parse("1 day")),), allowance=Span.parse("1 week"))
    plan = steps(Course(rule, START))
    assert (plan[0].name, plan[1].at - plan[0].at) == ("warn 1 day before", timedelta(days=1))


def test_a_warning_before_the_beginning_is_none():
    rule = replace(RULE, warnings=(WarningPoint(before=Span.parse("60 days")),))
    assert [step.deed for step in steps(Course(rule, START))] == [Deed.BREACH, Deed.ESCALATE, Deed.ESCALATE]
