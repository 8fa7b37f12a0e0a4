"""Chair, secretary and facilitators are reminded of meetings and reports that are missing (RDO-051: two a year)."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from ops.committees.models import Committee
from ops.committees.rules import OFFICERS, sits_on
from ops.committees.selectors import meetings_missing, report_missing
from ops.notify import composers
from ops.notify import services as notify
from ops.notify.composers import Letter, Recipient
from ops.notify.models import Message
from ops.people.authority import COMMUNITY_SCIENCE, holders_of, is_lead
from ops.people.models import Role, User

AGAIN_AFTER = datetime.timedelta(days=28)


@dataclass(frozen=True)
class Reminder:
    """Something that a committee owes, and how those who see to it are told that it is missing."""

    kind: str
    label: str
    about: str
    missing: Callable[..., str]
    """Says of a committee, as of `now`, what is missing; nothing where nothing is."""
    leads_to: str
    """The name of the address at which a committee mends it."""
    letter: str

    @property
    def thread(self) -> str:
        """Its letters about one committee belong together."""
        return f"committees.{self.about.lower()}"


MEETINGS = Reminder(
    kind="committees.meetings-missing",
    label="Too few meetings planned",
    about="Meetings",
    missing=meetings_missing,
    leads_to="dates-of",
    letter="committees/meetings_letter",
)
REPORT = Reminder(
    kind="committees.report-missing",
    label="The next report is not begun",
    about="Reports",
    missing=report_missing,
    leads_to="committee",
    letter="committees/report_letter",
)
REMINDERS = (MEETINGS, REPORT)


def remind(reminder: Reminder, *, actor: User, moment: datetime.datetime) -> int:
    """Tell those who see to it what is missing, once in four weeks; return how many messages.

    A committee without chair and secretary is told of to its facilitators, the leads.
    """
    committees = Committee.objects.order_by("pk")
    return sum(_remind(reminder, committee, actor, moment) for committee in committees)


@transaction.atomic
def _remind(reminder: Reminder, committee: Committee, actor: User, moment: datetime.datetime) -> int:
    # The committee is locked: two tasks at once would both find that nobody was told yet.
    Committee.objects.select_for_update(of=("self",), no_key=True).get(pk=committee.pk)
    lately = Message.objects.filter(
        kind=reminder.kind, object_id=committee.pk, created_at__gt=moment - AGAIN_AFTER
    )
    if not reminder.missing(committee, now=moment) or lately.exists():
        return 0
    people = [*holders_of(committee.slug, *OFFICERS), *holders_of(COMMUNITY_SCIENCE, Role.LEAD, Role.DEPUTY)]
    return notify.announce(
        reminder.kind,
        object_id=committee.pk,
        thread=f"{reminder.thread}:{committee.pk}",
        recipients=dict.fromkeys(people),
        actor=actor,
        moment=moment,
    )


def compose(reminder: Reminder, committee_ids: Sequence[int], recipient: Recipient) -> Letter | None:
    """Write what is missing at the moment of sending; nothing once it is there, or to whoever sees to it no more."""
    committee = Committee.objects.filter(pk__in=committee_ids).order_by("pk").last()
    if committee is None or not isinstance(recipient, User):
        return None
    missing = reminder.missing(committee)
    if not missing or not (sits_on(recipient, committee, *OFFICERS) or is_lead.test(recipient)):
        return None
    link = settings.PUBLIC_URL + reverse(reminder.leads_to, args=[committee.slug])
    context = {"missing": missing, "link": link}
    return Letter(
        subject=f"{committee}: {missing}",
        text=render_to_string(f"{reminder.letter}.txt", context).strip(),
        html=render_to_string(f"{reminder.letter}.html", context),
        link=link,
        thread_title=f"{reminder.about} of the {committee}",
        waits_for_you=missing,
    )


def register() -> None:
    """Say who writes about these."""
    for each in REMINDERS:
        composers.register(each.kind, partial(compose, each), label=each.label)
