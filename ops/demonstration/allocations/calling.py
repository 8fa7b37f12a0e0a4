"""The resources and the calls in which they are offered."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ops.allocations.calling import commit_capacity, keep_part
from ops.allocations.models import Call, Commitment, Criterion, Offer, Question, QuotaLimit, Resource
from ops.allocations.quarters import quarters_between
from ops.demonstration.allocations import script
from ops.demonstration.allocations.made import Allocations
from ops.demonstration.allocations.script import Calling
from ops.workflow.services import create, perform

CRITERIA = (
    ("merit", "Scientific merit", 3, "What is learnt if it works, and by how many."),
    ("method", "Method", 2, "Whether it will work, and how one would know."),
    ("means", "Use of the resources", 1, "Whether the amounts are needed, and needed here."),
)


def keep_resources() -> None:
    """Everything that can be allocated."""
    for means in script.resources():
        kept = Resource.objects.create(
            slug=means.slug, name=means.name, unit=means.unit, basic_quota=means.basic
        )
        if means.path:
            QuotaLimit.objects.create(resource=kept, path=means.path)


def open_call(made: Allocations, calling: Calling) -> None:
    """A call with all that it offers and asks, opened."""
    days = calling.days
    first, last = (made.on(day) for day in days["awards"])
    data: dict[str, Any] = {
        "slug": calling.slug,
        "title": calling.title,
        "description": calling.about.strip(),
        "is_standing": calling.standing,
        "blindness": calling.blindness,
        "opens_at": made.at(days["opens"]),
        "award_starts_on": first,
        "award_ends_on": last,
        "quorum": calling.quorum,
    }
    if not calling.standing:
        data |= {"closes_at": made.at(days["closes"]), "reviews_due_at": made.at(days["reviews"])}
    call = create(Call, actor=made.chair, data=data, moment=made.at(days["made"]))
    quarters = len(quarters_between(first, last))
    for slug, offered in calling.offers.items():
        _offer(made, call, slug, offered, quarters)
    for slug, name, weight, words in CRITERIA:
        keep_part(Criterion(call=call, slug=slug, name=name, weight=weight, help=words), actor=made.chair)
    for question in calling.questions:
        keep_part(Question(call=call, **question), actor=made.chair)
    made.calls[calling.slug] = perform(call, "open", actor=made.chair, moment=made.at(days["opens"]))


def _offer(made: Allocations, call: Call, slug: str, offered: Any, quarters: int) -> None:
    offer = Offer(
        call=call,
        resource=Resource.objects.get(slug=slug),
        capacity=[Decimal(offered["capacity"])] * quarters,
        reserve=offered.get("reserve", 0),
        ceiling=offered.get("ceiling"),
    )
    kept = keep_part(offer, actor=made.chair)
    if taken := offered.get("committed"):
        commitment = Commitment(offer=kept, quarter=1, amount=taken["amount"], why=taken["why"])
        commit_capacity(commitment, actor=made.chair)
