"""People who test for a campaign."""

from __future__ import annotations

import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from ops.acceptance.models.campaigns import Campaign
from ops.acceptance.models.plan import ConcernedProduct, TesterGroup
from ops.acceptance.rules import is_coordinator
from ops.acceptance.workflow import TesterWorkflow
from ops.people.authority import is_staff_member, is_system
from ops.people.hours import Work, credit_hours
from ops.people.models import User
from ops.workflow.models import Performance, Stateful, StatefulQuerySet
from ops.workflow.registry import registered


class TesterQuerySet(StatefulQuerySet):
    """Testers, seen through somebody's eyes."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Who tests is known to themselves, to staff, and to whoever answers for a product of the campaign."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if is_staff_member(user) or is_coordinator.test(user) or is_system.test(user):
            return self.filter(campaign__in=Campaign.objects.visible_to(user))
        owned = ConcernedProduct.objects.answered_by(user).values("campaign")
        return self.filter(Q(person=user) | Q(campaign__in=owned) | Q(campaign__assignee=user))


@registered
class Tester(TesterWorkflow, Stateful):
    """One person in one campaign: asked, willing or not, with so much room for tests, thanked at the end."""

    __test__ = False  # its name is not meant for pytest

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="testers")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    group = models.CharField(max_length=10, choices=TesterGroup, default=TesterGroup.VOLUNTEER)
    capacity = models.PositiveSmallIntegerField(
        "number of tests",
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(500)],
        help_text="How many tests you can take at most.",
    )
    agrees = models.BooleanField(
        "I take part",
        default=False,
        help_text="My results are kept with my name, and named in the report of the campaign.",
    )
    setup = models.CharField(
        "browser and machine",
        max_length=200,
        blank=True,
        help_text="What you test with, such as “Firefox on Linux”.",
    )
    due_at = models.DateTimeField("the end of the tests", null=True, blank=True)
    credited_minutes = models.PositiveIntegerField("credited time", default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = TesterQuerySet.as_manager()
    lock_related: ClassVar[tuple[str, ...]] = ("person", "campaign__assignee")

    class Meta:
        ordering = ["campaign", "person__display_name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "person"],
                name="a_person_tests_once_in_a_campaign",
                violation_error_message="This person has been asked already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person.name} in {self.campaign.key}"

    def get_absolute_url(self) -> str:
        """The address of its page."""
        return reverse("tester", args=[self.pk])

    def prepare(self, *, actor: User, moment: datetime.datetime) -> None:
        """Remember when the person was asked."""
        self.created_at = moment

    @property
    def executions(self) -> models.QuerySet[Any]:
        """The tests given to this person in the campaign."""
        return self.campaign.executions.filter(tester=self.person_id)

    @property
    def tests(self) -> models.QuerySet[Any]:
        """The same to be listed: what is left to do first."""
        rows = self.executions.select_related("case_version__case", "environment", "campaign")
        left = models.Q(state__in=("assigned", "running"))
        return rows.order_by(
            models.Case(models.When(left, then=0), default=1), "case_version__case__in_order", "pk"
        )

    @property
    def open_executions(self) -> models.QuerySet[Any]:
        """Those of them that wait to be run or to be ended."""
        return self.executions.filter(state__in=("assigned", "running"))

    @property
    def ended_count(self) -> int:
        """How many tests this person has run to an outcome."""
        return self.executions.exclude(state__in=("assigned", "running", "waived")).count()

    @property
    def hours(self) -> float:
        """The time that was credited, in hours."""
        return self.credited_minutes / 60

    def credit_hours(self, now: Performance) -> None:
        """Credit the expected time of the tests that this person ended; a committee's ledger keeps what is its own.

        Credited again after a re-test, the same entry is set to the new sum (RTN-006 §2.5.3).
        """
        ended = self.executions.exclude(state__in=("assigned", "running", "waived"))
        self.credited_minutes = ended.aggregate(sum=models.Sum("case_version__minutes"))["sum"] or 0
        credit_hours(
            self.person,
            work=Work.SERVICE,
            minutes=self.credited_minutes,
            day=now.moment.date(),
            source=f"tester:{self.pk}",
            note=f"Acceptance tests of {self.campaign.key} {self.campaign.title}",
            actor=now.actor,
        )
