"""Usage comes in: each report becomes lines of the ledger, once; who needs to know is told at 50, 80 and 100 %."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from ops.allocations import ledger
from ops.allocations.models import Request
from ops.allocations.models.awards import Addition, Award, Entry, LedgerEntry, UsageAlert
from ops.allocations.models.calls import Resource
from ops.allocations.parties import co_investigators, proposer
from ops.allocations.rules import is_technical_assessor
from ops.allocations.usage_reading import BadRow, Read, Use
from ops.people.authority import is_operator, is_system
from ops.people.models import User
from ops.workflow.errors import NotAllowed
from ops.workflow.services import record
from ops.workflow.words import who_may

THRESHOLDS = (50, 80, 100)
GRACE_STATES = (Request.State.ACTIVE, Request.State.GRACE)
AT_ONCE = 1_000
"""So many rows are looked up together."""

may_report_usage = is_technical_assessor | is_operator | is_system


@dataclass
class Taken:
    """What became of a report."""

    new: int = 0
    known: int = 0
    bad: list[BadRow] = field(default_factory=list)
    alerts: int = 0

    def add(self, other: Taken) -> None:
        """Count another part of the report with it."""
        self.new, self.known, self.alerts = (
            self.new + other.new, self.known + other.known, self.alerts + other.alerts
        )  # fmt: skip
        self.bad += other.bad

    def as_json(self) -> dict[str, Any]:
        """The outcome as the API tells it."""
        return {
            "new": self.new,
            "known": self.known,
            "alerts": self.alerts,
            "bad": [row.as_json() for row in self.bad],
        }


def take_usage(rows: Read, *, actor: User, moment: datetime.datetime | None = None) -> Taken:
    """Enter a report. A row whose source id is known counts no second time; a bad row spoils no other.

    Each award is its own transaction. Raises `NotAllowed`; everything else that is wrong with a row is listed.
    """
    if not may_report_usage.test(actor):
        raise NotAllowed(f"Only {who_may(may_report_usage)} may report usage.")
    moment = moment or timezone.now()
    taken = Taken(bad=[row for row in rows if isinstance(row, BadRow)])
    uses = [row for row in rows if isinstance(row, Use)]
    for begin in range(0, len(uses), AT_ONCE):
        _take_some(uses[begin : begin + AT_ONCE], taken, actor, moment)
    taken.bad.sort(key=lambda row: row.row)
    return taken


def _take_some(uses: list[Use], taken: Taken, actor: User, moment: datetime.datetime) -> None:
    awards = _awards_named({use.award for use in uses})
    resources = {resource.slug: resource for resource in Resource.objects.all()}
    by_award: dict[Award, list[tuple[Use, Resource]]] = defaultdict(list)
    for use in uses:
        award, resource = awards.get(use.award), resources.get(use.resource)
        problem = _problem(use, award, resource, moment.date())
        if problem or award is None or resource is None:
            taken.bad.append(BadRow(use.row, use.source_id, problem))
        else:
            by_award[award].append((use, resource))
    for award, theirs in sorted(by_award.items(), key=lambda item: item[0].pk):
        try:
            done = _take_of_award(award, theirs, actor, moment)
        except IntegrityError:
            # Another report has brought one of these ids for another award in this moment; now it is known.
            done = _take_of_award(award, theirs, actor, moment)
        taken.add(done)


def _awards_named(names: Iterable[str]) -> dict[str, Award]:
    """Awards by the key of their request or by their group, as a report may call them."""
    rows = Award.objects.select_related("request__call")
    wanted = list(names)
    found = {award.request.key: award for award in rows.filter(request__key__in=wanted)}
    added = Addition.objects.filter(request__key__in=wanted).select_related("request", "award__request__call")
    found |= {each.request.key: each.award for each in added}
    groups = [name.lower() for name in wanted]
    return found | {award.group.upper(): award for award in rows.filter(group__in=groups)}


def _problem(use: Use, award: Award | None, resource: Resource | None, today: datetime.date) -> str:
    if award is None:
        return f"There is no award called {use.award}."
    if resource is None:
        return f"There is no resource called {use.resource}."
    if use.unit and use.unit.lower() != resource.unit.lower():
        return f"{resource} is counted in {resource.unit}, not in {use.unit}."
    if use.used_on > today:
        return f"The day {use.used_on} is still to come."
    if not award.starts_on <= use.used_on <= _last_day(award):
        return f"The award runs from {award.starts_on} to {award.ends_on}; {use.used_on} lies outside."
    if award.request.state not in GRACE_STATES:
        return f"The award is {award.request.state_label.lower()}; usage counts while it is active."
    return ""


def _last_day(award: Award) -> datetime.date:
    ends = award.request.grace_ends_at
    return ends.date() if ends is not None else award.ends_on


@transaction.atomic
def _take_of_award(
    award: Award, uses: Sequence[tuple[Use, Resource]], actor: User, moment: datetime.datetime
) -> Taken:
    ledger.lock(award)
    taken = Taken()
    known = LedgerEntry.objects.in_bulk([use.source_id for use, _ in uses], field_name="source_id")
    left = ledger.balances([award])
    lines = []
    for use, resource in uses:
        there = known.get(use.source_id)
        if there is not None:
            _note_known(there, use, award, resource, taken)
            continue
        problem = _too_much(use, award, resource, left)
        if problem:
            taken.bad.append(BadRow(use.row, use.source_id, problem))
            continue
        left[award.pk, resource.pk] -= use.amount
        lines.append(_line(use, award, resource, actor, moment))
    # In one order everywhere, so that two reports with the same ids wait for one another and not in a circle.
    LedgerEntry.objects.bulk_create(sorted(lines, key=lambda line: str(line.source_id)))
    taken.new = len(lines)
    for resource in dict.fromkeys(resource for _, resource in uses):
        taken.alerts += raise_alerts(award, resource, actor=actor, moment=moment)
    return taken


def _note_known(there: LedgerEntry, use: Use, award: Award, resource: Resource, taken: Taken) -> None:
    same = (there.award_id, there.resource_id, -there.amount, there.on)
    if same == (award.pk, resource.pk, use.amount, use.used_on):
        taken.known += 1
        return
    reason = "This source id is known with another award, resource, amount or day; it was not counted again."
    taken.bad.append(BadRow(use.row, use.source_id, reason))


def _too_much(use: Use, award: Award, resource: Resource, left: Mapping[tuple[int, int], Decimal]) -> str:
    there = left.get((award.pk, resource.pk))
    if there is None:
        return f"{award.request.key} was not awarded {resource}."
    if use.amount > there:
        return (
            f"{award.request.key} has {there.normalize():,f} {resource.unit} left, and {use.amount.normalize():,f} "
            "were used. Grant a supplement or correct the report, then send the row again."
        )
    return ""


def _line(use: Use, award: Award, resource: Resource, actor: User, moment: datetime.datetime) -> LedgerEntry:
    return LedgerEntry(
        award=award,
        resource=resource,
        kind=Entry.USAGE,
        amount=-use.amount,
        on=use.used_on,
        source_id=use.source_id,
        entered_by=actor,
        entered_at=moment,
    )


def raise_alerts(award: Award, resource: Resource, *, actor: User, moment: datetime.datetime) -> int:
    """Tell the proposer of every threshold that usage has passed and that was not told before; return how many."""
    given, used = ledger.totals(award).get(resource.pk, (Decimal(0), Decimal(0)))
    if given <= 0:
        return 0
    passed = [percent for percent in THRESHOLDS if used * 100 >= given * percent]
    told = set(UsageAlert.objects.filter(award=award, resource=resource).values_list("percent", flat=True))
    new = [percent for percent in passed if percent not in told]
    UsageAlert.objects.bulk_create(
        UsageAlert(award=award, resource=resource, percent=percent, raised_at=moment) for percent in new
    )
    if new:
        # One message, about the highest: who has used all of it need not hear of the half as well.
        said = f"{new[-1]} % of {given.normalize():,f} {resource.unit} of {resource.name.lower()}"
        record(
            award.request,
            "usage_alert",
            actor=User.objects.system(),
            changes={"usage": {"old": None, "new": said}},
            tells=(proposer, co_investigators),
            moment=moment,
        )
    return len(new)
