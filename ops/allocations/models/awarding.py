"""What the steps of a request do when it is decided, accepted and ended."""

from __future__ import annotations

import datetime
from typing import Any

from ops.allocations.award_rules import ACCEPT_WITHIN, GRACE
from ops.allocations.awards import close_award, open_award
from ops.workflow.models import Performance


class Awarding:
    """The part of a request that has to do with its award."""

    performance: Performance | None
    accept_by: datetime.datetime | None
    decided_at: datetime.datetime | None
    award_ends_at: datetime.datetime | None
    grace_ends_at: datetime.datetime | None
    call: Any

    def tell_decision(self) -> None:
        """Begin the time in which the proposer may accept or appeal."""
        self.decided_at = self._performing.moment
        self.set_time_to_accept()

    def set_time_to_accept(self) -> None:
        """Say until when the proposer should accept; nothing happens by itself when they do not."""
        self.accept_by = self._performing.moment + ACCEPT_WITHIN

    def take_up(self) -> None:
        """Open the award with its ledger."""
        open_award(self, actor=self._performing.actor, moment=self._performing.moment)

    def set_award_period(self) -> None:
        """Let the award end with the period of its call, and a grace period later for good."""
        last = datetime.datetime.combine(self.call.award_ends_on, datetime.time.max, datetime.UTC)
        self.award_ends_at, self.grace_ends_at = last, last + GRACE

    def write_off(self) -> None:
        """Close the ledger: what is left expires."""
        close_award(self, actor=self._performing.actor, moment=self._performing.moment)

    @property
    def _performing(self) -> Performance:
        if self.performance is None:
            raise RuntimeError("Only the steps of a request call this.")
        return self.performance
