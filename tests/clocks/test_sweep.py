"""The sweep does everything once, at its time, whatever happens to the machine."""

from datetime import timedelta

import pytest

from ops.clocks.models import Deadline, DeadlineEntry
from ops.clocks.sweep import sweep
from ops.notify.models import Message

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db


def told():
    """(person, what the deadline did) for every message, in order."""
    messages = Message.objects.filter(channel="in_app").order_by("pk")
    entries = DeadlineEntry.objects.in_bulk([message.object_id for message in messages])
    return [(message.person.username, entries[message.object_id].step) for message in messages]


@pytest.fixture
def full_policy(make_policy):
    return make_policy(
        warnings=["50 %", "80 %"],
        escalations=[{"after": "1 hour", "to": "lead"}, {"after": "1 day", "to": "director"}],
    )


def test_it_warns_breaches_and_escalates_each_once_at_its_time(errand, full_policy, now):
    errand.move("new", now)
    seen = []
    for hour in range(60):
        sweep(moment=now + hour * HOUR)
        sweep(moment=now + hour * HOUR)
        seen += [(hour, step) for _, step in told()[len(seen) :]]
    assert seen == [(12, "warn 50 %"), (20, "warn 80 %"), (24, "due"), (25, "escalate 1 hour lead")]
    assert told()[-1][0] == "lead"
    deadline = errand.deadline()
    assert deadline.breached_at == now + 24 * HOUR
    assert (deadline.state, deadline.next_at) == ("running", None)
    # nobody is director: the step is on record all the same
    assert DeadlineEntry.objects.filter(step="escalate 1 day director", what="escalated").count() == 1


def test_a_restart_catches_up_without_a_flood(errand, full_policy, now):
    errand.move("new", now)
    assert sweep(moment=now + 25 * HOUR) == {"passed": 2, "breached": 1, "escalated": 1}
    assert told() == [("holder", "due"), ("lead", "escalate 1 hour lead")]


def test_of_two_warnings_missed_only_the_last_is_told(errand, full_policy, now):
    errand.move("new", now)
    sweep(moment=now + 21 * HOUR)
    assert told() == [("holder", "warn 80 %")]


def test_nothing_happens_while_paused(errand, full_policy, now):
    errand.move("new", now)
    errand.move("waiting", now + HOUR)
    assert sweep(moment=now + 1000 * HOUR) == {}


def test_a_warning_is_not_repeated_after_a_pause(errand, full_policy, now):
    errand.move("new", now)
    sweep(moment=now + 12 * HOUR)
    errand.move("waiting", now + 13 * HOUR)
    errand.move("working", now + 20 * HOUR)
    sweep(moment=now + 21 * HOUR)
    assert told() == [("holder", "warn 50 %")]
    assert errand.deadline().next_step == "warn 80 %"


def test_waiting_ends_by_itself(errand, adapter, make_policy, now):
    make_policy(
        "return-from-waiting",
        due_from_field="resume_at",
        starts_in=["waiting"],
        pauses_in=[],
        met_in=["working"],
        action="return",
    )
    errand.move("waiting", now, resume_at=now + 5 * HOUR)
    assert sweep(moment=now + 4 * HOUR) == {}
    assert sweep(moment=now + 5 * HOUR) == {"acted": 1}
    assert sweep(moment=now + 6 * HOUR) == {}
    assert adapter.acted == [errand.pk]
    assert adapter.told[errand.pk][-1].state == "working"
    assert errand.deadline().state == "met"


def test_an_action_that_fails_is_tried_again_and_holds_up_nobody(make_errand, adapter, make_policy, now):
    make_policy(
        "return",
        due_from_field="resume_at",
        starts_in=["waiting"],
        pauses_in=[],
        action="return",
        met_in=["working"],
        escalations=[{"after": "1 day", "to": "lead"}],
    )
    stuck, fine = make_errand(), make_errand()
    for errand in (stuck, fine):
        errand.move("waiting", now, resume_at=now + HOUR)
    adapter.blocked = {stuck.pk}
    assert sweep(moment=now + HOUR) == {"acted": 1, "failed": 1}
    deadline = stuck.deadline()
    assert (deadline.failures, deadline.failure) == (1, "RuntimeError: the way back is blocked")
    assert sweep(moment=deadline.next_at - timedelta(seconds=1)) == {}
    assert sweep(moment=now + 26 * HOUR) == {"escalated": 1, "failed": 1}
    assert told() == [("lead", "escalate 1 day lead")]
    adapter.blocked = set()
    assert sweep(moment=now + 28 * HOUR) == {"acted": 1}
    assert stuck.deadline().state == "met"


def test_a_deadline_that_cannot_be_dealt_with_holds_up_nobody(make_errand, adapter, make_policy, now):
    make_policy()
    errands = [make_errand() for _ in range(5)]
    for errand in errands:
        errand.move("new", now)
    adapter.nobody_knows = {errands[2].pk}
    assert sweep(moment=now + 24 * HOUR) == {"breached": 4, "failed": 1}
    broken = errands[2].deadline()
    assert broken.failure == f"RuntimeError: nobody knows who holds {errands[2].pk}"
    adapter.nobody_knows = set()
    assert sweep(moment=broken.next_at) == {"breached": 1}
    assert errands[2].deadline().failures == 0


def test_history_that_is_loaded_tells_nobody(errand, full_policy, now):
    errand.move("new", now - timedelta(days=90))
    assert sweep(moment=now) == {"passed": 2, "breached": 1, "escalated": 2}
    assert told() == []
    assert errand.deadline().breached_at == now - timedelta(days=89)


def test_batches_leave_nothing_behind(make_errand, make_policy, now):
    make_policy()
    for _ in range(7):
        make_errand().move("new", now)
    assert sweep(moment=now + 24 * HOUR, batch=3) == {"breached": 7}
    assert not Deadline.objects.filter(next_at__isnull=False).exists()
