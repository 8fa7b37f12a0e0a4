"""What stands beside a record, as dictionaries and as schemas: events, steps, comments, links, people, files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from rest_framework.request import Request

from ops.api.columns import moment_text
from ops.api.records import names_of
from ops.api.schemas import (
    ANYTHING,
    MOMENT,
    MOMENT_OR_NULL,
    NUMBER,
    TEXT,
    TEXT_OR_NULL,
    YES_OR_NO,
    Schema,
    list_of,
    object_with,
)
from ops.api.shapes import Fields, choices_of, fields_of, schema_of
from ops.people.models import User
from ops.tickets.models import (
    Attachment,
    Comment,
    CommentVisibility,
    Invitation,
    Link,
    LinkKind,
    Ticket,
    Watcher,
)
from ops.tickets.timeline import Entry
from ops.workflow.models import Stateful
from ops.workflow.selectors import Offer

PEOPLE: Schema = {"type": "object", "additionalProperties": TEXT, "description": "Names by username."}

EVENT_SCHEMA = object_with(
    id=NUMBER,
    name={**TEXT, "description": "The transition, or `create`, `edit`, `link`, …"},
    words=TEXT,
    actor=TEXT,
    moment=MOMENT,
    source={**TEXT_OR_NULL, "description": "The state before; null at the creation."},
    target=TEXT,
    reason=TEXT,
    changes={
        "type": "object",
        "description": "What became of each field; tickets that you may not see are left out.",
        "additionalProperties": object_with(label=TEXT, old=ANYTHING, new=ANYTHING),
    },
    people=PEOPLE,
)


def event(entry: Entry) -> dict[str, Any]:
    """Tell one event of a history."""
    happened = entry.event
    assert happened is not None  # noqa: S101  # a history without comments holds events only
    return {
        "id": happened.pk,
        "name": happened.name,
        "words": entry.words,
        "actor": happened.actor.username,
        "moment": moment_text(happened.created_at),
        "source": happened.source or None,
        "target": happened.target,
        "reason": happened.reason,
        "changes": {
            change.field: {"label": change.label, "old": change.was, "new": change.became}
            for change in entry.changes
        },
        "people": names_of([happened.actor]),
    }


FIELD_SCHEMA = object_with(
    name=TEXT,
    label=TEXT,
    required={**YES_OR_NO, "description": "It must be given: the record does not have it yet."},
    schema={"type": "object", "description": "The JSON that it takes, as JSON Schema."},
    choices={"type": "array", "items": object_with(value=TEXT, label=TEXT)},
)
STEP_SCHEMA = object_with(
    name=TEXT,
    label=TEXT,
    help=TEXT,
    to={"type": "array", "items": TEXT, "description": "The states in which it can end."},
    open={**YES_OR_NO, "description": "Nothing holds it back."},
    unmet={"type": "array", "items": TEXT, "description": "What holds it back, in sentences."},
    reason_required=YES_OR_NO,
    fields=list_of(FIELD_SCHEMA),
    url={**TEXT, "format": "uri"},
)


def step(offer: Offer, obj: Stateful, url: str) -> dict[str, Any]:
    """Tell a step that somebody may take now."""
    declared = offer.step
    needed = tuple(name for name in declared.asks if declared.anew or not getattr(obj, name, None))
    return {
        "name": declared.name,
        "label": declared.label,
        "help": declared.help,
        "to": list(declared.targets),
        "open": offer.is_open,
        "unmet": list(offer.unmet),
        "reason_required": declared.reason,
        "fields": fields(fields_of(type(obj), declared.fields, needed), needed),
        "url": url,
    }


def fields(declared: Fields, required: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Tell which fields a step or an edit takes."""
    needed = set(required)
    return [
        {
            "name": name,
            "label": str(field.label),
            "required": name in needed,
            "schema": schema_of(field),
            "choices": [{"value": value, "label": label} for value, label in choices_of(field)],
        }
        for name, field in declared.items()
    ]


