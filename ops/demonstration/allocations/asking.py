"""Requests: written, sent, assessed."""

from __future__ import annotations

import datetime
from typing import Any

from ops.allocations.models import Call, Question, Request
from ops.demonstration.allocations import script
from ops.demonstration.allocations.made import DAY, Allocations, chance
from ops.demonstration.allocations.script import Asking
from ops.workflow.services import create, perform


def send(made: Allocations, asking: Asking, call: Call, moment: datetime.datetime) -> Request:
    """A request that is written and sent on one day."""
    data: dict[str, Any] = {
        "call": call.slug,
        "title": asking.title,
        "purpose": "urgent" if call.is_standing else asking.kind,
        "abstract": asking.why,
        "methods": f"{asking.how}\n\nThe data are those of the release; nothing is needed beside the platform.",
        "keywords": ", ".join(asking.words),
        "co_investigators": list(asking.co),
        "amounts": _amounts(asking, len(call.quarters)),
        "justifications": {
            means.slug: means.why for means in script.resources() if means.slug in asking.asks
        },
        "answers": {question.slug: _answer(question) for question in call.questions.all()},
    }
    if asking.earlier:
        data["earlier"] = made.requests[asking.earlier].key
    proposer = made.who(asking.by)
    request = create(Request, actor=proposer, data=data, moment=moment - DAY)
    request = perform(request, "submit", actor=proposer, moment=moment)
    made.requests[asking.title] = request
    return request


def _amounts(asking: Asking, quarters: int) -> list[dict[str, Any]]:
    return [
        {"resource": slug, "quarter": quarter, "asked": amount, "minimum": amount // 2}
        for slug, amount in asking.asks.items()
        for quarter in range(1, quarters + 1)
    ]


def _answer(question: Question) -> str:
    if question.kind == Question.Kind.CHOICE:
        return str(question.choices[0])
    if question.slug == "pilot":
        return "One percent of the sample went through in a weekend; the numbers below are scaled from it."
    return "On the platform, under the collection of the group, with a note that says how they were made."


def assess(made: Allocations, request: Request, moment: datetime.datetime) -> Request:
    """What the technical assessors say of it."""
    data = {
        "verdict": "with_changes" if chance(request.title, "assess") > 80 else "feasible",
        "note_to_committee": "Fits the platform; the peak falls into a quiet month.",
        "note_to_proposer": "Please split the jobs so that none runs longer than twelve hours.",
    }
    return perform(request, "assess", actor=made.assessor, data=data, moment=moment)
