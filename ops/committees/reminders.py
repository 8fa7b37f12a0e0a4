"""Chair, secretary and facilitators are reminded while too few meetings are planned (RDO-051: two a year)."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from ops.committees.models import Committee
from ops.committees.rules import OFFICERS, sits_on
from ops.committees.selectors import meetings_missing
from ops.notify import services as notify
from ops.notify.composers import Letter, Recipient
from ops.notify.models import Message
from ops.people.authority import COMMUNITY_SCIENCE, holders_of, is_lead
from ops.people.models import Role, User

MEETINGS_MISSING = "committees.meetings-missing"
AGAIN_AFTER = datetime.timedelta(days=28)


def remind_of_meetings(*, actor: User, moment: datetime.datetime) -> int:
    """Tell those who plan meetings that too few are planned, once in four weeks; return how many messages.

    A committee without chair and secretary is told of to its facilitators, the leads.
    """
    return sum(_remind(committee, actor, moment) for committee in Committee.objects.order_by("pk"))


@transaction.atomic
def _remind(committee: Committee, actor: User, moment: datetime.datetime) -> int:
    # The committee is locked: two tasks at once would both find that nobody was told yet.
    Committee.objects.select_for_update(of=("self",), no_key=True).get(pk=committee.pk)
    lately = Message.objects.filter(
        kind=MEETINGS_MISSING, object_id=committee.pk, created_at__gt=moment - AGAIN_AFTER
    )
    if not meetings_missing(committee, now=moment) or lately.exists():
        return 0
    people = [*holders_of(committee.slug, *OFFICERS), *holders_of(COMMUNITY_SCIENCE, Role.LEAD, Role.DEPUTY)]
    return notify.announce(
        MEETINGS_MISSING,
        object_id=committee.pk,
        thread=f"committees.meetings:{committee.pk}",
        recipients=dict.fromkeys(people),
        actor=actor,
        moment=moment,
    )


def compose(committee_ids: Sequence[int], recipient: Recipient) -> Letter | None:
    """Write what is missing at the moment of sending; nothing once enough is planned, or to whoever plans no more."""
    committee = Committee.objects.filter(pk__in=committee_ids).order_by("pk").last()
    if committee is None or not isinstance(recipient, User):
        return None
    missing = meetings_missing(committee)
    if not missing or not (sits_on(recipient, committee, *OFFICERS) or is_lead.test(recipient)):
        return None
    link = settings.PUBLIC_URL + reverse("dates-of", args=[committee.slug])
    context = {"missing": missing, "link": link}
    return Letter(
        subject=f"{committee}: {missing}",
        text=render_to_string("committees/meetings_letter.txt", context).strip(),
        html=render_to_string("committees/meetings_letter.html", context),
        link=link,
        thread_title=f"Meetings of the {committee}",
        waits_for_you=missing,
    )
