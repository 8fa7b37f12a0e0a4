"""What messages about announcements say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string

from ops.issues.models import Announcement
from ops.notify import composers
from ops.notify.composers import Headline, Letter, Recipient, Writer
from ops.people.models import User
from ops.tickets.letters import as_reader
from ops.workflow.models import Event

ANNOUNCEMENT_EVENT = "issues.announcement.event"


def compose(event_ids: Sequence[int], recipient: Recipient) -> Letter | None:
    """Write about the latest of some events of one announcement, or nothing where the reader may not see it."""
    return prepare(event_ids)(recipient)


def prepare(event_ids: Sequence[int]) -> Writer:
    """Look up what all readers of an announcement are told; return what writes to one of them."""
    event = Event.objects.filter(pk__in=event_ids).select_related("actor").order_by("pk").last()
    announcement = Announcement.objects.filter(pk=event.object_id).first() if event else None
    if event is None or announcement is None:
        return lambda _recipient: None
    return _AnnouncementWriter(event, announcement)


class _AnnouncementWriter:
    """Writes of one event of an announcement; readers who may see the same read the same.

    What the public may see, everybody may: then nothing has to be asked for each of ten thousand readers.
    """

    def __init__(self, event: Event, announcement: Announcement) -> None:
        self._event, self._announcement = event, announcement
        self._rows = Announcement.objects.filter(pk=announcement.pk)
        self._is_public = self._rows.visible_to(AnonymousUser()).exists()
        self._tickets = list(announcement.tickets.defer("description"))
        public = announcement.tickets.visible_to(AnonymousUser()).values_list("pk", flat=True)
        self._public = frozenset(public)
        self._holders = announcement.holders
        self._letters: dict[frozenset[int], Letter] = {}

    def __call__(self, recipient: Recipient) -> Letter | None:
        reader = as_reader(recipient)
        if not self._is_public and not self._rows.visible_to(reader).exists():
            return None
        seen = self._public
        if len(seen) < len(self._tickets):
            seen = frozenset(self._announcement.tickets.visible_to(reader).values_list("pk", flat=True))
        if seen not in self._letters:
            self._letters[seen] = self._written(seen)
        waits = "It waits for you." if recipient in self._holders else ""
        return replace(self._letters[seen], waits_for_you=waits)

    def _written(self, seen: frozenset[int]) -> Letter:
        link = settings.PUBLIC_URL + self._announcement.get_absolute_url()
        context = {
            "announcement": self._announcement,
            "event": self._event,
            "link": link,
            "tickets": [ticket for ticket in self._tickets if ticket.pk in seen],
        }
        return Letter(
            subject=self._announcement.title,
            text=render_to_string("issues/announcement_letter.txt", context),
            html=render_to_string("issues/announcement_letter.html", context),
            link=link,
            thread_title=f"Announcement: {self._announcement.title}",
        )


def headlines(event_ids: Sequence[int], reader: User) -> Mapping[int, Headline]:
    """Write one line per event for the list under the bell."""
    events = Event.objects.filter(pk__in=event_ids).select_related("actor")
    seen = {
        row.pk: row
        for row in Announcement.objects.visible_to(reader).filter(pk__in=[e.object_id for e in events])
    }
    return {
        event.pk: Headline(
            seen[event.object_id].title,
            f"{event.actor.name}: {Announcement.State(event.target).label.lower()}",
            seen[event.object_id].get_absolute_url(),
        )
        for event in events
        if event.object_id in seen
    }


composers.register(ANNOUNCEMENT_EVENT, compose, label="Announcements", headlines=headlines, prepare=prepare)
