"""Full-text search over tickets and their comments, bounded however many match."""

from __future__ import annotations

import re

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F, Q

from ops.people.models import User
from ops.tickets.models import SEARCH_LANGUAGE, Comment, Ticket, TicketQuerySet

# Of a word that stands everywhere, the newest matches are looked at; the time for a search is then bounded by
# this number and not by the size of the table.
MOST_CANDIDATES = 2_000
_KEY = re.compile(r"[A-Za-z]{2,10}-[0-9]{1,12}")
_WORD = re.compile(r"\w{3,}")


def matching(rows: TicketQuerySet, text: str, reader: User | AnonymousUser) -> TicketQuerySet:
    """Keep the tickets whose key, title, description or a comment this reader may read match the text.

    `text` is what people type into a search box: words, "a phrase", or, -not. Among very many matches the
    newest 2,000 tickets and the newest 2,000 comments count.
    """
    if _KEY.fullmatch(text.strip()):
        named = text.strip().upper()
        return rows.filter(Q(key=named) | Q(external_key=named) | Q(pk__in=_candidates(text, reader)))
    return rows.filter(pk__in=_candidates(text, reader))


def similar(text: str, reader: User | AnonymousUser, *, most: int = 5) -> list[Ticket]:
    """Return the visible tickets that share most of the words of a title being typed, best first."""
    words = list(dict.fromkeys(_WORD.findall(text.lower())))[:12]
    if not words:
        return []
    query = SearchQuery(" | ".join(words), search_type="raw", config=SEARCH_LANGUAGE)
    newest = Ticket.objects.filter(search=query).order_by("-pk").values("pk")[:500]
    return list(
        Ticket.objects.visible_to(reader)
        .filter(pk__in=newest)
        .defer("description")
        .annotate(closeness=SearchRank(F("search"), query))
        .order_by("-closeness", "-pk")[:most]
    )


def _candidates(text: str, reader: User | AnonymousUser) -> TicketQuerySet:
    query = SearchQuery(text, search_type="websearch", config=SEARCH_LANGUAGE)
    titled = Ticket.objects.filter(search=query).order_by("-pk").values("pk")[:MOST_CANDIDATES]
    said = Comment.objects.addressed_to(reader).filter(search=query).order_by("-pk")
    return titled.union(said.values("ticket_id")[:MOST_CANDIDATES], all=True)
