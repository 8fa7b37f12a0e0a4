"""Takes the tracks of an item to where a list says that they stand, by their ordinary steps."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from ops.committees.importing.mapping import Meaning
from ops.committees.importing.reading import Record
from ops.committees.models import Response, Work
from ops.people.models import User
from ops.workflow.services import edit, perform

State = Work.State
# How the work comes from one state to another; what is not here leads back, which no list can ask for.
WAYS: dict[tuple[str, str], tuple[str, ...]] = {
    (State.NOT_STARTED, State.IN_PROGRESS): ("start",),
    (State.NOT_STARTED, State.CLAIMED_DONE): ("claim_done",),
    (State.NOT_STARTED, State.VERIFIED): ("claim_done", "verify"),
    (State.IN_PROGRESS, State.CLAIMED_DONE): ("claim_done",),
    (State.IN_PROGRESS, State.VERIFIED): ("claim_done", "verify"),
    (State.CLAIMED_DONE, State.IN_PROGRESS): ("send_back",),
    (State.CLAIMED_DONE, State.VERIFIED): ("verify",),
    (State.VERIFIED, State.IN_PROGRESS): ("reopen",),
    (State.CLOSED, State.IN_PROGRESS): ("reopen",),
    **{(source, State.CLOSED): ("close",) for source in map(str, State) if source != State.CLOSED},
}
# What was verified or closed here is more than a list claims.
SETTLED = (State.VERIFIED, State.CLOSED)
Say = Callable[[str], None]


def walk(
    work: Work, meaning: Meaning, read: Record, *, actor: User, moment: datetime.datetime, say: Say
) -> Work:
    """Take the work to where the list says that it stands; what cannot be done is said, and stays as it is."""
    if work.state == meaning.state or (work.state in SETTLED and meaning.state == State.CLAIMED_DONE):
        return work
    steps = WAYS.get((work.state, meaning.state))
    if steps is None:
        say(
            f"The file says “{read.status or 'nothing'}”; here the work is {work.state_label.lower()}, which stays."
        )
        return work
    words = f"The list of the review says “{read.status}”."
    for name in steps:
        data = _answers(name, meaning, read, words)
        reason = words if name in {"send_back", "reopen"} else ""
        work = perform(work, name, actor=actor, data=data, reason=reason, moment=moment)
    return work


def _answers(name: str, meaning: Meaning, read: Record, words: str) -> dict[str, Any]:
    if name == "claim_done":
        return {"evidence": (read.status_text or words)[:20_000]}
    if name == "close":
        return {"closing_reason": meaning.closing, "closing_note": words}
    return {}


def answer(response: Response, words: str, *, actor: User, moment: datetime.datetime, say: Say) -> Response:
    """Give the response of the list; one given before gets its new words, the old stay in the history."""
    if words == response.text:
        return response
    if not words:
        say("The file has no response any more; the one here stays.")
        return response
    if response.state == Response.State.WITHDRAWN:
        say("No response is awaited here any more; the one of the file is kept with the row.")
        return response
    moment = max(moment, response.state_since)
    if any(step.name == "answer" for step in response.workflow.steps_from(response.state)):
        disposition = response.disposition or Response.Disposition.NOT_SAID
        data = {"text": words, "disposition": disposition}
        return perform(response, "answer", actor=actor, data=data, moment=moment)
    return edit(response, actor=actor, data={"text": words}, moment=moment)
