"""What the status words of other trackers mean on the track of the work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ops.committees.models import Work

State, Closing = Work.State, Work.Closing


@dataclass(frozen=True)
class Meaning:
    """Where the work stands, and why nothing more is done where it is closed."""

    state: str
    closing: str = ""


MEANINGS: Mapping[str, Meaning] = {
    "": Meaning(State.NOT_STARTED),
    **dict.fromkeys(("not started", "open", "to do", "new"), Meaning(State.NOT_STARTED)),
    **dict.fromkeys(
        ("in progress", "started", "ongoing", "partially implemented", "partial"), Meaning(State.IN_PROGRESS)
    ),
    # Who answers for the work says so; that it is true is for others to verify.
    **dict.fromkeys(
        ("implemented", "claimed done", "complete", "completed", "done"), Meaning(State.CLAIMED_DONE)
    ),
    "verified": Meaning(State.VERIFIED),
    "closed": Meaning(State.CLOSED, Closing.IMPLEMENTED),
    "exceeded": Meaning(State.CLOSED, Closing.EXCEEDED),
    "superseded": Meaning(State.CLOSED, Closing.SUPERSEDED),
    "not applicable": Meaning(State.CLOSED, Closing.NOT_APPLICABLE),
    "n/a": Meaning(State.CLOSED, Closing.NOT_APPLICABLE),
    **dict.fromkeys(
        ("declined", "rejected", "won't do", "will not do"), Meaning(State.CLOSED, Closing.DECLINED)
    ),
    "withdrawn": Meaning(State.CLOSED, Closing.WITHDRAWN),
}

# How our states read in a list: the words of the real files where they have one.
WORDS: Mapping[str, str] = {
    State.NOT_STARTED: "Not Started",
    State.IN_PROGRESS: "In Progress",
    State.CLAIMED_DONE: "Implemented",
    State.VERIFIED: "Verified",
    State.CLOSED: "Closed",
}


def meaning_of(word: str) -> Meaning | None:
    """Return what a status word means, or None for one that is not known."""
    return MEANINGS.get(" ".join(word.split()).casefold())


def word_of(work: Work) -> str:
    """Return the status of some work in a word: that of the file, while it still means what is so."""
    meaning = meaning_of(work.status_word) if work.status_word else None
    return work.status_word if meaning and meaning.state == work.state else WORDS[work.state]
