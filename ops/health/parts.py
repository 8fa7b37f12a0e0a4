"""The parts that the desk cannot work without, and how each is asked whether it is well."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from django.core.cache import cache
from django.db import connection

from ops.celery import app
from ops.periodic import SCHEDULE, Repeating

log = logging.getLogger(__name__)

WORKER_KEY = "heartbeat:worker"
WORKER_SILENT_AFTER_SECONDS = 15  # Celery's workers speak every two


class Unwell(Exception):
    """A part answered, and the answer is not good."""


def note_that_a_worker_lives(**_: object) -> None:
    """Write down Celery's own heartbeat; runs in the worker."""
    cache.set(WORKER_KEY, time.time(), timeout=None)


def ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def ask_cache() -> None:
    cache.get(WORKER_KEY)


def ask_broker() -> None:
    with app.connection_for_write() as broker:
        broker.connect()


def ask_worker() -> None:
    last = cache.get(WORKER_KEY)
    if last is None:
        raise Unwell("no worker has been heard of")
    if (silent := time.time() - last) > WORKER_SILENT_AFTER_SECONDS:
        raise Unwell(f"no worker has been heard of for {silent:.0f} s")


def ask_repeating(task: Repeating) -> None:
    if task.is_late():
        last = task.last_success()
        ended = (
            f"has not ended well since {last.isoformat(timespec='seconds')}"
            if last
            else "has never ended well"
        )
        raise Unwell(f"{ended}; it is due every {_period(task.every)}")


def _period(length: timedelta) -> str:
    seconds = round(length.total_seconds())
    unit, name = next(
        (unit, name) for unit, name in ((3600, "h"), (60, "min"), (1, "s")) if not seconds % unit
    )
    return f"{seconds // unit} {name}"


def parts() -> dict[str, Callable[[], None]]:
    """Every part and the question that finds out: it raises when the part is not well.

    A periodic task is a part of its own, under its name, and fails after three periods without a success.
    """
    return {
        "database": ask_database,
        "cache": ask_cache,
        "broker": ask_broker,
        "worker": ask_worker,
        **{name: partial(ask_repeating, task) for name, task in SCHEDULE.items()},
    }


def failing_parts() -> dict[str, str]:
    """The parts that are not well, each with a reason that anybody may read; empty when the desk is ready.

    What a library says may name hosts and accounts: it goes to the log, and only its kind into the answer.
    """
    failing = {}
    for part, ask in parts().items():
        try:
            ask()
        except Unwell as reason:
            failing[part] = str(reason)
        except Exception as problem:  # whatever ails one part, the others are still asked
            log.exception("Not ready: %s", part)
            failing[part] = type(problem).__name__
    return failing
