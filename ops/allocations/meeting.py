"""The meeting of the committee: who is there, whether they are enough, in which order, what was said."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from ops.allocations.models import Attendance, Call, Discussion, Request
from ops.allocations.rules import is_rac_chair, is_rac_member
from ops.people.authority import ALLOCATION_COMMITTEE, holders_of
from ops.people.models import User
from ops.workflow.errors import InvalidInput, NotAllowed, Stale

LONGEST_NOTE = 20_000
LAST_TURN = 9_999


@dataclass(frozen=True)
class Room:
    """How many sit in the committee, who of them is there now, and how many must be."""

    size: int
    present: frozenset[int]
    quorum: int

    def counts_for(self, conflicted: Collection[int]) -> int:
        """How many are there who may discuss a request."""
        return len(self.present - set(conflicted))

    def has_quorum(self, conflicted: Collection[int] = ()) -> bool:
        """Whether they are enough to discuss it."""
        return self.counts_for(conflicted) >= self.quorum


def room_of(call: Call) -> Room:
    """Return who is at the meeting of a call now; whoever has left the committee has left the room."""
    members = holders_of(ALLOCATION_COMMITTEE).order_by()
    there = Attendance.objects.filter(call=call, left_at=None, person__in=members)
    return Room(members.count(), frozenset(there.values_list("person_id", flat=True)), call.quorum)


def present_at(call: Call) -> list[int]:
    """Return the ids of those noted as present."""
    return list(Attendance.objects.filter(call=call, left_at=None).values_list("person_id", flat=True))


@transaction.atomic
def note_presence(
    call: Call, present: Iterable[User], *, actor: User, among: Collection[int] | None = None
) -> Room:
    """Note who is there from now on; whoever was there and is not named has left. For the chair.

    `among` are the ids of those about whom something was said; of others what was noted stays. None: of everybody.
    """
    if not is_rac_chair(actor):
        raise NotAllowed("Only the RAC chair may note who is there.")
    Call.objects.select_for_update(no_key=True).get(pk=call.pk)
    now = timezone.now()
    named = {person.pk for person in present}
    members = set(holders_of(ALLOCATION_COMMITTEE).values_list("pk", flat=True))
    if named - members:
        raise InvalidInput(
            "Only members are counted.", fields={"present": ["Name people who sit in the committee today."]}
        )
    there = {pk for pk in present_at(call) if among is None or pk in among or pk in named}
    Attendance.objects.filter(call=call, left_at=None, person__in=there - named).update(left_at=now)
    Attendance.objects.bulk_create(
        Attendance(call=call, person_id=person, came_at=now) for person in sorted(named - there)
    )
    return room_of(call)


@transaction.atomic
def write_note(request: Request, note: str, *, version: int, actor: User) -> Discussion:
    """Keep what the committee said of a request, for the committee alone.

    `version` is that of the note that the writer saw (0 for none): of two who write at once, the second is told.
    """
    _refuse_unless_free(request, actor)
    words = note.replace("\r\n", "\n").strip()
    if len(words) > LONGEST_NOTE or "\x00" in words:
        raise InvalidInput(
            "Please correct the note.", fields={"note": [f"At most {LONGEST_NOTE:,} characters."]}
        )
    discussion = _locked(request, actor)
    if (discussion.version if discussion.pk else 0) != version:
        raise Stale("Somebody else has written on this request meanwhile; look at it, then add yours.")
    return _kept(discussion, actor, note=words)


@transaction.atomic
def set_turn(request: Request, position: int | None, *, actor: User) -> Discussion:
    """Give a request its turn in the meeting; None puts it back to its rank. For a chair without a conflict."""
    _refuse_unless_free(request, actor)
    if not is_rac_chair(actor):
        raise NotAllowed("Only the RAC chair sets the order of the meeting.")
    if position is not None and not 1 <= position <= LAST_TURN:
        raise InvalidInput(
            "Please correct the turn.", fields={"position": [f"A number from 1 to {LAST_TURN:,}."]}
        )
    return _kept(_locked(request, actor), actor, position=position)


def _refuse_unless_free(request: Request, actor: User) -> None:
    if not is_rac_member(actor) or actor.pk in request.conflicted_ids:
        raise NotAllowed("Only a member of the committee without a conflict takes part in this discussion.")


def _locked(request: Request, actor: User) -> Discussion:
    # The row of the call is there in any case, that of a discussion perhaps not yet.
    Call.objects.select_for_update(no_key=True).get(pk=request.call_id)
    found = Discussion.objects.filter(request=request).first()
    return found or Discussion(request=request, version=0, changed_by=actor)


def _kept(discussion: Discussion, actor: User, **values: object) -> Discussion:
    for name, value in values.items():
        setattr(discussion, name, value)
    discussion.version += 1
    discussion.changed_by, discussion.changed_at = actor, timezone.now()
    discussion.save()
    return discussion
