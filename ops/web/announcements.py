"""The list of announcements as its page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from django.http import HttpRequest
from django.urls import reverse

from ops.clocks.explanation import Clock
from ops.clocks.selectors import next_deadlines
from ops.issues import selectors
from ops.issues.models import Announcement
from ops.tabular.numbers import whole_number
from ops.workflow.errors import BadQuery

SHOWN = 20


class Announcements:
    """What was published, the latest first, and what is being prepared, as far as the reader may see it."""

    def __init__(self, request: HttpRequest) -> None:
        self.reader = request.user
        self.before = self._before(request.GET.get("before", ""))

    def _before(self, asked: str) -> Announcement | None:
        if not asked:
            return None
        found = selectors.published().filter(pk=whole_number(asked) or 0).first()
        if found is None:
            raise BadQuery("“before” is the number of an announcement; start from the latest.")
        return found

    @cached_property
    def _published(self) -> Sequence[Announcement]:
        rows = selectors.published()
        if self.before is not None:
            rows = selectors.published_before(self.before)
        return list(rows[: SHOWN + 1])

    @property
    def published(self) -> Sequence[Announcement]:
        """Those of this page."""
        return self._published[:SHOWN]

    @property
    def older(self) -> str:
        """Where those before them are."""
        more = len(self._published) > SHOWN
        return f"{reverse('list-announcement')}?before={self.published[-1].pk}" if more else ""

    @cached_property
    def in_preparation(self) -> list[tuple[Announcement, Clock | None]]:
        """Those not published yet, each with its most pressing deadline; nothing for those outside."""
        if self.before is not None:
            return []
        rows = list(selectors.in_preparation(self.reader))
        clocks = next_deadlines(rows)
        return [(row, clocks.get(row.pk)) for row in rows]

    @property
    def new_url(self) -> str:
        """Where one is drafted, for those who may."""
        may = Announcement.creation.by.test(self.reader, None)
        return reverse("new", args=[Announcement.kind]) if may else ""
