"""What messages about the items of reports and about feedback say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from ops.committees.models import Feedback, Response, Work
from ops.notify import composers
from ops.notify.composers import Headline, Letter, Recipient
from ops.people.models import User
from ops.tickets.timeline import Entry, described
from ops.workflow.models import Event, Stateful

TOLD_OF = (Response, Work, Feedback)


def compose(model: type[Stateful], event_ids: Sequence[int], recipient: Recipient) -> Letter | None:
    """Write about some events of one record, or nothing for somebody who does not see it any more."""
    events = list(Event.objects.filter(pk__in=event_ids).select_related("actor").order_by("pk"))
    if not events or not isinstance(recipient, User):
        return None
    record = _seen(model, [events[0].object_id], recipient).get(events[0].object_id)
    entries = described(record, events, recipient) if record is not None else []
    if record is None or not entries:
        return None
    link = settings.PUBLIC_URL + record.get_absolute_url()
    context = {"entries": entries, "ticket": {"description": _words_of(record)}, "link": link}
    return Letter(
        subject=f"[{record}] {_heading(record)}".strip(),
        text=render_to_string("tickets/letter.txt", context).strip(),
        html=render_to_string("tickets/letter.html", context),
        link=link,
        thread_title=_title(record),
        waits_for_you="It waits for you." if recipient in record.holders else "",
    )


def headlines(model: type[Stateful], event_ids: Sequence[int], reader: User) -> Mapping[int, Headline]:
    """Write one line per event for the list under the bell."""
    events = list(Event.objects.filter(pk__in=event_ids).select_related("actor").order_by("pk"))
    seen = _seen(model, [event.object_id for event in events], reader)
    lines: dict[int, Headline] = {}
    for record in seen.values():
        own = [event for event in events if event.object_id == record.pk]
        for entry in described(record, own, reader):
            lines[_number(entry)] = Headline(_title(record), _line(entry), record.get_absolute_url())
    return lines


def _number(entry: Entry) -> int:
    return entry.event.pk if entry.event else 0


def _line(entry: Entry) -> str:
    return f"{entry.event.actor.name}: {entry.words}" if entry.event else entry.words


def _title(record: Any) -> str:
    return f"{record}: {_heading(record)}".removesuffix(": ")


def _heading(record: Any) -> str:
    return record.item.heading if hasattr(record, "item") else record.area


def _words_of(record: Any) -> str:
    """What the letter about something new says; an item stands in its report."""
    return "" if hasattr(record, "item") else record.text


def _seen(model: type[Stateful], ids: Sequence[int], reader: User) -> dict[int, Any]:
    rows: Any = model._default_manager.all()
    found = rows.visible_to(reader).filter(pk__in=ids).select_related(*model.lock_related)
    return {record.pk: record for record in found}


def register() -> None:
    """Say who writes about these."""
    for model in TOLD_OF:
        composers.register(
            f"{model._meta.label_lower}.event",
            partial(compose, model),
            label=str(model.workflow.plural),
            headlines=partial(headlines, model),
            discreet=model is Feedback,
        )
