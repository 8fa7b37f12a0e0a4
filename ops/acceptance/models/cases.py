"""Test cases: what is written on, and the versions that are frozen from it and never changed."""

from __future__ import annotations

import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from ops.acceptance.order import each_in_order
from ops.acceptance.steps import StepsUnreadable, WrittenStep, read_steps
from ops.acceptance.steps_input import StepsInput
from ops.acceptance.workflow import CaseWorkflow
from ops.people.models import User
from ops.workflow.models import Performance, Stateful, StatefulQuerySet
from ops.workflow.registry import registered

MOST_REQUIREMENTS = 50


class Aspect(models.TextChoices):
    """What of the science platform a case is about (domain: user acceptance testing)."""

    PORTAL = "portal", "Portal"
    NOTEBOOK = "notebook", "Notebook"
    API = "api", "API"
    DOCUMENTATION = "documentation", "Documentation"


class CasePriority(models.TextChoices):
    """How much hangs on a case."""

    CRITICAL = "critical", "Critical"
    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"


class CaseContent(models.Model):
    """What a case says; the same fields in what is written on and in the versions frozen from it.

    The title is not among them: Django inherits no field whose name the declaration of the workflow uses as well.
    """

    objective = models.TextField(max_length=5_000, blank=True, help_text="What a pass shows. Markdown.")
    aspect = models.CharField(max_length=13, choices=Aspect, default=Aspect.PORTAL)
    priority = models.CharField(max_length=8, choices=CasePriority, default=CasePriority.MEDIUM)
    preconditions = models.TextField(
        max_length=5_000, blank=True, help_text="What must be so before the first step. Markdown."
    )
    requirements = ArrayField(
        models.CharField(max_length=60),
        default=list,
        blank=True,
        help_text="Identifiers of the requirements that it verifies, with commas.",
    )
    minutes = models.PositiveSmallIntegerField(
        "expected minutes",
        default=15,
        validators=[MinValueValidator(1), MaxValueValidator(480)],
        help_text="How long a tester needs.",
    )

    class Meta:
        abstract = True

    @property
    def is_critical(self) -> bool:
        """Whether the campaign stands or falls with it."""
        return self.priority == CasePriority.CRITICAL


CONTENT = ("title", *(field.name for field in CaseContent._meta.local_fields))


class CaseQuerySet(StatefulQuerySet):
    """Test cases, seen through somebody's eyes."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """The library is open to everybody with an account: who runs a case may read all of it before."""
        return self.all() if user.is_authenticated and user.is_active else self.none()


@registered
class TestCase(CaseWorkflow, CaseContent, Stateful):
    """A case of the library: what is being written, and how mature it is.

    `define` freezes what is written as the next `CaseVersion`; campaigns run versions, never this row.
    """

    __test__ = False  # its name is not meant for pytest

    identifier = models.CharField(
        max_length=40,
        unique=True,
        validators=[
            RegexValidator(
                r"^[A-Z0-9]+([-_.][A-Z0-9]+)*\Z",
                "Write capital letters, figures, and - _ . between them, like RSP-PORTAL-12.",
            )
        ],
        help_text="Its name for ever, like RSP-PORTAL-12.",
    )
    in_order = models.GeneratedField(
        expression=models.Func(models.F("identifier"), function="natural_order"),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
    )
    title = models.CharField(max_length=200, help_text="What is tested, in one line.")
    component = models.ForeignKey(
        "people.Product",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The product that it tests.",
    )
    steps_text = models.TextField(
        "steps",
        max_length=50_000,
        blank=True,
        help_text="Number each step; below it “Data: …” where it needs some, and “Expect: …”.",
    )
    change_note = models.CharField(
        max_length=300, blank=True, help_text="What this version changes, for those who run the case."
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False
    )
    number = models.PositiveSmallIntegerField("latest version", default=0, editable=False)
    approved_numbers = ArrayField(
        models.PositiveSmallIntegerField(), default=list, blank=True, editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = CaseQuerySet.as_manager()
    lookup_name: ClassVar[str] = "identifier"
    lock_related: ClassVar[tuple[str, ...]] = ("author", "component__owner")
    widgets = {"steps_text": StepsInput}

    class Meta:
        ordering = ["in_order"]
        verbose_name = "test case"

    def __str__(self) -> str:
        return f"{self.identifier} {self.title}"

    def get_absolute_url(self) -> str:
        """The address of its page."""
        return reverse("test-case", args=[self.pk])

    def prepare(self, *, actor: User, moment: datetime.datetime) -> None:
        """Remember who wrote it."""
        self.author, self.created_at = actor, moment

    @property
    def written_steps(self) -> list[WrittenStep]:
        """The steps as they are written now; nothing where they cannot be read."""
        try:
            return read_steps(self.steps_text)
        except StepsUnreadable:
            return []

    @property
    def latest(self) -> CaseVersion | None:
        """The version frozen last."""
        return self.versions.filter(number=self.number).first()

    def clean(self) -> None:
        """Refuse steps that cannot be read; tidy the identifiers of requirements and put them in order."""
        self.requirements = each_in_order(self.requirements or [])
        if len(self.requirements) > MOST_REQUIREMENTS:
            raise ValidationError({"requirements": f"Name at most {MOST_REQUIREMENTS} requirements."})
        try:
            read_steps(self.steps_text)
        except StepsUnreadable as problem:
            raise ValidationError({"steps_text": str(problem)}) from None

    def freeze(self, now: Performance) -> None:
        """Make the next version out of what is written."""
        self.number += 1
        version = CaseVersion.objects.create(
            case=self,
            number=self.number,
            author=now.actor,
            created_at=now.moment,
            change_note=self.change_note,
            **{name: getattr(self, name) for name in CONTENT},
        )
        CaseStep.objects.bulk_create(
            CaseStep(version=version, number=number, **step.as_dict())
            for number, step in enumerate(self.written_steps, 1)
        )


class CaseVersion(CaseContent):
    """What a case said at one time; the database refuses to change or remove it."""

    case = models.ForeignKey(TestCase, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    change_note = models.CharField(max_length=300, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["case__in_order", "-number"]
        verbose_name = "version"
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="a_case_counts_its_versions"),
            models.CheckConstraint(condition=Q(number__gt=0), name="versions_count_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.case.identifier} v{self.number}"

    @property
    def maturity(self) -> str:
        """“Approved” where this very version was approved, else “Defined”."""
        states = TestCase.State
        approved = self.number in self.case.approved_numbers
        return str((states.APPROVED if approved else states.DEFINED).label)


class CaseStep(models.Model):
    """One step of a version: what to do, with which data, and what must happen."""

    version = models.ForeignKey(CaseVersion, on_delete=models.PROTECT, related_name="steps")
    number = models.PositiveSmallIntegerField()
    description = models.TextField()
    test_data = models.TextField(blank=True)
    expected = models.TextField("expected result", blank=True)

    class Meta:
        ordering = ["version", "number"]
        constraints = [
            models.UniqueConstraint(fields=["version", "number"], name="a_version_counts_its_steps")
        ]

    def __str__(self) -> str:
        return f"Step {self.number}"
