"""What messages about seats and meetings say; those of reminders and of reports are registered here as well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from ops.committees import reminders
from ops.committees.models import Meeting, Seat
from ops.committees.reports import letters as about_reports
from ops.notify import composers
from ops.notify.composers import Headline, Letter, Recipient
from ops.people.models import User
from ops.workflow.models import Event, Stateful


def compose(model: type[Stateful], event_ids: Sequence[int], recipient: Recipient) -> Letter | None:
    """Write about the latest of some events of one record that the recipient may know of; else nothing."""
    event = Event.objects.filter(pk__in=event_ids).select_related("actor").order_by("pk").last()
    if event is None or not isinstance(recipient, User):
        return None
    record = _seen(model, [event.object_id], recipient).get(event.object_id)
    if record is None or not record.is_told_of(event, recipient):
        return None
    link = settings.PUBLIC_URL + record.get_absolute_url()
    context = {"record": record, "event": event, "link": link, "words": words(record, event)}
    return Letter(
        subject=f"{record}: {context['words']}",
        text=render_to_string("committees/letter.txt", context),
        html=render_to_string("committees/letter.html", context),
        link=link,
        thread_title=str(record),
        waits_for_you="It waits for you." if recipient in record.holders else "",
    )


def headlines(model: type[Stateful], event_ids: Sequence[int], reader: User) -> Mapping[int, Headline]:
    """Write one line per event for the list under the bell."""
    events = list(Event.objects.filter(pk__in=event_ids).select_related("actor"))
    seen = _seen(model, [event.object_id for event in events], reader)
    return {
        event.pk: Headline(
            str(record), f"{event.actor.name}: {words(record, event)}", record.get_absolute_url()
        )
        for event in events
        if (record := seen.get(event.object_id)) and record.is_told_of(event, reader)
    }


def words(record: Stateful, event: Event) -> str:
    """Say what happened: the step by its name, where the state alone would not tell."""
    if event.name == "edit":
        return "changed"
    if event.moved:
        return str(record.workflow.State(event.target).label).lower()
    return next((step.label.lower() for step in record.workflow.steps_named(event.name)), event.name)


def _seen(model: type[Stateful], ids: Sequence[int], reader: User) -> dict[int, Any]:
    rows: Any = model._default_manager.all()
    found = rows.visible_to(reader).filter(pk__in=ids).select_related(*model.lock_related)
    return {record.pk: record for record in found}


for each in (Seat, Meeting):
    composers.register(
        f"{each._meta.label_lower}.event",
        partial(compose, each),
        label=str(each.workflow.plural),
        headlines=partial(headlines, each),
    )
composers.register(reminders.MEETINGS_MISSING, reminders.compose, label="Too few meetings planned")
about_reports.register()
