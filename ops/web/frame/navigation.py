"""What stands in the side bar, and what can be made from the top bar.

A room of pages adds its entries here; an entry is shown to whom its page is open, and counts must be cheap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import HttpRequest
from django.urls import reverse

from ops.people.authority import is_operator, is_staff
from ops.people.models import User
from ops.tickets.models import Ticket
from ops.web.acceptance import side_bar as acceptance
from ops.web.allocations import side_bar as allocations
from ops.web.committees import side_bar as committees
from ops.web.finding import ticket_models
from ops.web.forms.making import REPORT_KIND
from ops.web.frame.entries import Entry, Section
from ops.web.queue import saved
from ops.workflow import registry

MOST_COUNTED = 999
QUEUE_ICONS = {"issue": "bug", "request": "cpu", "report": "report", "campaign": "flask"}
TAKEN_LETTERS = "habfw"  # by the places below that are no queues


def sections(request: HttpRequest) -> list[Section]:
    """Return the side bar for the person who asks; sections without entries are left out."""
    bar = [
        Section("", _home(request)),
        Section("Queues", _queues(request)),
        Section("Allocations", allocations.entries(request)),
        Section("Committees", committees.entries(request)),
        Section("Acceptance tests", acceptance.entries(request)),
        Section("Saved filters", _saved_filters(request)),
        Section("About", _about(request)),
    ]
    return [section for section in bar if section.entries]


def _home(request: HttpRequest) -> list[Entry]:
    if request.user.is_authenticated:
        return [Entry("What waits for you", reverse("home"), "inbox", keys="g h")]
    return [Entry("The desk", reverse("home"), "home", keys="g h")]


def _queues(request: HttpRequest) -> list[Entry]:
    models = ticket_models()
    counts = open_counts(models, request.user)
    letters = _letters([model.workflow.kind for model in models])
    queues = [
        Entry(
            model.workflow.plural,
            f"{reverse(f'queue-{kind}')}?live=yes",
            QUEUE_ICONS.get(kind, "circle-dot"),
            counts.get(kind),
            f"g {letters[kind]}" if kind in letters else "",
        )
        for model in models
        for kind in [model.workflow.kind]
        if _is_for(request.user, kind, counts)
    ]
    return [
        *queues,
        Entry("Board", reverse("board"), "layout-kanban", keys="g b"),
        Entry("Announcements", reverse("list-announcement"), "speakerphone", keys="g a"),
        *(
            [Entry("Forum watch", reverse("list-watch"), "eye", keys="g f")]
            if is_staff.test(request.user)
            else []
        ),
    ]


def _letters(kinds: Sequence[str]) -> dict[str, str]:
    """Return a letter for each kind: the first of its name that no other place has."""
    letters: dict[str, str] = {}
    for kind in kinds:
        free = (letter for letter in kind if letter not in {*TAKEN_LETTERS, *letters.values()})
        if letter := next(free, ""):
            letters[kind] = letter
    return letters


def _is_for(reader: User | AnonymousUser, kind: str, counts: Mapping[str, str]) -> bool:
    """Whether a queue is worth a place: somebody without an account is not led to where they see nothing."""
    return reader.is_authenticated or kind == REPORT_KIND or kind in counts


def open_counts(models: Sequence[type[Ticket]], reader: User | AnonymousUser) -> dict[str, str]:
    """Return how many open tickets of each kind the reader sees, by kind, each counted up to a bound; no 0.

    One query for all kinds: it is asked on every page.
    """
    counted = [
        Ticket.objects.of_kind_visible_to(model, reader)
        .filter(state__in=model.workflow.live_states())
        .order_by()
        .values("pk")[: MOST_COUNTED + 1]
        .query.sql_with_params()
        for model in models
    ]
    columns = ", ".join(f"(SELECT count(*) FROM ({sql}) AS few)" for sql, _ in counted)  # noqa: S608  # compiled by Django
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns}", [value for _, values in counted for value in values])
        counts = cursor.fetchone()
    return {
        model.workflow.kind: str(count) if count <= MOST_COUNTED else f"{MOST_COUNTED}+"
        for model, count in zip(models, counts, strict=True)
        if count
    }


def _saved_filters(request: HttpRequest) -> list[Entry]:
    if not request.user.is_authenticated:
        return []
    return [Entry(kept.name, kept.address, "bookmark") for kept in saved.filters_of(request.user)]


def _about(request: HttpRequest) -> list[Entry]:
    about = [
        Entry("Workflows", reverse("workflows"), "sitemap", keys="g w"),
        Entry("Figures", reverse("transparency"), "chart-bar"),
        Entry("Help", reverse("help"), "help-circle"),
    ]
    if request.user.is_authenticated:
        about.insert(2, Entry("Teams", reverse("teams"), "users"))
    if is_operator.test(request.user):
        about.append(Entry("Operators", reverse("operators"), "server"))
    if settings.DEMO or settings.DEBUG:
        about.append(Entry("Style guide", reverse("styleguide"), "palette"))
    return about


def mark_current(bar: Sequence[Section], address: str) -> list[Section]:
    """Return the side bar with the entry marked that leads to this very address, else the nearest above it."""
    places = [entry.url for section in bar for entry in section.entries]
    path = address.partition("?")[0]
    above = [place for place in places if _lies_below(path, place.partition("?")[0])]
    here = address if address in places else max(above, key=_path_length, default=None)
    return [
        Section(section.title, [replace(entry, current=entry.url == here) for entry in section.entries])
        for section in bar
    ]


def _lies_below(path: str, place: str) -> bool:
    return path == place or (place != "/" and path.startswith(place))


def _path_length(url: str) -> int:
    return len(url.partition("?")[0])


def makings(request: HttpRequest) -> list[Entry]:
    """Return what this person may create; everybody is offered to report, and asked to sign in first."""
    others = [
        model.workflow
        for model in registry.models()
        if model.workflow.kind != REPORT_KIND and model.workflow.creation.by.test(request.user, None)
    ]
    return [
        Entry("Report a problem", reverse("report"), "plus", keys="c"),
        *(Entry(f"New {made.title.lower()}", reverse("new", args=[made.kind]), "plus") for made in others),
    ]
