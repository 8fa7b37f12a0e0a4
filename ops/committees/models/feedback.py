"""What users tell the committee. Who gave it is kept apart, and shown to nobody whom they did not agree to."""

from __future__ import annotations

import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.urls import reverse
from django.utils import timezone

from ops.committees.feedback.workflow import FeedbackWorkflow
from ops.committees.models.items import Item, beginning_of
from ops.people.authority import USERS_COMMITTEE, authority_of, is_system
from ops.people.models import User
from ops.workflow.models import Stateful, StatefulQuerySet
from ops.workflow.registry import registered


class FeedbackQuerySet(StatefulQuerySet):
    """Feedback, seen through somebody's eyes."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """The committee reads what was not taken back; everybody reads what they gave themselves."""
        if not user.is_authenticated:
            return self.none()
        if is_system.test(user):
            return self.all()
        own = models.Q(source__person=user)
        if authority_of(user).holds(USERS_COMMITTEE):
            own |= ~models.Q(state=FeedbackWorkflow.State.WITHDRAWN)
        return self.filter(own)


@registered
class Feedback(FeedbackWorkflow, Stateful):
    """One thing that a user told the committee."""

    text = models.TextField("what you want to tell the committee", max_length=20_000, help_text="Markdown.")
    area = models.CharField(
        max_length=80, blank=True, help_text="What it is about, such as Portal or documentation."
    )
    is_confidential = models.BooleanField(
        "in confidence",
        default=False,
        help_text="The committee reads it, and nobody learns that it comes from you.",
    )
    answer = models.TextField(
        "a word to who gave it",
        max_length=20_000,
        blank=True,
        help_text="Only they and the committee read it.",
    )
    given_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = FeedbackQuerySet.as_manager()
    lock_related: ClassVar[tuple[str, ...]] = ("source__person",)

    class Meta:
        ordering = ["-given_at", "-id"]
        verbose_name_plural = "feedback"

    def __str__(self) -> str:
        return f"Feedback {self.pk}"

    @property
    def subject(self) -> str:
        """How it begins; nothing of it once it was taken back."""
        return beginning_of(self.text) or str(self)

    def get_absolute_url(self) -> str:
        """The address of its page."""
        return reverse("feedback", args=[self.pk])

    @property
    def giver(self) -> User | None:
        """Who gave it, where they agreed to be named."""
        return None if self.is_confidential else self.source.person

    def prepare(self, *, actor: User, moment: datetime.datetime) -> None:
        """Remember when it was given."""
        self.given_at = moment


class FeedbackSource(models.Model):
    """Who gave a piece of feedback: read in order to tell them what became of it, and shown to nobody."""

    feedback = models.OneToOneField(Feedback, on_delete=models.CASCADE, related_name="source")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="feedback_sources"
    )

    def __str__(self) -> str:
        return f"Source of feedback {self.feedback_id}"


class FeedbackUse(models.Model):
    """That an item rests on a piece of feedback."""

    feedback = models.ForeignKey(Feedback, on_delete=models.CASCADE, related_name="uses")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="feedback_uses")
    attached_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    attached_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["feedback", "item"], name="feedback_is_attached_once")]

    def __str__(self) -> str:
        return f"Feedback {self.feedback_id} behind item {self.item_id}"
