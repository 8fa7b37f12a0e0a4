"""How the desk is doing in a year, as its page shows it."""

from __future__ import annotations

from functools import cached_property

from django.urls import reverse
from django.utils import timezone

from ops.issues.metrics import Spread, Year, metrics_of
from ops.tickets.models import Priority
from ops.web.frame.keeping import kept
from ops.workflow.errors import NotFound

FIRST_YEAR = 2000


class Transparency:
    """The figures of one year, of what is public."""

    def __init__(self, year: int | None) -> None:
        self.today = timezone.now().date()
        self.this_year = self.today.isocalendar().year
        self.year = self.this_year if year is None else year
        if not FIRST_YEAR <= self.year <= self.this_year:
            raise NotFound(f"There are figures from {FIRST_YEAR} to {self.this_year}.")

    @cached_property
    def figures(self) -> Year:
        """The figures, a few minutes old at most."""
        return kept(f"year:{self.year}", lambda: metrics_of(self.year, today=self.today))

    @property
    def is_running(self) -> bool:
        """Whether the year is not over."""
        return self.year == self.this_year

    @property
    def spreads(self) -> list[tuple[Priority, Spread]]:
        """How long resolution took, by priority."""
        return [(priority, self.figures.resolution[priority]) for priority in Priority]

    @property
    def earlier(self) -> str:
        """The year before."""
        return self._of(self.year - 1) if self.year > FIRST_YEAR else ""

    @property
    def later(self) -> str:
        """The year after."""
        return self._of(self.year + 1) if not self.is_running else ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was reported or resolved in it."""
        return not (self.figures.reported or self.figures.resolved)

    def _of(self, year: int) -> str:
        return reverse("transparency-year", args=[year])
