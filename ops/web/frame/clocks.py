"""A clock in the few letters for which a table has room."""

from __future__ import annotations

import re

from ops.clocks.explanation import Clock, Look

_FIRST_PART = re.compile(r"(less than a|\d+) (?:working )?(minute|hour|day)s?")
_UNITS = {"minute": "min", "hour": "h", "day": "d"}


def short(clock: Clock) -> str:
    """Say how a clock stands: “3 d”, “2 h late”, “paused”; what it is and when it is due is said elsewhere."""
    if clock.look is Look.PAUSED:
        return "paused"
    found = _FIRST_PART.search(clock.words)
    if found is None:
        return clock.words
    count = "<1" if found[1].startswith("less") else found[1]
    late = " late" if clock.look is Look.OVERDUE else ""
    return f"{count} {_UNITS[found[2]]}{late}"


def in_full(clock: Clock) -> str:
    """Say all of it in a line: “Resolution: 2 working days left, due Tuesday 3 March 2026, 14:00 Pacific”."""
    due = f", due {clock.due_words}" if clock.due_words else ""
    return f"{clock.name}: {clock.words}{due}"
