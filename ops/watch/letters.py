"""What messages about the watch say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.conf import settings
from django.template.loader import render_to_string

from ops.notify import composers
from ops.notify.composers import Headline, Letter, Recipient
from ops.people.models import User
from ops.watch.models import WatchWeek
from ops.workflow.models import Event

WATCH_EVENT = "watch.watchweek.event"


def compose(event_ids: Sequence[int], recipient: Recipient) -> Letter | None:
    """Write about the latest of some events of one week, or nothing for somebody who is not staff any more."""
    event = Event.objects.filter(pk__in=event_ids).select_related("actor").order_by("pk").last()
    if event is None or not isinstance(recipient, User):
        return None
    week = WatchWeek.objects.visible_to(recipient).filter(pk=event.object_id).select_related("person").first()
    if week is None:
        return None
    link = settings.PUBLIC_URL + week.get_absolute_url()
    context = {"week": week, "event": event, "link": link, "words": _words(week, event)}
    return Letter(
        subject=f"{week}: {context['words']}",
        text=render_to_string("watch/letter.txt", context),
        html=render_to_string("watch/letter.html", context),
        link=link,
        thread_title=str(week),
        waits_for_you="Your week on watch." if recipient in week.holders else "",
    )


def headlines(event_ids: Sequence[int], reader: User) -> Mapping[int, Headline]:
    """Write one line per event for the list under the bell."""
    events = list(Event.objects.filter(pk__in=event_ids).select_related("actor"))
    ids = [event.object_id for event in events]
    weeks = {
        week.pk: week
        for week in WatchWeek.objects.visible_to(reader).filter(pk__in=ids).select_related("person")
    }
    return {
        event.pk: Headline(str(week), f"{event.actor.name}: {_words(week, event)}", week.get_absolute_url())
        for event in events
        if (week := weeks.get(event.object_id))
    }


def _words(week: WatchWeek, event: Event) -> str:
    if event.name in {"create", "give"}:
        return f"{week.person.name} is on watch"
    return str(week.workflow.State(event.target).label).lower()


composers.register(WATCH_EVENT, compose, label="Forum watch", headlines=headlines)
