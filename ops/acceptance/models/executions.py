"""Executions: one attempt at one case by one tester in one environment, its steps, evidence and defects."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from typing import Any, ClassVar, Self

from django import forms
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Max, Q
from django.urls import reverse
from django.utils import timezone

from ops.acceptance.models.campaigns import Campaign
from ops.acceptance.models.cases import CaseVersion
from ops.acceptance.models.findings import Defect
from ops.acceptance.models.plan import ConcernedProduct, Environment
from ops.acceptance.models.testers import Tester
from ops.acceptance.relating import relate
from ops.acceptance.rules import campaign_is_running, is_coordinator
from ops.acceptance.workflow import ExecutionWorkflow
from ops.people.authority import is_staff_member, is_system
from ops.people.models import User
from ops.tickets.fields import TicketsField
from ops.tickets.models import Ticket
from ops.workflow.declaration import Workplace
from ops.workflow.errors import GuardUnmet
from ops.workflow.models import Performance, Stateful, StatefulQuerySet
from ops.workflow.registry import registered
from ops.workflow.services import perform

GIVES_OUT_TESTS = frozenset({"recruiting", "running"})


class Source(models.TextChoices):
    """By which door a result came that nobody typed on the page of the test."""

    API = "api", "By API"
    JUNIT = "junit", "From a JUnit file"


class ExecutionQuerySet(StatefulQuerySet):
    """Executions, seen through somebody's eyes."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Results are seen by their tester, by staff, and by whoever answers for a product of the campaign.

        Testers do not see one another's, so that each judges alone.
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if is_staff_member(user) or is_coordinator.test(user) or is_system.test(user):
            return self.filter(campaign__in=Campaign.objects.visible_to(user))
        owned = ConcernedProduct.objects.answered_by(user).values("campaign")
        return self.filter(Q(tester=user) | Q(campaign__in=owned) | Q(campaign__assignee=user))


class DefectsField(TicketsField):
    """Keys of the tickets that describe what is wrong; a campaign describes nothing of the kind."""

    def to_python(self, value: Any) -> list[Ticket]:
        """Return the tickets; raises `ValidationError` naming what cannot be found, and campaigns."""
        found = super().to_python(value)
        if campaigns := [each.key for each in found if each.kind == Campaign.workflow.kind]:
            none = "are none" if len(campaigns) > 1 else "is none"
            raise ValidationError(f"Name issues that say what is wrong; {', '.join(campaigns)} {none}.")
        return found


class DefectsBeside:
    """The tickets of an execution, as a value that a step can ask for like a field."""

    def form_field(self) -> forms.Field:
        """Return the field of the form."""
        field = DefectsField()
        field.label, field.help_text = (
            "Issues",
            "Keys of the issues that describe what is wrong: CST-12, CST-40.",
        )
        return field

    def shown(self, execution: Any, reader: User) -> str:
        """Return the keys of those that the reader sees."""
        if execution.pk is None:
            return ""
        seen = Ticket.objects.visible_to(reader).filter(defects__execution=execution)
        return ", ".join(seen.order_by("pk").values_list("key", flat=True).distinct())

    def keep(self, execution: Any, value: list[Ticket], actor: User) -> dict[str, Any] | None:
        """Add the tickets that were not there; return the change, or None."""
        before = set(execution.defect_rows.values_list("ticket", flat=True))
        added = [ticket for ticket in value if ticket.pk not in before]
        Defect.objects.bulk_create(
            Defect(execution=execution, ticket=ticket, noted_by=actor) for ticket in added
        )
        moment = execution.performance.moment if execution.performance else None
        for ticket in added:
            relate(ticket, execution.campaign, actor=actor, moment=moment)
        return {"old": None, "new": sorted(ticket.pk for ticket in added)} if added else None


