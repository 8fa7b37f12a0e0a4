"""Votes on a report: one per member, on the wording as it stands, while the term runs."""

from __future__ import annotations

import datetime

from django.db import transaction
from django.utils import timezone

from ops.committees.models import Report, Vote
from ops.committees.models.reports import voters
from ops.people.authority import USERS_COMMITTEE
from ops.people.models import Membership, User
from ops.workflow import errors
from ops.workflow.services import record


@transaction.atomic
def cast_vote(
    report: Report,
    *,
    actor: User,
    choice: str,
    wording: str | None = None,
    moment: datetime.datetime | None = None,
) -> Vote:
    """Vote on a draft; a second vote replaces the first. It counts for the wording that was voted on.

    `wording` is the mark of the text that the voter had before them. Raises `NotFound`, `NotAllowed` for whoever is
    no member today, `IllegalTransition` after the adoption, `Stale` where that text has changed, `InvalidInput`.
    """
    # Locked, so that the wording cannot change between comparing it and voting on it.
    locked = Report.objects.visible_to(actor).locked().filter(pk=report.pk).first()
    if locked is None:
        raise errors.NotFound
    if not voters().filter(pk=actor.pk).exists():
        raise errors.NotAllowed(_why_not(actor))
    if not locked.is_draft or locked.is_from_outside:
        raise errors.IllegalTransition(
            f"{locked} is {locked.state_label.lower()}; there is nothing to vote on."
        )
    if wording is not None and wording != locked.wording():
        raise errors.Stale(f"{locked} was changed while you read it. Read it again, then vote.")
    if choice not in Vote.Choice.values:
        known = ", ".join(Vote.Choice.values)
        raise errors.InvalidInput("Please correct the vote.", fields={"choice": [f"Choose one of {known}."]})
    before = locked.votes.filter(member=actor).first()
    vote, _ = Vote.objects.update_or_create(
        report=locked,
        member=actor,
        defaults={"choice": choice, "wording": locked.wording(), "cast_at": moment or timezone.now()},
    )
    record(
        locked,
        "vote",
        actor=actor,
        changes={"vote": {"old": before and before.get_choice_display(), "new": vote.get_choice_display()}},
        moment=moment,
    )
    return vote


def _why_not(person: User) -> str:
    ended = Membership.objects.filter(
        person=person, team__slug=USERS_COMMITTEE, ends_on__lt=timezone.now().date()
    )
    last = ended.order_by("-ends_on").first()
    if last is None:
        return "Only members of the Users Committee vote."
    return f"Only members whose term runs vote; yours ended on {last.ends_on:%-d %B %Y}."
