"""The line of a call: what fits under every capacity, and what the committee makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils import timezone

from ops.allocations.models.calls import Call
from ops.allocations.models.panel import Ranking
from ops.allocations.models.requests import Request
from ops.people.models import User

PERCENT = 100


class Line(models.Model):
    """The line, drawn at one moment over one ranking and certain capacities. A later one takes its place.

    Written by `ops.allocations.lines` alone. `input_hash` says what it was drawn from: when values, amounts or
    capacities have another by now, it is out of date.
    """

    class Basis(models.TextChoices):
        """From which of the two answers the committee starts."""

        RANKED = "ranked", "The ranked list"
        OPTIMAL = "optimal", "The optimum"

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="lines")
    ranking = models.ForeignKey(Ranking, on_delete=models.PROTECT, related_name="lines")
    basis = models.CharField(max_length=7, choices=Basis, default=Basis.RANKED)
    input_hash = models.CharField(max_length=64)
    capacities = models.JSONField(help_text="Offer, quarter, amount: what could be given.")
    last_above = models.PositiveIntegerField(help_text="The rank after which the line is drawn.")
    ranked_value = models.FloatField()
    optimal_value = models.FloatField()
    solver_status = models.CharField(max_length=300)
    gap = models.FloatField(help_text="How far the optimum may lie below the best possible, as a part of it.")
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"Line of {self.call} on {self.made_at:%-d %B %Y}"


class Place(models.Model):
    """One request at the line: what the list, the optimum and the committee give, in percent of what it asks."""

    class Band(models.TextChoices):
        """What becomes of an award when capacity moves by a tenth."""

        SAFE = "safe", "Safe"
        MARGINAL = "marginal", "Marginal"
        OUT = "out", "Out"

    line = models.ForeignKey(Line, on_delete=models.CASCADE, related_name="places")
    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="places")
    rank = models.PositiveIntegerField()
    is_tied = models.BooleanField(default=False)
    least = models.PositiveSmallIntegerField(default=PERCENT)
    ranked = models.PositiveSmallIntegerField()
    optimal = models.PositiveSmallIntegerField()
    band = models.CharField(max_length=8, choices=Band)
    given = models.PositiveSmallIntegerField(
        help_text="What the committee gives, in percent of what was asked."
    )
    amounts = models.JSONField(
        null=True, help_text="Offer, quarter, amount: where the committee has set them one by one."
    )

    class Meta:
        ordering = ["rank"]
        constraints = [
            models.UniqueConstraint(fields=["line", "request"], name="placed_once"),
            models.CheckConstraint(condition=Q(given__lte=PERCENT), name="given_at_most_what_was_asked"),
        ]

    def __str__(self) -> str:
        return f"{self.rank}: {self.request_id}"

    @property
    def table(self) -> Mapping[tuple[int, int], Decimal]:
        """The amounts that the committee has set one by one, by offer (its id) and quarter; none for a share."""
        return {(offer, quarter): Decimal(amount) for offer, quarter, amount in self.amounts or ()}


class Adjustment(models.Model):
    """That the committee gives a request something else than the list or the optimum, and why; never changed."""

    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="adjustments")
    before = models.PositiveSmallIntegerField()
    after = models.PositiveSmallIntegerField()
    amounts = models.JSONField(null=True, help_text="As in the place: what was set one by one.")
    reason = models.TextField(max_length=5_000)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.before} % to {self.after} %: {self.reason}"
