"""The items of a report, and the two tracks on which each is followed: its response, and the work on it."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils import timezone

from ops.committees.feedback.workflow import FeedbackWorkflow
from ops.committees.reports.tracks import ResponseWorkflow, WorkWorkflow
from ops.people.models import User
from ops.tickets.models import Ticket
from ops.workflow.models import Performance, Stateful, StatefulQuerySet
from ops.workflow.registry import registered
from ops.workflow.services import perform

LONGEST = 20_000


def beginning_of(text: str) -> str:
    """Return how a text begins, in a line."""
    words = " ".join(text.split())
    return words if len(words) <= 90 else words[:89].rstrip() + "…"


class ItemQuerySet(models.QuerySet["Item"]):
    """Items, seen through somebody's eyes."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Keep the items of reports that this person sees."""
        return self.filter(report__in=Ticket.objects.visible_to(user).filter(kind="report").values("pk"))


class Item(models.Model):
    """One thing that a report says; only its text is needed, real reports have items without a title."""

    class Kind(models.TextChoices):
        """What an item wants (RDO-051)."""

        RECOMMENDATION = "recommendation", "Recommendation"
        FINDING = "finding", "Finding"
        REQUEST = "request", "Request"
        COMMENDATION = "commendation", "Commendation"
        META = "meta", "About the process"

    report = models.ForeignKey("committees.Report", on_delete=models.PROTECT, related_name="items")
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="children", editable=False
    )
    position = models.PositiveIntegerField(default=0, editable=False)
    number = models.CharField(max_length=40, blank=True, editable=False)
    kind = models.CharField(max_length=14, choices=Kind, default=Kind.RECOMMENDATION)
    title = models.CharField(max_length=300, blank=True, help_text="A few words; it may have none.")
    text = models.TextField(max_length=LONGEST, help_text="Markdown.")
    raised_by = models.CharField(
        max_length=200, blank=True, help_text="Who brought it up, if that is to be read."
    )
    area = models.CharField(
        max_length=80, blank=True, help_text="What it is about, such as Portal or Data Preview."
    )
    external_key = models.CharField(max_length=64, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    tickets = models.ManyToManyField(Ticket, related_name="report_items", blank=True, editable=False)

    objects = ItemQuerySet.as_manager()

    class Meta:
        ordering = ["report", "position", "pk"]
        indexes = [
            models.Index(fields=["report", "position", "id"], name="item_in_order"),
            models.Index(fields=["area"], name="item_by_area"),
            # For the words of the tracker: the comparison without regard to case that Django writes.
            GinIndex(
                *(
                    OpClass(Upper(name), "gin_trgm_ops")
                    for name in ("title", "text", "number", "external_key")
                ),
                name="item_words",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "external_key"],
                condition=~Q(external_key=""),
                name="an_item_is_known_by_its_key_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.report.name} {self.number}".strip()

    def get_absolute_url(self) -> str:
        """The address of its page."""
        return reverse("report-item", args=[self.pk])

    @property
    def part_name(self) -> str:
        """How comments on its report name it."""
        return f"item-{self.pk}"

    @property
    def depth(self) -> int:
        """How many items it lies below."""
        return self.number.count(".") if self.parent_id else 0

    @property
    def heading(self) -> str:
        """Its title, or else how its text begins."""
        if self.title:
            return self.title
        return beginning_of(self.text)

    def everybody_who_hears(self) -> Iterable[User]:
        """Return who follows it, and who gave the feedback that it rests on and did not take it back.

        Nobody is told which is which.
        """
        follows = Q(followed_items__item=self.pk)
        stands = [state for state in FeedbackWorkflow.State if state not in FeedbackWorkflow.final]
        gave = Q(feedback_sources__feedback__uses__item=self.pk, feedback_sources__feedback__state__in=stands)
        return User.objects.filter(follows | gave, is_active=True).distinct().order_by("pk")


class Following(models.Model):
    """Somebody who wants to hear what becomes of an item."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="followings")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="followed_items"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "person"], name="an_item_is_followed_once")]

    def __str__(self) -> str:
        return f"{self.person} follows {self.item_id}"


class TrackQuerySet(StatefulQuerySet):
    """Responses or work, seen through somebody's eyes."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Keep those of reports that this person sees."""
        return self.filter(
            item__report__in=Ticket.objects.visible_to(user).filter(kind="report").values("pk")
        )


class Track(Stateful):
    """What the two tracks of an item have in common."""

    objects = TrackQuerySet.as_manager()
    lock_related: ClassVar[tuple[str, ...]] = ("item__report",)

    class Meta:
        abstract = True

    item: Item
    item_id: int

    def __str__(self) -> str:
        return f"{self.workflow.title} to {self.item}"

    def get_absolute_url(self) -> str:
        """Both tracks stand on the page of their item."""
        return self.item.get_absolute_url()

    @property
    def subject(self) -> str:
        """What the item says, and which it is: its number alone tells nobody what is to be done."""
        return f"{self.item.heading} ({self.item})"

    @property
    def thread(self) -> str:
        """What happens to one item belongs together, on whichever track."""
        return f"committees.item:{self.item_id}"

    def readers_among(self, people: Iterable[User | str]) -> list[User | str]:
        """Keep those who see the report."""
        return self.item.report.readers_among(people)


@registered
class Response(ResponseWorkflow, Track):
    """What the observatory answers to an item."""

    class Disposition(models.TextChoices):
        """What the observatory says it will do."""

        ACCEPT = "accept", "Accepts"
        PARTIAL = "partial", "Accepts in part"
        DEFER = "defer", "Defers"
        DECLINE = "decline", "Declines"
        ALREADY_DONE = "already_done", "Already done"
        NOTED = "noted", "Notes it"
        NOT_SAID = "not_said", "Does not say"

    item = models.OneToOneField(Item, on_delete=models.PROTECT, related_name="response", editable=False)
    disposition = models.CharField(max_length=12, choices=Disposition, blank=True)
    text = models.TextField("response", max_length=LONGEST, blank=True, help_text="Markdown.")
    timescale = models.CharField(max_length=200, blank=True, help_text="Until when, such as “before DP2”.")
    answered_on = models.DateField("date of the response", null=True, blank=True)
    verdict_note = models.TextField(
        "the committee's note", max_length=LONGEST, blank=True, help_text="What the committee says to it."
    )
    due_at = models.DateTimeField("response due", null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "due_at"], name="response_by_state")]


