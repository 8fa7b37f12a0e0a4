"""What came of long work."""

from __future__ import annotations

from django.db import models

from ops.jobs.models import Job


def latest(kind: str, about: models.Model) -> Job | None:
    """Return the newest piece of work of a kind about an object, or None."""
    return Job.objects.about(kind, about).first()
