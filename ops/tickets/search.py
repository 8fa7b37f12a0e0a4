"""Full-text search over tickets and their comments, bounded however many match."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.search import SearchHeadline, SearchQuery, SearchRank
from django.db.models import F, Q
from django.db.models.expressions import RawSQL

from ops.people.models import User
from ops.tickets.models import SEARCH_LANGUAGE, Comment, Ticket, TicketQuerySet

# Of a word that stands everywhere, the newest matches are looked at; the time for a search is then bounded by
# this number and not by the size of the table.
MOST_CANDIDATES = 1_000
# No text that people type holds these, so what matched can be told from what was written.
MATCH_BEGINS, MATCH_ENDS = "\x02", "\x03"
_KEY = re.compile(r"[A-Za-z]{2,10}-[0-9]{1,12}")
_WORD = re.compile(r"\w{3,}")


def matching(rows: TicketQuerySet, text: str, reader: User | AnonymousUser) -> TicketQuerySet:
    """Keep the tickets whose key, title, description or a comment this reader may read match the text.

    `text` is what people type into a search box: words, "a phrase", or, -not. Among very many matches the
    newest 1,000 tickets and the newest 1,000 comments count. They are looked for here, in one query, so that
    a list that shows and counts them does so once.
    """
    # As one value: a thousand numbers, each written by itself, take Django longer than the database.
    ids = f"{{{','.join(map(str, _candidates(text, reader)))}}}"
    found = Q(pk__in=RawSQL("SELECT unnest(%s::bigint[])", [ids]))
    if _KEY.fullmatch(text.strip()):
        named = text.strip().upper()
        found |= Q(key=named) | Q(external_key=named)
    return rows.filter(found)


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


def snippets(tickets: Sequence[Ticket], text: str, reader: User | AnonymousUser) -> dict[int, str]:
    """Return the words around what matched in each ticket, from its description or else from a comment.

    What matched stands between `MATCH_BEGINS` and `MATCH_ENDS`. Two queries, for the tickets of one page.
    """
    query = SearchQuery(text, search_type="websearch", config=SEARCH_LANGUAGE)
    ids = [ticket.pk for ticket in tickets]
    said = (
        Comment.objects.addressed_to(reader)
        .filter(ticket__in=ids, search=query)
        .order_by("ticket_id", "-pk")
        .distinct("ticket_id")
        .annotate(words=_headline("body", query))
        .values_list("ticket_id", "words")
    )
    described = Ticket.objects.filter(pk__in=ids).annotate(words=_headline("description", query))
    in_description = {
        pk: words for pk, words in described.values_list("pk", "words") if MATCH_BEGINS in words
    }
    return {**dict(said), **in_description}


def _headline(column: str, query: SearchQuery) -> SearchHeadline:
    return SearchHeadline(
        column,
        query,
        config=SEARCH_LANGUAGE,
        start_sel=MATCH_BEGINS,
        stop_sel=MATCH_ENDS,
        max_words=28,
        min_words=12,
        max_fragments=2,
        fragment_delimiter=" … ",
    )


def _candidates(text: str, reader: User | AnonymousUser) -> set[int]:
    query = SearchQuery(text, search_type="websearch", config=SEARCH_LANGUAGE)
    titled = Ticket.objects.filter(search=query).order_by("-pk").values_list("pk")[:MOST_CANDIDATES]
    # Who may read them is asked of the newest alone: asked while looking, it is asked of every comment.
    newest = Comment.objects.filter(search=query).order_by("-pk").values("pk")[:MOST_CANDIDATES]
    said = Comment.objects.addressed_to(reader).filter(pk__in=newest).values_list("ticket_id")
    return {pk for (pk,) in titled.union(said, all=True)}
