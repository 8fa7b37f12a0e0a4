"""What the steps of a request do when it is decided, accepted and ended."""

from __future__ import annotations

import datetime
from typing import Any

from ops.allocations.additions import take_back
from ops.allocations.award_rules import ACCEPT_WITHIN, GRACE, last_moment
from ops.allocations.awards import close_award, open_award
from ops.allocations.models.awards import Award
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
        """Open the award with its ledger, or write into that of the award that it goes on from."""
        open_award(self, actor=self._performing.actor, moment=self._performing.moment)

    def set_award_period(self) -> None:
        """Let it end with its award, and a grace period later for good."""
        award = Award.objects.of(self)
        last = last_moment(award.ends_on if award else self.call.award_ends_on)
        self.award_ends_at, self.grace_ends_at = last, last + GRACE

    def write_off(self) -> None:
        """Close the ledger: what is left expires. What was added to the award of another is taken back."""
        performing = self._performing
        if hasattr(self, "addition"):
            if performing.step.name == "revoke":
                take_back(self, actor=performing.actor, moment=performing.moment)
        else:
            close_award(self, actor=performing.actor, moment=performing.moment)

    @property
    def _performing(self) -> Performance:
        if self.performance is None:
            raise RuntimeError("Only the steps of a request call this.")
        return self.performance
