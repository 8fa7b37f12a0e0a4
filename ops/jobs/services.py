"""Asking for long work, and doing it: a row is the queue, a worker claims it, a dead worker loses it."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.utils import timezone
from kombu.exceptions import OperationalError

from ops.celery import app
from ops.jobs.models import MOST_ATTEMPTS, Job, Status
from ops.jobs.progress import LostError, Progress, Unfinished
from ops.jobs.registry import work_of
from ops.people.models import User
from ops.workflow.errors import Refusal

logger = logging.getLogger(__name__)

DO = "ops.jobs.tasks.do"
KEPT_FOR = datetime.timedelta(days=90)


def start(kind: str, *, actor: User, about: models.Model, data: Mapping[str, Any] | None = None) -> Job:
    """Have a piece of work done soon, and return it at once.

    While one of the same kind about the same object is open, that one is returned: pressing twice is once.
    """
    work_of(kind)  # an unknown kind fails here, not in a worker
    try:
        with transaction.atomic():
            job = Job.objects.create(
                kind=kind,
                content_type=ContentType.objects.get_for_model(about),
                object_id=about.pk,
                asked_by=actor,
                data=dict(data or {}),
            )
    except IntegrityError:  # somebody asked for the same a moment ago
        return Job.objects.about(kind, about).open().get()
    transaction.on_commit(lambda: queue(job.pk), robust=True)
    return job


def queue(job_id: UUID) -> None:
    """Wake a worker; while the broker is away, the sweep does it later."""
    try:
        app.send_task(DO, args=[str(job_id)])
    except OperationalError:
        logger.warning("No broker to queue job %s; the sweep will.", job_id)


def queue_what_waits() -> int:
    """Queue what nobody works on, and give up what has been lost too often; return how much was queued."""
    now = timezone.now()
    waiting = Job.objects.to_be_taken(now)
    waiting.filter(attempts__gte=MOST_ATTEMPTS).update(
        status=Status.FAILED, ended_at=now, said="The worker died several times. Please tell the operators."
    )
    ids = list(waiting.values_list("pk", flat=True))
    for job_id in ids:
        queue(job_id)
    Job.objects.filter(ended_at__lt=now - KEPT_FOR).delete()
    return len(ids)


def do(job_id: UUID) -> None:
    """Do one piece of work, unless somebody else already does. Every outcome is written down, none is raised."""
    job = _claimed(job_id)
    if job is None:
        return
    try:
        result = work_of(job.kind)(job, Progress(job))
    except LostError:
        logger.warning("Job %s was taken over by another worker.", job_id)
    except Unfinished as unfinished:
        _go_on(job, unfinished.result)
    except Refusal as refusal:
        _end(job, status=Status.FAILED, said=str(refusal.detail))
    except Exception:
        logger.exception("Job %s (%s) failed.", job_id, job.kind)
        _end(job, status=Status.FAILED, said="Something went wrong here. The operators find it in their log.")
    else:
        _end(job, status=Status.DONE, share=1.0, said="", result=result)


def _claimed(job_id: UUID) -> Job | None:
    # Two workers may be given the same number; only the one whose update counts a row has the work.
    now = timezone.now()
    claim = Job.objects.to_be_taken(now).filter(pk=job_id)
    if not claim.update(status=Status.RUNNING, taken_at=now, attempts=F("attempts") + 1):
        return None
    return Job.objects.select_related("asked_by", "content_type").get(pk=job_id)


def _go_on(job: Job, result: dict[str, Any]) -> None:
    # It has come further, so that it counts as no lost attempt; the sweep takes it up where the broker is away.
    mine = Job.objects.filter(pk=job.pk, status=Status.RUNNING, attempts=job.attempts)
    if mine.update(status=Status.QUEUED, attempts=0, taken_at=None, result=result):
        queue(job.pk)


def _end(job: Job, **outcome: Any) -> None:
    mine = Job.objects.filter(pk=job.pk, status=Status.RUNNING, attempts=job.attempts)
    mine.update(ended_at=timezone.now(), **outcome)