ATTACHMENT_SCHEMA = object_with(
    id=NUMBER,
    name=TEXT,
    size={**NUMBER, "description": "In bytes."},
    comment={"type": ["integer", "null"], "description": "The comment it belongs to, if to one."},
    uploaded_by=TEXT,
    created_at=MOMENT,
    people=PEOPLE,
    url={**TEXT, "format": "uri", "description": "Where the file is downloaded."},
)


def attachment(kept: Attachment, ticket: Ticket, request: Request) -> dict[str, Any]:
    """Tell a file; its content is downloaded from `url`."""
    return {
        "id": kept.pk,
        "name": kept.name,
        "size": kept.size,
        "comment": kept.comment_id,
        "uploaded_by": kept.uploaded_by.username,
        "created_at": moment_text(kept.created_at),
        "people": names_of([kept.uploaded_by]),
        "url": request.build_absolute_uri(
            reverse(f"api:{ticket.kind}-attachment", args=[ticket.key, kept.pk])
        ),
    }


COMMENT_SCHEMA = object_with(
    id=NUMBER,
    author=TEXT,
    body={**TEXT, "description": "Markdown."},
    visibility={**TEXT, "enum": CommentVisibility.values},
    about={**TEXT, "description": "The part of the ticket that it is about; nothing for the whole."},
    created_at=MOMENT,
    edited_at=MOMENT_OR_NULL,
    attachments=list_of(NUMBER),
    people=PEOPLE,
)


def comment(said: Comment) -> dict[str, Any]:
    """Tell a comment."""
    return {
        "id": said.pk,
        "author": said.author.username,
        "body": said.body,
        "visibility": said.visibility,
        "about": said.about,
        "created_at": moment_text(said.created_at),
        "edited_at": moment_text(said.edited_at),
        "attachments": [kept.pk for kept in said.attachments.all()],
        "people": names_of([said.author]),
    }


LINK_SCHEMA = object_with(
    id=NUMBER,
    kind={**TEXT, "enum": LinkKind.values},
    inverse={**YES_OR_NO, "description": "The other ticket is the source: it blocks this one."},
    words={**TEXT, "description": "How the link reads here: “is blocked by”."},
    ticket=object_with(key=TEXT, title=TEXT, state=TEXT, state_label=TEXT),
    created_by=TEXT,
    created_at=MOMENT,
    people=PEOPLE,
)


def link(made: Link, ticket: Ticket) -> dict[str, Any]:
    """Tell a link as it reads on one of its ends."""
    inverse = made.source_id != ticket.pk
    other = made.source if inverse else made.target
    return {
        "id": made.pk,
        "kind": made.kind,
        "inverse": inverse,
        "words": made.words_from(ticket),
        "ticket": {
            "key": other.key,
            "title": other.title,
            "state": other.state,
            "state_label": other.state_label,
        },
        "created_by": made.created_by.username,
        "created_at": moment_text(made.created_at),
        "people": names_of([made.created_by]),
    }


FOLLOWER_SCHEMA = object_with(
    who={**TEXT, "description": "A username or an e-mail address."},
    is_account=YES_OR_NO,
    created_at=MOMENT,
    people=PEOPLE,
)


def follower(watcher: Watcher) -> dict[str, Any]:
    """Tell somebody who follows a ticket."""
    who = watcher.recipient
    return {
        "who": who.username if isinstance(who, User) else who,
        "is_account": isinstance(who, User),
        "created_at": moment_text(watcher.created_at),
        "people": names_of([who] if isinstance(who, User) else []),
    }


INVITATION_SCHEMA = object_with(person=TEXT, invited_by=TEXT, created_at=MOMENT, people=PEOPLE)


def invitation(made: Invitation) -> dict[str, Any]:
    """Tell somebody who was let in to a ticket."""
    return {
        "person": made.person.username,
        "invited_by": made.invited_by.username,
        "created_at": moment_text(made.created_at),
        "people": names_of([made.person, made.invited_by]),
    }
