"""The timeline of a ticket as its page tells it: what happened in one line each, what was said in full."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils.safestring import SafeString

from ops.people.models import SYSTEM_USERNAME, User
from ops.tickets.markdown import rendered
from ops.tickets.models import Attachment, CommentVisibility, Ticket, TicketPart
from ops.tickets.timeline import Change, Entry, moments_said
from ops.web.frame import dates
from ops.workflow.declaration import Phase
from ops.workflow.models import Stateful

ICONS = {
    "create": "plus",
    "edit": "pencil",
    "attach": "paperclip",
    "link": "link",
    "unlink": "unlink",
    "watch": "bell",
    "invite": "user-plus",
    "uninvite": "user-minus",
}
PHASE_ICONS = {
    Phase.OPEN: "arrow-right",
    Phase.ACTIVE: "arrow-right",
    Phase.WAITING: "player-pause",
    Phase.GOOD_END: "check",
    Phase.BAD_END: "x",
}
AUDIENCES = {
    CommentVisibility.PARTICIPANTS: "Participants only",
    CommentVisibility.STAFF: "Staff only",
}


@dataclass(frozen=True)
class Place:
    """A state, as a mark and a word."""

    label: str
    phase: str


@dataclass(frozen=True)
class Happening:
    """An event in one line; its changes unfold."""

    anchor: str
    icon: str
    actor: User
    words: str
    moment: datetime.datetime
    target: Place | None = None
    reason: str = ""
    changes: Sequence[Change] = ()
    is_comment = False


@dataclass(frozen=True)
class Tool:
    """Something that can be done about a comment."""

    label: str
    url: str
    place: str = ""


@dataclass(frozen=True)
class Said:
    """A comment."""

    anchor: str
    author: User
    moment: datetime.datetime
    visibility: str
    audience: str
    html: SafeString
    edited: datetime.datetime | None
    attachments: Sequence[Attachment]
    tools: Sequence[Tool]
    part: TicketPart | None = None
    is_comment = True


def told(record: Stateful, entries: Sequence[Entry], reader: User | AnonymousUser) -> list[Happening | Said]:
    """Make the entries of a timeline ready to be drawn."""
    return [_said(record, entry, reader) if entry.comment else _happened(record, entry) for entry in entries]


def _said(ticket: Any, entry: Entry, reader: User | AnonymousUser) -> Said:
    comment: Any = entry.comment
    tools = []
    if comment.author_id == reader.pk:
        tools.append(Tool("Edit", reverse("edit-comment", args=[ticket.key, comment.pk]), entry.anchor))
    if comment.edited_at:
        tools.append(Tool("Earlier wordings", reverse("comment-history", args=[ticket.key, comment.pk])))
    return Said(
        anchor=entry.anchor,
        author=comment.author,
        moment=entry.moment,
        visibility=comment.visibility,
        audience=AUDIENCES.get(comment.visibility, ""),
        html=rendered(comment.body),
        edited=comment.edited_at,
        attachments=comment.attachments.all(),
        tools=tools,
        part=entry.part,
    )


def _happened(record: Stateful, entry: Entry) -> Happening:
    event: Any = entry.event
    changes = moments_said(entry.changes, record, dates.noted)
    moved = event.moved and bool(event.source)
    words, rest = _words(event.name, changes, moved=moved, told_as=record.workflow.told_as)
    if event.name == "create" and not isinstance(record, Ticket):
        words = "wrote it"
    target = None
    if event.moved and event.source:
        state = record.workflow.State(event.target)
        target = Place(str(state.label), state.phase.value)
    return Happening(
        anchor=entry.anchor,
        icon=_icon(event, target),
        actor=event.actor,
        words=words,
        moment=entry.moment,
        target=target,
        reason=event.reason,
        changes=rest,
    )


def _icon(event: Any, target: Place | None) -> str:
    if event.actor.username == SYSTEM_USERNAME:
        return "robot"
    if target is not None:
        return PHASE_ICONS[Phase(target.phase)]
    return ICONS.get(event.name, "point")


def _words(
    name: str, changes: Sequence[Change], *, moved: bool, told_as: Mapping[str, str]
) -> tuple[str, Sequence[Change]]:
    """Return the line of an event, and the changes that it does not say already."""
    if moved:
        return "moved it to", changes
    if name == "create":
        return "reported it", ()
    if name in told_as and not changes:
        return told_as[name], ()
    said = _SAY_WHAT.get(name) or told_as.get(name)
    if said and len(changes) == 1:
        return f"{said} {changes[0].new or changes[0].old}", ()
    if len(changes) == 1 and not changes[0].is_long:
        return _one(changes[0]), ()
    return f"changed {_listed([_lower(change.label) for change in changes])}", changes


_SAY_WHAT = {
    "attach": "attached",
    "link": "linked: it",
    "unlink": "removed a link: it no longer",
    "watch": "signed up",
    "invite": "let in",
    "uninvite": "no longer lets in",
}


def _one(change: Change) -> str:
    label = _lower(change.label)
    if not change.old:
        return f"set {label} to {change.new}"
    if not change.new:
        return f"cleared {label} ({change.old})"
    return f"changed {label} from {change.old} to {change.new}"


def _lower(label: str) -> str:
    return label[:1].lower() + label[1:]


def _listed(labels: list[str], most: int = 3) -> str:
    if len(labels) > most:
        labels = [*labels[: most - 1], f"{len(labels) - most + 1} more"]
    return (
        " and ".join(filter(None, [", ".join(labels[:-1]), labels[-1]])) if labels else "nothing that you see"
    )
