"""What the rooms above say in a message: one composer per kind, called at the moment of sending."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeAlias
from zoneinfo import ZoneInfo

from ops.people.models import User

Recipient: TypeAlias = User | str


def moment_for(recipient: Recipient, moment: datetime) -> str:
    """Return a moment as a letter says it to this recipient: “Tuesday 3 March 2026, 14:00 PST”, in their zone."""
    here = moment.astimezone(ZoneInfo(recipient.time_zone if isinstance(recipient, User) else "UTC"))
    return f"{here:%A} {here.day} {here:%B %Y}, {here:%H:%M %Z}"


@dataclass(frozen=True)
class Letter:
    """What one recipient is told about one thread; `text` and `html` say the same, and are safe to send.

    `waits_for_you` is one sentence when the recipient has something to do ("Waiting for your answer, due
    Thursday 17:00"); a digest begins with these.
    """

    subject: str
    text: str
    html: str
    link: str
    thread_title: str
    waits_for_you: str = ""


@dataclass(frozen=True)
class Headline:
    """One line in the list under the bell."""

    title: str
    text: str
    link: str


Composer: TypeAlias = Callable[[Sequence[int], Recipient], Letter | None]
Writer: TypeAlias = Callable[[Recipient], Letter | None]
Preparer: TypeAlias = Callable[[Sequence[int]], Writer]
Headliner: TypeAlias = Callable[[Sequence[int], User], Mapping[int, Headline]]


@dataclass(frozen=True)
class Kind:
    """A kind of message: how it is written, what people call it, and whether it can wait to be bundled."""

    name: str
    compose: Composer
    prepare: Preparer
    label: str
    headlines: Headliner | None
    is_urgent: bool
    is_discreet: bool = False


_kinds: dict[str, Kind] = {}


def register(
    kind: str,
    composer: Composer,
    *,
    label: str = "",
    headlines: Headliner | None = None,
    urgent: bool = False,
    discreet: bool = False,
    prepare: Preparer | None = None,
) -> None:
    """Say who writes the messages of a kind.

    The composer gets the object ids of one thread and the recipient, and answers with a letter, or with
    None when there is nothing that the recipient may see. `headlines` writes the lines of many threads at
    once for the list under the bell, leaving out what its reader may not see; without it, each thread is
    composed on its own. `urgent` messages are mailed at once unless the recipient chose otherwise.
    Of `discreet` messages operators do not read to whom they go: that somebody is told would tell who they are.
    `prepare` is for what goes to thousands: it looks up once what they all read, and returns what writes to
    one of them; it is kept for the letters of one batch, which leave within seconds.
    """
    words = label or kind.replace("-", " ").capitalize()
    _kinds[kind] = Kind(
        kind, composer, prepare or partial(partial, composer), words, headlines, urgent, discreet
    )


def registered(kind: str) -> Kind:
    """Return a kind; raises `LookupError` for one that nobody registered."""
    try:
        return _kinds[kind]
    except KeyError:
        raise LookupError(f"No composer is registered for messages of kind “{kind}”.") from None


def kinds() -> list[Kind]:
    """Return every kind, by label."""
    return sorted(_kinds.values(), key=lambda kind: kind.label)


def is_discreet(kind: str) -> bool:
    """Whether nobody reads to whom messages of a kind go; an unknown kind is kept so as well."""
    return kind not in _kinds or _kinds[kind].is_discreet


def is_urgent(kind: str) -> bool:
    """Whether messages of a kind should not wait; an unknown kind can."""
    return kind in _kinds and _kinds[kind].is_urgent
