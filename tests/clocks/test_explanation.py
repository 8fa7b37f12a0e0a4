"""A deadline explains itself line by line, and pages ask for many at once."""

from datetime import UTC, datetime, timedelta

import pytest

from ops.clocks import letters
from ops.clocks.models import Deadline, DeadlineEntry
from ops.clocks.recomputation import save_policy
from ops.clocks.selectors import (
    deadline_history,
    deadlines_of,
    my_deadlines,
    next_deadlines,
    policies_by_kind,
)
from ops.clocks.services import meet
from ops.clocks.sweep import sweep
from ops.people.models import Team

HOUR = timedelta(hours=1)
# Monday 2 March 2026, 10:00 Pacific
MONDAY = datetime(2026, 3, 2, 18, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def lines(errand, moment):
    (clock,) = deadline_history(errand.team, moment=moment)
    return [line.words for line in clock.lines]


def test_it_says_when_it_started_paused_and_is_due(errand, make_policy):
    make_policy(calendar="pacific", duration="2 days")
    errand.move("new", MONDAY)
    errand.move("waiting", MONDAY + 2 * HOUR)
    errand.move("working", MONDAY + 5 * HOUR)
    assert lines(errand, MONDAY + 6 * HOUR) == [
        "Started: 2 working days, counted in Pacific hours.",
        "Paused 3 hours while waiting for somebody: 3 working hours.",
        "Due Wednesday 4 March 2026, 13:00 Pacific.",
    ]


def test_a_pause_at_night_gives_nothing_back_and_says_so(errand, make_policy):
    make_policy(calendar="pacific", duration="2 days")
    errand.move("new", MONDAY)
    errand.move("waiting", MONDAY + 8 * HOUR)
    errand.move("working", MONDAY + 20 * HOUR)
    assert "Paused 12 hours while waiting for somebody: no working time." in lines(errand, MONDAY + 21 * HOUR)


def test_while_it_stands_still_it_says_what_is_left(errand, make_policy):
    make_policy(calendar="pacific", duration="2 days")
    errand.move("new", MONDAY)
    errand.move("waiting", MONDAY + 2 * HOUR)
    assert lines(errand, MONDAY + 90 * HOUR)[1:] == [
        "Paused while waiting for somebody, with 1 working day 6 hours left."
    ]


def test_a_promise_names_its_date(errand, make_policy):
    make_policy(calendar="chile", due_from_field="promised_at")
    errand.move("new", MONDAY, promised_at=MONDAY + 48 * HOUR)
    errand.move("done", MONDAY + HOUR)
    assert lines(errand, MONDAY + 2 * HOUR) == [
        "Started: promised for Wednesday 4 March 2026, 15:00 Chile.",
        "Met with 1 working day 7 hours left.",
        "Was due Wednesday 4 March 2026, 15:00 Chile.",
    ]


@pytest.mark.parametrize(
    ("facts", "state", "last"),
    [
        ({"promised_at": MONDAY + 9 * HOUR}, "new", "Replaced: another date was named."),
        ({"promised_at": None}, "new", "Cancelled: it no longer applies."),
        ({}, "dropped", "Cancelled."),
    ],
)
def test_it_says_why_it_ended(errand, make_policy, facts, state, last):
    make_policy(due_from_field="promised_at")
    errand.move("new", MONDAY, promised_at=MONDAY + 5 * HOUR)
    errand.move(state, MONDAY + HOUR, **facts)
    first = deadline_history(errand.team, moment=MONDAY + 2 * HOUR)[0]
    assert first.lines[-1].words == last


def test_met_late_says_how_late(errand, make_policy):
    make_policy()
    errand.move("new", MONDAY)
    meet(errand.team, policy="answer", moment=MONDAY + 27 * HOUR)
    (clock,) = deadline_history(errand.team)
    assert (clock.look, clock.words) == ("met", "met 3 hours late")
    assert clock.lines[-1].words == "Met 3 hours late."


def test_it_says_what_it_did(errand, make_policy, lead, now):
    policy = make_policy(warnings=["50 %"], escalations=[{"after": "1 hour", "to": "lead"}])
    errand.move("new", now)
    sweep(moment=now + 12 * HOUR)
    sweep(moment=now + 24 * HOUR)
    sweep(moment=now + 25 * HOUR)
    policy.duration = "48 hours"
    save_policy(policy, actor=lead, moment=now + 26 * HOUR)
    words = lines(errand, now + 27 * HOUR)
    assert words[:4] == [
        "Started: 48 hours, counted round the clock.",
        "Warned those who hold it (50 %).",
        "Told those who hold it that it has run out.",
        "Told the lead.",
    ]
    assert words[4].startswith("Set anew (a change of “Answer”): ")
    assert words[5].startswith("Due ")


def test_it_says_that_the_desk_acted(errand, make_policy, now):
    make_policy(
        due_from_field="resume_at", starts_in=["waiting"], pauses_in=[], met_in=["working"], action="return"
    )
    errand.move("waiting", now - 3 * HOUR, resume_at=now - HOUR)
    sweep()
    assert "The desk acted by itself: goes back to where it was." in lines(errand, now)


def test_another_priority_says_what_it_changed(errand, make_policy):
    make_policy("high", clock="resolution", duration="2 weeks", condition={"priority": ["high"]})
    make_policy("low", clock="resolution", duration="3 months", condition={"priority": ["low"]})
    errand.move("new", MONDAY, priority="low")
    errand.move("new", MONDAY + HOUR, priority="high")
    assert lines(errand, MONDAY + 2 * HOUR)[1] == (
        "Set anew (2 weeks instead of 3 months): "
        "Tuesday 2 June 2026, 18:00 UTC became Monday 16 March 2026, 18:00 UTC."
    )


@pytest.mark.parametrize(
    ("hours", "look", "words"),
    [
        (1, "counting", "7 working hours left"),
        (6, "counting", "2 working hours left"),
        (6.5, "soon", "1 working hour 30 minutes left"),
        (7.5, "overdue", "30 minutes overdue"),
    ],
)
def test_how_it_looks_from_afar(errand, make_policy, hours, look, words):
    make_policy(calendar="pacific", duration="1 day")
    errand.move("new", MONDAY - HOUR)
    (clock,) = deadline_history(errand.team, moment=MONDAY - HOUR + hours * HOUR)
    if hours == 7.5:  # past five o'clock nothing counts, but yesterday's deadline is overdue all the same
        (clock,) = deadline_history(errand.team, moment=MONDAY + 24 * HOUR - 0.5 * HOUR)
    assert (clock.look, clock.words) == (look, words)


def test_a_warning_makes_it_soon(errand, make_policy):
    make_policy(warnings=["50 %"])
    errand.move("new", MONDAY)
    looks = [deadline_history(errand.team, moment=MONDAY + hour * HOUR)[0].look for hour in (11, 12, 24)]
    assert looks == ["counting", "soon", "overdue"]


def test_paused_and_cancelled(errand, make_policy):
    make_policy()
    errand.move("new", MONDAY)
    errand.move("waiting", MONDAY + HOUR)
    assert deadline_history(errand.team)[0].words == "paused, 23 hours left"
    errand.move("dropped", MONDAY + 2 * HOUR)
    assert deadline_history(errand.team)[0].words == "cancelled"


@pytest.mark.parametrize("count", [1, 3])
def test_a_queue_shows_its_clocks_with_two_queries(
    make_errand, make_policy, count, django_assert_num_queries, now
):
    make_policy()
    make_policy("resolution", duration="2 weeks")
    errands = [make_errand() for _ in range(count)]
    for index, errand in enumerate(errands):
        errand.move("new", now - index * HOUR)
    bare = make_errand()
    targets = [errand.team for errand in (*errands, bare)]
    with django_assert_num_queries(2):
        found = next_deadlines(targets)
        shown = [(clock.name, clock.look, clock.words, clock.due_words) for clock in found.values()]
    assert len(shown) == count
    assert {clock.name for clock in found.values()} == {"Answer"}
    assert bare.pk not in found


def test_all_open_deadlines_of_a_target_most_pressing_first_and_paused_last(errand, make_policy, now):
    make_policy("slow", duration="3 months")
    make_policy("quick", duration="1 hour")
    make_policy("still", duration="5 minutes", starts_in=["new"], pauses_in=["working"])
    errand.move("new", now)
    errand.move("working", now)
    assert [clock.name for clock in deadlines_of([errand.team])[errand.pk]] == ["Quick", "Slow", "Still"]
    assert deadlines_of([]) == {}


@pytest.mark.parametrize("count", [1, 3])
def test_the_history_of_a_target_costs_three_queries(
    errand, make_policy, count, django_assert_num_queries, now
):
    make_policy()
    for turn in range(count):
        errand.move("new", now + turn * HOUR)
        errand.move("done", now + turn * HOUR)
    with django_assert_num_queries(3):
        history = deadline_history(errand.team)
        shown = [clock.lines for clock in history]
    assert len(shown) == count


def test_my_deadlines_are_those_of_my_targets(make_errand, make_policy, now, django_assert_num_queries):
    make_policy()
    mine, other = [make_errand() for _ in range(3)], make_errand()
    for index, errand in enumerate([*mine, other]):
        errand.move("new", now - index * HOUR)
    mine[0].move("waiting", now)
    targets = Team.objects.filter(pk__in=[errand.pk for errand in mine])
    with django_assert_num_queries(2):
        found = my_deadlines(targets, limit=5)
    assert [clock.deadline.object_id for clock in found] == [mine[2].pk, mine[1].pk, mine[0].pk]
    assert len(my_deadlines(targets, limit=2)) == 2


def test_everybody_can_read_the_policies(make_policy, adapter):
    make_policy("slow", position=2)
    make_policy("quick", position=1)
    make_policy("retired", active=False)
    assert [policy.slug for policy in policies_by_kind()["errand"]] == ["quick", "slow"]


@pytest.fixture
def told(errand, make_policy, now):
    """An entry of a warning and one of an escalation, of a deadline that is still open."""
    make_policy("first-answer")
    errand.move("new", now - 30 * HOUR)
    deadline = Deadline.objects.get()
    return [
        DeadlineEntry.objects.create(deadline=deadline, step=what, what=what, at=now, actor=errand.actor)
        for what in ("breached", "escalated")
    ]


def test_a_letter_says_what_has_to_be_known(told, errand, holder, lead, settings):
    holder.time_zone = "America/Santiago"
    letter = letters.compose([told[0].pk], holder)
    assert letter.subject == f"First answer: 6 hours overdue · {errand.team.name}"
    assert letter.thread_title == errand.team.name
    assert letter.link == f"{settings.PUBLIC_URL}/errands/{errand.pk}/"
    assert letter.waits_for_you.startswith("First answer was due ")
    assert letter.waits_for_you in letter.text
    assert "Started: 24 hours, counted round the clock." in letter.html
    other = letters.compose([told[1].pk], lead)
    assert other.waits_for_you == ""
    assert "nobody has done it in time" in other.text


def test_two_steps_of_one_deadline_are_told_once(told, holder):
    letter = letters.compose([entry.pk for entry in told], holder)
    assert letter.text.count("First answer was due") == 1


def test_what_is_done_in_the_meantime_is_not_told(told, errand, holder):
    meet(errand.team, policy="first-answer", moment=told[0].at)
    assert letters.compose([told[0].pk], holder) is None
    assert letters.headlines([told[0].pk], holder) == {}


def test_what_the_reader_may_not_see_is_not_told(told, errand, holder):
    Team.objects.filter(pk=errand.pk).update(kind="committee")  # which the adapter of these tests hides
    assert letters.compose([told[0].pk], holder) is None
    assert letters.compose([told[0].pk], "somebody@example.org") is None
    assert letters.headlines([told[0].pk], holder) == {}


def test_the_bell_has_one_line_per_step(told, errand, holder):
    lines = letters.headlines([entry.pk for entry in told], holder)
    assert {line.title for line in lines.values()} == {errand.team.name}
    assert all(line.text.startswith("First answer was due") for line in lines.values())
    assert len(lines) == 2
