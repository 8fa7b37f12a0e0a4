"""What the committee recommends on a request and what the Operations Director decides.

Kept beside the request, not in its history: its proposer reads that, and the results of a call are told together.
Rows are never changed; a correction is a newer row, so it stays known who said what when.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Self

from django.db import models
from django.utils import timezone

from ops.people.models import User

AMOUNT_DIGITS, AMOUNT_PLACES = 15, 3


class Grade(models.TextChoices):
    """How much of what was asked for is given."""

    FULL = "full", "In full"
    REDUCED = "reduced", "Reduced"
    NONE = "none", "No award"


class Stage(models.TextChoices):
    """Whose word it is."""

    RECOMMENDED = "recommended", "Recommended by the committee"
    DECIDED = "decided", "Decided by the Operations Director"


class OutcomeQuerySet(models.QuerySet["Outcome"]):
    """Recommendations and decisions."""

    def current(self) -> Self:
        """Keep the newest of each stage for each request: what holds."""
        same = {"request": models.OuterRef("request"), "stage": models.OuterRef("stage")}
        newer = self.model.objects.filter(**same, pk__gt=models.OuterRef("pk"))
        return self.filter(~models.Exists(newer))

    def weighed(self) -> Self:
        """Say of each whether it `is_overtaken`: decided, and since then recommended anew or appealed against.

        Such a decision was taken on something else, or is to be taken again; nobody has decided yet.
        """
        later = self.model.objects.filter(
            request=models.OuterRef("request"), stage=Stage.RECOMMENDED, pk__gt=models.OuterRef("pk")
        )
        appealed = models.Q(
            request__state="recommended",
            request__decided_at__isnull=False,
            made_at__lte=models.F("request__decided_at"),
        )
        overtaken = models.Q(stage=Stage.DECIDED) & (models.Exists(later) | appealed)
        return self.annotate(
            is_overtaken=models.ExpressionWrapper(overtaken, output_field=models.BooleanField())
        )

    def holding(self) -> Self:
        """Keep what holds: the newest, but no decision that is overtaken."""
        return self.current().weighed().filter(is_overtaken=False)


class Outcome(models.Model):
    """One recommendation or one decision on one request. Written by `ops.allocations.decisions` alone."""

    request = models.ForeignKey("allocations.Request", on_delete=models.PROTECT, related_name="outcomes")
    stage = models.CharField(max_length=11, choices=Stage)
    grade = models.CharField(max_length=7, choices=Grade)
    comment = models.TextField(
        "comment to the proposer", max_length=10_000, blank=True, help_text="Stands in the letter. Markdown."
    )
    reason = models.TextField(
        max_length=10_000, blank=True, help_text="Why it is not as the ranking, or the committee, has it."
    )
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    # Of rows that were `weighed`.
    is_overtaken: bool

    objects = OutcomeQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["request", "stage", "-id"], name="outcome_newest")]

    def __str__(self) -> str:
        return f"{self.get_stage_display()}: {self.get_grade_display().lower()}"

    @property
    def gives_something(self) -> bool:
        """Whether there is an award."""
        return self.grade != Grade.NONE

    @property
    def table(self) -> Mapping[tuple[int, int], Decimal]:
        """The amounts by offer (its id) and quarter."""
        return {(row.offer_id, row.quarter): row.amount for row in self.amounts.all()}


class OutcomeAmount(models.Model):
    """How much of a resource is given in a quarter of the award period."""

    outcome = models.ForeignKey(Outcome, on_delete=models.CASCADE, related_name="amounts")
    offer = models.ForeignKey("allocations.Offer", on_delete=models.PROTECT, related_name="+")
    quarter = models.PositiveSmallIntegerField()
    amount = models.DecimalField(max_digits=AMOUNT_DIGITS, decimal_places=AMOUNT_PLACES)

    class Meta:
        ordering = ["offer__resource__name", "quarter"]
        constraints = [
            models.UniqueConstraint(
                fields=["outcome", "offer", "quarter"], name="one_amount_given_per_quarter"
            ),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="amounts_given_are_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} of {self.offer_id} in quarter {self.quarter}"
