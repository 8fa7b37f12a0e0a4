"""The call that takes requests now: something to go on writing, to mend and to assess."""

from __future__ import annotations

from ops.allocations.models import Request
from ops.demonstration.allocations import script
from ops.demonstration.allocations.asking import send
from ops.demonstration.allocations.made import DAY, Allocations
from ops.demonstration.allocations.script import Calling
from ops.workflow.services import create, perform


def play_open(made: Allocations, calling: Calling) -> None:
    """Some have only begun to write, some are waiting for the assessors, one has to mend what was sent."""
    call = made.calls[calling.slug]
    for number, asking in enumerate(script.requests_of(calling.slug)):
        sent = made.at(calling.days["opens"] + 4 + number)
        if asking.becomes == "draft":
            half = {"call": call.slug, "title": asking.title, "abstract": asking.why}
            create(Request, actor=made.who(asking.by), data=half, moment=sent)
            continue
        request = send(made, asking, call, sent)
        if asking.becomes == "returned":
            data = {"revise_by": made.at(9)}
            words = "How long did the trial take for a square degree? Without it we cannot judge the amounts."
            back = "return_for_revision"
            perform(request, back, actor=made.assessor, data=data, reason=words, moment=sent + 2 * DAY)
