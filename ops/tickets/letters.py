"""What messages about tickets say, written at the moment of sending for what this reader may see then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string

from ops.notify import composers
from ops.notify.composers import Headline, Letter, Recipient, moment_for
from ops.people.models import User
from ops.tickets.models import Comment, Ticket
from ops.tickets.services import COMMENT_MESSAGE
from ops.tickets.timeline import Entry, described, moments_said, spoken
from ops.workflow.models import Event

TICKET_EVENT = "tickets.ticket.event"


def as_reader(recipient: Recipient) -> User | AnonymousUser:
    """Return the eyes through which a recipient sees: a plain address sees what the public sees."""
    return recipient if isinstance(recipient, User) else AnonymousUser()


def compose_events(event_ids: Sequence[int], recipient: Recipient) -> Letter | None:
    """Write about some events of one ticket, or nothing where the reader may not see it any more."""
    events = list(Event.objects.filter(pk__in=event_ids).select_related("actor").order_by("pk"))
    ticket = _seen(events[0].object_id, recipient) if events else None
    if ticket is None:
        return None
    say = partial(moment_for, recipient)
    entries = [
        replace(entry, changes=moments_said(entry.changes, ticket, say))
        for entry in described(ticket, events, as_reader(recipient))
    ]
    return _letter(ticket, entries, recipient)


def compose_comments(comment_ids: Sequence[int], recipient: Recipient) -> Letter | None:
    """Write about some comments on one ticket, or nothing where the reader may read none of them."""
    comments = list(
        Comment.objects.visible_to(as_reader(recipient))
        .filter(pk__in=comment_ids)
        .select_related("author")
        .defer("search")
        .order_by("pk")
    )
    ticket = _seen(comments[0].ticket_id, recipient) if comments else None
    if ticket is None:
        return None
    return _letter(ticket, spoken(ticket, comments), recipient)


def event_headlines(event_ids: Sequence[int], reader: User) -> Mapping[int, Headline]:
    """Write one line per event for the list under the bell; what the reader may not see is left out."""
    events = list(Event.objects.filter(pk__in=event_ids).select_related("actor").order_by("pk"))
    tickets = _seen_by_id({event.object_id for event in events}, reader)
    lines: dict[int, Headline] = {}
    for ticket in tickets.values():
        own = [event for event in events if event.object_id == ticket.pk]
        for entry in described(ticket, own, reader):
            if entry.event is not None:
                lines[entry.event.pk] = _headline(ticket, f"{entry.event.actor.name} {entry.words}")
    return lines


def comment_headlines(comment_ids: Sequence[int], reader: User) -> Mapping[int, Headline]:
    """Write one line per comment for the list under the bell; what the reader may not read is left out."""
    comments = (
        Comment.objects.visible_to(reader).filter(pk__in=comment_ids).select_related("author").defer("search")
    )
    tickets = _seen_by_id({comment.ticket_id for comment in comments}, reader)
    return {
        comment.pk: _headline(
            tickets[comment.ticket_id], f"{comment.author.name}: {_first_line(comment.body)}"
        )
        for comment in comments
        if comment.ticket_id in tickets
    }


def _seen(ticket_id: int, recipient: Recipient) -> Ticket | None:
    return _seen_by_id({ticket_id}, as_reader(recipient)).get(ticket_id)


def _seen_by_id(ids: set[int], reader: User | AnonymousUser) -> dict[int, Ticket]:
    rows = (
        Ticket.objects.visible_to(reader)
        .filter(pk__in=ids)
        .select_related("assignee", "reporter", "component")
    )
    return {ticket.pk: ticket for ticket in rows}


def _letter(ticket: Ticket, entries: list[Entry], recipient: Recipient) -> Letter | None:
    if not entries:
        return None
    link = settings.PUBLIC_URL + ticket.get_absolute_url()
    context: dict[str, Any] = {"ticket": ticket, "entries": entries, "link": link}
    title = f"{ticket.key} {ticket.title}"
    return Letter(
        subject=f"[{ticket.key}] {ticket.title}",
        text=render_to_string("tickets/letter.txt", context).strip(),
        html=render_to_string("tickets/letter.html", context),
        link=link,
        thread_title=title,
        waits_for_you=_waits_for(ticket, recipient),
    )


def _waits_for(ticket: Ticket, recipient: Recipient) -> str:
    if recipient not in ticket.holders:
        return ""
    return f"{ticket.key} is {ticket.state_label.lower()} and waits for you."


def _headline(ticket: Ticket, text: str) -> Headline:
    return Headline(f"{ticket.key} {ticket.title}", text, ticket.get_absolute_url())


def _first_line(body: str) -> str:
    line = body.strip().splitlines()[0]
    return f"{line[:117]}…" if len(line) > 118 else line


composers.register(TICKET_EVENT, compose_events, label="Changes of tickets", headlines=event_headlines)
composers.register(
    COMMENT_MESSAGE, compose_comments, label="Comments on tickets", headlines=comment_headlines
)
