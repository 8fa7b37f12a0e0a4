"""What kinds of long work there are. A room enters its own in its `works.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ops.jobs.models import Job
from ops.jobs.progress import Progress

Work = Callable[[Job, Progress], dict[str, Any]]

_works: dict[str, Work] = {}


def work(kind: str) -> Callable[[Work], Work]:
    """Enter a function as the way to do a kind of work.

    It is given the job and a `Progress`, and returns what is kept as the job's result. It runs outside a
    transaction, so that its progress is seen, and may be begun again from the start when a worker dies: it
    computes first and writes in one transaction at the end, through services that would refuse the second time.
    It must end within `CELERY_TASK_SOFT_TIME_LIMIT` seconds; what takes longer raises `Unfinished` before, and goes
    on with what is left. A `Refusal` that it raises is shown to who asked.
    """

    def enter(function: Work) -> Work:
        if kind in _works:
            raise ValueError(f"There are two ways to do {kind}.")
        _works[kind] = function
        return function

    return enter


def work_of(kind: str) -> Work:
    """Return the way to do a kind of work; raises `KeyError` where there is none."""
    return _works[kind]
