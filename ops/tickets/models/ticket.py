"""The ticket itself: one table for every process, so that keys, boards and search are one as well."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models import Case, Q, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from ops.people.authority import is_lead_member, is_staff_member, is_system, leads_among, staff_among
from ops.people.models import Product, User
from ops.tickets.models.around import Invitation, TicketPart
from ops.tickets.watching import WatchersBeside
from ops.workflow import registry
from ops.workflow.declaration import NOTHING, Workflow
from ops.workflow.models import Stateful, StatefulQuerySet

SEARCH_LANGUAGE = "english"
MOST_LABELS = 30
NO_DUE_DATE = datetime.datetime(9999, 12, 1, tzinfo=datetime.UTC)


class Level(models.TextChoices):
    """How much something matters, or how soon."""

    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"


class Priority(models.TextChoices):
    """What importance and urgency amount to."""

    CRITICAL = "critical", "Critical"
    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"


# RTN-006 §2.5.1: the matrix of importance (rows) and urgency.
PRIORITY_OF: dict[tuple[str, str], Priority] = {
    (Level.HIGH, Level.HIGH): Priority.CRITICAL,
    (Level.HIGH, Level.MEDIUM): Priority.HIGH,
    (Level.HIGH, Level.LOW): Priority.MEDIUM,
    (Level.MEDIUM, Level.HIGH): Priority.HIGH,
    (Level.MEDIUM, Level.MEDIUM): Priority.MEDIUM,
    (Level.MEDIUM, Level.LOW): Priority.LOW,
    (Level.LOW, Level.HIGH): Priority.MEDIUM,
    (Level.LOW, Level.MEDIUM): Priority.LOW,
    (Level.LOW, Level.LOW): Priority.LOW,
}


class Visibility(models.TextChoices):
    """Who sees a ticket."""

    PUBLIC = "public", "Public: everybody, without an account"
    COMMUNITY = "community", "Community: everybody with an account"
    STAFF = "staff", "Staff: the observatory and the reporter"
    CONFIDENTIAL = "confidential", "Confidential: reporter, assignee, invited people and the leads"
    CIRCLE = "circle", "Circle: those whom the process itself names, whatever their office"

    @classmethod
    def offered(cls) -> list[tuple[str, str]]:
        """What a person may choose, with its words; a circle is what a process gives."""
        return [(each.value, str(each.label)) for each in cls if each is not cls.CIRCLE]


class VisibilityField(models.CharField):
    """Who sees a ticket; forms offer what a person may choose."""

    def formfield(self, **kwargs: Any) -> Any:
        """Leave out what nobody chooses."""
        field = super().formfield(**kwargs)
        field.choices = Visibility.offered()  # type: ignore[union-attr]
        return field


class TicketQuerySet(StatefulQuerySet):
    """Tickets of all kinds, or of one."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Keep what this person may know to exist (domain: visibility of a ticket)."""
        return self.filter(_shown_to(user, self.model))

    def of_kind_visible_to(self, model: type[Ticket], user: User | AnonymousUser) -> Self:
        """The same of one kind, without asking the other processes whom they show their tickets to."""
        return self.filter(_shown_to(user, model), kind=model.workflow.kind)


def _shown_to(user: User | AnonymousUser, model: type[Ticket]) -> Q:
    if not user.is_authenticated or not user.is_active:
        return Q(visibility=Visibility.PUBLIC)
    if is_system.test(user):
        return Q()
    invited = Invitation.objects.filter(person=user).values("ticket")
    inside = Q(reporter=user) | Q(assignee=user) | Q(pk__in=invited)
    return _shown_by_office(user) | inside | _in_the_circles_of(user, model)


def _shown_by_office(user: User) -> Q:
    if is_lead_member(user):
        return ~Q(visibility=Visibility.CIRCLE)
    shown = [Visibility.PUBLIC, Visibility.COMMUNITY]
    if is_staff_member(user):
        shown.append(Visibility.STAFF)
    return Q(visibility__in=shown)


