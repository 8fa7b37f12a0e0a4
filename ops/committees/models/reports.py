"""Reports to the observatory: of a committee of users, or of a review from outside."""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from ops.committees.models.items import Item, Response, Work
from ops.committees.models.meetings import Meeting
from ops.committees.reports.rules import VOTERS, writes_for_the_committee
from ops.committees.reports.workflow import ReportWorkflow
from ops.people import authority
from ops.people.authority import authority_of
from ops.people.models import Membership, User
from ops.tickets.models import Ticket, TicketPart, Visibility
from ops.workflow.declaration import NOTHING
from ops.workflow.models import EventQuerySet
from ops.workflow.registry import registered
from ops.workflow.services import create

# What the committee does among itself; everybody else hears of a report from its delivery on.
_PART = re.compile(r"item-(\d{1,18})", re.ASCII)
INSIDE = frozenset({"drafting", "adopted"})
SEMESTER = RegexValidator(r"^\d{4}[AB]$", "Write a semester like 2026A.")


@dataclass(frozen=True)
class Tally:
    """How the members voted on one wording."""

    members: int
    yes: int
    no: int
    abstained: int

    @property
    def voted(self) -> int:
        """How many voted in some way."""
        return self.yes + self.no + self.abstained

    @property
    def carries(self) -> bool:
        """At least half of the members voted, and more of them for it than against."""
        return self.members > 0 and 2 * self.voted >= self.members and self.yes > self.no


@registered
class Report(ReportWorkflow, Ticket):
    """What a committee or a review from outside tells the observatory, item by item (RTN-006 §2.5.3)."""

    class Source(models.TextChoices):
        """Whose report it is."""

        COMMITTEE = "committee", "Users Committee"
        OUTSIDE = "outside", "Review from outside"

    # Named, since other kinds of tickets have reports of their own.
    ticket_ptr = models.OneToOneField(
        Ticket, on_delete=models.CASCADE, parent_link=True, primary_key=True, related_name="committee_report"
    )
    source = models.CharField(max_length=9, choices=Source, default=Source.COMMITTEE)
    semester = models.CharField(
        max_length=5,
        blank=True,
        validators=[SEMESTER],
        help_text="The semester of the report, such as 2026A.",
    )
    label = models.CharField(
        max_length=80, blank=True, editable=False, help_text="The name of the review in its files."
    )
    response_due_at = models.DateTimeField(
        "response due",
        null=True,
        blank=True,
        help_text="The next meeting, at which the responses are judged.",
    )
    adopted_at = models.DateTimeField("adopted", null=True, blank=True, editable=False)
    delivered_at = models.DateTimeField("delivered", null=True, blank=True, editable=False)
    published_at = models.DateTimeField("published", null=True, blank=True, editable=False)

    help_texts = {
        "title": "What the report is called, like “Report on queries, quotas and help”.",
        "description": "What stands before its items, and what the committee did. Markdown.",
    }
    locked_through = "ticket_ptr"
    talk_words = "The members of the committee alone, also once everybody reads the report."
    circle_words = "The members of the committee; from its delivery on, the Director's office as well."

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["label"], condition=~Q(label=""), name="a_review_is_known_by_its_label_once"
            ),
        ]

    @property
    def name(self) -> str:
        """What people call it: by its semester, by the name of the review, else by its title."""
        return self.semester or self.label or self.title

    @property
    def is_from_outside(self) -> bool:
        """Whether a review from outside wrote it, and nobody here votes on it."""
        return self.source == self.Source.OUTSIDE

    @property
    def is_draft(self) -> bool:
        """Whether its items can still be changed."""
        return self.state == self.State.DRAFTING

    @property
    def public_url(self) -> str:
        """The address of the report as a page to read."""
        return reverse("report-page", args=[self.key])

    def derive(self) -> None:
        """A new report stays within the circle of those who write it; what comes from outside is known to staff."""
        super().derive()
        if self._state.adding:
            self.visibility = Visibility.STAFF if self.is_from_outside else Visibility.CIRCLE

    def clean(self) -> None:
        """A committee's report is written by its chair or secretary, and named by its semester."""
        super().clean()
        if self.is_from_outside:
            return
        if self._state.adding and not writes_for_the_committee(self.reporter):
            sentence = (
                "Only chair and secretary begin a report of the committee; choose a review from outside."
            )
            raise ValidationError({"source": sentence})
        if not self.semester:
            raise ValidationError({"semester": "Name the semester of the report, such as 2026A."})

    @classmethod
    def circle(cls, user: User) -> Q:
        """Members see their committee's drafts, and the Director's office what was delivered."""
        held = authority_of(user)
        if held.holds(authority.USERS_COMMITTEE):
            return Q(pk__in=cls.objects.values("pk"))
        if held.holds(authority.DIRECTORATE):
            return Q(pk__in=cls.objects.exclude(state__in=INSIDE).values("pk"))
        return NOTHING

    @classmethod
    def talk_kept_from(cls, user: User | AnonymousUser) -> Q:
        """What the committee says among itself about its reports stays with its members."""
        if authority_of(user).holds(authority.USERS_COMMITTEE):
            return NOTHING
        return Q(pk__in=cls.objects.filter(source=cls.Source.COMMITTEE).values("pk"))

    def circle_among(self, people: Collection[User]) -> set[int]:
        """Return the ids of those of `people` whom `circle` lets see it."""
        teams = [authority.USERS_COMMITTEE]
        if self.state not in INSIDE:
            teams.append(authority.DIRECTORATE)
        terms = Membership.objects.on().filter(person__in=list(people), team__slug__in=teams)
        return set(terms.values_list("person_id", flat=True))

    def history_for(self, reader: User | AnonymousUser) -> EventQuerySet:
        """What the committee did among itself is for its members; the others hear from the delivery on."""
        events = super().history_for(reader)
        is_inside = authority_of(reader).holds(authority.USERS_COMMITTEE) or authority.is_system.test(reader)
        return events if self.is_from_outside or is_inside else events.exclude(target__in=INSIDE)

    @classmethod
    def parts_of(cls, ticket_id: int, names: Collection[str]) -> Mapping[str, TicketPart]:
        """Each item is talked about by itself."""
        numbers = [int(found[1]) for name in names if (found := _PART.fullmatch(name))]
        items = Item.objects.filter(report=ticket_id, pk__in=numbers).only("report", "number", "title")
        return {
            item.part_name: TicketPart(f"item {item.number}".strip(), item.get_absolute_url())
            for item in items
        }

    def outline(self) -> list[Item]:
        """Return its items in their order."""
        return list(self.items.order_by("position", "pk"))

    def responses(self) -> models.QuerySet[Response]:
        """The responses to its items."""
        return Response.objects.filter(item__report=self.pk)

    def works(self) -> models.QuerySet[Work]:
        """The work on its items."""
        return Work.objects.filter(item__report=self.pk)

    def wording(self) -> str:
        """Return a mark of the text as it stands: what the members vote on."""
        return wording_of(self, self.outline())

    def voters(self) -> models.QuerySet[User]:
        """Who votes on it: the members of today; of what was adopted, for good those of that day."""
        return voters(self.adopted_at.date() if self.adopted_at else None)

    def tally(self) -> Tally:
        """Count the votes of those who vote on it, on the text as it stands now."""
        members = self.voters()
        cast = self.votes.filter(wording=self.wording(), member__in=members)
        counts = dict(cast.values_list("choice").annotate(count=models.Count("pk")))
        yes, no, abstained = (counts.get(choice, 0) for choice in Vote.Choice.values)
        return Tally(members.count(), yes, no, abstained)

    def adopt_at(self, moment: datetime.datetime) -> None:
        """Keep when it was adopted; the response is due at the next meeting, where one is planned already."""
        self.adopted_at = moment
        if self.response_due_at is None:
            coming = Meeting.objects.filter(
                committee__slug=authority.USERS_COMMITTEE, state=Meeting.State.PLANNED, starts_at__gt=moment
            )
            self.response_due_at = coming.order_by("starts_at").values_list("starts_at", flat=True).first()

    def hand_over(self, moment: datetime.datetime) -> None:
        """Open the two tracks of every item that asks for something; the observatory has the next move."""
        self.delivered_at = moment
        for item in self.items.filter(response__isnull=True).order_by("position", "pk"):
            open_tracks(item, due_at=self.response_due_at, moment=moment)

    def show_to_everybody(self, moment: datetime.datetime) -> None:
        """Make it public."""
        self.published_at, self.visibility = moment, Visibility.PUBLIC


