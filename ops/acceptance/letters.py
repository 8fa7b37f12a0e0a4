"""What messages about testers, cases and executions say; those about campaigns are as of every ticket."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from ops.acceptance.models import Execution, TestCase, Tester
from ops.notify import composers
from ops.notify.composers import Headline, Letter, Recipient
from ops.people.models import User
from ops.workflow.models import Event, Stateful

TESTER_EVENT = "acceptance.tester.event"
CASE_EVENT = "acceptance.testcase.event"
EXECUTION_EVENT = "acceptance.execution.event"


def compose(model: type[Stateful], template: str) -> Callable[[Sequence[int], Recipient], Letter | None]:
    """Return what writes about the latest of some events of one record, or nothing for who may not see it."""

    def composed(event_ids: Sequence[int], recipient: Recipient) -> Letter | None:
        event = Event.objects.filter(pk__in=event_ids).select_related("actor").order_by("pk").last()
        if event is None or not isinstance(recipient, User):
            return None
        record = _seen(model, {event.object_id}, recipient).get(event.object_id)
        if record is None:
            return None
        link = settings.PUBLIC_URL + record.get_absolute_url()
        context = {"record": record, "event": event, "link": link, "words": _words(record, event)}
        return Letter(
            subject=context["words"],
            text=render_to_string(f"acceptance/{template}.txt", context).strip(),
            html=render_to_string(f"acceptance/{template}.html", context),
            link=link,
            thread_title=_title(record),
            waits_for_you=f"{record.workflow.title}: {_title(record)}" if recipient in record.holders else "",
        )

    return composed


def headlines(model: type[Stateful]) -> Callable[[Sequence[int], User], Mapping[int, Headline]]:
    """Return what writes one line per event for the list under the bell."""

    def written(event_ids: Sequence[int], reader: User) -> Mapping[int, Headline]:
        events = list(Event.objects.filter(pk__in=event_ids).select_related("actor"))
        records = _seen(model, {event.object_id for event in events}, reader)
        return {
            event.pk: Headline(
                _title(record), f"{event.actor.name}: {_words(record, event)}", record.get_absolute_url()
            )
            for event in events
            if (record := records.get(event.object_id))
        }

    return written


def _seen(model: type[Stateful], ids: set[int], reader: User) -> dict[int, Any]:
    rows = model._default_manager.all().visible_to(reader)  # type: ignore[attr-defined]
    return {row.pk: row for row in rows.filter(pk__in=ids).select_related(*model.lock_related)}


def _title(record: Any) -> str:
    if isinstance(record, Tester):
        return f"{record.campaign.key} {record.campaign.title}"
    return str(record)


def _words(record: Any, event: Event) -> str:
    if isinstance(record, Tester):
        return _TESTER_WORDS.get(event.name, "{name}: {state}").format(
            name=record.person.name, campaign=record.campaign.title, state=record.state_label.lower()
        )
    state = record.workflow.State(event.target).label.lower()
    return f"{record}: {state}"


_TESTER_WORDS = {
    "create": "Would you test {campaign} with us?",
    "consent": "{name} takes part in the tests of {campaign}",
    "decline": "{name} does not take part in the tests of {campaign}",
    "take_up": "Your tests of {campaign} can begin",
    "thank": "Thank you for testing {campaign}",
    "withdraw": "{name} has left the tests of {campaign}",
}

for _kind, _model, _template, _label in (
    (TESTER_EVENT, Tester, "tester_letter", "Taking part in acceptance tests"),
    (CASE_EVENT, TestCase, "record_letter", "Test cases"),
    (EXECUTION_EVENT, Execution, "record_letter", "Acceptance tests"),
):
    composers.register(_kind, compose(_model, _template), label=_label, headlines=headlines(_model))
