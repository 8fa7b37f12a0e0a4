"""What is put before the owners for signature, and their names under it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from ops.acceptance.models.campaigns import Campaign
from ops.acceptance.models.plan import ConcernedProduct


class Verdict(models.TextChoices):
    """What an owner says of a report."""

    ACCEPTED = "accepted", "Accepted"
    CONDITIONAL = "conditional", "Accepted with conditions"
    REFUSED = "refused", "Refused"


class Report(models.Model):
    """The content of a report as it was at one time, with the SHA-256 that signatures are bound to."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="reports")
    number = models.PositiveSmallIntegerField()
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["campaign", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="a_campaign_counts_its_reports")
        ]

    def __str__(self) -> str:
        return f"{self.campaign.key} report {self.number}"


class Signature(models.Model):
    """What the owner of one product said of one content; void once the content is not the same any more."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="signatures")
    concerned = models.ForeignKey(ConcernedProduct, on_delete=models.PROTECT, related_name="signatures")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=11, choices=Verdict)
    words = models.TextField("conditions or reason", blank=True)
    digest = models.CharField(max_length=64)
    signed_at = models.DateTimeField(default=timezone.now)
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_because = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "concerned"],
                condition=Q(voided_at__isnull=True),
                name="a_product_has_one_valid_signature",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_verdict_display()}"


class Carried(models.Model):
    """What became of something that remained: an issue, or a case of a later campaign."""

    execution = models.ForeignKey("acceptance.Execution", on_delete=models.PROTECT, related_name="carried")
    ticket = models.ForeignKey(
        "tickets.Ticket", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, null=True, blank=True, related_name="taken_over"
    )
    carried_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    carried_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "carried"
        constraints = [
            models.CheckConstraint(
                condition=Q(ticket__isnull=False) ^ Q(campaign__isnull=False),
                name="a_remainder_becomes_one_thing",
            ),
            models.UniqueConstraint(
                fields=["execution", "campaign"],
                condition=Q(campaign__isnull=False),
                name="a_remainder_is_taken_over_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.execution_id} goes on as {self.ticket or self.campaign}"
