"""Committees: what they are for, and the rules by which they are put together."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone

from ops.committees import composition
from ops.people.models import Team


class Committee(Team):
    """A team whose members sit for a term, meet, and report; its terms are the memberships of the team (RDO-051)."""

    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children",
        help_text="The committee that advises the Director on who sits in this one.",
    )  # fmt: skip
    places = models.PositiveSmallIntegerField(default=12, validators=[MinValueValidator(1)])
    term_months = models.PositiveSmallIntegerField(
        default=24, validators=[MinValueValidator(1)], help_text="How long a term lasts."
    )
    limit_months = models.PositiveSmallIntegerField(
        default=48, help_text="How long somebody may sit in all, extensions included."
    )
    meetings_per_year = models.PositiveSmallIntegerField(default=2)
    report_every_months = models.PositiveSmallIntegerField(default=6)
    meeting_hours = models.PositiveSmallIntegerField(
        default=4, help_text="Hours per member and semester in meetings."
    )
    report_hours = models.PositiveSmallIntegerField(
        default=4, help_text="Hours per member and semester on the report."
    )
    service_hours = models.PositiveSmallIntegerField(
        default=12, help_text="Hours per member and semester for tests and other service."
    )

    lookup_name: ClassVar[str] = "slug"
    chosen_from_list: ClassVar[bool] = True

    class Meta:
        ordering = ["name"]

    def get_absolute_url(self) -> str:
        """The address of its page."""
        return reverse("committee", args=[self.slug])

    def save(self, *args: Any, **options: Any) -> None:
        """A committee is a team of that kind."""
        self.kind = Team.Kind.COMMITTEE
        super().save(*args, **options)

    @property
    def hours_cap(self) -> int:
        """The hours that a member gives in a semester at most."""
        return self.meeting_hours + self.report_hours + self.service_hours

    @property
    def charge(self) -> Charge | None:
        """The charge in force."""
        return self.charges.order_by("-number").first()


class Charge(models.Model):
    """One version of what a committee is for. A version is never changed; a later one takes its place."""

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="charges")
    number = models.PositiveSmallIntegerField(editable=False)
    text = models.TextField(max_length=50_000, help_text="Markdown.")
    change = models.CharField(
        "what changed", max_length=300, blank=True, help_text="In a sentence, for the list of versions."
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["committee", "number"], name="a_charge_has_one_of_each_version")
        ]

    def __str__(self) -> str:
        return f"Charge of {self.committee}, version {self.number}"


class CompositionRule(models.Model):
    """A rule that the people of a committee have to meet together, or a waiver has to be recorded."""

    committee = models.ForeignKey(Committee, on_delete=models.CASCADE, related_name="rules")
    check_name = models.CharField("check", max_length=40, choices=composition.choices)
    parameters = models.JSONField(
        default=dict,
        blank=True,
        help_text="What the check asks for, such as {“country”: “Chile”, “at_least”: 1}.",
    )
    source = models.CharField(max_length=200, blank=True, help_text="Where the rule comes from.")
    in_force = models.BooleanField(default=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return composition.words_of(self.check_name, self.parameters)

    def clean(self) -> None:
        """Refuse parameters that the check does not know, or lacks."""
        problem = composition.problem_with(self.check_name, self.parameters)
        if problem:
            raise ValidationError({"parameters": problem})
