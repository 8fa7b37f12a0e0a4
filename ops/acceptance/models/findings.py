"""What an attempt has found: its steps, the files that show it, the tickets that describe it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from ops.acceptance.models.cases import CaseStep
from ops.tickets.models import Ticket


class StepOutcome(models.TextChoices):
    """How one step went."""

    PASSED = "passed", "Passed"
    FAILED = "failed", "Failed"
    BLOCKED = "blocked", "Blocked"
    SKIPPED = "skipped", "Skipped"


class StepResult(models.Model):
    """How one step of an execution went, and what happened in fact."""

    execution = models.ForeignKey(
        "acceptance.Execution", on_delete=models.PROTECT, related_name="step_results"
    )
    step = models.ForeignKey(CaseStep, on_delete=models.PROTECT, related_name="results")
    outcome = models.CharField(max_length=7, choices=StepOutcome, blank=True)
    actual = models.TextField("actual result", max_length=20_000, blank=True)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["execution", "step__number"]
        constraints = [
            models.UniqueConstraint(fields=["execution", "step"], name="a_step_has_one_result_in_an_attempt")
        ]

    def __str__(self) -> str:
        return f"{self.step}: {self.get_outcome_display() or 'open'}"


class Evidence(models.Model):
    """A file that shows what happened: a screenshot, a log."""

    execution = models.ForeignKey("acceptance.Execution", on_delete=models.PROTECT, related_name="evidence")
    step = models.ForeignKey(
        CaseStep, on_delete=models.PROTECT, null=True, blank=True, related_name="evidence"
    )
    file = models.FileField(upload_to="evidence/%Y/%m/")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "evidence"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Where it is downloaded, or drawn."""
        return reverse("evidence", args=[self.pk])

    @property
    def is_image(self) -> bool:
        """Whether a page may draw it."""
        return self.content_type.startswith("image/")


class Defect(models.Model):
    """A ticket that describes what an execution, or one step of it, has found."""

    execution = models.ForeignKey(
        "acceptance.Execution", on_delete=models.PROTECT, related_name="defect_rows"
    )
    step = models.ForeignKey(
        CaseStep, on_delete=models.PROTECT, null=True, blank=True, related_name="defect_rows"
    )
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="defects")
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    noted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["execution", "step", "ticket"], nulls_distinct=False, name="a_defect_is_noted_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.ticket} found by {self.execution_id}"
