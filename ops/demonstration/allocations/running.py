"""The call that is under review today."""

from __future__ import annotations

from ops.allocations.conflicts import declare_conflict
from ops.allocations.models import Ranking, Request
from ops.allocations.ranking import rank_call
from ops.demonstration.allocations import script
from ops.demonstration.allocations.asking import assess, send
from ops.demonstration.allocations.made import Allocations, chance
from ops.demonstration.allocations.reviewing import pairings, write_review
from ops.demonstration.allocations.script import Calling
from ops.workflow.services import perform

HALF_WAY = 0.55
"""So far the reviews of the running call have come."""


def play_running(made: Allocations, calling: Calling) -> None:
    """Everything up to the reviews that have come so far."""
    days, asked = calling.days, script.requests_of(calling.slug)
    call = made.calls[calling.slug]
    for number, asking in enumerate(asked):
        request = send(made, asking, call, made.at(days["opens"] + 10 + number))
        if asking.becomes == "withdrawn":
            perform(request, "withdraw", actor=made.who(asking.by), moment=made.at(days["closes"] - 0.5))
        else:
            assess(made, request, made.at(days["closes"] - 1))
    call = perform(call, "close", actor=made.who("system"), moment=made.at(days["closes"]))
    for said in script.committee().declared:
        request = made.requests[said["about"]]
        declare_conflict(
            Request.objects.get(pk=request.pk),
            actor=made.who(said["who"]),
            evidence=said["evidence"],
            moment=made.at(days["closes"] + 3),
        )
    call = perform(call, "begin_review", actor=made.chair, moment=made.at(days["closes"] + 5))
    made.calls[calling.slug] = call
    by_title = {asking.title: asking for asking in asked}
    for pairing in pairings(call):
        asking = by_title[pairing.request.title]
        come = chance(pairing.reviewer.username, asking.title, "come") / 100
        until = 2 if come < HALF_WAY else 1 if come < 0.9 else 0
        write_review(made, asking, pairing, made.at(days["closes"] + 6), until=until)
    # Before the panel meets, the chair has compared what has come so far.
    ranking = rank_call(call, actor=made.chair)
    Ranking.objects.filter(pk=ranking.pk).update(made_at=made.at(-0.2))
