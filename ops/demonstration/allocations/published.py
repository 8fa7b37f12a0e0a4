"""The call whose results are published: from the first request to the awards that are used."""

from __future__ import annotations

import datetime
from typing import Any

from ops.allocations.adjusting import shares_of
from ops.allocations.conflicts import declare_conflict
from ops.allocations.decisions import (
    decide,
    follow_recommendation,
    recommend_as_drawn,
    recommend_outcome,
)
from ops.allocations.lines import draw
from ops.allocations.meeting import note_presence
from ops.allocations.models import Call, Line, Ranking
from ops.allocations.ranking import rank_call
from ops.demonstration.allocations import script
from ops.demonstration.allocations.asking import assess, send
from ops.demonstration.allocations.made import DAY, Allocations
from ops.demonstration.allocations.reviewing import pairings, write_review
from ops.demonstration.allocations.script import Calling
from ops.demonstration.allocations.using import live
from ops.workflow.services import perform

LESS_STORAGE = "Low surface brightness galaxies in the outskirts of groups"
TAUGHT = "Streams of stars beyond fifty kiloparsecs"
"""The Operations Director has a conflict of interest with it; the Director decides."""


def play_published(made: Allocations, calling: Calling) -> None:
    """Everything from the requests to the use of the awards."""
    days, asked = calling.days, script.requests_of(calling.slug)
    call = made.calls[calling.slug]
    for number, asking in enumerate(asked):
        request = send(made, asking, call, made.at(days["opens"] + 12 + number))
        if asking.becomes == "withdrawn":
            perform(request, "withdraw", actor=made.who(asking.by), moment=made.at(days["closes"] + 1))
        else:
            assess(made, request, made.at(days["opens"] + 16 + number))
    call = perform(call, "close", actor=made.who("system"), moment=made.at(days["closes"]))
    call = perform(call, "begin_review", actor=made.chair, moment=made.at(days["closes"] + 6))
    by_title = {asking.title: asking for asking in asked}
    for pairing in pairings(call):
        write_review(made, by_title[pairing.request.title], pairing, made.at(days["closes"] + 7), until=2)
    _meet(made, call, days)
    _decide(made, call, days)
    for asking in asked:
        live(made, asking, days)


def _meet(made: Allocations, call: Call, days: Any) -> None:
    meets = made.at(days["meets"])
    present = [made.who(name) for name in script.committee().expertise if name != "laleh"]
    note_presence(call, present, actor=made.chair)
    for request in call.requests.filter(state="in_review").order_by("pk"):
        perform(request, "discuss", actor=made.chair_of(request), moment=meets)
    ranking = rank_call(call, actor=made.chair)
    line = draw(call, basis="ranked", actor=made.chair)
    # They are dated by the meeting, as everything else here is by the day on which it happened.
    Ranking.objects.filter(pk=ranking.pk).update(made_at=meets)
    Line.objects.filter(pk=line.pk).update(made_at=meets)
    recommend_as_drawn(call, shares_of(line), actor=made.chair, moment=meets)
    _set_amounts(made, call, meets)
    note_presence(call, [], actor=made.chair)
    made.calls[call.slug] = perform(call, "rank", actor=made.chair, moment=meets + DAY)


def _set_amounts(made: Allocations, call: Call, moment: datetime.datetime) -> None:
    """One award is set amount by amount: all of the processor time, less of the storage."""
    request = call.requests.get(title=LESS_STORAGE)
    rows = request.amounts.filter(asked__gt=0).select_related("offer__resource")
    amounts = {
        (row.offer_id, row.quarter): row.minimum if row.offer.resource.slug == "storage" else row.asked
        for row in rows
    }
    words = "The wings of the galaxies can be kept at half resolution; half of the storage will do."
    actor = made.chair_of(request)
    recommend_outcome(request, actor=actor, grade="reduced", amounts=amounts, comment=words, moment=moment)


def _decide(made: Allocations, call: Call, days: Any) -> None:
    decided = made.at(days["decided"])
    taught = call.requests.get(title=TAUGHT)
    words = "I have supervised the thesis that this goes on from."
    declare_conflict(taught, actor=made.director, evidence=words, moment=decided)
    for request in call.requests.filter(state="recommended").order_by("pk"):
        if request.title.startswith("Faint satellites"):
            words = "Good, but it needs the deeper images of next year; please ask again then."
            reason = "The images that it needs are not there before the period ends."
            decide(request, actor=made.director, grade="none", comment=words, reason=reason, moment=decided)
        else:
            follow_recommendation(request, actor=made.decider_of(request), moment=decided)
    call = perform(made.calls[call.slug], "decide", actor=made.director, moment=decided)
    made.calls[call.slug] = perform(call, "publish", actor=made.director, moment=made.at(days["published"]))
