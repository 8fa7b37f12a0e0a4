"""One request in the tables in which a call is settled, and how its amounts are said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from ops.allocations import decisions
from ops.allocations import given as giving
from ops.allocations.models import Outcome, Request, Resource
from ops.allocations.models.decisions import Grade
from ops.workflow.errors import Refusal

WHOLE = 100
AS_PROPOSED = "proposed"


@dataclass
class Row:
    """One request of the table: what is asked, proposed and given, and what was just typed and refused.

    `overtaken` was decided once and is to be decided again.
    """

    request: Request
    asked: Sequence[str]
    proposed: Outcome | None
    proposed_percent: int | None
    proposed_table: giving.Amounts
    given: Outcome | None
    overtaken: Outcome | None = None
    is_barred: bool = False
    is_open: bool = True
    typed: Mapping[str, str] = field(default_factory=dict)
    refusal: Refusal | None = None

    @property
    def choice(self) -> str:
        """What stands in the row."""
        if "choice" in self.typed:
            return self.typed["choice"]
        if self.given is not None:
            return self.given.grade
        return AS_PROPOSED if self.has_proposal else ""

    @property
    def has_proposal(self) -> bool:
        """Whether there is something to agree with."""
        return self.proposed is not None or self.proposed_percent is not None

    @property
    def percent(self) -> str:
        """How much of what is asked is given, as it stands in the row."""
        if "percent" in self.typed:
            return self.typed["percent"]
        share = share_given(self.request, self.given or self.proposed)
        return str(self.proposed_percent if share is None else share or "")

    @property
    def comment(self) -> str:
        """The comment to the proposer, as it stands in the row."""
        if "comment" in self.typed:
            return self.typed["comment"]
        source = self.given or self.proposed
        return source.comment if source else ""

    @property
    def reason(self) -> str:
        """The reason of a deviation, as it stands in the row."""
        return self.typed.get("reason", self.given.reason if self.given else "")

    @property
    def deviates(self) -> bool:
        """Whether something else is given than was proposed."""
        if self.given is None:
            return False
        if self.proposed is not None:
            return decisions.deviates(self.given, self.proposed)
        return self.proposed_percent is not None and (self.given.grade, self.given.table) != self._as_drawn

    @property
    def _as_drawn(self) -> tuple[str, giving.Amounts]:
        grade, amounts = giving.drawn(self.request, self.proposed_percent or 0, self.proposed_table)
        return grade, amounts or (giving.asked_of(self.request) if grade == Grade.FULL else {})

    @property
    def seen(self) -> int:
        """The number of what was written last, so that nobody writes over what they have not read."""
        newest = self.given or self.overtaken
        return newest.pk if newest else 0

    @property
    def has_own_amounts(self) -> bool:
        """Whether each amount was set for itself, so that one share does not say what is given."""
        outcome = self.given
        return (
            outcome is not None
            and outcome.grade == Grade.REDUCED
            and not giving.is_one_share(self.request, outcome.table)
        )

    @property
    def proposal_words(self) -> str:
        """What is proposed, in a word."""
        if self.proposed is not None:
            return in_words(self.request, self.proposed)
        if self.proposed_table:
            return reduced_words(self.request, self.proposed_table)
        return "" if self.proposed_percent is None else percent_words(self.proposed_percent)

    @property
    def given_words(self) -> str:
        """What is given, in a word."""
        return in_words(self.request, self.given) if self.given else ""

    @property
    def overtaken_words(self) -> str:
        """What was decided before, in a word."""
        return in_words(self.request, self.overtaken) if self.overtaken else ""


def share_given(request: Request, outcome: Outcome | None) -> int | None:
    """Return how much of all that is asked an outcome gives, in percent; None where there is no outcome."""
    if outcome is None:
        return None
    return giving.percent_of(request, outcome.table)


def in_words(request: Request, outcome: Outcome) -> str:
    """Return an outcome in words: “In full”, “60 %”, “No award”; amounts, where each was set."""
    if outcome.grade != Grade.REDUCED:
        return str(outcome.get_grade_display())
    return reduced_words(request, outcome.table)


def reduced_words(request: Request, table: giving.Amounts) -> str:
    """Return the amounts of a reduced award in words: a share, where it is one of everything."""
    if giving.is_one_share(request, table):
        return percent_words(giving.percent_of(request, table))
    offers = {row.offer_id: row.offer for row in request.amounts.all()}
    by_resource: dict[Resource, list[Decimal]] = defaultdict(list)
    for (offer, _), amount in table.items():
        by_resource[offers[offer].resource].append(amount)
    return " · ".join(_totals(by_resource))


def percent_words(percent: int) -> str:
    """Return a share in a word."""
    if percent <= 0:
        return str(Grade.NONE.label)
    return str(Grade.FULL.label) if percent >= WHOLE else f"{percent} %"


def asked_words(request: Request) -> list[str]:
    """Say what a request asks for: the sum of the quarters, of a limit the largest."""
    by_resource: dict[Resource, list[Decimal]] = defaultdict(list)
    for row in request.amounts.all():
        by_resource[row.offer.resource].append(row.asked)
    return _totals(by_resource)


def _totals(by_resource: Mapping[Resource, Sequence[Decimal]]) -> list[str]:
    totals = {
        resource: max(amounts) if resource.is_limit else sum(amounts, Decimal(0))
        for resource, amounts in by_resource.items()
    }
    return [f"{total.normalize():,f} {resource.unit}" for resource, total in totals.items() if total]
