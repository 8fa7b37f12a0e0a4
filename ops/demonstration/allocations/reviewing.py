"""Reviews: who is asked, what they say, how far they have come."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from ops.allocations.matching import plan
from ops.allocations.models import Call, Pairing, Review
from ops.demonstration.allocations import script
from ops.demonstration.allocations.calling import CRITERIA
from ops.demonstration.allocations.made import DAY, Allocations, chance
from ops.demonstration.allocations.script import Asking
from ops.workflow.services import create, perform


def write_review(
    made: Allocations, asking: Asking, pairing: Pairing, began: datetime.datetime, *, until: int
) -> None:
    """One review, as far as it has come: asked for, accepted (1), sent (2)."""
    request, reviewer = made.requests[asking.title], made.who(pairing.reviewer.username)
    data = {"request": request.key, "reviewer": reviewer.username, "why": pairing.why}
    review = create(Review, actor=made.who("system"), data=data, moment=began)
    luck = chance(asking.title, reviewer.username)
    if until >= 1:
        review = perform(review, "accept", actor=reviewer, moment=began + (0.2 + luck / 50) * DAY)
    if until >= 2:
        said = judgement(asking, reviewer.username)
        perform(review, "submit", actor=reviewer, data=said, moment=began + (4 + luck / 8) * DAY)


def judgement(asking: Asking, username: str) -> dict[str, Any]:
    """What a member says of a request: scores about its quality, each member with their own strictness."""
    committee = script.committee()
    bias = committee.strictness.get(username, 0) / 10
    scores = {}
    for slug, *_ in CRITERIA:
        noise = (chance(asking.title, username, slug) - 50) / 70
        scores[slug] = min(5, max(1, round(asking.quality - bias + noise)))
    mean = sum(scores.values()) / len(scores)
    band = "high" if mean >= 4 else "middle" if mean >= 3 else "low"
    pick = chance(username, asking.title)
    knows = set(committee.expertise.get(username, ())) & set(asking.words)
    texts = committee.to_committee[band], committee.to_proposer[band]
    to_committee, to_proposer = (choices[pick % len(choices)] for choices in texts)
    return {
        "scores": scores,
        "confidence": "high" if knows else ("medium" if pick % 3 else "low"),
        "comment_to_committee": to_committee,
        "comment_to_proposer": to_proposer,
    }


def pairings(call: Call) -> Sequence[Pairing]:
    """Who reviews what, as it is matched."""
    plan(call)
    rows = Pairing.objects.filter(call=call).exclude(origin=Pairing.Origin.BARRED)
    return list(rows.select_related("reviewer", "request").order_by("request", "reviewer"))
