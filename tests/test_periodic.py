"""Tasks that repeat: in the schedule, with a heartbeat that tells a success from a run."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from celery.beat import Scheduler
from django.core.cache import cache
from django.utils import timezone
from kombu.exceptions import OperationalError

from ops import periodic
from ops.celery import app
from ops.periodic import SCHEDULE, Repeating


@pytest.fixture
def ran() -> list[str]:
    return []


@pytest.fixture
def task(ran: list[str]) -> Iterator[Repeating]:
    @periodic.periodic(every=timedelta(seconds=10))
    def rest() -> None:
        ran.append("rested")
        if len(ran) > 1:
            raise RuntimeError("tired")

    name = f"{__name__}.rest"
    yield SCHEDULE[name]
    del SCHEDULE[name], app.conf.beat_schedule[name]
    app.tasks.unregister(name)


def test_a_success_is_a_heartbeat(task: Repeating, ran: list[str]) -> None:
    assert task.is_late()
    app.tasks[task.name]()
    assert ran == ["rested"]
    assert task.last_success() is not None
    assert not task.is_late()


def test_a_failure_is_none(task: Repeating, ran: list[str]) -> None:
    app.tasks[task.name]()
    first = task.last_success()
    with pytest.raises(RuntimeError, match="tired"):
        app.tasks[task.name]()
    assert task.last_success() == first


@pytest.mark.parametrize(("seconds", "late"), [(29, False), (31, True)])
def test_late_means_three_periods(task: Repeating, seconds: int, late: bool) -> None:
    cache.set(task.heartbeat_key, timezone.now() - timedelta(seconds=seconds))
    assert task.is_late() is late


def test_beat_queues_it_at_once_and_then_every_period(task: Repeating) -> None:
    entry = Scheduler(app=app, lazy=False).schedule[task.name]
    assert entry.is_due().is_due
    after = next(entry).is_due()
    assert not after.is_due
    assert 8 < after.next <= 10
    assert entry.options["expires"] == 10


def test_the_sweeps_of_the_rooms_are_in_the_schedule() -> None:
    assert {"ops.clocks.tasks.sweep_deadlines", "ops.notify.tasks.deliver_email"} <= set(SCHEDULE)
    assert set(SCHEDULE) <= set(app.conf.beat_schedule)


def test_a_dead_broker_is_noticed_at_once(task: Repeating) -> None:
    """A request that wakes a task after its commit must not wait for a broker that is away."""
    started = time.monotonic()
    with app.connection_for_write("redis://127.0.0.1:1/0") as nowhere, pytest.raises(OperationalError):
        app.tasks[task.name].apply_async(connection=nowhere)
    assert time.monotonic() - started < 1
