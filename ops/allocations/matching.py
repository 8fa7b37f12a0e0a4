"""Who is to review what in a call: planned as the best match under every limit, for the chair to look over."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from ops.allocations.mathematics.affinity import Affinity, Match, Subject, Wish
from ops.allocations.mathematics.assignment import Panel, assign, to_nobody
from ops.allocations.mathematics.shortage import Shortage
from ops.allocations.models import Call, CoInvestigator, Conflict, Expertise, Pairing, Request, Review
from ops.allocations.models import Wish as Wished
from ops.people.authority import ALLOCATION_COMMITTEE, holders_of
from ops.people.models import User
from ops.workflow.errors import GuardUnmet

Said = Callable[[float, str], None]
Pair = tuple[int, int]

WISHES = {kind.value: Wish[kind.name] for kind in Wished.Kind}
WISHED = {
    Wish.EAGER: "wishes to review it",
    Wish.WILLING: "would review it if needed",
    Wish.RELUCTANT: "would rather not, but nobody nearer is free",
}
# A review in one of these counts towards what a request needs.
OPEN = (Review.State.ASSIGNED, Review.State.ACCEPTED, Review.State.SUBMITTED)
# What a reviewer has said yes to stays when the match is made anew; what was only offered may move.
KEPT = (Review.State.ACCEPTED, Review.State.SUBMITTED)
REVIEWED_IN = (Request.State.ASSESSED, Request.State.IN_REVIEW)
MOST_NAMED = 6


@dataclass(frozen=True)
class Limit:
    """A limit that cannot be met, in words, and the requests (by id) that it is about."""

    words: str
    requests: Sequence[int]


@dataclass(frozen=True)
class Plan:
    """What came of matching: how many pairs are planned; or, when it cannot be done, the limits in the way."""

    pairs: int = 0
    status: str = ""
    limits: Sequence[Limit] = ()


@dataclass
class Matter:
    """All that the match of a call is made from, read in a handful of queries."""

    call: Call
    requests: Sequence[Request]
    members: Sequence[User]
    barred: set[Pair] = field(default_factory=set)
    reviews: dict[Pair, str] = field(default_factory=dict)
    given_back: set[Pair] = field(default_factory=set)
    by_hand: set[Pair] = field(default_factory=set)
    changed_by_hand: set[tuple[int, int, str]] = field(init=False)
    affinity: Affinity = field(init=False)

    def __post_init__(self) -> None:
        """Read what stands between requests and members."""
        requests = [request.pk for request in self.requests]
        self.barred |= barred_pairs(requests)
        for request, person, state in Review.objects.filter(request__in=requests).values_list(
            "request_id", "reviewer_id", "state"
        ):
            if state in OPEN:
                self.reviews[request, person] = state
            elif state == Review.State.DECLINED:  # whoever declined it is not asked again
                self.barred.add((request, person))
            else:
                self.given_back.add((request, person))
        sitting = {member.pk for member in self.members}
        self.changed_by_hand = _changed_by_hand(self.call)
        for request, person, origin in self.changed_by_hand:
            if origin == Pairing.Origin.BARRED:
                self.barred.add((request, person))
            elif person in sitting:
                self.by_hand.add((request, person))
        self.affinity = _affinity(self.requests, self.members)

    def panel(self, kept: Collection[Pair]) -> Panel:
        """The assignment problem, with some of the pairs given."""
        return Panel(
            requests=[request.pk for request in self.requests],
            needed=[self.call.reviews_wanted] * len(self.requests),
            reviewers=[member.pk for member in self.members],
            limits=[self.call.most_reviews] * len(self.members),
            affinity=self.affinity.matrix(),
            forbidden=self.barred,
            kept=kept,
        )

    @cached_property
    def keys(self) -> dict[int, str]:
        """The requests by what they are called."""
        return {request.pk: request.key for request in self.requests}

    @cached_property
    def usernames(self) -> dict[int, str]:
        """The members by what they are looked up by."""
        return {member.pk: member.username for member in self.members}

    def match(self, pair: Pair) -> Match:
        """Why two fit."""
        request = next(each for each in self.affinity.requests if each.key == pair[0])
        reviewer = next(each for each in self.affinity.reviewers if each.key == pair[1])
        return self.affinity.match(request, reviewer)


def _changed_by_hand(call: Call) -> set[tuple[int, int, str]]:
    rows = Pairing.objects.filter(call=call).exclude(origin=Pairing.Origin.MATCHED)
    return set(rows.values_list("request_id", "reviewer_id", "origin"))


def planned(call: Call) -> QuerySet[Pairing]:
    """Return the pairs that are planned in a call; what was declined is planned no more."""
    declined = Review.objects.filter(
        request=OuterRef("request"), reviewer=OuterRef("reviewer"), state=Review.State.DECLINED
    )
    return Pairing.objects.filter(~Exists(declined), call=call).exclude(origin=Pairing.Origin.BARRED)


def pairs_of(call: Call) -> set[Pair]:
    """Return who is to review what: planned, asked, accepted or sent."""
    open_reviews = Review.objects.filter(request__call=call, state__in=OPEN)
    return {
        *planned(call).values_list("request_id", "reviewer_id"),
        *open_reviews.values_list("request_id", "reviewer_id"),
    }


def barred_pairs(requests: Collection[int]) -> set[Pair]:
    """Return the pairs of request and person that a conflict, or a part in the request, forbids."""
    conflicts = Conflict.objects.open().filter(request__in=requests).values_list("request_id", "person_id")
    together = CoInvestigator.objects.filter(request__in=requests).values_list("request_id", "person_id")
    own = Request.objects.filter(pk__in=requests).values_list("pk", "reporter_id")
    return {*conflicts, *together, *own}


def _affinity(requests: Iterable[Request], members: Sequence[User]) -> Affinity:
    knows = dict(Expertise.objects.filter(person__in=members).values_list("person_id", "keywords"))
    subjects = [Subject(request.pk, _plain(request.keywords)) for request in requests]
    wished = Wished.objects.filter(request__in=[subject.key for subject in subjects])
    wishes = {(wish.request_id, wish.person_id): WISHES[wish.kind] for wish in wished}
    return Affinity(
        subjects, [Subject(member.pk, _plain(knows.get(member.pk, ()))) for member in members], wishes
    )


def _plain(keywords: Iterable[str]) -> frozenset[str]:
    return frozenset(" ".join(word.split()).casefold() for word in keywords)


def matter_of(call: Call) -> Matter:
    """Read all that the match of a call is made from."""
    requests = Request.objects.filter(call=call, state__in=REVIEWED_IN).order_by("pk")
    return Matter(call, list(requests), list(holders_of(ALLOCATION_COMMITTEE).order_by("pk")))


def plan(call: Call, *, said: Said = to_nobody) -> Plan:
    """Match reviewers and requests anew and keep the pairs for the chair to look over.

    Accepted and sent reviews stay, so do pairs that the chair made; pairs that the chair took out stay out. When a
    limit cannot be met nothing is changed, and the plan says which. Raises `GuardUnmet` where nothing waits for
    reviewers, nobody sits in the committee, or the chair has changed pairs by hand in the meantime.
    """
    matter = matter_of(call)
    if not matter.requests:
        raise GuardUnmet("No request of this call waits for reviewers.")
    if not matter.members:
        raise GuardUnmet("Nobody sits in the Resource Allocation Committee today.")
    kept = {pair for pair, state in matter.reviews.items() if state in KEPT} | matter.by_hand
    answer = assign(matter.panel(kept), said)
    if answer.shortages:
        return Plan(limits=[_limit(short, matter) for short in answer.shortages], status=answer.status)
    said(0.95, "Keeping the pairs")
    pairs = list(answer.pairs)
    with transaction.atomic():
        # A chair who pairs by hand waits here; who has done so while the match was made is not overruled.
        Call.objects.select_for_update(no_key=True).get(pk=call.pk)
        if _changed_by_hand(call) != matter.changed_by_hand:
            raise GuardUnmet("Pairs were changed by hand while the match was made; match again.")
        _keep(matter, [pair for pair in pairs if pair not in matter.by_hand])
    return Plan(pairs=len(pairs), status=answer.status)


def _keep(matter: Matter, pairs: Sequence[Pair]) -> None:
    Pairing.objects.filter(call=matter.call, origin=Pairing.Origin.MATCHED).delete()
    requests = {subject.key: subject for subject in matter.affinity.requests}
    reviewers = {subject.key: subject for subject in matter.affinity.reviewers}
    rows = []
    for request, person in pairs:
        if person not in reviewers:  # a former member, whose review was sent and counts
            continue
        match = matter.affinity.match(requests[request], reviewers[person])
        rows.append(
            Pairing(
                call=matter.call, request_id=request, reviewer_id=person,
                affinity=round(match.affinity, 3), why=why_of(match),
            )
        )  # fmt: skip
    Pairing.objects.bulk_create(rows, batch_size=2_000)


def why_of(match: Match) -> str:
    """Say in words why two fit."""
    parts = []
    if match.shared:
        more = len(match.shared) - 4
        words = ", ".join(match.shared[:4]) + (f" and {more} more" if more > 0 else "")
        parts.append(f"knows about {words}")
    if match.wish is not None:
        parts.append(WISHED[match.wish])
    return "; ".join(parts) or "nobody nearer to the subject is free"


def _limit(short: Shortage, matter: Matter) -> Limit:
    names = {member.pk: member.name for member in matter.members}
    who = [names[person] for person in short.reviewers]
    if len(short.requests) == len(matter.requests) > 1 and len(who) == len(names):
        words = (
            f"All requests together need {short.needed} more reviews, and all members together can give "
            f"{short.available}: {short.missing} short. Raise the limit per member, or ask for fewer reviews."
        )
    else:
        what = _listed([matter.keys[request] for request in short.requests])
        words = (
            f"{what} need{'s' if len(short.requests) == 1 else ''} {short.needed} more "
            f"review{'' if short.needed == 1 else 's'}. Without a conflict and below their limit there "
            f"{'is' if len(who) <= 1 else 'are'} only {_listed(who) if who else 'nobody'}, who can give "
            f"{short.available}: {short.missing} short."
        )
    return Limit(words, [int(request) for request in short.requests])


def _listed(names: Sequence[str]) -> str:
    shown = list(names[:MOST_NAMED])
    if len(names) > MOST_NAMED:
        shown.append(f"{len(names) - MOST_NAMED} others")
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else shown[0]
