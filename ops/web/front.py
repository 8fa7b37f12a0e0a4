"""The first page of everybody without an account: what the desk is, and how it is doing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from ops.issues import selectors
from ops.issues.models import Announcement, Issue
from ops.web.frame.keeping import kept

OPEN_SHOWN = 12
RESOLVED_SHOWN = 6
ANNOUNCEMENTS_SHOWN = 3


class Front:
    """What the public sees first; nothing on it depends on who looks."""

    @cached_property
    def figures(self) -> selectors.Figures:
        """How the desk is doing, a few minutes old at most."""
        return kept("front", selectors.public_figures)

    @cached_property
    def open_issues(self) -> Sequence[Issue]:
        """What is worked on, the most pressing first."""
        return list(selectors.open_in_public()[:OPEN_SHOWN])

    @cached_property
    def resolved_issues(self) -> Sequence[Issue]:
        """What was resolved, the latest first."""
        return list(selectors.resolved_in_public()[:RESOLVED_SHOWN])

    @cached_property
    def announcements(self) -> Sequence[Announcement]:
        """What the community was told, the latest first."""
        return list(selectors.published()[:ANNOUNCEMENTS_SHOWN])
