"""How far a piece of work is, told to those who wait."""

from __future__ import annotations

import time
from typing import Any

from ops.jobs.models import Job, Status

SECONDS_BETWEEN_WORDS = 0.5


class LostError(Exception):
    """Somebody else has taken the work over; what this worker still finds is not wanted."""


class Unfinished(Exception):  # nothing has gone wrong
    """Raised by a piece of work that has done its part for this time: it goes on at once, in a turn of its own.

    `result` is kept, so that the next turn can add to it. What was done stays done.
    """

    def __init__(self, result: dict[str, Any]) -> None:
        super().__init__()
        self.result = result


class Progress:
    """Told now and then by who works; writes it down twice a second at most."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._told = 0.0

    def __call__(self, share: float, said: str = "") -> None:
        """Say how much is done, from 0 to 1, and what is being done. Raises `LostError` when taken over."""
        now = time.monotonic()
        if now - self._told < SECONDS_BETWEEN_WORDS:
            return
        self._told = now
        mine = Job.objects.filter(pk=self._job.pk, status=Status.RUNNING, attempts=self._job.attempts)
        if not mine.update(share=min(max(share, 0.0), 1.0), said=said):
            raise LostError