def _in_the_circles_of(user: User, wanted: type[Ticket]) -> Q:
    """The tickets that a process shows to this person; nothing is added for a person whom none of them names."""
    shown = Q()
    for model in registry.models():
        if issubclass(model, wanted) and (named := model.circle(user)) is not NOTHING:
            shown |= Q(kind=model.workflow.kind, visibility=Visibility.CIRCLE) & named
    return shown


class TicketManager(models.Manager.from_queryset(TicketQuerySet)):  # type: ignore[misc]
    """Finds tickets, without the search vector, which is for the database alone."""

    def get_queryset(self) -> TicketQuerySet:
        """Leave out the column that only the database reads; it is as long as the text."""
        return super().get_queryset().defer("search")


class WorkflowByKind:
    """The workflow of a row of the common table; the class of a concrete ticket has its own as an attribute."""

    def __get__(self, ticket: Ticket | None, owner: type[Ticket]) -> type[Workflow]:
        """Look the workflow up by the kind of the row."""
        if ticket is None:
            raise AttributeError("Tickets have a workflow by their kind; ask the registry.")
        return registry.model_of(ticket.kind).workflow


class Ticket(Stateful):
    """Anything that needs somebody's work or decision."""

    key = models.CharField(max_length=24, unique=True, editable=False)
    kind = models.CharField(max_length=24, editable=False)
    title = models.CharField(max_length=200, help_text="One line that says what is wrong or wanted.")
    description = models.TextField(
        max_length=50_000, blank=True, help_text="What you did, what you expected, what happened. Markdown."
    )
    component = models.ForeignKey(
        Product,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="tickets",
        help_text="The product or service that it is about.",
    )
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reported_tickets"
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="assigned_tickets",
        help_text="Who works on it: somebody with the expertise.",
    )
    importance = models.CharField(
        max_length=6, choices=Level, blank=True, help_text="How much science suffers if nothing is done."
    )
    urgency = models.CharField(max_length=6, choices=Level, blank=True, help_text="How soon it suffers.")
    priority = models.CharField(max_length=8, choices=Priority, blank=True, editable=False)
    priority_rank = models.GeneratedField(
        expression=Case(
            *(When(priority=value, then=Value(rank)) for rank, value in enumerate(Priority.values, 1)),
            default=Value(9),
        ),
        output_field=models.PositiveSmallIntegerField(),
        db_persist=True,
    )
    visibility = VisibilityField(max_length=12, choices=Visibility, default=Visibility.PUBLIC)
    labels = ArrayField(
        models.CharField(max_length=40),
        default=list,
        blank=True,
        help_text="Words to find it by, with commas.",
    )
    due_at = models.DateTimeField("due", null=True, blank=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    external_source = models.CharField(max_length=40, blank=True, editable=False)
    external_key = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    search = models.GeneratedField(
        expression=SearchVector("key", "external_key", "title", weight="A", config=SEARCH_LANGUAGE)
        + SearchVector("description", weight="B", config=SEARCH_LANGUAGE),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    due_order = models.GeneratedField(
        expression=Coalesce("due_at", Value(NO_DUE_DATE)),
        output_field=models.DateTimeField(),
        db_persist=True,
    )

    objects = TicketManager()
    workflow = WorkflowByKind()

    # Of a ticket that is being made, everybody who follows it is known without asking the database.
    new_followers: list[User | str] | None = None

    # What the form of a new one proposes.
    first_visibility: ClassVar[Visibility] = Visibility.PUBLIC
    circle_words: ClassVar[str] = "Those whom the process names."
    """Who is in the circle, for people who write to it."""

    talk_words: ClassVar[str] = ""
    """Who alone reads what is said on it, where the process keeps it from others."""

    lookup_name: ClassVar[str] = "key"
    lock_related: ClassVar[tuple[str, ...]] = ("reporter", "assignee", "component__owner")
    beside_the_row = {"watchers": WatchersBeside()}

    class Meta:
        ordering = ["-updated_at", "-id"]
        indexes = [
            models.Index(fields=["-updated_at", "-id"], name="ticket_latest"),
            models.Index(fields=["-created_at", "-id"], name="ticket_newest"),
            models.Index(fields=["kind", "state", "-updated_at", "-id"], name="ticket_by_state"),
            models.Index(fields=["assignee", "-updated_at", "-id"], name="ticket_by_assignee"),
            models.Index(fields=["reporter", "-updated_at", "-id"], name="ticket_by_reporter"),
            models.Index(fields=["component", "-updated_at", "-id"], name="ticket_by_component"),
            models.Index(fields=["visibility", "-updated_at", "-id"], name="ticket_by_visibility"),
            models.Index(fields=["priority_rank", "-updated_at", "-id"], name="ticket_by_priority"),
            models.Index(fields=["due_order", "-id"], name="ticket_by_due_date"),
            GinIndex(fields=["search"], name="ticket_search"),
            GinIndex(fields=["labels"], name="ticket_labels"),
            GinIndex(fields=["title"], opclasses=["gin_trgm_ops"], name="ticket_title_trigrams"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["external_source", "external_key"],
                condition=~Q(external_key=""),
                name="one_ticket_per_external_key",
            )
        ]

    def __str__(self) -> str:
        return self.key

    def get_absolute_url(self) -> str:
        """The address of its page."""
        return reverse("ticket", args=[self.key])

    @property
    def name_in_address(self) -> str:
        """Its key."""
        return self.key

    @property
    def identity(self) -> Mapping[str, Any]:
        """A ticket is known by its key as well: one that was not read yet need not be read twice."""
        return {"pk": self.pk} if self.pk else {"key": self.key}

    @classmethod
    def anchor_model(cls) -> type[models.Model]:
        """Whatever its kind, a ticket's history hangs on the common table."""
        return Ticket

    @property
    def anchor(self) -> models.Model:
        """The row of the common table; it is pointed to, not read, so its columns need not be there."""
        return self if type(self) is Ticket else Ticket(pk=self.pk)

    @property
    def has_ended(self) -> bool:
        """Whether nothing is left to do."""
        return not self.phase.is_live

    @classmethod
    def circle(cls, user: User) -> Q:  # noqa: ARG003  # read by those processes that have one
        """The condition on tickets of this kind under which the process lets a person see one kept in its circle.

        `NOTHING` for a person whom it names nowhere: then no list of theirs is any slower for it.
        """
        return NOTHING

    @classmethod
    def talk_kept_from(cls, user: User | AnonymousUser) -> Q:  # noqa: ARG003  # read by those processes that have one
        """The condition on tickets of this kind on which a person reads no comment, though they see the ticket.

        What a committee says among itself while it writes stays there when the ticket is shown to everybody.
        """
        return NOTHING

    def keeps_talk_from(self, user: User | AnonymousUser) -> bool:
        """Whether what is said on this ticket is for others than this person."""
        model = registry.model_of(self.kind)
        kept = model.talk_kept_from(user)  # type: ignore[attr-defined]
        return kept is not NOTHING and model._default_manager.filter(kept, pk=self.pk).exists()

    @property
    def keeps_talk(self) -> bool:
        """Whether the process says for whom alone the comments on this ticket are."""
        return self.keeps_talk_from(AnonymousUser())

    @property
    def holders(self) -> list[User | str]:
        """Who has the next move; of a row of the common table, its process is asked, which alone may know."""
        model: Any = registry.model_of(self.kind)
        if type(self) is Ticket:
            return list(model._default_manager.get(pk=self.pk).holders)
        return super().holders

    @classmethod
    def parts_of(cls, ticket_id: int, names: Collection[str]) -> Mapping[str, TicketPart]:  # noqa: ARG003  # read by those processes that have parts
        """Return the named parts of a ticket of this kind, of those that are there."""
        return {}

    def parts(self, names: Collection[str]) -> Mapping[str, TicketPart]:
        """Return the parts of this ticket that comments name; nothing is asked where they name none."""
        if not names:
            return {}
        model = registry.model_of(self.kind)
        return model.parts_of(self.pk, names)  # type: ignore[attr-defined]

    def circle_among(self, people: Collection[User]) -> set[int]:
        """Return the ids of those who are in the circle of this ticket: `circle` for many people at once."""
        model = registry.model_of(self.kind)
        rows = model._default_manager.filter(pk=self.pk)
        return {person.pk for person in people if rows.filter(model.circle(person)).exists()}  # type: ignore[attr-defined]

    def readers_among(self, people: Iterable[User | str]) -> list[User | str]:
        """Keep those who see this ticket: `visible_to` for many people at once, in three queries at most."""
        if self.visibility == Visibility.PUBLIC:
            return list(people)
        accounts = [person for person in people if isinstance(person, User)]
        if self.visibility == Visibility.COMMUNITY:
            return [*accounts]
        inside = self.participants_among(accounts)
        if self.visibility == Visibility.CIRCLE:
            inside |= self.circle_among(accounts)
        else:
            inside |= leads_among(accounts)
        if self.visibility == Visibility.STAFF:
            inside |= staff_among(accounts)
        return [person for person in accounts if person.pk in inside]

    def participants_among(self, people: Iterable[User]) -> set[int]:
        """Return the ids of those who take part: reporter, assignee, invited people."""
        invited = Invitation.objects.filter(ticket=self.pk, person__in=list(people))
        return {self.reporter_id, self.assignee_id or 0, *invited.values_list("person_id", flat=True)}

    def prepare(self, *, actor: User, moment: datetime.datetime) -> None:
        """Give it its key, its kind and its reporter."""
        self.kind = self.workflow.kind
        self.key = next_key(self.workflow.prefix)
        self.created_at = self.updated_at = moment
        self.new_followers = []
        if not hasattr(self, "reporter"):
            self.reporter = actor

    def objections(self, actor: User, wanted: Mapping[str, Any]) -> Mapping[str, str]:
        """Nobody puts something below what is not theirs to work on: it could not be closed any more."""
        above = wanted.get("parent")
        if above is None or above.pk == self.parent_id or is_staff_member(actor) or is_system.test(actor):
            return {}
        if actor.pk in above.participants_among([actor]):
            return {}
        who = f"Only staff and those who take part in {above.key} put something below it"
        return {"parent": f"{who}; name it in the text instead."}

    def derive(self) -> None:
        """The priority follows from importance and urgency; until both are known there is none."""
        self.priority = PRIORITY_OF.get((self.importance, self.urgency), "")

    def clean(self) -> None:
        """Tidy the labels; refuse a ticket above itself."""
        tidy = ("-".join(label.lower().replace(",", " ").split()) for label in self.labels or [])
        self.labels = list(dict.fromkeys(label for label in tidy if label))
        if len(self.labels) > MOST_LABELS:
            raise ValidationError({"labels": f"Give at most {MOST_LABELS} labels."})
        if self.pk and self.parent_id and self.pk in self._lineage_of(self.parent_id):
            raise ValidationError({"parent": f"{self.key} cannot lie below itself; choose another parent."})

    @staticmethod
    def _lineage_of(ticket_id: int) -> set[int]:
        query = """
            WITH RECURSIVE lineage(id, parent_id) AS (
                SELECT id, parent_id FROM tickets_ticket WHERE id = %s
                UNION SELECT t.id, t.parent_id FROM tickets_ticket t JOIN lineage l ON t.id = l.parent_id)
            SELECT id FROM lineage"""
        with connection.cursor() as cursor:
            cursor.execute(query, [ticket_id])
            return {row[0] for row in cursor.fetchall()}


def next_key(prefix: str) -> str:
    """Return a key that nobody has had before, such as `CST-123`.

    Numbers come from a sequence per prefix: two creations never wait for one another, and a number whose
    transaction fails is skipped, never used again.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s)", [f"ticket_number_{prefix.lower()}"])
        return f"{prefix}-{cursor.fetchone()[0]}"