def wording_of(report: Report, items: Iterable[Item]) -> str:
    """Return a mark of a text, the same for the same words."""
    words = [report.title, report.description]
    words += [f"{item.number}\0{item.kind}\0{item.title}\0{item.text}" for item in items]
    return hashlib.sha256("\1".join(words).encode()).hexdigest()[:16]


def voters(on: datetime.date | None = None) -> models.QuerySet[User]:
    """Return who may vote in the Users Committee today, or who could on a day, whatever became of their account."""
    if on is None:
        return authority.holders_of(authority.USERS_COMMITTEE, *VOTERS)
    terms = authority.roster(authority.USERS_COMMITTEE, on).filter(role__in=VOTERS)
    return User.objects.filter(pk__in=terms.values("person")).order_by("display_name", "username")


def open_tracks(
    item: Item, *, due_at: datetime.datetime | None, moment: datetime.datetime | None = None
) -> None:
    """Let the observatory owe an item a response, and work; a commendation asks for neither.

    The automation opens them, whoever delivers the report.
    """
    if item.kind == Item.Kind.COMMENDATION:
        return
    system = User.objects.system()
    create(Response, actor=system, data={}, moment=moment, item=item, due_at=due_at)
    create(Work, actor=system, data={}, moment=moment, item=item)


class PastedText(models.Model):
    """A text from which items were made, word for word as somebody pasted it."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="pasted_texts")
    text = models.TextField()
    pasted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    pasted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Text of {self.report_id}"


class Vote(models.Model):
    """How one member voted on a report, and on which wording of it."""

    class Choice(models.TextChoices):
        """What a member can say."""

        YES = "yes", "For it"
        NO = "no", "Against it"
        ABSTAIN = "abstain", "Abstains"

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="votes")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="votes")
    choice = models.CharField(max_length=7, choices=Choice)
    wording = models.CharField(max_length=16)
    cast_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["cast_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["report", "member"], name="a_member_votes_once")]

    def __str__(self) -> str:
        return f"{self.member} on {self.report_id}: {self.get_choice_display()}"
