"""Awards after the letter: accepted or appealed, set up, used week by week, added to."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from ops.allocations.models import Award, Request
from ops.allocations.usage import take_usage
from ops.allocations.usage_reading import BadRow, Use
from ops.demonstration.allocations.made import Allocations, chance
from ops.demonstration.allocations.script import Asking
from ops.workflow.services import perform


def live(made: Allocations, asking: Asking, days: Any) -> None:
    """What became of a request after the results were published."""
    published = days["published"]
    request = Request.objects.get(pk=made.requests[asking.title].pk)
    proposer = made.who(asking.by)
    if request.state == Request.State.DECLINED and asking.becomes == "appealed":
        words = "The reviewers read the storage as the amount of one quarter; it is that of both."
        perform(request, "appeal", actor=proposer, reason=words, moment=made.at(published + 9))
    if request.state != Request.State.AWARDED or asking.becomes in {"awarded", "appealed", "declined"}:
        return
    accepted = published + 1 + chance(asking.title) / 20
    request = perform(request, "accept", actor=proposer, moment=made.at(accepted))
    if asking.becomes != "accepted":
        run(made, asking, request, accepted + 1)


def run(made: Allocations, asking: Asking, request: Request, set_up: float) -> None:
    """Set an award up, and let it be used."""
    request = perform(request, "provision", actor=made.assessor, moment=made.at(set_up))
    award = Award.objects.filter(request=request)
    award.update(
        enforcement=Award.Enforcement.BY_HAND,
        enforced_at=made.at(set_up),
        enforced_by=made.assessor,
        enforcement_note="Entered by the platform team",
    )
    perform(request, "activate", actor=made.assessor, moment=made.at(set_up))
    use(made, asking, award.get())


def use(made: Allocations, asking: Asking, award: Award) -> None:
    """Usage week by week, of what is used up."""
    first, last = award.starts_on, min(award.ends_on, made.now.date())
    weeks = max(1, (last - first).days // 7)
    rows: list[Use | BadRow] = []
    for slug in ("core-hours", "storage", "download"):
        given = (
            award.entries.filter(resource__slug=slug, amount__gt=0).values_list("amount", flat=True).first()
        )
        if given is None or not asking.used:
            continue
        shares = [50 + chance(asking.title, slug, str(week)) for week in range(weeks)]
        for week, share in enumerate(shares):
            amount = (given * Decimal(str(asking.used)) * share / sum(shares)).quantize(Decimal("0.001"))
            day = first + datetime.timedelta(days=7 * week + 6)
            name = f"{slug}-{award.request.key}-{day.isoformat()}"
            rows.append(Use(len(rows) + 1, name, award.request.key, slug, amount, "", min(day, last)))
    take_usage(rows, actor=made.who("system"), moment=made.now)
