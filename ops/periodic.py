"""Tasks that repeat. The bottom of the house: every room may use it, it knows none of them.

A room writes `@periodic(every=timedelta(seconds=10))` above a function in its tasks.py. That line gives the
task its place in beat's schedule, and a heartbeat that /readyz and /metrics read, so that a sweep which has
silently stopped is noticed by a machine before it is noticed by a scientist.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps

from celery import Task
from django.core.cache import cache
from django.utils import timezone

from ops.celery import app

PERIODS_BEFORE_LATE = 3
# Every task is due when beat starts: a restart catches up at once, and a daily task survives daily restarts.
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Repeating:
    """A task in the schedule, and what is known of its last success."""

    name: str
    every: timedelta

    @property
    def heartbeat_key(self) -> str:
        return f"heartbeat:{self.name}"

    def beat(self) -> None:
        """Say that the task has just ended well."""
        cache.set(self.heartbeat_key, timezone.now(), timeout=None)

    def last_success(self) -> datetime | None:
        """None when it has not run since the cache was last emptied."""
        return cache.get(self.heartbeat_key)

    def is_late(self) -> bool:
        """True when it has not succeeded within three of its periods."""
        last = self.last_success()
        return last is None or timezone.now() - last > PERIODS_BEFORE_LATE * self.every


SCHEDULE: dict[str, Repeating] = {}


def periodic(*, every: timedelta) -> Callable[[Callable[[], object]], Task]:
    """Make a function without arguments a task that beat queues `every` so often.

    A run that has waited in the queue for a whole period is dropped: the next one does its work. Two runs may
    overlap, so the task claims its rows itself. `task.delay()` runs it sooner, as any task.
    """

    def decorate(function: Callable[[], object]) -> Task:
        name = f"{function.__module__}.{function.__name__}"
        repeating = Repeating(name=name, every=every)

        @wraps(function)
        def run() -> None:
            function()
            repeating.beat()

        task = app.task(name=name)(run)
        app.conf.beat_schedule[name] = {
            "task": name,
            "schedule": every,
            "options": {"expires": every.total_seconds()},
            "last_run_at": LONG_AGO,
        }
        SCHEDULE[name] = repeating
        return task

    return decorate
