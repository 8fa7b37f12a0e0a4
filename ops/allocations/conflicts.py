"""Conflicts of interest: declared, waived, taken back, looked for again; whoever has one gives their review back."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from ops.allocations.award_rules import TOLD
from ops.allocations.detection import SEVERITY, find_conflicts, judges
from ops.allocations.involvement import barring
from ops.allocations.models import Call, Conflict, Request, Review
from ops.allocations.rules import is_chair_for_it, is_rac_chair, is_rac_member
from ops.allocations.sight import UNSEEN
from ops.people.models import User
from ops.workflow import errors
from ops.workflow.forms import TextField
from ops.workflow.services import perform

LONGEST = 500
UNWRITTEN = (Review.State.ASSIGNED, Review.State.ACCEPTED)
STANDING = (*UNWRITTEN, Review.State.SUBMITTED)


class DeclarationForm(forms.Form):
    """Why one must not judge a request."""

    evidence = TextField(
        label="Why you must not judge it",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The chair reads it. From then on you see the title alone; a review of yours goes back.",
    )


class WaiverForm(forms.Form):
    """Why a conflict does not keep somebody from judging."""

    reason = TextField(
        label="Why it does not matter", max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3})
    )


def _sentence(text: str, field: str) -> str:
    try:
        said: str = TextField(max_length=LONGEST, error_messages={"required": "Say it in a sentence."}).clean(
            text
        )
    except ValidationError as problem:
        raise errors.InvalidInput(f"Please correct {field}.", fields={field: problem.messages}) from None
    return said


@transaction.atomic
def declare_conflict(
    request: Request, *, actor: User, evidence: str, moment: datetime.datetime | None = None
) -> Conflict:
    """Say that one must not judge a request; a review that one was asked for goes back to the chair.

    Raises `NotFound` for whom the request is not before, `InvalidInput` without a sentence.
    """
    if not is_before(request, actor):
        raise errors.NotFound
    said, moment = _sentence(evidence, "evidence"), moment or timezone.now()
    kind = Conflict.Kind.DECLARED
    conflict, _ = Conflict.objects.update_or_create(
        request=request,
        person=actor,
        kind=kind,
        defaults={"severity": SEVERITY[kind], "evidence": said, "found_at": moment, "ended_at": None},
    )
    give_back([conflict], moment=moment)
    return conflict


def is_before(request: Request, person: User) -> bool:
    """Whether somebody would judge a request that was sent: in the committee, or deciding on it."""
    if request.submitted_at is None or request.state in UNSEEN:
        return False
    return bool(is_rac_member(person)) or person.pk in request.decider_ids


def request_to_judge(person: User, key: str) -> Request:
    """Return a request that somebody would judge, by its key; raises `NotFound` without saying why."""
    rows = Request.objects.filter(key=key.upper(), submitted_at__isnull=False)
    request: Request | None = rows.select_related(*Request.lock_related).first()
    if request is None or not is_before(request, person):
        raise errors.NotFound
    return request


def conflicts_seen_by(call: Call, reader: User) -> QuerySet[Conflict]:
    """Return one's own conflicts in a call; for a chair also all with the requests that they chair.

    Raises `NotAllowed` for whoever judges nothing.
    """
    rows = Conflict.objects.filter(request__call=call, ended_at=None)
    seen = Q(person=reader)
    if is_rac_chair(reader):
        seen |= ~Q(request__in=Request.objects.filter(barring(reader)).values("pk"))
    elif not judges().filter(pk=reader.pk).exists():
        raise errors.NotAllowed("Only who judges requests may see conflicts of interest.")
    return (
        rows.filter(seen)
        .select_related("request", "person", "waived_by")
        .order_by("request__key", "person__display_name", "pk")
    )


def conflict_before(reader: User, number: int) -> Conflict:
    """Return a conflict that somebody may know of: their own, or with a request that they chair."""
    found = (
        Conflict.objects.filter(pk=number)
        .select_related("request__call", "request__reporter", "person")
        .first()
    )
    if found is None or not (found.person_id == reader.pk or reader.pk in found.request.chair_ids):
        raise errors.NotFound
    return found


@transaction.atomic
def take_back_declaration(conflict: Conflict, *, actor: User) -> Conflict:
    """Take back what one has declared oneself, by mistake; raises `NotAllowed` for anybody else's conflict."""
    locked = Conflict.objects.select_for_update(no_key=True).get(pk=conflict.pk)
    if locked.person_id != actor.pk or locked.kind != Conflict.Kind.DECLARED or not locked.is_open:
        raise errors.NotAllowed("Only whoever declared a conflict may take it back.")
    locked.ended_at = timezone.now()
    locked.save(update_fields=["ended_at"])
    return locked


@transaction.atomic
def waive_conflict(conflict: Conflict, *, actor: User, reason: str) -> Conflict:
    """Let somebody judge a request in spite of a conflict, for a reason that stays with it.

    Raises `NotAllowed` for whoever does not chair the request, `GuardUnmet` for a conflict that nobody can waive.
    """
    # Locked and looked at again: two chairs may waive at once, or the evidence may have ended meanwhile.
    locked = (
        Conflict.objects.select_for_update(of=("self",), no_key=True)
        .select_related("request")
        .get(pk=conflict.pk)
    )
    if not is_chair_for_it(actor, locked.request):
        raise errors.NotAllowed("Only a chair without a conflict may waive one.")
    if not locked.can_be_waived:
        raise errors.GuardUnmet(f"“{locked.get_kind_display()}” is a conflict that cannot be waived now.")
    locked.waiver = _sentence(reason, "reason")
    locked.waived_at, locked.waived_by = timezone.now(), actor
    locked.save(update_fields=["waiver", "waived_at", "waived_by"])
    return locked


@transaction.atomic
def look_for_conflicts(call: Call, *, moment: datetime.datetime | None = None) -> list[Conflict]:
    """Look again through all requests of a call, since people come, go and move; return what is new."""
    moment = moment or timezone.now()
    rows = Request.objects.filter(call=call, submitted_at__isnull=False).exclude(state__in=UNSEEN)
    found = find_conflicts(list(rows.select_related("reporter")), moment=moment)
    give_back(found, moment=moment)
    return found


def give_back(conflicts: Iterable[Conflict], *, moment: datetime.datetime) -> None:
    """Return to the chair the reviews that somebody with a conflict holds or has written.

    What a letter has told already stays as it was.
    """
    told = Q(state=Review.State.SUBMITTED, request__state__in=TOLD)
    for conflict in conflicts:
        held = Review.objects.filter(
            request=conflict.request_id, reviewer=conflict.person_id, state__in=STANDING
        )
        for review in held.exclude(told):
            perform(
                review,
                "release",
                actor=User.objects.system(),
                reason=f"A conflict of interest: {conflict.get_kind_display().lower()}.",
                moment=moment,
            )