@registered
class Work(WorkWorkflow, Track):
    """What is done about an item."""

    class Closing(models.TextChoices):
        """Why nothing more is to be done."""

        IMPLEMENTED = "implemented", "Implemented"
        EXCEEDED = "exceeded", "Exceeded"
        ALTERNATE = "alternate", "Done in another way"
        SUPERSEDED = "superseded", "Superseded"
        NOT_APPLICABLE = "not_applicable", "Not applicable any more"
        DECLINED = "declined", "Declined by the observatory"
        UNACCEPTABLE = "unacceptable", "Without an acceptable response"
        WITHDRAWN = "withdrawn", "Withdrawn by the committee"

    item = models.OneToOneField(Item, on_delete=models.PROTECT, related_name="work", editable=False)
    assignee = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="report_work",
        verbose_name="in charge",
        help_text="Who does it, or sees that it is done.",
    )
    status_text = models.TextField(
        "status",
        max_length=LONGEST,
        blank=True,
        help_text="How it stands, in words; every former wording is kept.",
    )
    status_word = models.CharField(
        "status in the file",
        max_length=80,
        blank=True,
        help_text="The status in the words of an imported file.",
    )
    evidence = models.TextField(
        max_length=LONGEST,
        blank=True,
        help_text="Where it can be seen that it is done: a link, a document, a ticket.",
    )
    due_at = models.DateTimeField("due", null=True, blank=True)
    closing_reason = models.CharField("why closed", max_length=14, choices=Closing, blank=True)
    closing_note = models.TextField("note on closing", max_length=LONGEST, blank=True)
    recheck_at = models.DateTimeField(
        "look again", null=True, blank=True, help_text="When the committee looks whether it still holds."
    )

    lock_related: ClassVar[tuple[str, ...]] = ("item__report", "assignee")

    class Meta:
        indexes = [models.Index(fields=["state", "due_at"], name="work_by_state")]

    def __str__(self) -> str:
        return f"Work on {self.item}"

    def clean(self) -> None:
        """Refuse a look into the past."""
        super().clean()
        now = self.performance.moment if self.performance else timezone.now()
        known = type(self).objects.filter(pk=self.pk).values_list("recheck_at", flat=True).first()
        if self.recheck_at is not None and self.recheck_at != known and self.recheck_at <= now:
            raise ValidationError({"recheck_at": "Write a moment that is still to come."})

    def let_go(self, performance: Performance) -> None:
        """What the committee withdraws needs no response any more either."""
        self.forget_past_check(performance.moment)
        response = Response.objects.filter(item=self.item_id).first()
        if self.closing_reason != self.Closing.WITHDRAWN or response is None or not response.phase.is_live:
            return
        reason = self.closing_note or "The committee withdrew the item."
        perform(response, "withdraw", actor=performance.actor, reason=reason, moment=performance.moment)

    def forget_past_check(self, moment: datetime.datetime) -> None:
        """A moment to look again that is over has been looked at."""
        if self.recheck_at is not None and self.recheck_at <= moment:
            self.recheck_at = None


class ImportedRow(models.Model):
    """What a file said of an item when it was last imported: every cell, under the name of its column.

    The next import compares with it, and so tells what has changed in the file from what was changed here.
    """

    item = models.OneToOneField(Item, on_delete=models.CASCADE, related_name="imported")
    cells = models.JSONField(default=dict)
    imported_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"Imported row of {self.item_id}"
