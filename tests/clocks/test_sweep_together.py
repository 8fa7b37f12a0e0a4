"""Workers that share the work, die in the middle of it, or meet people who are changing the same tickets."""

import multiprocessing
import os
import signal
import threading
import time
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, connections, transaction

from ops.clocks.models import Deadline, DeadlineEntry
from ops.clocks.sweep import LEASE, sweep
from ops.clocks.tasks import sweep_deadlines
from ops.notify.models import Message
from ops.periodic import SCHEDULE

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)
PATIENCE = 20  # seconds; only a test that fails waits that long


@contextmanager
def in_threads(*jobs):
    """Run jobs beside the body, each with a connection of its own; raise here what any of them raised."""
    problems = []

    def run(job):
        try:
            job()
        except BaseException as problem:  # noqa: BLE001  # raised again below
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in threads:
            thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads)
    if problems:
        raise problems[0]


def times_told() -> Counter[int]:
    """How often somebody was told of each deadline."""
    entries = Message.objects.filter(channel="in_app").values_list("object_id", flat=True)
    deadline_of = dict(DeadlineEntry.objects.values_list("pk", "deadline_id"))
    return Counter(deadline_of[entry] for entry in entries)


@pytest.fixture
def many(make_errand, make_policy, now):
    make_policy()
    errands = [make_errand() for _ in range(120)]
    for errand in errands:
        errand.move("new", now)
    return errands


def test_two_workers_share_the_work(many, now):
    outcomes = []
    ready = threading.Barrier(2)

    def worker():
        ready.wait(PATIENCE)
        outcomes.append(sweep(moment=now + 24 * HOUR, batch=10))

    with in_threads(worker, worker):
        pass
    assert sum(outcomes, Counter()) == {"breached": len(many)}
    assert set(times_told().values()) == {1}
    assert len(times_told()) == len(many)


def test_a_worker_waits_for_nobody(many, now):
    """A ticket that somebody is changing keeps its deadline; the sweep does the others and comes back."""
    held, release = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            Deadline.objects.of(many[0].team).locked().get()
            held.set()
            release.wait(PATIENCE)

    with in_threads(hold):
        held.wait(PATIENCE)
        started = time.monotonic()
        assert sweep(moment=now + 24 * HOUR) == {"breached": len(many) - 1}
        assert time.monotonic() - started < PATIENCE / 2
        release.set()
    assert sweep(moment=now + 24 * HOUR) == {"breached": 1}


def test_killed_in_the_middle_it_continues(many, adapter, now):
    """Kill -9 while a batch is in work: what was not committed is done by the next worker, once."""
    slow = adapter.holders

    def holders(ids):
        time.sleep(0.05)
        return slow(ids)

    adapter.holders = holders
    connections.close_all()  # a socket must not be shared with the child
    process = multiprocessing.get_context("fork").Process(
        target=sweep, kwargs={"moment": now + 24 * HOUR, "batch": 10}
    )
    process.start()
    deadline = time.monotonic() + PATIENCE
    while DeadlineEntry.objects.count() < 20 and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.join(PATIENCE)
    done = DeadlineEntry.objects.count()
    assert 20 <= done < len(many)
    adapter.holders = slow
    assert sweep(moment=now + 24 * HOUR) == {"breached": len(many) - done}
    assert set(times_told().values()) == {1}
    assert len(times_told()) == len(many)


def test_somebody_who_pauses_a_ticket_meanwhile_waits_a_moment_and_both_count(
    errand, adapter, make_policy, now
):
    make_policy(warnings=["50 %"])
    errand.move("new", now)
    inside, go_on = threading.Event(), threading.Event()
    plain = adapter.holders

    def holders(ids):
        inside.set()
        go_on.wait(PATIENCE)
        return plain(ids)

    adapter.holders = holders
    with in_threads(lambda: sweep(moment=now + 13 * HOUR)):
        inside.wait(PATIENCE)
        with in_threads(lambda: errand.move("waiting", now + 13 * HOUR)):
            go_on.set()
    deadline = errand.deadline()
    assert (deadline.state, deadline.next_at) == ("paused", None)
    assert list(deadline.entries.values_list("step", flat=True)) == ["warn 50 %"]
    errand.move("working", now + 15 * HOUR)
    assert errand.deadline().next_step == "due"


def test_an_action_that_outlasts_its_lease_is_noted_once(errand, adapter, make_policy, now):
    make_policy(
        due_from_field="resume_at", starts_in=["waiting"], pauses_in=[], met_in=["working"], action="return"
    )
    errand.move("waiting", now, resume_at=now + HOUR)
    inside, go_on = threading.Event(), threading.Event()
    plain = adapter.act

    def act(action, target_id, *, actor):
        first = not inside.is_set()
        inside.set()
        if first:
            go_on.wait(PATIENCE)
        plain(action, target_id, actor=actor)

    adapter.act = act
    with in_threads(lambda: sweep(moment=now + HOUR)):
        inside.wait(PATIENCE)
        with in_threads(lambda: sweep(moment=now + HOUR + LEASE)):
            time.sleep(0.1)
            go_on.set()
    deadline = errand.deadline()
    assert (deadline.state, deadline.failures) == ("met", 0)
    assert list(deadline.entries.values_list("what", flat=True)) == ["acted"]


def test_sweeping_and_working_at_the_same_time_ends_in_no_deadlock(make_errand, make_policy, now):
    make_policy(warnings=["50 %", "80 %"], escalations=[{"after": "1 hour", "to": "lead"}])
    make_policy("return", due_from_field="resume_at", starts_in=["waiting"], pauses_in=[],
                met_in=["working"], cancelled_in=["done"], action="return")  # fmt: skip
    errands = [make_errand() for _ in range(12)]
    for errand in errands:
        errand.move("new", now)
    over = threading.Event()

    def work(offset):
        for turn in range(25):
            moment = now + turn * HOUR
            errand = errands[(turn * 5 + offset) % len(errands)]
            with transaction.atomic():
                type(errand.team).objects.select_for_update().get(pk=errand.pk)
                errand.move(
                    ("waiting", "working", "new")[(turn + offset) % 3], moment, resume_at=moment + HOUR
                )
        over.set()

    def keep_sweeping():
        hour = 0
        while not over.is_set():
            sweep(moment=now + hour * HOUR, batch=5)
            hour += 1

    with in_threads(lambda: work(0), lambda: work(1), keep_sweeping, keep_sweeping):
        pass
    assert not Deadline.objects.exclude(failure="").exists()
    steps = Counter(DeadlineEntry.objects.values_list("deadline_id", "round", "step"))
    assert set(steps.values()) <= {1}


def test_the_database_refuses_a_step_done_twice(errand, make_policy, now):
    make_policy()
    errand.move("new", now)
    sweep(moment=now + 24 * HOUR)
    entry = DeadlineEntry.objects.get()
    entry.pk = None
    with pytest.raises(IntegrityError):
        entry.save(force_insert=True)


def test_the_task_says_that_it_has_run(errand, make_policy, now):
    make_policy()
    errand.move("new", now - 25 * HOUR)
    heartbeat = SCHEDULE["ops.clocks.tasks.sweep_deadlines"]
    before = heartbeat.last_success()
    sweep_deadlines()
    assert errand.deadline().breached_at is not None
    assert heartbeat.last_success() != before
    assert not heartbeat.is_late()
