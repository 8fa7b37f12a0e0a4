"""Calls: what is on offer, by which criteria it is judged, what the form asks beside the amounts."""

from __future__ import annotations

import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse

from ops.allocations.models.decisions import Outcome, Stage
from ops.allocations.models.lottery import Lottery
from ops.allocations.quarters import MOST, Quarter, quarters_between
from ops.allocations.rules import is_operations_director, is_rac_member, is_technical_assessor
from ops.allocations.workflow.calls import CallWorkflow
from ops.people.authority import is_system
from ops.people.models import User
from ops.workflow.models import Stateful, StatefulQuerySet
from ops.workflow.registry import registered
from ops.workflow.services import perform

NOTHING = Decimal(0)


def amount_field(**options: Any) -> models.DecimalField[Any, Any]:
    """Return a column for an amount of some resource: never negative, to a thousandth of its unit."""
    return models.DecimalField(
        max_digits=14, decimal_places=3, validators=[MinValueValidator(NOTHING)], **options
    )


class Resource(models.Model):
    """Something that can be allocated."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    unit = models.CharField(
        max_length=40, help_text="What an amount counts, such as core-hours or TB-months."
    )
    basic_quota = amount_field(
        default=NOTHING, help_text="What every account has in a quarter without asking, in the same unit."
    )

    lookup_name = "slug"

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_limit(self) -> bool:
        """Whether the platform holds it as a limit all the time, so that quarters do not add up."""
        return hasattr(self, "limit")


class CallQuerySet(StatefulQuerySet):
    """Calls, seen through somebody's eyes."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """A call is public once it is open; before, it is for those who prepare and carry it."""
        inside = (is_rac_member, is_operations_director, is_technical_assessor, is_system)
        if user.is_authenticated and any(question(user) for question in inside):
            return self.all()
        return self.exclude(state=CallWorkflow.State.DRAFT)


