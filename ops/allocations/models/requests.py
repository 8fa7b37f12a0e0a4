"""Requests for resources, what they ask for, and how they stood each time they were sent."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from functools import cached_property
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from ops.allocations.beside import (
    AmountsBeside,
    AnswersBeside,
    AssessmentBeside,
    CoInvestigatorsBeside,
    JustificationsBeside,
)
from ops.allocations.completeness import Missing, missing_from
from ops.allocations.content import content_of, digest_of
from ops.allocations.detection import find_conflicts
from ops.allocations.involvement import (
    barred_from_judging,
    chaired_by,
    chairing,
    decided_by,
    deciding,
    having_a_part_in,
)
from ops.allocations.models.awarding import Awarding
from ops.allocations.models.calls import Call, Offer, Question, amount_field
from ops.allocations.rules import (
    is_director,
    is_operations_director,
    is_rac_chair,
    is_technical_assessor,
)
from ops.allocations.workflow.requests import RequestWorkflow
from ops.people.models import User
from ops.tickets.models import Ticket, Visibility
from ops.workflow.registry import registered

LONGEST_ABSTRACT = 3_000
LONGEST_METHODS = 20_000


class Verdict(models.TextChoices):
    """What the technical assessors say of a request."""

    FEASIBLE = "feasible", "Feasible"
    WITH_CHANGES = "with_changes", "Feasible with changes"
    INFEASIBLE = "infeasible", "Infeasible"


@registered
class Request(RequestWorkflow, Awarding, Ticket):
    """A request for more than the basic quota (RTN-006 §2.5.4).

    It is seen by its circle alone: who asks, who assesses, who chairs without a conflict, who decides. Members of
    the committee are not in it; they read requests through `ops.allocations.sight`.
    """

    class Purpose(models.TextChoices):
        """What kind of request it is."""

        NEW = "new", "New"
        CONTINUATION = "continuation", "Continuation of an earlier award"
        SUPPLEMENT = "supplement", "Supplement to a running award"
        EXTENSION = "extension", "Extension of a running award"
        TRANSFER = "transfer", "Transfer between awards"
        URGENT = "urgent", "Urgent"

    # These stand on an award that is there already.
    ON_AN_AWARD = frozenset({Purpose.CONTINUATION, Purpose.SUPPLEMENT, Purpose.EXTENSION, Purpose.TRANSFER})

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="requests")
    purpose = models.CharField("kind of request", max_length=12, choices=Purpose, default=Purpose.NEW)
    abstract = models.TextField(
        max_length=LONGEST_ABSTRACT,
        blank=True,
        help_text="What you want to find out, for any astronomer to read.",
    )
    methods = models.TextField(
        "science and methods",
        max_length=LONGEST_METHODS,
        blank=True,
        help_text="Why it matters, what you will do with the resources, and how you know that it works. Markdown.",
    )
    is_thesis = models.BooleanField("part of a PhD thesis", default=False)
    keywords = ArrayField(
        models.CharField(max_length=40),
        default=list,
        blank=True,
        help_text="Words by which reviewers with the expertise are found, with commas.",
    )
    earlier = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="followed_by",
        verbose_name="earlier award",
        help_text="The key of the request whose award this one goes on from.",
    )
    revise_by = models.DateTimeField("revision due", null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, editable=False)
    decided_at = models.DateTimeField(null=True, editable=False)
    accept_by = models.DateTimeField(null=True, editable=False)
    appealed_at = models.DateTimeField(null=True, editable=False)
    state_before_appeal = models.CharField(max_length=32, blank=True, editable=False)
    award_ends_at = models.DateTimeField(null=True, editable=False)
    grace_ends_at = models.DateTimeField(null=True, editable=False)

    locked_through: ClassVar[str] = "ticket_ptr"
    lock_related: ClassVar[tuple[str, ...]] = (*Ticket.lock_related, "call")
    circle_words: ClassVar[str] = (
        "The proposer and the co-investigators, the technical assessors, the RAC chair and the Operations Director."
    )
    beside_the_row = {
        **Ticket.beside_the_row,
        "co_investigators": CoInvestigatorsBeside(),
        "amounts": AmountsBeside(),
        "justifications": JustificationsBeside(),
        "answers": AnswersBeside(),
        "verdict": AssessmentBeside("verdict", Verdict.choices),
        "note_to_committee": AssessmentBeside("note_to_committee"),
        "note_to_proposer": AssessmentBeside("note_to_proposer"),
    }

    def prepare(self, *, actor: User, moment: datetime.datetime) -> None:
        """Keep it in its circle from the beginning."""
        super().prepare(actor=actor, moment=moment)
        self.visibility = Visibility.CIRCLE

    def clean(self) -> None:
        """Refuse a call that takes no requests, a revision that is due already, and going on from itself."""
        super().clean()
        if self._state.adding and self.call_id and not self.call.takes_requests(self.state_since):
            raise ValidationError({"call": _why_closed(self.call)})
        now = self.performance.moment if self.performance else timezone.now()
        can_be_returned = self.state in {self.State.SUBMITTED, self.State.ASSESSED}
        if can_be_returned and self.revise_by is not None and self.revise_by <= now:
            raise ValidationError({"revise_by": "Write a moment that is still to come."})
        if self.earlier is not None and self.earlier_id == self.pk:
            raise ValidationError({"earlier": f"{self.key} cannot go on from itself; name another request."})

    @cached_property
    def party_ids(self) -> set[int]:
        """The proposer and the co-investigators."""
        return having_a_part_in(self)

    @cached_property
    def conflicted_ids(self) -> set[int]:
        """Everybody who must not judge it."""
        return barred_from_judging(self)

    @cached_property
    def chair_ids(self) -> set[int]:
        """Who chairs what happens to it."""
        return chairing(self)

    @cached_property
    def decider_ids(self) -> set[int]:
        """Who decides on it."""
        return deciding(self)

    @classmethod
    def circle(cls, user: User) -> Q:
        """Who asks together, who assesses, who chairs without a conflict, who decides; drafts are the proposer's."""
        named = Q(pk__in=cls.objects.filter(co_investigator_rows__person=user).values("pk"))
        sent = Q(pk__in=cls.objects.filter(submitted_at__isnull=False).values("pk"))
        if is_technical_assessor(user):
            return named | sent
        if is_rac_chair(user):
            return named | (sent & chaired_by(user))
        if is_operations_director(user) or is_director(user):
            return named | (sent & decided_by(user))
        return named

    @cached_property
    def rows_asked(self) -> list[Amount]:
        """The amounts, each with its offer; read once, as are the justifications and the answers."""
        return list(self.amounts.select_related("offer__resource"))

    @cached_property
    def rows_justified(self) -> list[Justification]:
        """Why so much is needed, by resource."""
        return list(self.justifications.all())

    @cached_property
    def rows_answered(self) -> list[Answer]:
        """What is answered to the questions of the call."""
        return list(self.answers.select_related("question"))

    @cached_property
    def missing(self) -> Sequence[Missing]:
        """What the form still has to say before it can be sent."""
        return missing_from(self)

    @cached_property
    def exceeds_basic_quota(self) -> bool:
        """Whether every resource that is asked for exceeds the basic quota in some quarter."""
        asked = {row.offer_id for row in self.rows_asked if row.asked}
        above = {row.offer_id for row in self.rows_asked if row.asked > row.offer.resource.basic_quota}
        return bool(asked) and asked == above

    def freeze(self) -> None:
        """Keep it as it is now, under the next number, and find who must not judge it."""
        moment = self.performance.moment if self.performance else timezone.now()
        content = content_of(self)
        self.snapshots.create(
            number=self.snapshots.count() + 1, content=content, digest=digest_of(content), taken_at=moment
        )
        self.submitted_at = self.submitted_at or moment
        self.revise_by = None
        find_conflicts([self], moment=moment)

    @property
    def latest_snapshot(self) -> Snapshot | None:
        """How it stood when it was sent last; None for a draft."""
        return self.snapshots.order_by("number").last()

    @property
    def latest_assessment(self) -> Assessment | None:
        """What the technical assessors said last."""
        return self.assessments.select_related("assessor").order_by("made_at", "pk").last()


