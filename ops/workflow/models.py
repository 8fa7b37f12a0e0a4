"""What has a life, and the record of everything that happened in it."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

from django import forms
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone
from django_fsm import FSMField

from ops.clocks.explanation import Clock
from ops.workflow.declaration import Party, Phase, Step, Workflow, Workplace

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from ops.people.models import User


@dataclass(frozen=True)
class Performance:
    """The circumstances in which a transition runs: who, why, when, and which step."""

    actor: User
    moment: datetime.datetime
    step: Step
    reason: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


class StatefulQuerySet(models.QuerySet[Any]):
    """Objects that have a life, seen through somebody's eyes."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Keep what this person may know to exist."""
        raise NotImplementedError(f"{self.model.__name__} must say who sees it.")

    def locked(self) -> Self:
        """Lock the rows that carry the state, weakly enough for others to go on referring to them."""
        return self.select_for_update(of=(self.model.locked_through,), no_key=True)


def thread_of(anchor: type[models.Model], pk: int) -> str:
    """Return the name under which messages about a row belong together, such as `tickets.ticket:42`."""
    return f"{anchor._meta.label_lower}:{pk}"


class BesideTheRow(Protocol):
    """A value that a form asks for like a field, and that is kept in rows of its own."""

    def form_field(self) -> forms.Field:
        """Return the field of the form."""

    def shown(self, obj: Any, reader: User) -> str:
        """Return what stands in the form before anybody types, as far as this reader may know of it."""

    def keep(self, obj: Any, value: Any, actor: User) -> dict[str, Any] | None:
        """Write the rows; return the change as `{"old", "new"}`, or None when there is none."""


class Stateful(models.Model):
    """An object with a workflow. `workflow.services` is the only writer of such rows."""

    state = FSMField(max_length=32, protected=True, editable=False)
    state_since = models.DateTimeField(default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    performance: Performance | None = None
    # Of an object that the services have just returned: the people that its change was told to, by party.
    told: Mapping[Party, list[User | str]] = MappingProxyType({})
    # … and its open deadlines, the most pressing first.
    clocks: Sequence[Clock] | None = None
    workflow: ClassVar[type[Workflow]]
    locked_through: ClassVar[str] = "self"
    lock_related: ClassVar[tuple[str, ...]] = ()
    lookup_name: ClassVar[str] = "pk"
    beside_the_row: ClassVar[Mapping[str, BesideTheRow]] = {}
    # How fields are typed that no ordinary control suits, by name.
    widgets: ClassVar[Mapping[str, type[forms.Widget]]] = {}
    # What stands beside fields of a base that mean something of their own here, by name.
    help_texts: ClassVar[Mapping[str, str]] = {}

    class Meta:
        abstract = True

    @property
    def identity(self) -> Mapping[str, Any]:
        """The fields and values by which the services find the row; enough of an object to act on it."""
        return {"pk": self.pk}

    @classmethod
    def anchor_model(cls) -> type[models.Model]:
        """The model whose row events, deadlines and messages point to."""
        return cls

    @property
    def anchor(self) -> models.Model:
        """The row that events, deadlines and messages point to."""
        return self

    def prepare(self, *, actor: User, moment: datetime.datetime) -> None:
        """Give a new object what nobody types: its key, its reporter."""

    def objections(self, actor: User, wanted: Mapping[str, Any]) -> Mapping[str, str]:
        """Say by field what this person may not choose, of values that are right by themselves."""
        return {}

    def derive(self) -> None:
        """Set the fields that follow from others; called before every save by the engine."""

    @property
    def thread(self) -> str:
        """The name under which messages about this object belong together."""
        return thread_of(self.anchor_model(), self.pk)

    @classmethod
    def letter_kind(cls) -> str:
        """Return the kind of message that an event of such an object becomes."""
        return f"{cls.anchor_model()._meta.label_lower}.event"

    @property
    def subject(self) -> str:
        """What it is called and about, in a line, for whoever has the next move."""
        return str(self)

    @property
    def state_label(self) -> str:
        """The state in words."""
        return str(self.workflow.State(self.state).label)

    @property
    def phase(self) -> Phase:
        """What the state means to somebody who does not know the process."""
        return self.workflow.phase_of(self.state)

    def history_for(self, reader: User | AnonymousUser) -> EventQuerySet:
        """Return the events that this reader may know of, oldest first: all, for whoever sees the object."""
        return Event.objects.of(self)

    def kept_from(self, reader: User | AnonymousUser) -> frozenset[str]:  # asked of those that keep some
        """Return the fields whose values somebody who sees the object may not read, or not yet."""
        return frozenset()

    def is_told_of(self, event: Event, reader: User) -> bool:
        """Whether a reader who sees the object may know of one event of it: `history_for`, without a query."""
        return True

    @property
    def present(self) -> datetime.datetime:
        """The moment as of which its conditions are judged: that of the step being taken, otherwise now."""
        return self.performance.moment if self.performance else timezone.now()

    @property
    def awaited(self) -> str:
        """Whom or what it waits for outside the desk, in words; empty where its holders have the next move."""
        return ""

    @property
    def name_in_address(self) -> str:
        """What addresses it: its number, where it has no key."""
        return str(self.pk)

    @property
    def workplace(self) -> Workplace | None:
        """Where its holders do what it waits for, if that is another page than its own."""
        return self.workflow.workplaces.get(self.state)

    @property
    def holders(self) -> list[User | str]:
        """Who has the next move."""
        party = self.workflow.held_by.get(self.state)
        if party is None:
            return []
        return self.told[party] if party in self.told else party.of(self)

    def readers_among(self, people: Iterable[User | str]) -> list[User | str]:
        """Keep those people and plain addresses who may know of this object now; only they are told of it."""
        return list(people)


class EventQuerySet(models.QuerySet["Event"]):
    """Events, by the object they belong to."""

    def of(self, obj: Stateful) -> EventQuerySet:
        """Return the history of an object, oldest first."""
        kind = ContentType.objects.get_for_model(obj.anchor_model())
        return self.filter(content_type=kind, object_id=obj.pk).order_by("pk")


class Event(models.Model):
    """One thing that happened to one object; never changed, never removed (a trigger refuses it)."""

    content_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    object_id = models.BigIntegerField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="events")
    name = models.CharField(max_length=64)
    source = models.CharField(max_length=32, blank=True)
    target = models.CharField(max_length=32, blank=True)
    changes = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["content_type", "object_id", "id"], name="event_history"),
            models.Index(fields=["created_at"], name="event_moment"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.content_type_id}:{self.object_id}"

    @property
    def moved(self) -> bool:
        """Whether the state changed."""
        return self.source != self.target
