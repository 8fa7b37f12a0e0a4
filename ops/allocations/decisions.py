"""What the committee recommends and what the Operations Director decides: the only writer of such rows.

Neither is an event of the request, which its proposer reads. A decision is told when the results of a call are
published, all of them together; in a standing call, and after an appeal, at once.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from decimal import ROUND_DOWN, Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from ops.allocations.capacity import refuse_above_capacity
from ops.allocations.models import Call, Request
from ops.allocations.models.decisions import Grade, Outcome, OutcomeAmount, Stage
from ops.allocations.rules import is_chair_for_it, is_operations_director
from ops.people.authority import is_system
from ops.people.models import User
from ops.workflow.errors import GuardUnmet, InvalidInput, NotAllowed, NotFound
from ops.workflow.services import perform
from ops.workflow.words import who_may

Amounts = Mapping[tuple[int, int], Decimal]
"""Amounts by offer (its id) and quarter."""

NOTHING = Decimal(0)
WHOLE = 100
STEP = Decimal("0.001")
LONGEST = 10_000
# The desk itself takes over from the line what concerns a conflicted chair.
may_recommend = is_chair_for_it | is_system
# Until the recommendation is before the Director, the committee may still think better of it.
OPEN_TO_COMMITTEE = (Request.State.DISCUSSED, Request.State.RANKED)


def results_are_public(call: Call) -> bool:
    """Whether a decision is told at once: nothing in this call waits to be told together."""
    return call.is_standing or call.state == Call.State.PUBLISHED


def asked_of(request: Request) -> dict[tuple[int, int], Decimal]:
    """Return what a request asks for."""
    return {(row.offer_id, row.quarter): row.asked for row in request.amounts.all() if row.asked > 0}


def share_of(request: Request, percent: int) -> dict[tuple[int, int], Decimal]:
    """Return a part of what a request asks for, but of each amount at least what is of any use."""
    return {
        (row.offer_id, row.quarter): max(row.minimum, (row.asked * percent / 100).quantize(STEP, ROUND_DOWN))
        for row in request.amounts.all()
        if row.asked > 0
    }


@transaction.atomic
def recommend_outcome(
    request: Request,
    *,
    actor: User,
    grade: str,
    amounts: Amounts | None = None,
    comment: str = "",
    reason: str = "",
    moment: datetime.datetime | None = None,
) -> Outcome:
    """Note what the committee recommends. `amounts` are needed for a reduced award alone.

    Raises `NotFound`, `NotAllowed`, `GuardUnmet` where the panel has not discussed it or it is before the Director,
    `InvalidInput` for amounts that do not fit what was asked.
    """
    seen = _locked(request, actor)
    if not may_recommend.test(actor, seen):
        raise NotAllowed(f"Only {who_may(is_chair_for_it)} may recommend on {seen}.")
    if seen.state not in OPEN_TO_COMMITTEE:
        raise GuardUnmet(f"{seen} is {seen.state_label.lower()}; a recommendation follows the discussion.")
    return _keep(seen, Stage.RECOMMENDED, actor, grade, amounts, comment, reason, moment)


@transaction.atomic
def recommend_as_drawn(
    call: Call, shares: Mapping[int, int], *, actor: User, moment: datetime.datetime | None = None
) -> int:
    """Recommend on every discussed request what the line gives it, in percent by request (its id).

    What is recommended so already stays, with its comment. Returns how many recommendations are new.
    """
    rows = call.requests.filter(state__in=OPEN_TO_COMMITTEE, pk__in=shares)
    requests = list(rows.select_related("call").prefetch_related("amounts").order_by("pk"))
    there = current_of(requests)
    written = 0
    for request in requests:
        grade, amounts = drawn(request, shares[request.pk])
        known = there.get((request.pk, Stage.RECOMMENDED))
        if known is not None and (known.grade, known.table) == (grade, amounts or _all_of(request, grade)):
            continue
        by = actor if actor.pk in request.chair_ids else User.objects.system()
        words = known.comment if known else ""
        recommend_outcome(request, actor=by, grade=grade, amounts=amounts, comment=words, moment=moment)
        written += 1
    return written


def drawn(request: Request, percent: int) -> tuple[str, dict[tuple[int, int], Decimal] | None]:
    """Return what a share of so many percent is: a grade, and the amounts of a reduced award."""
    if percent <= 0:
        return Grade.NONE, None
    return (Grade.FULL, None) if percent >= WHOLE else (Grade.REDUCED, share_of(request, percent))


def _all_of(request: Request, grade: str) -> dict[tuple[int, int], Decimal]:
    return asked_of(request) if grade == Grade.FULL else {}


@transaction.atomic
def decide(
    request: Request,
    *,
    actor: User,
    grade: str,
    amounts: Amounts | None = None,
    comment: str = "",
    reason: str = "",
    moment: datetime.datetime | None = None,
) -> Outcome:
    """Decide as the Operations Director; a deviation from the recommendation needs a reason (RTN-006 §2.5.4).

    In a standing call, and where the results are published, the proposer is told at once. Raises as
    `recommend_outcome` does, and `GuardUnmet` where a standing call has not so much left.
    """
    seen = _locked(request, actor)
    if not is_operations_director.test(actor):
        raise NotAllowed(f"Only {who_may(is_operations_director)} may decide on {seen}.")
    if seen.state != Request.State.RECOMMENDED:
        raise GuardUnmet(f"{seen} is {seen.state_label.lower()}; a decision follows the recommendation.")
    made = _keep(seen, Stage.DECIDED, actor, grade, amounts, comment, reason, moment)
    recommended = current(seen, Stage.RECOMMENDED)
    if recommended is not None and deviates(made, recommended) and not made.reason:
        raise InvalidInput(
            "Please correct the reason.",
            fields={"reason": ["This is not what the committee recommends; write why, for the record."]},
        )
    if results_are_public(seen.call):
        refuse_above_capacity(seen.call)
        tell(seen, made, actor=actor, moment=moment)
    return made


def follow_recommendation(
    request: Request, *, actor: User, comment: str | None = None, moment: datetime.datetime | None = None
) -> Outcome:
    """Decide as the committee recommends, with its comment or another. Raises as `decide` does."""
    recommended = current(request, Stage.RECOMMENDED)
    if recommended is None:
        raise GuardUnmet(f"The committee has not recommended anything on {request}.")
    words = recommended.comment if comment is None else comment
    return decide(
        request, actor=actor, grade=recommended.grade, amounts=recommended.table, comment=words, moment=moment
    )


def tell(
    request: Request, decided: Outcome, *, actor: User, moment: datetime.datetime | None = None
) -> Request:
    """Let the proposer know: the request becomes awarded or declined."""
    return perform(request, "award" if decided.gives_something else "decline", actor=actor, moment=moment)


def current(request: Request, stage: Stage) -> Outcome | None:
    """Return what holds at a stage: the newest row."""
    rows = Outcome.objects.filter(request=request, stage=stage).prefetch_related("amounts")
    return rows.order_by("-pk").first()


def current_of(requests: Iterable[Request]) -> dict[tuple[int, str], Outcome]:
    """Return what holds for many requests, by request (its id) and stage; two queries for any number."""
    rows = Outcome.objects.current().filter(request__in=list(requests)).prefetch_related("amounts")
    return {(row.request_id, row.stage): row for row in rows}


def deviates(decided: Outcome, recommended: Outcome) -> bool:
    """Whether a decision gives something else than was recommended."""
    return decided.grade != recommended.grade or decided.table != recommended.table


def _locked(request: Request, actor: User) -> Request:
    # Two who write on one request at once come one after the other, and the second sees what the first has left.
    rows = Request.objects.visible_to(actor).locked().select_related(*Request.lock_related)
    found: Request | None = rows.filter(pk=request.pk).first()
    if found is None:
        raise NotFound
    return found


def _keep(
    request: Request,
    stage: Stage,
    actor: User,
    grade: str,
    amounts: Amounts | None,
    comment: str,
    reason: str,
    moment: datetime.datetime | None,
) -> Outcome:
    given = _accepted(request, grade, amounts)
    made = Outcome.objects.create(
        request=request,
        stage=stage,
        grade=grade,
        comment=_text(comment, "comment"),
        reason=_text(reason, "reason"),
        made_by=actor,
        made_at=moment or timezone.now(),
    )
    OutcomeAmount.objects.bulk_create(
        OutcomeAmount(outcome=made, offer_id=offer, quarter=quarter, amount=amount)
        for (offer, quarter), amount in sorted(given.items())
    )
    return made


def _accepted(request: Request, grade: str, amounts: Amounts | None) -> Amounts:
    if grade not in Grade.values:
        raise InvalidInput(
            "Please correct the award.", fields={"grade": [f"Choose one of {', '.join(Grade.values)}."]}
        )
    if grade == Grade.NONE:
        return {}
    if grade == Grade.FULL:
        return asked_of(request)
    problems = list(_problems_of_reduced(request, amounts or {}))
    if problems:
        raise InvalidInput("Please correct the amounts.", fields={"amounts": problems})
    return {place: amount for place, amount in (amounts or {}).items() if amount > 0}


def _problems_of_reduced(request: Request, amounts: Amounts) -> Iterable[str]:
    rows = {(row.offer_id, row.quarter): row for row in request.amounts.select_related("offer__resource")}
    if any(amount > 0 and place not in rows for place, amount in amounts.items()):
        yield "Only what was asked for can be given."
    for place, row in rows.items():
        amount = amounts.get(place, NOTHING)
        name = f"{row.offer.resource}, quarter {row.quarter}"
        if not amount.is_finite() or amount < 0 or amount != amount.quantize(STEP):
            yield f"{name}: write an amount from 0 up, with at most three digits after the point."
        elif amount > row.asked:
            yield f"{name}: {row.asked.normalize():,f} {row.offer.resource.unit} were asked for, not more."
        elif amount < row.minimum:
            yield f"{name}: below {row.minimum.normalize():,f} {row.offer.resource.unit} it is of no use to them."
    if not any(amount > 0 for amount in amounts.values()):
        yield "A reduced award gives something; choose “No award” where it gives nothing."


def _text(text: Any, field: str) -> str:
    words = str(text or "").replace("\r\n", "\n").strip()
    if len(words) > LONGEST or "\x00" in words:
        raise InvalidInput(
            f"Please correct the {field}.", fields={field: [f"Write at most {LONGEST:,} characters of text."]}
        )
    return words
