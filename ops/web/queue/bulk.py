"""One change to many tickets: each by the services, each refused or carried out by itself, one mail to everybody."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ops.notify.services import one_mail_each
from ops.people.models import User
from ops.tickets.services import watch
from ops.web.doors import SignedInRequest
from ops.web.finding import ticket_for
from ops.workflow.errors import BadQuery, InvalidInput, Refusal
from ops.workflow.services import edit

MOST_AT_ONCE = 100
Change = Callable[[Any, str, User], object]


@dataclass
class Outcome:
    """What became of each ticket."""

    words: str
    done: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        """How many, in words."""
        count = len(self.done)
        return f"{self.words}: {count} ticket{'' if count == 1 else 's'}."


def change_many(request: SignedInRequest, action: str, keys: Sequence[str], value: str) -> Outcome:
    """Do one thing to many tickets and say what became of each; what is refused for one does not stop the others.

    Raises `BadQuery` for an unknown action or too many tickets, `InvalidInput` where nothing was chosen.
    """
    if action not in ACTIONS:
        raise BadQuery(f"Unknown action “{action}”; known are {', '.join(ACTIONS)}.")
    if not keys:
        raise InvalidInput("Choose at least one ticket.")
    if len(keys) > MOST_AT_ONCE:
        raise BadQuery(f"At most {MOST_AT_ONCE} tickets are changed at once.")
    words, needed, change = ACTIONS[action]
    if needed and not value.strip():
        raise InvalidInput(needed, fields={action: [needed]})
    outcome = Outcome(words)
    with one_mail_each():
        for key in dict.fromkeys(keys):
            _change_one(request, key, value, change, outcome)
    return outcome


def _change_one(request: SignedInRequest, key: str, value: str, change: Change, outcome: Outcome) -> None:
    try:
        change(ticket_for(request, key), value, request.user)
    except Refusal as refusal:
        sentences = [sentence for of_field in refusal.fields.values() for sentence in of_field]
        outcome.refused.append((key.upper(), " ".join(sentences) or refusal.detail))
    else:
        outcome.done.append(key.upper())


def _assign(ticket: Any, value: str, actor: User) -> object:
    return edit(ticket, actor=actor, data={"assignee": value})


def _label(ticket: Any, value: str, actor: User) -> object:
    # The version makes sure that a label which somebody adds at this moment is not lost.
    return edit(ticket, actor=actor, data={"labels": [*ticket.labels, value]}, version=ticket.version)


def _follow(ticket: Any, value: str, actor: User) -> object:
    return watch(ticket, actor=actor)


# What is said when it is done, what is said when the value that it needs is missing, and how it is done.
ACTIONS: Mapping[str, tuple[str, str, Change]] = {
    "assign": ("Assigned", "Name the person to whom they are assigned.", _assign),
    "label": ("Labelled", "Write the label that they get.", _label),
    "follow": ("You follow", "", _follow),
}
