"""Long work as rows: what is to be done, how far it is, what came of it."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone

# Longer than a worker may spend on one task (CELERY_TASK_TIME_LIMIT): whoever had the work by then is dead.
LOST_AFTER = datetime.timedelta(seconds=settings.CELERY_TASK_TIME_LIMIT + 30)
MOST_ATTEMPTS = 3


class Status(models.TextChoices):
    """How a piece of work stands."""

    QUEUED = "queued", "Waiting for a worker"
    RUNNING = "running", "Being worked on"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


OPEN = (Status.QUEUED, Status.RUNNING)


class JobQuerySet(models.QuerySet["Job"]):
    """Pieces of work."""

    def about(self, kind: str, about: models.Model) -> JobQuerySet:
        """All of one kind that were done for one object, the newest first."""
        content_type = ContentType.objects.get_for_model(about)
        return self.filter(kind=kind, content_type=content_type, object_id=about.pk).order_by("-created_at")

    def open(self) -> JobQuerySet:
        """What is still to be done."""
        return self.filter(status__in=OPEN)

    def to_be_taken(self, now: datetime.datetime) -> JobQuerySet:
        """What nobody works on: it waits, or its worker has died."""
        return self.filter(Q(status=Status.QUEUED) | Q(status=Status.RUNNING, taken_at__lt=now - LOST_AFTER))


class Job(models.Model):
    """One piece of long work, asked for by somebody, about some object.

    Its number cannot be guessed: who is shown the page that shows it may ask how far it is, nobody else.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=64)
    content_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    object_id = models.BigIntegerField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="jobs")
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    status = models.CharField(max_length=8, choices=Status, default=Status.QUEUED)
    share = models.FloatField(default=0.0, help_text="How much is done, from 0 to 1.")
    said = models.TextField(blank=True, help_text="What is being done now, or why it failed.")
    result = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    taken_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["content_type", "object_id", "kind", "-created_at"], name="job_about"),
            models.Index(fields=["created_at"], condition=Q(status__in=OPEN), name="job_open"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "content_type", "object_id"],
                condition=Q(status__in=OPEN),
                name="one_open_job_of_a_kind_about_one_object",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def is_open(self) -> bool:
        """Whether there is still something to wait for."""
        return self.status in OPEN

    @property
    def has_failed(self) -> bool:
        """Whether nothing came of it."""
        return self.status == Status.FAILED

    @property
    def percent(self) -> int:
        """How much is done, in hundredths."""
        return round(100 * self.share)

    @property
    def words(self) -> str:
        """What to tell those who wait."""
        return self.said or str(Status(self.status).label)

    def about(self) -> Any:
        """The object that the work is about, as it is now."""
        model = self.content_type.model_class()
        return model._default_manager.get(pk=self.object_id)  # type: ignore[union-attr]
