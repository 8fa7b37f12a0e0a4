"""What messages about announcements say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.conf import settings
from django.template.loader import render_to_string

from ops.issues.models import Announcement
from ops.notify import composers
from ops.notify.composers import Headline, Letter, Recipient
from ops.people.models import User
from ops.tickets.letters import as_reader
from ops.workflow.models import Event

ANNOUNCEMENT_EVENT = "issues.announcement.event"


def compose(event_ids: Sequence[int], recipient: Recipient) -> Letter | None:
    """Write about the latest of some events of one announcement, or nothing where the reader may not see it."""
    event = Event.objects.filter(pk__in=event_ids).select_related("actor").order_by("pk").last()
    if event is None:
        return None
    reader = as_reader(recipient)
    announcement = Announcement.objects.visible_to(reader).filter(pk=event.object_id).first()
    if announcement is None:
        return None
    link = settings.PUBLIC_URL + announcement.get_absolute_url()
    tickets = announcement.tickets.visible_to(reader).defer("description")
    context = {"announcement": announcement, "event": event, "link": link, "tickets": tickets}
    return Letter(
        subject=announcement.title,
        text=render_to_string("issues/announcement_letter.txt", context),
        html=render_to_string("issues/announcement_letter.html", context),
        link=link,
        thread_title=f"Announcement: {announcement.title}",
        waits_for_you="It waits for you." if recipient in announcement.holders else "",
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


composers.register(ANNOUNCEMENT_EVENT, compose, label="Announcements", headlines=headlines)
