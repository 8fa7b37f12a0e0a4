"""What happened lately on several tickets at once, as one reader may know of it."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.models import ContentType
from django.db.models import F, QuerySet

from ops.people.models import User
from ops.tickets.models import Comment, Ticket
from ops.tickets.timeline import Entry, described
from ops.workflow.models import Event

MOST = 200
Reader = User | AnonymousUser
News = list[tuple[Ticket, Entry]]


def news_of(tickets: Iterable[Ticket], reader: Reader, *, since: datetime.datetime) -> News:
    """Return what others did on these tickets since a moment, oldest first; six queries for any number of them.

    The reader sees the tickets; what they may not read of them is left out.
    """
    seen = {ticket.pk: ticket for ticket in tickets}
    if not seen:
        return []
    comments = Comment.objects.addressed_to(reader).filter(ticket__in=seen, created_at__gt=since)
    changed = [pk for pk, ticket in seen.items() if ticket.updated_at > since]
    events = _events().filter(object_id__in=changed, created_at__gt=since)
    return _told(seen, events.exclude(actor=reader.pk), comments.exclude(author=reader.pk), reader, MOST)


def latest_moves(reader: Reader, *, most: int) -> News:
    """Return the latest steps and comments on all that the reader sees, newest first."""
    seen = Ticket.objects.visible_to(reader)
    events = _events().filter(object_id__in=seen.values("pk")).exclude(source=F("target"))
    comments = Comment.objects.visible_to(reader)
    newest = [
        *events.values_list("object_id", flat=True)[:most],
        *comments.values_list("ticket", flat=True)[:most],
    ]
    tickets = seen.filter(pk__in=newest).defer("description").in_bulk()
    return _told(tickets, events, comments, reader, most)[::-1][:most]


def _events() -> QuerySet[Event]:
    return Event.objects.filter(content_type=ContentType.objects.get_for_model(Ticket)).order_by("-pk")


def _told(
    tickets: Mapping[int, Ticket],
    events: QuerySet[Event],
    comments: QuerySet[Comment],
    reader: Reader,
    most: int,
) -> News:
    said = comments.select_related("author").defer("search").order_by("-pk")[:most]
    news = [(tickets[c.ticket_id], Entry(c.created_at, comment=c)) for c in said if c.ticket_id in tickets]
    happened = [event for event in events.select_related("actor")[:most] if event.object_id in tickets]
    news += _in_words(tickets, happened[::-1], reader)
    return sorted(news, key=lambda pair: pair[1].moment)


def _in_words(tickets: Mapping[int, Ticket], events: Sequence[Event], reader: Reader) -> News:
    # Events of one kind are put into words together: the number of queries follows the kinds, not the tickets.
    of_kind: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        of_kind[tickets[event.object_id].kind].append(event)
    told = [described(tickets[some[0].object_id], some, reader) for some in of_kind.values()]
    return [(tickets[entry.event.object_id], entry) for entries in told for entry in entries if entry.event]
