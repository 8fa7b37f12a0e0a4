"""Accounts, teams and committees, terms, and the product tree with those who answer for it."""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils import timezone

SYSTEM_USERNAME = "system"


def validate_time_zone(name: str) -> None:
    """Refuse a name that the IANA time zone database does not know."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(f"“{name}” is not a time zone; write one like America/Santiago or UTC.")


class UserQuerySet(models.QuerySet["User"]):
    """Accounts."""

    def visible_to(self, user: Any) -> UserQuerySet:
        """Keep the accounts that can be named in a ticket: those in use, and not the automation."""
        return self.filter(is_active=True).exclude(username=SYSTEM_USERNAME)


class People(UserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Finds accounts."""

    def system(self) -> User:
        """Return the account under which all automation acts; it cannot sign in."""
        return self.get(username=SYSTEM_USERNAME)


class User(AbstractUser):
    """A person with an account, or the `system` account."""

    class Theme(models.TextChoices):
        """Which colours the pages take."""

        SYSTEM = "system", "As my device"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    display_name = models.CharField(max_length=150, blank=True, help_text="How your name is shown to others.")
    institution = models.CharField(max_length=200, blank=True)
    time_zone = models.CharField(
        max_length=64,
        default="UTC",
        validators=[validate_time_zone],
        help_text="Times are shown to you in this zone.",
    )
    theme = models.CharField(max_length=6, choices=Theme, default=Theme.SYSTEM)
    data_rights_until = models.DateField(
        null=True, blank=True, help_text="Last day on which this person holds data rights; empty means none."
    )

    lookup_name = "username"
    objects: ClassVar[People] = People()

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(
                condition=~Q(username=SYSTEM_USERNAME) | Q(is_superuser=False),
                name="system_is_not_a_superuser",
            )
        ]

    @property
    def name(self) -> str:
        """The name shown to others."""
        return self.display_name or self.username

    def __str__(self) -> str:
        return self.name

    def has_data_rights(self, on: datetime.date | None = None) -> bool:
        """Whether the data rights still hold on a day (today when none is given)."""
        day = on or timezone.localdate(timezone=datetime.UTC)
        return self.data_rights_until is not None and self.data_rights_until >= day


