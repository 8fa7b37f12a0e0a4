"""The story of a ticket: its events and comments, interleaved, as this reader may read them."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime

from ops.people.authority import is_staff_member
from ops.people.models import User
from ops.tickets.models import INVERSE_WORDS, Comment, LinkKind, Ticket, TicketPart
from ops.tickets.services import takes_part
from ops.workflow import registry
from ops.workflow.models import Event, Stateful

WINDOW = 50
LONG_TEXT = 120
# What was talked about, and was taken out of a draft since.
GONE = TicketPart("something that was taken out")


@dataclass(frozen=True)
class Change:
    """What became of one field, in words; long texts are for unfolding.

    `was` and `became` say the same to a program: people by username, products by slug, tickets by key.
    """

    field: str
    label: str
    old: str
    new: str
    ticket_key: str = ""
    was: Any = None
    became: Any = None

    @property
    def is_long(self) -> bool:
        """Whether it is too long for a line."""
        return max(len(self.old), len(self.new)) > LONG_TEXT


@dataclass(frozen=True)
class Entry:
    """One thing in the story: an event with its changes, or a comment, with the part that it is about."""

    moment: datetime.datetime
    event: Event | None = None
    comment: Comment | None = None
    part: TicketPart | None = None
    words: str = ""
    changes: tuple[Change, ...] = ()

    @property
    def anchor(self) -> str:
        """The name by which a link leads here."""
        return f"comment-{self.comment.pk}" if self.comment else f"event-{self.event.pk}"  # type: ignore[union-attr]


@dataclass(frozen=True)
class Timeline:
    """The newest entries, oldest first, and whether there are earlier ones."""

    entries: list[Entry]
    earlier: datetime.datetime | None


def timeline(
    ticket: Ticket,
    reader: User | AnonymousUser,
    *,
    before: datetime.datetime | None = None,
    most: int = WINDOW,
) -> Timeline:
    """Return a window of the story of a ticket that this reader may see; the number of queries is constant.

    What happened in one moment stays together, because a moment is where the earlier part ends: a history that was
    loaded knows minutes only.
    """
    events = ticket.history_for(reader).select_related("actor").order_by("-created_at", "-pk")
    comments = comments_of(ticket, reader).order_by("-created_at", "-pk")
    if before is not None:
        events, comments = events.filter(created_at__lt=before), comments.filter(created_at__lt=before)
    newest = _in_order([*comments[: most + 1], *events[: most + 1]])
    shown, rest = newest[-most:], newest[:-most]
    earlier = shown[0].created_at if rest else None
    if earlier is not None and rest[-1].created_at == earlier:
        later = [row for row in shown if row.created_at > earlier]
        shown = _in_order([*comments.filter(created_at=earlier), *events.filter(created_at=earlier), *later])
        if not any(rows.filter(created_at__lt=earlier).exists() for rows in (comments, events)):
            earlier = None
    return Timeline(_entries(ticket, shown, reader), earlier)


def comments_of(ticket: Ticket, reader: User | AnonymousUser) -> QuerySet[Comment]:
    """Return the comments on a ticket that this reader may read, with what belongs to each."""
    rows = ticket.comments.addressed_to(reader).select_related("author")
    return rows.prefetch_related("attachments").defer("search").order_by("created_at", "pk")


def _in_order(rows: Iterable[Event | Comment]) -> list[Event | Comment]:
    return sorted(rows, key=lambda row: (row.created_at, isinstance(row, Comment), row.pk))


def _entries(ticket: Ticket, rows: Sequence[Event | Comment], reader: User | AnonymousUser) -> list[Entry]:
    told = described(ticket, [row for row in rows if isinstance(row, Event)], reader)
    by_event = {entry.event.pk: entry for entry in told if entry.event}
    said = {
        entry.comment.pk: entry
        for entry in spoken(ticket, [row for row in rows if isinstance(row, Comment)])
        if entry.comment
    }
    entries = (said[row.pk] if isinstance(row, Comment) else by_event.get(row.pk) for row in rows)
    return [entry for entry in entries if entry is not None]


def spoken(ticket: Ticket, comments: Sequence[Comment]) -> list[Entry]:
    """Return comments on a ticket as entries; the parts that they are about are asked for at once."""
    named = {comment.about for comment in comments if comment.about}
    parts = dict.fromkeys(named, GONE) | dict(ticket.parts(named))
    return [Entry(comment.created_at, comment=comment, part=parts.get(comment.about)) for comment in comments]


def changed_since(
    ticket: Ticket, version: int, reader: User | AnonymousUser, *, most: int = 20
) -> list[Entry]:
    """Return what changed of a ticket after it had a version, oldest first, as this reader may read it."""
    raises_version = {"edit", *(step.name for step in ticket.workflow.steps())}
    events = ticket.history_for(reader).filter(name__in=raises_version).select_related("actor")
    count = min(max(ticket.version - version, 0), most)
    return described(ticket, list(events.order_by("-pk")[:count])[::-1], reader)


def described(obj: Stateful, events: Sequence[Event], reader: User | AnonymousUser) -> list[Entry]:
    """Put events into words for one reader.

    What names a ticket or a person that this reader may not know of is left out: the line of a field, or the whole
    event where that is all it says.
    """
    names = _Names.of(events, registry.model_of(obj.workflow.kind), reader)
    untold = _untold(obj, events, reader)
    entries = []
    for event in events:
        told = {name: raw for name, raw in event.changes.items() if names.is_told(name) and event.source}
        known = sorted((names.place(name), name, raw) for name, raw in told.items() if name not in untold)
        changes = tuple(change for _, name, raw in known if (change := names.change(name, raw)))
        if told and not changes and not event.moved:
            continue
        entries.append(
            Entry(event.created_at, event=event, words=_words(obj.workflow, event), changes=changes)
        )
    return entries


def moments_said(
    changes: Iterable[Change], obj: Stateful, say: Callable[[datetime.datetime], str]
) -> tuple[Change, ...]:
    """Return changes with their moments said as `say` says them to the reader."""
    model = registry.model_of(obj.workflow.kind)

    def said(text: str) -> str:
        return say(datetime.datetime.fromisoformat(text)) if text else ""

    return tuple(
        replace(change, old=said(change.old), new=said(change.new))
        if isinstance(_field(model, change.field), models.DateTimeField)
        else change
        for change in changes
    )


def _untold(obj: Stateful, events: Iterable[Event], reader: User | AnonymousUser) -> set[str]:
    """Return what `selectors` would not tell this reader either: who was let in, and who follows."""
    named = {name for event in events for name in event.changes}
    untold = {*obj.kept_from(reader), *(() if reader.is_authenticated else ("watchers",))}
    if "invited" in named and not (is_staff_member(reader) or takes_part.test(reader, obj)):
        untold.add("invited")
    return untold


def _words(workflow: Any, event: Event) -> str:
    if event.name in _BESIDE:
        return _BESIDE[event.name]
    steps = workflow.steps_named(event.name)
    if not event.moved or not steps:
        return "made a change"
    return f"moved it to {workflow.State(event.target).label}"


_BESIDE = {
    "create": "reported it",
    "edit": "changed it",
    "attach": "attached a file",
    "take_off": "took a file off",
    "link": "linked it",
    "unlink": "removed a link",
    "watch": "signed somebody up",
    "invite": "let somebody in",
    "uninvite": "no longer lets somebody in",
}


@dataclass(frozen=True)
class _Called:
    """How a row is called: by people, and by programs."""

    words: str
    name: str


@dataclass(frozen=True)
class _Value:
    """A recorded value in words, and as it is given."""

    words: str
    given: Any


@dataclass(frozen=True)
class _Names:
    """Rows that the changes of some events refer to, by what this reader may call them."""

    model: type[models.Model]
    called: Mapping[type[models.Model], Mapping[int, _Called]]

    @classmethod
    def of(cls, events: Iterable[Event], model: type[models.Model], reader: User | AnonymousUser) -> _Names:
        wanted: dict[type[models.Model], set[int]] = defaultdict(set)
        for event in events:
            if not event.source:  # what something began with is not told as a change
                continue
            for name, raw in event.changes.items():
                for value in (raw.get("old"), raw.get("new")):
                    related, keys = _references(model, name, value)
                    if related is not None:
                        wanted[related] |= keys
        return cls(
            model,
            {
                related: {row.pk: _called(row) for row in _rows_of(related, reader).filter(pk__in=keys)}
                for related, keys in wanted.items()
            },
        )

    def is_told(self, name: str) -> bool:
        """Whether a change is worth a line: not what follows from others, but for the priority."""
        field = _field(self.model, name)
        return field is None or field.editable or name == "priority"

    def place(self, name: str) -> int:
        """Where a field stands among those of its kind: changes are told in this order, the database keeps none."""
        names = [field.name for field in self.model._meta.concrete_fields]
        return names.index(name) if name in names else len(names)

    def change(self, name: str, raw: Mapping[str, Any]) -> Change | None:
        """Return a change in words, or None where it names something that the reader may not see."""
        old, new = self._value(name, raw.get("old")), self._value(name, raw.get("new"))
        if old is None or new is None:
            return None
        related, keys = _references(self.model, name, raw.get("new") or raw.get("old"))
        named = self.called[related].get(next(iter(keys))) if related is Ticket and len(keys) == 1 else None
        return Change(
            name,
            _label(self.model, name),
            old.words,
            new.words,
            named.name if named else "",
            was=old.given,
            became=new.given,
        )

    def _value(self, name: str, value: Any) -> _Value | None:
        if value in (None, "", []):
            return _Value("", None if value == "" else value)
        related, keys = _references(self.model, name, value)
        if related is None:
            return _Value(_plain(self.model, name, value), value)
        rows = [self.called[related].get(key) for key in sorted(keys)]
        known = [row for row in rows if row is not None]
        if len(known) < len(rows):
            return None
        if name == "link":
            key = known[0].name
            return _Value(
                _link_words(value, key), {"kind": value["kind"], "ticket": key, "inverse": value["inverse"]}
            )
        names = [row.name for row in known]
        return _Value(", ".join(row.words for row in known), names if isinstance(value, list) else names[0])


def _rows_of(related: type[models.Model], reader: User | AnonymousUser) -> QuerySet[Any]:
    """Return the rows of a table that this reader may be told of; people are named also when they have left."""
    rows: Any = related._default_manager.all()
    if related is User or not hasattr(rows, "visible_to"):
        return rows
    seen = rows.visible_to(reader)
    return seen.only("key") if related is Ticket else seen


def _called(row: Any) -> _Called:
    return _Called(str(row), getattr(row, getattr(row, "lookup_name", "pk")))


def _references(
    model: type[models.Model], name: str, value: Any
) -> tuple[type[models.Model] | None, set[int]]:
    """Return which rows a recorded value refers to: the table, and their numbers."""
    if value is None:
        return None, set()
    if name == "link":
        return Ticket, {value["ticket"]}
    if name == "tickets":
        return Ticket, set(value)
    field = _field(model, name)
    if not isinstance(field, models.ForeignKey):
        return None, set()
    related = field.related_model
    return (Ticket if issubclass(related, Ticket) else related), {value}


def _link_words(value: Mapping[str, Any], key: str) -> str:
    kind = LinkKind(value["kind"])
    return f"{INVERSE_WORDS[kind] if value['inverse'] else kind.label} {key}"


def _plain(model: type[models.Model], name: str, value: Any) -> str:
    field = _field(model, name)
    if isinstance(field, models.DateTimeField):
        moment = parse_datetime(str(value))
        return moment.isoformat() if moment else str(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{key.replace('_', ' ')}: {_plain(model, '', part)}" for key, part in value.items())
    if isinstance(value, list):
        return ", ".join(_plain(model, name, each) for each in value)
    words = dict(getattr(field, "base_field", field).flatchoices) if field is not None else {}
    return str(words.get(value, value))


def _label(model: type[models.Model], name: str) -> str:
    field = _field(model, name)
    return str(field.verbose_name).capitalize() if field is not None else name.replace("_", " ").capitalize()


def _field(model: type[models.Model], name: str) -> Any:
    return next((field for field in model._meta.concrete_fields if field.name == name), None)
