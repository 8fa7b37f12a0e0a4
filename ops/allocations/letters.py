"""What messages about calls and reviews say; those about requests are the messages of every ticket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from ops.allocations.models import Call, Review
from ops.notify import composers
from ops.notify.composers import Headline, Letter, Recipient
from ops.people.models import User
from ops.workflow.models import Event, Stateful

CALL_EVENT = "allocations.call.event"
REVIEW_EVENT = "allocations.review.event"
# What an event is called where the state alone would not say it.
WORDS = {
    "extend": "the closing date has moved",
    "meet_again": "the committee meets again",
    "revise": "changed",
    "create": "made",
}


def subject_of(record: Any) -> str:
    """Say what a message is about: a call by its title, a review by the request that it judges."""
    if isinstance(record, Review):
        return f"{record} {record.request.title}"
    return str(record)


def said(record: Any, event: Event) -> str:
    """Say what has happened, in a few words."""
    if isinstance(record, Review) and event.name == "create":
        return "you are asked for a review"
    return WORDS.get(event.name) or str(record.workflow.State(event.target).label).lower()


def composed(model: type[Stateful], waits: str) -> Any:
    """Return the composer of the messages about one kind of record; `waits` is said to its holder."""

    def compose(event_ids: Sequence[int], recipient: Recipient) -> Letter | None:
        """Write about the latest of some events of one record, or nothing to somebody who does not see it now."""
        event = Event.objects.filter(pk__in=event_ids).select_related("actor").order_by("pk").last()
        if event is None or not isinstance(recipient, User):
            return None
        record = _seen(model, recipient, [event.object_id]).get(event.object_id)
        if record is None:
            return None
        link = settings.PUBLIC_URL + record.get_absolute_url()
        context = {
            "record": record,
            "event": event,
            "link": link,
            "subject": subject_of(record),
            "words": said(record, event),
        }
        return Letter(
            subject=f"{context['subject']}: {context['words']}",
            text=render_to_string("allocations/letter.txt", context),
            html=render_to_string("allocations/letter.html", context),
            link=link,
            thread_title=str(context["subject"]),
            waits_for_you=waits if recipient in record.holders else "",
        )

    return compose


def lines_of(model: type[Stateful]) -> Any:
    """Return what writes one line per event of a kind of record, for the list under the bell."""

    def headlines(event_ids: Sequence[int], reader: User) -> Mapping[int, Headline]:
        """Write about those that the reader sees now."""
        events = list(Event.objects.filter(pk__in=event_ids).select_related("actor"))
        records = _seen(model, reader, [event.object_id for event in events])
        return {
            event.pk: Headline(
                subject_of(record), f"{event.actor.name}: {said(record, event)}", record.get_absolute_url()
            )
            for event in events
            if (record := records.get(event.object_id))
        }

    return headlines


def _seen(model: type[Stateful], reader: User, ids: Sequence[int]) -> dict[int, Any]:
    rows = model._default_manager.all().visible_to(reader)  # type: ignore[attr-defined]
    return {row.pk: row for row in rows.filter(pk__in=ids).select_related(*model.lock_related)}


composers.register(
    CALL_EVENT,
    composed(Call, "Yours to take further."),
    label="Calls for resources",
    headlines=lines_of(Call),
)
composers.register(
    REVIEW_EVENT,
    composed(Review, "Yours to review."),
    label="Reviews of requests",
    headlines=lines_of(Review),
)
