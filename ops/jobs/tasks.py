"""What workers do with long work."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from ops.celery import app
from ops.jobs import services
from ops.periodic import periodic


@app.task(name=services.DO)
def do(job_id: str) -> None:
    """Do one piece of work."""
    services.do(UUID(job_id))


@periodic(every=timedelta(seconds=20))
def look_for_waiting_jobs() -> None:
    """See to it that what was asked for is done, whatever became of broker and workers."""
    services.queue_what_waits()