class Team(models.Model):
    """A team or a committee: what a membership is a membership of."""

    class Kind(models.TextChoices):
        """What sort of body it is."""

        TEAM = "team", "Team"
        COMMITTEE = "committee", "Committee"

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=9, choices=Kind, default=Kind.TEAM)
    description = models.TextField(blank=True)
    is_observatory = models.BooleanField(
        default=False, help_text="Members of this team are staff of the observatory."
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a person does in a team or committee."""

    MEMBER = "member", "Member"
    LEAD = "lead", "Lead"
    DEPUTY = "deputy", "Deputy lead"
    WATCHER = "watcher", "Forum watcher"
    CHAIR = "chair", "Chair"
    SECRETARY = "secretary", "Secretary"
    ASSESSOR = "assessor", "Assessor"
    LIAISON = "liaison", "Liaison"
    COORDINATOR = "coordinator", "Coordinator"
    DIRECTOR = "director", "Director"


class DateRange(Func):
    """PostgreSQL's `daterange(from, until, bounds)`."""

    function = "DATERANGE"
    output_field = DateRangeField()


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Memberships, by the day on which they hold."""

    def on(self, day: datetime.date | None = None) -> MembershipQuerySet:
        """Keep those in force on a day (today when none is given): a roster as of that date."""
        day = day or timezone.localdate(timezone=datetime.UTC)
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day)


class Membership(models.Model):
    """A role held in a team from a first day to a last one; authority comes from nothing else.

    The rows are the history: a term that is over stays, and nobody has to remember to take authority away.
    """

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role, default=Role.MEMBER)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True, help_text="The last day; empty means open-ended.")

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["team", "role", "starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="membership_ends_after_it_starts",
                violation_error_message="The last day lies before the first.",
            ),
            ExclusionConstraint(
                name="membership_terms_do_not_overlap",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("team", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    (DateRange("starts_on", "ends_on", Value("[]")), RangeOperators.OVERLAPS),
                ],
                violation_error_message="This person already holds this role in these days.",
            ),
        ]

    def __str__(self) -> str:
        until = self.ends_on or "open end"
        return f"{self.person}, {self.get_role_display().lower()} of {self.team}, {self.starts_on} to {until}"

    def clean(self) -> None:
        """Refuse a term that ends before it starts: the database could not even ask whether it overlaps."""
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": "The last day lies before the first."})


class Product(models.Model):
    """A node of the product tree; where it has no owner or manager, its nearest ancestor's serves."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    path = models.CharField(max_length=500, unique=True, editable=False)
    manager = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="managed_products"
    )
    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="owned_products"
    )

    lookup_name = "slug"

    class Meta:
        ordering = ["path"]

    def __str__(self) -> str:
        return self.name

    @property
    def depth(self) -> int:
        """How many ancestors the node has."""
        return self.path.count("/")

    def clean(self) -> None:
        """Refuse a parent that lies below this node: the tree would close into a ring."""
        if self.pk and self.parent and f"{self.parent.path}/".startswith(f"{self.path}/"):
            raise ValidationError({"parent": "A product cannot lie below itself; choose another parent."})

    def save(self, **options: Any) -> None:
        """Keep `path` true for this node and, when it moved, for everything below it; never close a ring."""
        self.clean()
        before, self.path = self.path, f"{self.parent.path}/{self.slug}" if self.parent else self.slug
        super().save(**options)
        if before and before != self.path:
            for child in self.children.all():
                child.parent = self
                child.save()

    def lineage(self) -> Iterable[Product]:
        """Return this node and its ancestors, nearest first, in one query asked once per instance."""
        if not hasattr(self, "_lineage"):
            parts = self.path.split("/")
            paths = ["/".join(parts[: n + 1]) for n in range(len(parts))]
            nodes = Product.objects.filter(path__in=paths).select_related("owner", "manager")
            self._lineage = sorted(nodes, key=lambda node: -node.depth)
        return self._lineage

    @property
    def effective_owner(self) -> User | None:
        """Who signs for this product: its owner, or that of the nearest ancestor that has one.

        An owner whose account is closed has left; what they owned falls to the one above.
        """
        if self.owner and self.owner.is_active:
            return self.owner
        return next((node.owner for node in self.lineage() if node.owner and node.owner.is_active), None)

    @property
    def effective_manager(self) -> User | None:
        """Who manages this product: its manager, or that of the nearest ancestor that has one."""
        return self.manager or next((node.manager for node in self.lineage() if node.manager), None)


class ApiToken(models.Model):
    """A key with which a person's scripts enter by the API as that person; only its hash is kept.

    A plain SHA-256 is enough: the secret is 256 random bits, which nobody guesses and no dictionary holds.
    `ops.people.tokens` is the only writer.
    """

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100, help_text="What it is for, such as “nightly export”.")
    prefix = models.CharField(max_length=12, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    expires_at = models.DateTimeField(
        "expires", null=True, blank=True, help_text="From then on it opens nothing; empty means never."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.prefix}… ({self.name})"

    def clean(self) -> None:
        """Refuse a token that would have expired before it is made."""
        if self.expires_at is not None and self.expires_at <= timezone.now():
            raise ValidationError({"expires_at": "Write a moment that is still to come."})

    @property
    def refusal(self) -> str:
        """Why the token opens nothing, in a sentence; empty while it does."""
        if self.revoked_at is not None:
            return f"The token {self.prefix}… was revoked on {self.revoked_at:%Y-%m-%d}; make another."
        if self.expires_at is not None and self.expires_at <= timezone.now():
            return f"The token {self.prefix}… expired on {self.expires_at:%Y-%m-%d}; make another."
        if not self.person.is_active:
            return "The account of this token is closed."
        return ""

    @property
    def is_open(self) -> bool:
        """Whether it still opens the door."""
        return not self.refusal
