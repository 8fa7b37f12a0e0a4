"""Questions about a person and a week on watch."""

from __future__ import annotations

from typing import Any

from ops.people.questions import question


@question("the one on watch")
def is_on_this_watch(user: Any, week: Any) -> bool:
    """The week is the user's."""
    return week is not None and week.person_id == user.pk
