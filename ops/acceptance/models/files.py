"""Files of test cases that are read in the background."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone


class CaseFile(models.Model):
    """A file of test cases as it was sent; what became of it stands with the piece of work that reads it."""

    file = models.FileField(upload_to="case-files/%Y/%m/")
    name = models.CharField(max_length=200)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Where one reads how far it is, and what became of it."""
        return reverse("imported-cases", args=[self.pk])
