"""Urgent requests in their standing call, each decided within days."""

from __future__ import annotations

import datetime

from ops.allocations.decisions import follow_recommendation, recommend_outcome
from ops.allocations.models import Request, Review
from ops.demonstration.allocations import script
from ops.demonstration.allocations.asking import assess, send
from ops.demonstration.allocations.made import DAY, Allocations, chance
from ops.demonstration.allocations.reviewing import judgement
from ops.demonstration.allocations.script import Asking
from ops.demonstration.allocations.using import run
from ops.people.models import User
from ops.workflow.services import create, perform


def play_urgent(made: Allocations, asking: Asking) -> None:
    """One urgent request, as far as it has come."""
    call = made.calls[asking.call]
    sent = -float(asking.ago)
    request = send(made, asking, call, made.at(sent))
    assess(made, request, made.at(sent + 0.2))
    request = Request.objects.get(pk=request.pk)
    chair = made.chair_of(request)
    request = perform(request, "send_to_review", actor=chair, moment=made.at(sent + 0.4))
    barred = request.conflicted_ids | {chair.pk}
    members = [made.who(name) for name in script.committee().expertise if made.who(name).pk not in barred]
    chosen = sorted(members, key=lambda member: chance(member.username, asking.title))[:2]
    is_open = asking.becomes == "in_review"
    for reviewer in chosen:
        data = {"request": request.key, "reviewer": reviewer.username, "why": "Could read it the same day"}
        review = create(Review, actor=chair, data=data, moment=made.at(sent + 0.5))
        review = perform(review, "accept", actor=reviewer, moment=made.at(sent + 0.6))
        if not is_open or reviewer == chosen[0]:
            said = judgement(asking, reviewer.username)
            perform(review, "submit", actor=reviewer, data=said, moment=made.at(sent + 1.5))
    if not is_open:
        _decide_urgent(made, asking, request, chair, sent)


def _decide_urgent(made: Allocations, asking: Asking, request: Request, chair: User, sent: float) -> None:
    request = perform(request, "discuss", actor=chair, moment=made.at(sent + 2))
    words = "Good luck; please send the position as soon as you have it."
    recommend_outcome(request, actor=chair, grade="full", comment=words, moment=made.at(sent + 2.1))
    request = perform(request, "recommend", actor=chair, moment=made.at(sent + 2.1))
    follow_recommendation(request, actor=made.director, moment=made.at(sent + 3))
    request = perform(request, "accept", actor=made.who(asking.by), moment=made.at(sent + 3.2))
    run(made, asking, request, sent + 3.4)
    ended = made.calls[asking.call].award_ends_on
    if asking.becomes in {"grace", "expired"}:
        end = datetime.datetime.combine(ended, datetime.time.max, datetime.UTC)
        request = perform(Request.objects.get(pk=request.pk), "end", actor=made.who("system"), moment=end)
    if asking.becomes == "expired":
        moment = min(end + 10 * DAY, made.now)
        perform(request, "expire", actor=made.who("system"), moment=moment)
