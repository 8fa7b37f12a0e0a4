"""How far a piece of work is, told to those who wait."""

from __future__ import annotations

import time

from ops.jobs.models import Job, Status

SECONDS_BETWEEN_WORDS = 0.5


class LostError(Exception):
    """Somebody else has taken the work over; what this worker still finds is not wanted."""


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