def _why_closed(call: Call) -> str:
    if call.state == Call.State.DRAFT:
        return f"“{call}” has not opened yet; requests are taken between its opening and its closing."
    when = f" on {call.closes_at:%-d %B %Y}" if call.closes_at else ""
    return f"“{call}” has closed{when} and takes no more requests; choose a call that is open."


class Amount(models.Model):
    """How much of one resource is asked for in one quarter, and the least that is of any use."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="amounts")
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="amounts")
    quarter = models.PositiveSmallIntegerField()
    asked = amount_field()
    minimum = amount_field()

    class Meta:
        ordering = ["offer__resource__name", "quarter"]
        constraints = [
            models.UniqueConstraint(fields=["request", "offer", "quarter"], name="one_amount_per_quarter"),
            models.CheckConstraint(
                condition=Q(minimum__gte=0, minimum__lte=F("asked")), name="minimum_within_the_amount"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asked} of {self.offer_id} in quarter {self.quarter}"


class Justification(models.Model):
    """Why a request needs so much of one resource."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="justifications")
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(max_length=5_000)

    class Meta:
        ordering = ["offer__resource__name"]
        constraints = [models.UniqueConstraint(fields=["request", "offer"], name="one_justification_each")]

    def __str__(self) -> str:
        return self.text


class Answer(models.Model):
    """What a request answers to a question of its call."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()

    class Meta:
        ordering = ["question__position", "question"]
        constraints = [models.UniqueConstraint(fields=["request", "question"], name="one_answer_each")]

    def __str__(self) -> str:
        return self.text


class Snapshot(models.Model):
    """How a request stood when it was sent; a trigger keeps it so. Everybody judges by the last one."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="snapshots")
    number = models.PositiveSmallIntegerField()
    content = models.JSONField(encoder=DjangoJSONEncoder)
    digest = models.CharField(max_length=64)
    taken_at = models.DateTimeField()

    class Meta:
        ordering = ["request", "number"]
        constraints = [models.UniqueConstraint(fields=["request", "number"], name="snapshots_are_numbered")]

    def __str__(self) -> str:
        return f"{self.request_id}, version {self.number}"


class Assessment(models.Model):
    """What a technical assessor said of one version of a request."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="assessments")
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="assessments")
    assessor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=12, choices=Verdict)
    note_to_committee = models.TextField(max_length=10_000)
    note_to_proposer = models.TextField(max_length=10_000, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["request", "made_at"]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()}: {self.request_id}"