@registered
class Call(CallWorkflow, Stateful):
    """An offer of resources, with its dates and its rules."""

    class Blindness(models.TextChoices):
        """Who knows of whom."""

        OPEN = "open", "Open: proposers and reviewers know of each other"
        REVIEWERS_HIDDEN = "reviewers_hidden", "Reviewers hidden: proposers do not learn who reviewed"
        DUAL_ANONYMOUS = "dual_anonymous", "Dual-anonymous: reviewers do not learn who asks either"

    slug = models.SlugField(
        max_length=32, unique=True, help_text="A short name for addresses and groups, such as 2027a."
    )
    title = models.CharField(max_length=120, help_text="Such as “Semester 2027A”.")
    description = models.TextField(
        max_length=20_000, blank=True, help_text="What proposers should know before they write. Markdown."
    )
    is_standing = models.BooleanField(
        "standing",
        default=False,
        help_text="Open until somebody ends it, for urgent requests, each decided in five working days.",
    )
    blindness = models.CharField(max_length=16, choices=Blindness, default=Blindness.REVIEWERS_HIDDEN)
    opens_at = models.DateTimeField("opening", null=True, blank=True)
    closes_at = models.DateTimeField("closing", null=True, blank=True, help_text="It closes by itself.")
    reviews_due_at = models.DateTimeField("reviews due", null=True, blank=True)
    award_starts_on = models.DateField("first day of the awards")
    award_ends_on = models.DateField("last day of the awards")
    quorum = models.PositiveSmallIntegerField(
        default=5, help_text="How many members without a conflict must be there when a request is discussed."
    )
    reviews_wanted = models.PositiveSmallIntegerField(
        "reviews per request", default=3, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    most_reviews = models.PositiveSmallIntegerField(
        "reviews per member, at most", default=15, validators=[MinValueValidator(1), MaxValueValidator(500)]
    )

    objects = CallQuerySet.as_manager()
    lookup_name: ClassVar[str] = "slug"

    class Meta:
        ordering = ["-award_starts_on", "-id"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The address of its page."""
        return reverse("call", args=[self.pk])

    @cached_property
    def quarters(self) -> list[Quarter]:
        """The quarters of the award period."""
        return quarters_between(self.award_starts_on, self.award_ends_on)

    @property
    def is_dual_anonymous(self) -> bool:
        """Whether the committee does not learn who asks."""
        return self.blindness == self.Blindness.DUAL_ANONYMOUS

    def takes_requests(self, moment: datetime.datetime) -> bool:
        """Whether requests are begun and sent at that moment: between the opening and the closing."""
        return self.state == self.State.OPEN and (self.closes_at is None or moment < self.closes_at)

    def clean(self) -> None:
        """Refuse dates that contradict one another."""
        problems = {}
        if self.award_starts_on and self.award_ends_on:
            if self.award_ends_on < self.award_starts_on:
                problems["award_ends_on"] = "The last day lies before the first."
            elif len(quarters_between(self.award_starts_on, self.award_ends_on)) == MOST:
                problems["award_ends_on"] = "Awards are for less than three years."
        if self.opens_at and self.closes_at and self.closes_at <= self.opens_at:
            problems["closes_at"] = "The closing lies before the opening."
        if self.closes_at and self.reviews_due_at and self.reviews_due_at <= self.closes_at:
            problems["reviews_due_at"] = "Reviews are due after the call has closed."
        if problems:
            # A form may hold only some of these fields; what it does not hold is said of the whole.
            raise ValidationError(list(problems.values()))

    def draw_seed(self) -> None:
        """Fix the lots among equals before anybody can know who will be equal."""
        Lottery.objects.commit(self)

    def hand_over_to_reviewers(self) -> None:
        """Send every assessed request to review, those of a conflicted chair as well."""
        for request in self.requests.filter(state="assessed").order_by("pk"):
            perform(request, "send_to_review", actor=User.objects.system(), moment=self._moment)

    def bring_before_the_director(self) -> None:
        """Let every recommendation wait for the Operations Director."""
        for request in self.requests.filter(state="discussed").order_by("pk"):
            perform(request, "rank", actor=User.objects.system(), moment=self._moment)
        for request in self.requests.filter(state="ranked").order_by("pk"):
            perform(request, "recommend", actor=User.objects.system(), moment=self._moment)

    def tell_results(self) -> None:
        """Give every proposer the decision; in one transaction, so that nobody hears before the others."""
        decided = Outcome.objects.current().filter(stage=Stage.DECIDED, request__call=self)
        gives = {outcome.request_id: outcome.gives_something for outcome in decided}
        for request in self.requests.filter(state="recommended").order_by("pk"):
            name = "award" if gives[request.pk] else "decline"
            perform(request, name, actor=User.objects.system(), moment=self._moment)

    @property
    def _moment(self) -> datetime.datetime | None:
        return self.performance.moment if self.performance else None


class Offer(models.Model):
    """One resource of a call: how much of it there is in each quarter of the award period."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="offers")
    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="offers")
    capacity = ArrayField(
        models.DecimalField(max_digits=14, decimal_places=3),
        help_text="The amount of each quarter, in order.",
    )
    reserve = amount_field(
        default=NOTHING, help_text="Held back in each quarter for urgent needs and the Director's awards."
    )
    ceiling = amount_field(
        null=True,
        blank=True,
        help_text="The most that one request may ask for in a quarter; empty: the capacity.",
    )

    class Meta:
        ordering = ["resource__name"]
        constraints = [models.UniqueConstraint(fields=["call", "resource"], name="a_resource_once_per_call")]

    def __str__(self) -> str:
        return f"{self.resource} in {self.call}"

    @cached_property
    def committed(self) -> list[Decimal]:
        """What earlier awards take in each quarter."""
        taken = [NOTHING for _ in self.capacity]
        for commitment in self.commitments.all():
            if commitment.quarter <= len(taken):
                taken[commitment.quarter - 1] += commitment.amount
        return taken

    @property
    def available(self) -> list[Decimal]:
        """What the call can award in each quarter: capacity without reserve and commitments."""
        pairs = zip(self.capacity, self.committed, strict=True)
        return [max(NOTHING, capacity - taken - self.reserve) for capacity, taken in pairs]

    def most_in(self, quarter: int) -> Decimal:
        """The most that one request may ask for in a quarter."""
        capacity: Decimal = self.capacity[quarter - 1]
        return capacity if self.ceiling is None else min(capacity, self.ceiling)


class Commitment(models.Model):
    """What an award of an earlier call takes of a quarter."""

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="commitments")
    quarter = models.PositiveSmallIntegerField()
    amount = amount_field()
    why = models.CharField(max_length=200, help_text="Which award it is for.")

    class Meta:
        ordering = ["offer", "quarter", "pk"]
        constraints = [models.CheckConstraint(condition=Q(quarter__gte=1), name="quarters_count_from_one")]

    def __str__(self) -> str:
        return f"{self.amount} of {self.offer} in quarter {self.quarter}"


class Criterion(models.Model):
    """What reviewers judge by, from 1 (poor) to 5 (excellent)."""

    LOWEST, HIGHEST = 1, 5

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="criteria")
    slug = models.SlugField(max_length=40)
    name = models.CharField(max_length=80)
    help = models.CharField(max_length=500, blank=True)
    weight = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["call", "slug"], name="a_criterion_once_per_call")]

    def __str__(self) -> str:
        return self.name


class Question(models.Model):
    """One thing that the form of a call asks beside what every form asks; it belongs to this call alone."""

    class Kind(models.TextChoices):
        """What an answer is."""

        LINE = "line", "One line"
        TEXT = "text", "Text"
        NUMBER = "number", "Number"
        YES_NO = "yes_no", "Yes or no"
        CHOICE = "choice", "One of several"

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="questions")
    slug = models.SlugField(max_length=40)
    section = models.CharField(max_length=80, help_text="The heading under which it stands in the form.")
    text = models.CharField(max_length=300)
    help = models.CharField(max_length=500, blank=True)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.TEXT)
    choices = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    longest = models.PositiveIntegerField(default=3_000, help_text="Characters, of a line or a text.")
    is_required = models.BooleanField("required", default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["call", "slug"], name="a_question_once_per_call")]

    def __str__(self) -> str:
        return self.text