@registered
class Execution(ExecutionWorkflow, Stateful):
    """One attempt. It is never overwritten: whoever tries again gets another row with the next number."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="executions")
    case_version = models.ForeignKey(CaseVersion, on_delete=models.PROTECT, related_name="executions")
    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="executions")
    tester = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="executions")
    number = models.PositiveSmallIntegerField("attempt", default=0, editable=False)
    repeats = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="repetitions",
        help_text="The attempt that is tried again.",
    )
    why = models.CharField(max_length=300, blank=True, help_text="Why this person got this test.")
    comment = models.TextField(
        max_length=20_000, blank=True, help_text="What to say of it as a whole. Markdown."
    )
    remains = models.TextField(
        "what remains", max_length=5_000, blank=True, help_text="What is still to be shown for a full pass."
    )
    blocker = models.TextField(max_length=5_000, blank=True, help_text="What keeps it from being run.")
    waived_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    waived_because = models.TextField(blank=True, editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ExecutionQuerySet.as_manager()
    lock_related: ClassVar[tuple[str, ...]] = (
        "campaign__assignee",
        "case_version__case",
        "environment",
        "tester",
    )
    beside_the_row = {"defects": DefectsBeside()}

    class Meta:
        ordering = ["campaign", "case_version__case__in_order", "environment", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "case_version", "environment", "tester", "number"],
                name="attempts_are_numbered",
            ),
        ]
        indexes = [models.Index(fields=["campaign", "state"], name="executions_by_state")]

    def __str__(self) -> str:
        return f"{self.case_version.case.identifier} in {self.environment}, attempt {self.number}"

    def get_absolute_url(self) -> str:
        """The address of its page."""
        return reverse("execution", args=[self.pk])

    @property
    def defects(self) -> Collection[Ticket]:
        """The tickets that describe what went wrong."""
        return [row.ticket for row in self.defect_rows.select_related("ticket")] if self.pk else []

    @property
    def workplace(self) -> Workplace | None:
        """A test is done on a page beside the tested site, while its campaign runs."""
        return super().workplace if self.campaign.state == Campaign.State.RUNNING else None

    @property
    def has_ended(self) -> bool:
        """Whether it has an outcome."""
        return not self.phase.is_live

    def prepare(self, *, actor: User, moment: datetime.datetime) -> None:
        """Remember when it was given out."""
        self.created_at = moment

    def derive(self) -> None:
        """Count the attempts of one tester at one version in one environment."""
        if self.number:
            return
        earlier = Execution.objects.filter(
            campaign=self.campaign_id,
            case_version=self.case_version_id,
            environment=self.environment_id,
            tester=self.tester_id,
        )
        self.number = (earlier.aggregate(last=Max("number"))["last"] or 0) + 1

    def count_attempts(self) -> None:
        """Number the attempt anew, for another tester."""
        self.number = 0

    def clean(self) -> None:
        """Refuse what the campaign has not planned: another environment, a version that is not pinned."""
        if self.pk or not (self.campaign_id and self.case_version_id and self.environment_id):
            return
        if self.campaign.state not in GIVES_OUT_TESTS:
            raise ValidationError(
                {
                    "campaign": f"{self.campaign.key} is {self.campaign.state_label.lower()}; it gives out no tests."
                }
            )
        if self.environment.campaign_id != self.campaign_id:
            raise ValidationError({"environment": "This is not an environment of the campaign."})
        if not self.campaign.pins.filter(version=self.case_version_id).exists():
            raise ValidationError({"case_version": "The campaign does not run this version."})

    def hold_campaign(self) -> None:
        """Keep the campaign from being frozen until this result is saved; raises `GuardUnmet` when it was before.

        The guard has looked at the campaign as it was read; whoever froze it meanwhile held its lock. Taken before
        the lock of a tester, as freezing does, so that the two never wait for one another.
        """
        if self.campaign.state_held() != Campaign.State.RUNNING:
            raise GuardUnmet(campaign_is_running.sentence)

    def begin_now(self, now: Performance) -> None:
        """Keep when it began."""
        self.hold_campaign()
        self.started_at = now.moment

    def end(self, now: Performance) -> None:
        """Keep when it ended; whoever has no other test to run has finished."""
        self.hold_campaign()
        self.started_at = self.started_at or now.moment
        self.ended_at = now.moment
        # The lock lets the last two results of one person wait for one another: each would else see the other open.
        tester = (
            Tester.objects.select_for_update(no_key=True)
            .filter(campaign=self.campaign_id, person=self.tester_id, state=Tester.State.TESTING)
            .first()
        )
        if tester is not None and not tester.open_executions.exclude(pk=self.pk).exists():
            perform(tester, "run_out", actor=User.objects.system(), moment=now.moment)


class Received(models.Model):
    """That a result came as a whole, from outside; one that names itself is kept once, however often it is sent."""

    execution = models.OneToOneField(Execution, on_delete=models.PROTECT, related_name="received")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=5, choices=Source)
    reference = models.CharField(max_length=200, blank=True)
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "received"
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "reference"], condition=~Q(reference=""), name="a_result_is_kept_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()}: {self.reference or self.execution_id}"
