"""Files that are read in the background: of test cases, and of results."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone


class SentFile(models.Model):
    """A file as it was sent, with the campaign whose results it tells; without one it tells test cases.

    What became of it stands with the piece of work that reads it. It is no attachment of the campaign: whoever sees
    the campaign could read there what others have found, before the report is signed.
    """

    campaign = models.ForeignKey(
        "acceptance.Campaign", on_delete=models.PROTECT, null=True, blank=True, related_name="sent_files"
    )
    file = models.FileField(upload_to="sent-files/%Y/%m/")
    name = models.CharField(max_length=200)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Where one reads how far it is, and what became of it."""
        if self.campaign is None:
            return reverse("imported-cases", args=[self.pk])
        return f"{reverse('campaign-results', args=[self.campaign.key])}?file={self.pk}"
