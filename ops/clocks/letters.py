"""What messages about deadlines say, written at the moment of sending for what is true and visible then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from ops.clocks import registry
from ops.clocks.explanation import Clock
from ops.clocks.models import DeadlineEntry
from ops.clocks.policies import rulebook
from ops.clocks.registry import Label
from ops.clocks.rows import course_of
from ops.notify import composers
from ops.notify.composers import Headline, Letter, Recipient, moment_for
from ops.people.models import User

COMING_UP = "clocks.coming_up"
RUN_OUT = "clocks.run_out"


@dataclass(frozen=True)
class Notice:
    """One thing to tell about one deadline that is still open and that its reader may know of."""

    entry: DeadlineEntry
    clock: Clock
    label: Label
    due: str

    @property
    def sentence(self) -> str:
        """What the reader has to know, in one sentence."""
        if self.due == "":
            return f"{self.clock.name}: {self.clock.words}."
        verb = "was due" if self.clock.look == "overdue" else "is due"
        return f"{self.clock.name} {verb} {self.due}: {self.clock.words}."

    @property
    def concerns_holder(self) -> bool:
        """Whether the reader has to act, and is not only told that others do not."""
        return self.entry.what != DeadlineEntry.What.ESCALATED


def compose(entry_ids: Sequence[int], recipient: Recipient) -> Letter | None:
    """Write about some steps of the deadlines of one target, or nothing when they are over or not to be
    seen.
    """
    notices = list(_notices(entry_ids, recipient).values())
    if not notices:
        return None
    link = settings.PUBLIC_URL + notices[0].label.url
    latest = {notice.clock.deadline.pk: notice for notice in notices}
    context = {"notices": list(latest.values()), "link": link}
    return Letter(
        subject=f"{notices[-1].clock.name}: {notices[-1].clock.words} · {notices[-1].label.title}",
        text=render_to_string("clocks/letter.txt", context),
        html=render_to_string("clocks/letter.html", context),
        link=link,
        thread_title=notices[0].label.title,
        waits_for_you=next((n.sentence for n in notices if n.concerns_holder), ""),
    )


def headlines(entry_ids: Sequence[int], reader: User) -> Mapping[int, Headline]:
    """Write one line per step for the list under the bell; what the reader may not see is left out."""
    return {
        pk: Headline(notice.label.title, notice.sentence, notice.label.url)
        for pk, notice in _notices(entry_ids, reader).items()
    }


def _notices(entry_ids: Collection[int], recipient: Recipient) -> dict[int, Notice]:
    """What is still true of these steps: an ended deadline is no longer worth a message."""
    book, moment = rulebook(), timezone.now()
    entries = DeadlineEntry.objects.filter(pk__in=entry_ids, deadline__ended_at=None).select_related(
        "deadline"
    )
    clocks = {
        entry: Clock(entry.deadline, course_of(entry.deadline, book), moment)
        for entry in entries.order_by("pk")
        if book.reads(entry.deadline.policy_id)
    }
    ids: dict[str, set[int]] = defaultdict(set)
    for clock in clocks.values():
        ids[clock.course.rule.kind].add(clock.deadline.object_id)
    labels = {kind: registry.adapter_for(kind).labels(targets, recipient) for kind, targets in ids.items()}
    return {
        entry.pk: Notice(entry, clock, label, _due(clock, recipient))
        for entry, clock in clocks.items()
        if (label := labels[clock.course.rule.kind].get(clock.deadline.object_id)) is not None
    }


def _due(clock: Clock, recipient: Recipient) -> str:
    return moment_for(recipient, clock.due_at) if clock.due_at else ""


composers.register(COMING_UP, compose, label="Deadlines coming up", headlines=headlines)
composers.register(RUN_OUT, compose, label="Deadlines that have run out", headlines=headlines, urgent=True)
