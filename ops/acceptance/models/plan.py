"""The plan of a campaign, row by row: products, environments, pinned cases, criteria, quotas."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import OuterRef, QuerySet, Subquery

from ops.people.models import User
from ops.people.selectors import products_owned_by, with_answering_owner

CAMPAIGN = "acceptance.Campaign"


class Stage(models.TextChoices):
    """At which end of the testing a criterion stands."""

    ENTRY = "entry", "Entry: before testing begins"
    EXIT = "exit", "Exit: before the results are accepted"


class TesterGroup(models.TextChoices):
    """Where a tester comes from."""

    COMMITTEE = "committee", "Users Committee"
    VOLUNTEER = "volunteer", "Community volunteers"
    STAFF = "staff", "Observatory staff"
    AUTOMATION = "automation", "Automation"


class Coverage(models.TextChoices):
    """In which environments a case is run."""

    ROTATE = "rotate", "Each case once, the environments in turn"
    EVERY = "every", "Each case in every environment"


class ConcernedProductQuerySet(models.QuerySet["ConcernedProduct"]):
    """Products that campaigns are about."""

    def answered_by(self, person: User) -> Self:
        """Keep those for which this person answers now: as owner, or in place of one who is missing or has left."""
        return self.filter(product__in=products_owned_by(person))

    def unapproved(self) -> Self:
        """Keep those that nobody has approved yet."""
        return self.filter(approved_at__isnull=True)

    def unsigned(self) -> Self:
        """Keep those whose owner has not put a name under the report that is out for signature."""
        signed = ConcernedProduct.objects.filter(
            signatures__pk__isnull=False, signatures__voided_at__isnull=True
        )
        return self.exclude(pk__in=signed.values("pk"))

    def with_owner(self) -> QuerySet[Any]:
        """Add `answering`: the number of whoever answers for the product now, or nothing."""
        owner = with_answering_owner().filter(pk=OuterRef("product")).values("answering")
        return self.select_related("product", "approved_by").annotate(answering=Subquery(owner))


class ConcernedProduct(models.Model):
    """A product that a campaign is about, and the approval of the plan by whoever answers for it."""

    campaign = models.ForeignKey(CAMPAIGN, on_delete=models.CASCADE, related_name="concerned")
    product = models.ForeignKey("people.Product", on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)

    objects = ConcernedProductQuerySet.as_manager()

    class Meta:
        ordering = ["product__path"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "product"], name="a_product_is_concerned_once")
        ]

    def __str__(self) -> str:
        return str(self.product)


class Environment(models.Model):
    """Where the cases are run: software version, data release, browser."""

    campaign = models.ForeignKey(CAMPAIGN, on_delete=models.CASCADE, related_name="environments")
    name = models.CharField(max_length=80, help_text="Short, such as “Integration, Firefox”.")
    software_version = models.CharField(max_length=80, blank=True, help_text="Such as “RSP 3.2.0”.")
    data_release = models.CharField(max_length=80, blank=True, help_text="Such as “DP1”.")
    browser = models.CharField(max_length=80, blank=True, help_text="Such as “Firefox 145”.")
    url = models.URLField("address", max_length=500, blank=True, help_text="Where testers open it.")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "name"],
                name="an_environment_is_named_once",
                violation_error_message="The campaign has an environment of this name already.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def described(self) -> str:
        """What it consists of, in one line."""
        return " · ".join(part for part in (self.software_version, self.data_release, self.browser) if part)


class PinnedCase(models.Model):
    """The version of a case that a campaign runs; a later edit of the case changes nothing here."""

    campaign = models.ForeignKey(CAMPAIGN, on_delete=models.CASCADE, related_name="pins")
    case = models.ForeignKey("acceptance.TestCase", on_delete=models.PROTECT, related_name="pins")
    version = models.ForeignKey("acceptance.CaseVersion", on_delete=models.PROTECT, related_name="pins")

    class Meta:
        ordering = ["case__in_order"]
        constraints = [models.UniqueConstraint(fields=["campaign", "case"], name="a_case_is_pinned_once")]

    def __str__(self) -> str:
        return str(self.version)


class Criterion(models.Model):
    """A condition at the beginning or the end of the testing: computed, or ticked with evidence; or waived."""

    campaign = models.ForeignKey(CAMPAIGN, on_delete=models.CASCADE, related_name="criteria")
    stage = models.CharField(max_length=5, choices=Stage)
    rule = models.CharField(
        max_length=40, blank=True, help_text="What computes it; empty where somebody ticks it."
    )
    parameter = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(1_000)]
    )
    sentence = models.CharField(max_length=300, help_text="What must hold, such as “The data are loaded”.")
    evidence = models.TextField(max_length=5_000, blank=True, help_text="What shows that it is met.")
    met_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    met_at = models.DateTimeField(null=True, blank=True)
    waived_because = models.TextField(max_length=5_000, blank=True)
    waived_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    waived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["stage", "pk"]
        verbose_name_plural = "criteria"

    def __str__(self) -> str:
        return self.sentence

    @property
    def is_computed(self) -> bool:
        """Whether the desk finds out by itself."""
        return bool(self.rule)

    @property
    def is_waived(self) -> bool:
        """Whether somebody has let it go, with a reason."""
        return self.waived_at is not None


class Quota(models.Model):
    """How many testers a campaign wants from a group."""

    campaign = models.ForeignKey(CAMPAIGN, on_delete=models.CASCADE, related_name="quotas")
    group = models.CharField(max_length=10, choices=TesterGroup)
    places = models.PositiveSmallIntegerField(validators=[MaxValueValidator(1_000)])

    class Meta:
        ordering = ["group"]
        constraints = [models.UniqueConstraint(fields=["campaign", "group"], name="a_group_has_one_quota")]

    def __str__(self) -> str:
        return f"{self.get_group_display()}: {self.places}"
