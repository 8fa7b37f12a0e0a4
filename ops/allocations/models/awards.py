"""What was accepted: the award, its ledger, its alerts; and the base that every account has without one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from ops.allocations.models.decisions import AMOUNT_DIGITS, AMOUNT_PLACES
from ops.allocations.quota.grouping import is_path
from ops.people.models import User


def validate_path(path: str) -> None:
    """Refuse what is no limit of the quota document."""
    if not is_path(path):
        raise ValidationError("Write a limit of the quota document, such as notebook.cpu or tap.qserv.")


class AwardQuerySet(models.QuerySet["Award"]):
    """Awards."""

    def in_force(self) -> Self:
        """Keep those that count among what is enforced: being set up, active, in grace."""
        return self.filter(request__state__in=["provisioning", "active", "grace"])

    def of(self, request: Any) -> Award | None:
        """Return the award that a request has, or into whose ledger it was written; None for neither."""
        rows = self.filter(models.Q(request=request.pk) | models.Q(additions__request=request.pk))
        return rows.select_related("request__call", "request__reporter").first()


class Award(models.Model):
    """A request that its proposer has accepted: what its ledger hangs on, and how it is enforced.

    Its state is that of its request. Written by `ops.allocations.awards` and `ops.allocations.enforcement` alone.
    """

    class Way(models.TextChoices):
        """How the quotas of the platform are told."""

        DURABLE = "durable", "Base configuration: a group with the increment"
        URGENT = "urgent", "Override document: absolute numbers, at once"

    class Enforcement(models.TextChoices):
        """Whether the platform gives what was awarded."""

        PENDING = "pending", "To be applied"
        CONFIRMED = "confirmed", "Confirmed by reading back"
        BY_HAND = "by_hand", "Applied by hand"

    request = models.OneToOneField("allocations.Request", on_delete=models.PROTECT, related_name="held_award")
    group = models.CharField(max_length=64, unique=True)
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="The last day.")
    way = models.CharField(max_length=7, choices=Way, default=Way.DURABLE)
    enforcement = models.CharField(max_length=9, choices=Enforcement, default=Enforcement.PENDING)
    enforced_at = models.DateTimeField(null=True)
    enforced_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    enforcement_note = models.CharField(max_length=500, blank=True)

    objects = AwardQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="award_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(enforcement="pending") | Q(enforced_at__isnull=False, enforced_by__isnull=False),
                name="enforcement_has_a_witness",
            ),
        ]

    def __str__(self) -> str:
        return self.group

    @property
    def is_enforced(self) -> bool:
        """Whether somebody, or the service itself, has said that it is in place."""
        return self.enforcement != self.Enforcement.PENDING


class Addition(models.Model):
    """That a supplement or an extension was written into the ledger of an award that ran already.

    Its request lives on with that award, under whose group, period and balances it is found.
    """

    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="additions")
    request = models.OneToOneField("allocations.Request", on_delete=models.PROTECT, related_name="addition")
    ends_on = models.DateField(help_text="To which day it reaches.")
    given: Any = models.JSONField(default=dict, help_text="What it added, by resource (its slug).")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.request_id} in {self.award_id}"


class Entry(models.TextChoices):
    """What a line of the ledger is."""

    GRANT = "grant", "Grant"
    EXTENSION = "extension", "Extension"
    SUPPLEMENT = "supplement", "Supplement"
    TRANSFER_IN = "transfer_in", "Transfer in"
    TRANSFER_OUT = "transfer_out", "Transfer out"
    REFUND = "refund", "Refund"
    CLAW_BACK = "claw_back", "Claw-back"
    EXPIRY = "expiry", "Expiry"
    USAGE = "usage", "Usage"

    @property
    def adds(self) -> bool:
        """Whether it makes the balance larger."""
        return self in {Entry.GRANT, Entry.EXTENSION, Entry.SUPPLEMENT, Entry.TRANSFER_IN, Entry.REFUND}


ADDING = [entry.value for entry in Entry if entry.adds]


class LedgerQuerySet(models.QuerySet["LedgerEntry"]):
    """Lines of the ledger."""

    def balances(self) -> dict[tuple[int, int], Decimal]:
        """Return the sum for each award and resource, both by id."""
        rows = self.order_by().values("award", "resource").annotate(total=models.Sum("amount"))
        return {(row["award"], row["resource"]): row["total"] for row in rows}


class LedgerEntry(models.Model):
    """One line of the ledger of an award; never changed, never removed (a trigger refuses it).

    Written by `ops.allocations.ledger` alone. What adds is above zero, what takes away below; the balance is the sum.
    """

    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="entries")
    resource = models.ForeignKey("allocations.Resource", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Entry)
    amount = models.DecimalField(max_digits=AMOUNT_DIGITS, decimal_places=AMOUNT_PLACES)
    on = models.DateField("day", help_text="The day on which it counts.")
    note = models.CharField(max_length=500, blank=True)
    source_id = models.CharField(max_length=120, null=True, blank=True)  # noqa: DJ001  many lines have none
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(default=timezone.now)

    objects = LedgerQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["source_id"], name="usage_is_counted_once"),
            models.CheckConstraint(
                condition=Q(kind__in=ADDING, amount__gt=0) | (~Q(kind__in=ADDING) & Q(amount__lt=0)),
                name="ledger_amount_has_the_sign_of_its_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind="usage", source_id__isnull=False) | (~Q(kind="usage") & Q(source_id=None)),
                name="usage_names_its_source",
            ),
        ]
        indexes = [models.Index(fields=["award", "resource", "on"], name="ledger_by_award")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount}"


class UsageAlert(models.Model):
    """That so much of an award is used was said; once for each threshold."""

    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="alerts")
    resource = models.ForeignKey("allocations.Resource", on_delete=models.PROTECT, related_name="+")
    percent = models.PositiveSmallIntegerField()
    raised_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["award", "resource", "percent"]
        constraints = [
            models.UniqueConstraint(fields=["award", "resource", "percent"], name="each_alert_is_raised_once")
        ]

    def __str__(self) -> str:
        return f"{self.percent} % of {self.resource_id}"


class QuotaLimit(models.Model):
    """That a resource is a limit of the platform, and where the quota document keeps it.

    What has no such row is used up, not held, and is enforced elsewhere: core-hours by the batch system, project
    storage by its keepers. An amount of a limit is the limit itself: an award adds what lies above the basic quota.
    """

    resource = models.OneToOneField("allocations.Resource", on_delete=models.CASCADE, related_name="limit")
    path = models.CharField(
        max_length=80,
        validators=[validate_path],
        help_text="Such as notebook.cpu, notebook.memory, tap.qserv, api.tap, disk./home.",
    )
    factor = models.DecimalField(
        max_digits=20, decimal_places=3, default=1, validators=[MinValueValidator(Decimal("0.001"))],
        help_text="What one unit of the resource is in the document; of GiB on a disk 1073741824 bytes.",
    )  # fmt: skip

    class Meta:
        ordering = ["path"]
        constraints = [models.UniqueConstraint(fields=["path"], name="one_resource_per_limit")]

    def __str__(self) -> str:
        return self.path

    def added_by(self, granted: Decimal, basic: Decimal) -> Decimal:
        """What an award of so much adds to the basic quota, as the document counts."""
        return max(Decimal(0), granted - basic) * self.factor


class QuotaBase(models.Model):
    """The base configuration as the platform serves it, without our groups; the newest row holds.

    Every account has its default quota without asking. An operator keeps it in step with the platform.
    """

    document: Any = models.JSONField()
    note = models.CharField(max_length=500, blank=True)
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    entered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]
        verbose_name = "base configuration"

    def __str__(self) -> str:
        return f"Base of {self.entered_at:%-d %B %Y}"


class AppliedPlan(models.Model):
    """What was last told to the platform, by one of the two ways: the newest row is what it should have.

    What differs from it is still to be applied.
    """

    way = models.CharField(max_length=7, choices=Award.Way)
    document: Any = models.JSONField()
    members: Any = models.JSONField()
    how = models.CharField(max_length=9, choices=Award.Enforcement)
    applied_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    applied_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.get_way_display()}, {self.applied_at:%-d %B %Y}"
