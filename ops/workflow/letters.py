"""Messages about the events of a record: a letter, and a line under the bell, alike for every process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from ops.notify import composers
from ops.notify.composers import Headline, Letter, Recipient
from ops.people.models import User
from ops.workflow.models import Event, Stateful


def state_reached(record: Stateful, event: Event) -> str:
    """Say what happened by the state that the event led to."""
    return str(record.workflow.State(event.target).label).lower()


@dataclass(frozen=True)
class Letters:
    """What is written about the records of one model, to people who see them at the moment of sending.

    `template` is the place of two templates, `.txt` and `.html`, which find `record`, `event`, `title`, `words`
    and `link`. `words` says what happened, `title` of which record, `waits` what its holder is told. The subject
    is made of both unless `subject` says it otherwise.
    """

    model: type[Stateful]
    template: str
    words: Callable[[Any, Event], str] = state_reached
    title: Callable[[Any], str] = str
    waits: Callable[[Any], str] = lambda _: "It waits for you."
    subject: Callable[[Any, Event], str] | None = None

    def register(self, label: str = "") -> None:
        """Let the messages of this model be written so; `label` is what people call them in their preferences."""
        composers.register(
            self.model.letter_kind(),
            self.compose,
            label=label or str(self.model.workflow.plural),
            headlines=self.headlines,
        )

    def compose(self, event_ids: Sequence[int], recipient: Recipient) -> Letter | None:
        """Write about the latest of some events of one record that the recipient may know of; else nothing."""
        event = Event.objects.filter(pk__in=event_ids).select_related("actor").order_by("pk").last()
        if event is None or not isinstance(recipient, User):
            return None
        record = self._seen([event.object_id], recipient).get(event.object_id)
        if record is None or not record.is_told_of(event, recipient):
            return None
        title, words = self.title(record), self.words(record, event)
        link = settings.PUBLIC_URL + record.get_absolute_url()
        context = {"record": record, "event": event, "title": title, "words": words, "link": link}
        return Letter(
            subject=self.subject(record, event) if self.subject else f"{title}: {words}",
            text=render_to_string(f"{self.template}.txt", context).strip(),
            html=render_to_string(f"{self.template}.html", context),
            link=link,
            thread_title=title,
            waits_for_you=self.waits(record) if recipient in record.holders else "",
        )

    def headlines(self, event_ids: Sequence[int], reader: User) -> Mapping[int, Headline]:
        """Write one line per event for the list under the bell, of those that the reader may know of now."""
        events = list(Event.objects.filter(pk__in=event_ids).select_related("actor"))
        seen = self._seen({event.object_id for event in events}, reader)
        return {
            event.pk: Headline(
                self.title(record),
                f"{event.actor.name}: {self.words(record, event)}",
                record.get_absolute_url(),
            )
            for event in events
            if (record := seen.get(event.object_id)) and record.is_told_of(event, reader)
        }

    def _seen(self, ids: Iterable[int], reader: User) -> dict[int, Any]:
        rows: Any = self.model._default_manager.all()
        found = rows.visible_to(reader).filter(pk__in=ids).select_related(*self.model.lock_related)
        return {record.pk: record for record in found}
