"""Who might review what: expertise, wishes, and the assignment that the chair looks over before it is handed out."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from ops.allocations.models.calls import Call
from ops.allocations.models.requests import Request
from ops.people.models import User


class Expertise(models.Model):
    """What a member of the committee knows about, in the words that requests use."""

    person = models.OneToOneField(User, on_delete=models.CASCADE, related_name="expertise")
    keywords = ArrayField(models.CharField(max_length=40), default=list, blank=True)

    class Meta:
        verbose_name_plural = "expertise"

    def __str__(self) -> str:
        return f"{self.person}: {', '.join(self.keywords)}"


class Wish(models.Model):
    """What a member says of reviewing one request, from its title and keywords."""

    class Kind(models.TextChoices):
        """How gladly."""

        EAGER = "eager", "Gladly"
        WILLING = "willing", "If needed"
        RELUCTANT = "reluctant", "Rather not"

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="wishes")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="wishes")
    kind = models.CharField(max_length=9, choices=Kind)

    class Meta:
        ordering = ["request", "person"]
        constraints = [models.UniqueConstraint(fields=["request", "person"], name="one_wish_per_request")]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_kind_display()}"


class Pairing(models.Model):
    """One review that is planned, or barred: who is to review what, and why the two fit.

    The chair looks over the pairings of a call and changes them; handing them out makes reviews of them.
    Written by `ops.allocations.matching` alone.
    """

    class Origin(models.TextChoices):
        """Where it comes from."""

        MATCHED = "matched", "Best match"
        BY_HAND = "by_hand", "Added by the chair"
        BARRED = "barred", "Taken out by the chair"

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="pairings")
    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="pairings")
    reviewer = models.ForeignKey(User, on_delete=models.CASCADE, related_name="pairings")
    affinity = models.FloatField(default=0.0)
    why = models.CharField(max_length=300)
    origin = models.CharField(max_length=7, choices=Origin, default=Origin.MATCHED)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["request", "reviewer"]
        constraints = [models.UniqueConstraint(fields=["request", "reviewer"], name="planned_once")]

    def __str__(self) -> str:
        return f"{self.reviewer} for {self.request_id}"
