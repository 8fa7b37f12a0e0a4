"""Reviews of requests, by members of the committee."""

from __future__ import annotations

import datetime
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from ops.allocations.beside import ScoresBeside
from ops.allocations.involvement import decided_by
from ops.allocations.models.calls import Criterion
from ops.allocations.models.people import Conflict, part_of
from ops.allocations.models.requests import Request
from ops.allocations.rules import is_director, is_operations_director, is_rac_chair, is_rac_member
from ops.allocations.workflow.reviews import ReviewWorkflow
from ops.people.authority import is_system
from ops.people.models import User
from ops.workflow.models import Stateful, StatefulQuerySet
from ops.workflow.registry import registered


class ReviewQuerySet(StatefulQuerySet):
    """Reviews, seen through somebody's eyes."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """One's own, those of the others once one's own is sent, all for the chair; none of a conflicted request."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if is_system.test(user):
            return self.all()
        free = self.exclude(Q(request__in=Conflict.objects.barring(user)) | part_of(user, "request__"))
        sent = Q(state=ReviewWorkflow.State.SUBMITTED)
        if is_rac_chair(user):
            return free
        if is_operations_director(user) or is_director(user):
            return free.filter(sent & decided_by(user, "request__"))
        if not is_rac_member(user):
            return self.none()
        reviewed = Review.objects.filter(sent, reviewer=user).values("request")
        return free.filter(Q(reviewer=user) | (sent & Q(request__in=reviewed)))


@registered
class Review(ReviewWorkflow, Stateful):
    """What one member of the committee says of one request."""

    class Confidence(models.TextChoices):
        """How well the reviewer knows the field."""

        HIGH = "high", "High: my own field"
        MEDIUM = "medium", "Medium: near my field"
        LOW = "low", "Low: far from my field"

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="reviews")
    why = models.CharField(max_length=300, blank=True, help_text="Why this reviewer was asked.")
    confidence = models.CharField(max_length=6, choices=Confidence, blank=True)
    comment_to_committee = models.TextField(
        max_length=10_000, blank=True, help_text="Read by the committee alone."
    )
    comment_to_proposer = models.TextField(
        max_length=10_000, blank=True, help_text="Goes into the letter to the proposer, without your name."
    )
    overall = models.FloatField(null=True, editable=False)
    due_at = models.DateTimeField("due", null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    submitted_at = models.DateTimeField(null=True, editable=False)

    objects = ReviewQuerySet.as_manager()
    lock_related: ClassVar[tuple[str, ...]] = ("request__call", "request__reporter", "reviewer")
    beside_the_row = {"scores": ScoresBeside()}

    class Meta:
        ordering = ["request", "pk"]
        indexes = [models.Index(fields=["reviewer", "state"], name="review_by_reviewer")]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "reviewer"],
                condition=~Q(state__in=["declined", "returned"]),
                name="one_open_review_each",
                violation_error_message="This member reviews the request already.",
            )
        ]

    def __str__(self) -> str:
        return f"Review of {self.request.key}"

    def get_absolute_url(self) -> str:
        """The address of its page."""
        return reverse("review", args=[self.pk])

    def prepare(self, *, actor: User, moment: datetime.datetime) -> None:
        """It is due with all reviews of its call."""
        self.created_at = moment

    def derive(self) -> None:
        """It is due when the reviews of its call are, as long as nobody has written it."""
        if self.state in {self.State.ASSIGNED, self.State.ACCEPTED}:
            self.due_at = self.request.call.reviews_due_at

    def clean(self) -> None:
        """Refuse a reviewer outside of the committee or with a conflict, and a request nobody reviews now."""
        if self.pk or not hasattr(self, "request") or not hasattr(self, "reviewer"):
            return
        if not is_rac_member(self.reviewer):
            raise ValidationError({"reviewer": f"{self.reviewer} does not sit in the committee today."})
        if self.reviewer_id in self.request.conflicted_ids:
            raise ValidationError({"reviewer": f"{self.reviewer} has a conflict with {self.request.key}."})
        if self.request.state not in {Request.State.ASSESSED, Request.State.IN_REVIEW}:
            raise ValidationError({"request": f"{self.request.key} is not reviewed now."})

    def weigh(self) -> None:
        """Keep the weighted mean of the scores beside them, so that whole calls are ranked without reading each."""
        pairs = list(self.scores.values_list("criterion__weight", "value"))
        weights = sum(weight for weight, _ in pairs)
        self.overall = sum(weight * value for weight, value in pairs) / weights if weights else None

    def readers_among(self, people: Any) -> list[Any]:
        """Keep those who see it."""
        rows = Review.objects.filter(pk=self.pk)
        return [person for person in people if isinstance(person, User) and rows.visible_to(person).exists()]


class Score(models.Model):
    """What a review gives for one criterion."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    value = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(Criterion.LOWEST), MaxValueValidator(Criterion.HIGHEST)]
    )

    class Meta:
        ordering = ["criterion__position", "criterion"]
        constraints = [models.UniqueConstraint(fields=["review", "criterion"], name="one_score_each")]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.value}"
