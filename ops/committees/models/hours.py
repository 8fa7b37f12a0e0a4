"""The hours that members give, and the key of each person's calendar."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from ops.committees.models.committees import Committee
from ops.people.hours import Work


class HoursEntry(models.Model):
    """Some time that a member gave on a day; one that was a mistake is withdrawn and stays on record."""

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="hours")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="committee_hours"
    )
    work = models.CharField("for", max_length=7, choices=Work)
    day = models.DateField()
    minutes = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(24 * 60)])
    note = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=80, blank=True, editable=False)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-day", "-pk"]
        indexes = [models.Index(fields=["committee", "day"], name="hours_of_a_committee")]
        constraints = [
            models.UniqueConstraint(
                fields=["committee", "person", "source"],
                condition=~Q(source="") & Q(withdrawn_at__isnull=True),
                name="work_is_credited_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.minutes} min on {self.day}"

    @property
    def hours(self) -> float:
        """The time in hours."""
        return self.minutes / 60


class CalendarKey(models.Model):
    """The secret in the address of a person's calendar; whoever knows it reads the dates, and nothing else.

    Calendar programs cannot sign in. A new key closes the old address.
    """

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_key"
    )
    secret = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"Calendar of {self.person}"
