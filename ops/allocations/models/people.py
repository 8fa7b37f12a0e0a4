"""Who stands how to a request: co-investigators, and members of the committee who must not judge it."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from ops.people.models import User


class CoInvestigator(models.Model):
    """Somebody who asks together with the proposer, and sees the request."""

    request = models.ForeignKey(
        "allocations.Request", on_delete=models.CASCADE, related_name="co_investigator_rows"
    )
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="co_investigations")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "person"], name="named_once_per_request")]

    def __str__(self) -> str:
        return f"{self.person} in {self.request_id}"


class ConflictQuerySet(models.QuerySet["Conflict"]):
    """Conflicts of interest."""

    def open(self) -> Self:
        """Keep those that bar somebody now: neither waived nor over."""
        return self.filter(waived_at=None, ended_at=None)

    def barring(self, person: Any) -> Any:
        """Return the ids of the requests that somebody must not judge, as a query."""
        return self.open().filter(person=person).values("request")


class Conflict(models.Model):
    """Why one person must not judge one request, with the evidence.

    Written by `ops.allocations.conflicts` alone. It is no event of the request, whose history its proposer reads.
    """

    class Kind(models.TextChoices):
        """Where it comes from."""

        SELF = "self", "Proposer of the request"
        CO_INVESTIGATOR = "co_investigator", "Co-investigator of the request"
        INSTITUTION = "institution", "Same institution"
        EARLIER_REQUEST = "earlier_request", "Earlier request together"
        DECLARED = "declared", "Declared"

    class Severity(models.TextChoices):
        """Whether the chair may waive it."""

        ABSOLUTE = "absolute", "Absolute: nobody can waive it"
        SERIOUS = "serious", "Serious: the chair may waive it, with a reason"
        MINOR = "minor", "Minor: the chair may waive it, with a reason"

    request = models.ForeignKey("allocations.Request", on_delete=models.CASCADE, related_name="conflicts")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="conflicts")
    kind = models.CharField(max_length=16, choices=Kind)
    severity = models.CharField(max_length=8, choices=Severity)
    evidence = models.CharField(max_length=500)
    found_at = models.DateTimeField(default=timezone.now)
    waived_at = models.DateTimeField(null=True)
    waived_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    waiver = models.TextField(max_length=2_000, blank=True)
    ended_at = models.DateTimeField(null=True)

    objects = ConflictQuerySet.as_manager()

    class Meta:
        ordering = ["request", "person", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["request", "person", "kind"], name="one_conflict_of_a_kind"),
            models.CheckConstraint(
                condition=Q(waived_at=None) | ~Q(severity="absolute"), name="absolute_conflicts_stand"
            ),
        ]
        indexes = [models.Index(fields=["person", "request"], name="conflict_by_person")]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_kind_display().lower()}"

    @property
    def is_open(self) -> bool:
        """Whether it bars the person now."""
        return self.waived_at is None and self.ended_at is None

    @property
    def can_be_waived(self) -> bool:
        """Whether the chair may waive it."""
        return self.is_open and self.severity != self.Severity.ABSOLUTE


def part_of(person: Any, through: str = "") -> Q:
    """The requests of which somebody is the proposer or a co-investigator; `through` leads to the request."""
    asked_with = CoInvestigator.objects.filter(person=person).values("request")
    return Q(**{f"{through}reporter": person}) | Q(**{f"{through}pk__in": asked_with})
