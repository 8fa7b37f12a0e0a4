"""Reviews handed out: pairs that the chair makes or takes out, reviews made of the plan, gaps filled."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q

from ops.allocations.matching import (
    KEPT,
    OPEN,
    REVIEWED_IN,
    Matter,
    Pair,
    Said,
    barred_pairs,
    matter_of,
    pairs_of,
    planned,
    why_of,
)
from ops.allocations.mathematics.assignment import assign, to_nobody
from ops.allocations.models import Call, Pairing, Request, Review
from ops.allocations.rules import is_rac_chair
from ops.people.authority import ALLOCATION_COMMITTEE, holders_of
from ops.people.models import User
from ops.workflow.errors import GuardUnmet, InvalidInput, NotAllowed
from ops.workflow.services import create, perform

LONGEST_WHY = 300
# A worker may spend four minutes on one task.
SECONDS_AT_ONCE = 180


@dataclass(frozen=True)
class HandedOut:
    """How many reviews were made, how many were taken back, how many are left for the next time."""

    made: int
    taken_back: int
    left: int


@transaction.atomic
def pair_by_hand(request: Request, reviewer: User, *, actor: User) -> Pairing:
    """Plan that somebody reviews a request; refused with a conflict, or for somebody outside of the committee."""
    _refuse_unless_chair(request, actor)
    # Of two who give somebody their last review at once, the second counts the first; a match waits as well.
    Call.objects.select_for_update(no_key=True).get(pk=request.call_id)
    sentence = ""
    if not holders_of(ALLOCATION_COMMITTEE).filter(pk=reviewer.pk).exists():
        sentence = f"{reviewer.name} does not sit in the committee today."
    elif (request.pk, reviewer.pk) in barred_pairs([request.pk]):
        sentence = f"{reviewer.name} has a conflict with {request.key}."
    elif len({asked for asked, who in pairs_of(request.call) if who == reviewer.pk} - {request.pk}) >= (
        request.call.most_reviews
    ):
        sentence = f"{reviewer.name} has {request.call.most_reviews} reviews already, the most there may be."
    if sentence:
        raise InvalidInput("This pair cannot be.", fields={"reviewer": [sentence]})
    pairing, _ = Pairing.objects.update_or_create(
        request=request,
        reviewer=reviewer,
        defaults={"call": request.call, "origin": Pairing.Origin.BY_HAND, "why": f"chosen by {actor.name}"},
    )
    return pairing


@transaction.atomic
def unpair(pairing: Pairing, *, actor: User) -> Pairing:
    """Take a pair out of the plan, for every later match too; refused once the reviewer has accepted."""
    _refuse_unless_chair(pairing.request, actor)
    Call.objects.select_for_update(no_key=True).get(pk=pairing.call_id)
    accepted = Review.objects.filter(request=pairing.request_id, reviewer=pairing.reviewer_id, state__in=KEPT)
    if accepted.exists():
        raise GuardUnmet(
            f"{pairing.reviewer.name} has accepted this review; return it to the chair from its page instead."
        )
    pairing.origin, pairing.why = Pairing.Origin.BARRED, f"taken out by {actor.name}"
    pairing.save(update_fields=["origin", "why"])
    return pairing


def _refuse_unless_chair(request: Request, actor: User) -> None:
    if not is_rac_chair(actor) or actor.pk in request.conflicted_ids:
        raise NotAllowed("Only the RAC chair, without a conflict, may change who reviews this request.")


def hand_out(call: Call, *, said: Said = to_nobody) -> HandedOut:
    """Make reviews of the planned pairs, and take back those offered that are not planned any more.

    Done by the automation account, since a chair does not see every request. It stops after some minutes and says
    how many are left; begun again, it goes on with those. Each review is a transaction of its own: a worker that dies
    loses nothing, and nothing is made twice.
    """
    began = time.monotonic()
    matter = matter_of(call)
    pairings = {(pairing.request_id, pairing.reviewer_id): pairing for pairing in planned(call)}
    wanted = [pair for pair in sorted(pairings) if pair not in matter.reviews and pair not in matter.barred]
    offered = Review.objects.filter(request__in=matter.requests, state=Review.State.ASSIGNED)
    gone = [review for review in offered if (review.request_id, review.reviewer_id) not in pairings]
    for review in gone:
        perform(review, "release", actor=User.objects.system(), reason="The reviews were distributed anew.")
    there = len(pairings) - len(wanted)
    for number, pair in enumerate(wanted):
        if number and time.monotonic() - began > SECONDS_AT_ONCE:
            return HandedOut(number, len(gone), len(wanted) - number)
        done = there + number
        said(done / len(pairings), f"Handing out review {done + 1:,} of {len(pairings):,}")
        _offer(matter, pair, pairings[pair].why)
    return HandedOut(len(wanted), len(gone), 0)


def fill_gaps(call: Call) -> int:
    """Find another reviewer for every review that was declined or given back; return how many were asked.

    Every other review stays where it is. Where a limit cannot be met nobody is asked: the chair sees the gap.
    """
    matter = matter_of(call)
    if not matter.requests or not matter.members:
        return 0
    matter.barred |= matter.given_back  # not to the one who has just given it back
    answer = assign(matter.panel(set(matter.reviews)))
    missing = sorted(set(answer.pairs) - set(matter.reviews))
    for pair in missing:
        why = why_of(matter.match(pair))
        Pairing.objects.update_or_create(
            request_id=pair[0], reviewer_id=pair[1],
            defaults={"call": call, "why": why, "origin": Pairing.Origin.MATCHED},
        )  # fmt: skip
        _offer(matter, pair, why)
    return len(missing)


def calls_with_gaps() -> list[Call]:
    """Return the calls in which a review was declined or given back and nobody has taken its place."""
    lost = Review.objects.filter(
        request=OuterRef("pk"), state__in=(Review.State.DECLINED, Review.State.RETURNED)
    )
    short = (
        Request.objects.filter(Exists(lost), state__in=REVIEWED_IN)
        .annotate(there=Count("reviews", filter=Q(reviews__state__in=OPEN)))
        .filter(there__lt=F("call__reviews_wanted"))
    )
    return list(Call.objects.filter(pk__in=short.values("call")).order_by("pk"))


def _offer(matter: Matter, pair: Pair, why: str) -> None:
    names = {"request": matter.keys[pair[0]], "reviewer": matter.usernames[pair[1]]}
    create(Review, actor=User.objects.system(), data={**names, "why": why[:LONGEST_WHY]})
