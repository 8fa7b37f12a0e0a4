"""The meeting of the committee: how requests stand, who is there, what was said, in which order."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from ops.allocations.models.calls import Call
from ops.allocations.models.requests import Request
from ops.people.models import User


class Ranking(models.Model):
    """The scores of a call compared at one moment; never changed, a later one takes its place.

    Written by `ops.allocations.ranking` alone. `input_hash` says of which reviews it was made: when the reviews have
    another by now, it is out of date.
    """

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="rankings")
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    input_hash = models.CharField(max_length=64)
    reviews = models.PositiveIntegerField()
    noise = models.FloatField(
        help_text="The spread of one review of medium confidence about what it should be."
    )
    spread_of_quality = models.FloatField()
    spread_of_bias = models.FloatField()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"Ranking of {self.call} on {self.made_at:%-d %B %Y}"


class Standing(models.Model):
    """How one request stands in a ranking: three numbers on the scale of the scores, side by side."""

    ranking = models.ForeignKey(Ranking, on_delete=models.CASCADE, related_name="standings")
    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="standings")
    position = models.PositiveIntegerField()
    reviews = models.PositiveSmallIntegerField()
    raw = models.FloatField()
    normalised = models.FloatField(null=True)
    calibrated = models.FloatField()
    uncertainty = models.FloatField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["ranking", "request"], name="ranked_once")]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.calibrated:.2f} ± {self.uncertainty:.2f}"


class ReviewerBias(models.Model):
    """How far above the panel a reviewer scores, in a ranking."""

    ranking = models.ForeignKey(Ranking, on_delete=models.CASCADE, related_name="biases")
    reviewer = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    reviews = models.PositiveSmallIntegerField()
    bias = models.FloatField()
    uncertainty = models.FloatField()

    class Meta:
        ordering = ["-bias"]
        constraints = [models.UniqueConstraint(fields=["ranking", "reviewer"], name="one_bias_each")]

    def __str__(self) -> str:
        return f"{self.reviewer_id}: {self.bias:+.2f}"


class Discussion(models.Model):
    """One request on the agenda of the committee: its place, and what was said. Read by the committee alone."""

    request = models.OneToOneField(Request, on_delete=models.CASCADE, related_name="discussion")
    position = models.PositiveIntegerField(null=True, blank=True, help_text="Its turn; empty: by its rank.")
    note = models.TextField(max_length=20_000, blank=True, help_text="What the committee said. Markdown.")
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return f"Discussion of {self.request_id}"


class Attendance(models.Model):
    """That a member was at the meeting of a call, from when until when."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="attendance")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="attendance")
    came_at = models.DateTimeField(default=timezone.now)
    left_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["came_at"]
        constraints = [
            models.UniqueConstraint(fields=["call", "person"], condition=Q(left_at=None), name="there_once"),
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(left_at__gte=F("came_at")), name="left_after_coming"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} at {self.call_id}"
