"""What the committee recommends and what the Operations Director decides: the only writer of such rows.

Neither is an event of the request, which its proposer reads. A decision is told when the results of a call are
published, all of them together; in a standing call, and after an appeal, at once.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from django.db import transaction
from django.utils import timezone

from ops.allocations.capacity import refuse_above_capacity
from ops.allocations.given import Amounts, accepted, asked_of, drawn
from ops.allocations.models import Call, Request
from ops.allocations.models.decisions import Grade, Outcome, OutcomeAmount, Stage
from ops.allocations.rules import is_chair_for_it, is_decider_for_it
from ops.people.authority import is_system
from ops.people.models import User
from ops.workflow.errors import GuardUnmet, InvalidInput, NotAllowed, NotFound, Stale
from ops.workflow.services import perform
from ops.workflow.words import who_may

LONGEST = 10_000
# The desk itself takes over from the line what concerns a conflicted chair.
may_recommend = is_chair_for_it | is_system
# Until the recommendation is before the Director, the committee may still think better of it.
OPEN_TO_COMMITTEE = (Request.State.DISCUSSED, Request.State.RANKED)


def results_are_public(call: Call) -> bool:
    """Whether a decision is told at once: nothing in this call waits to be told together."""
    return call.is_standing or call.state == Call.State.PUBLISHED


@transaction.atomic
def recommend_outcome(
    request: Request,
    *,
    actor: User,
    grade: str,
    amounts: Amounts | None = None,
    comment: str = "",
    reason: str = "",
    expected: int | None = None,
    moment: datetime.datetime | None = None,
) -> Outcome:
    """Note what the committee recommends. `amounts` are needed for a reduced award alone.

    `expected` is the number of the recommendation that the actor has read, 0 for none: two chairs may write at once.
    Raises `NotFound`, `NotAllowed`, `Stale`, `GuardUnmet` where the panel has not discussed it or it is before the
    Director, `InvalidInput` for amounts that do not fit what was asked.
    """
    seen = _locked(request, actor)
    if not may_recommend.test(actor, seen):
        raise NotAllowed(f"Only {who_may(is_chair_for_it)} may recommend on {seen}.")
    if seen.state not in OPEN_TO_COMMITTEE:
        raise GuardUnmet(f"{seen} is {seen.state_label.lower()}; a recommendation follows the discussion.")
    _refuse_if_changed(seen, Stage.RECOMMENDED, expected)
    given = accepted(seen, grade, amounts, reason=reason)
    return _keep(seen, Stage.RECOMMENDED, actor, grade, given, comment, reason, moment)


@transaction.atomic
def recommend_as_drawn(
    call: Call,
    shares: Mapping[int, int],
    *,
    actor: User,
    tables: Mapping[int, Amounts] = MappingProxyType({}),
    reasons: Mapping[int, str] = MappingProxyType({}),
    moment: datetime.datetime | None = None,
) -> int:
    """Recommend on every discussed request what the line gives it, in percent by request (its id).

    `tables` are the amounts of those for which the committee has set them one by one, and its `reasons`.
    What is recommended so already stays, with its comment. Returns how many recommendations are new.
    """
    rows = call.requests.filter(state__in=OPEN_TO_COMMITTEE, pk__in=shares)
    requests = list(rows.select_related("call").prefetch_related("amounts").order_by("pk"))
    there = current_of(requests)
    written = 0
    for request in requests:
        grade, amounts = drawn(request, shares[request.pk], tables.get(request.pk))
        known = there.get((request.pk, Stage.RECOMMENDED))
        if known is not None and (known.grade, known.table) == (grade, amounts or _all_of(request, grade)):
            continue
        by = actor if actor.pk in request.chair_ids else User.objects.system()
        words, why = known.comment if known else "", reasons.get(request.pk, "")
        recommend_outcome(
            request, actor=by, grade=grade, amounts=amounts, comment=words, reason=why, moment=moment
        )
        written += 1
    return written


def _all_of(request: Request, grade: str) -> Amounts:
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
    expected: int | None = None,
    moment: datetime.datetime | None = None,
) -> Outcome:
    """Decide as the Operations Director, or as the Director where that one has a conflict of interest.

    A deviation from the recommendation needs a reason (RTN-006 §2.5.4). In a standing call, and where the results
    are published, the proposer is told at once. Raises as `recommend_outcome` does, and `GuardUnmet` where a standing
    call has not so much left.
    """
    seen = _locked(request, actor)
    if not is_decider_for_it.test(actor, seen):
        raise NotAllowed(f"Only {who_may(is_decider_for_it)} may decide on {seen}. {_who_decides(seen)}")
    if seen.state != Request.State.RECOMMENDED:
        raise GuardUnmet(f"{seen} is {seen.state_label.lower()}; a decision follows the recommendation.")
    if seen.call.state == Call.State.DECIDED:
        raise GuardUnmet("The results of this call are decided; publish them as they are.")
    _refuse_if_changed(seen, Stage.DECIDED, expected)
    recommended = current(seen, Stage.RECOMMENDED)
    follows = recommended is not None and (grade, amounts or {}) == (recommended.grade, recommended.table)
    given = accepted(seen, grade, amounts, reason=recommended.reason if follows and recommended else reason)
    made = _keep(seen, Stage.DECIDED, actor, grade, given, comment, reason, moment)
    _refuse_silent_deviation(made, recommended)
    if results_are_public(seen.call):
        refuse_above_capacity(seen.call)
        tell(seen, made, actor=actor, moment=moment)
    return made


def _refuse_silent_deviation(made: Outcome, recommended: Outcome | None) -> None:
    if recommended is not None and deviates(made, recommended) and not made.reason:
        raise InvalidInput(
            "Please correct the reason.",
            fields={"reason": ["This is not what the committee recommends; write why, for the record."]},
        )


def _who_decides(request: Request) -> str:
    names = (
        User.objects.filter(pk__in=request.decider_ids).order_by("pk").values_list("display_name", flat=True)
    )
    if not names:
        return "Everybody who could has a conflict of interest; the chair may waive one, where it is not absolute."
    return f"Here it is {' or '.join(names)}."


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
    """Return what was written last at a stage, whether it still holds or not."""
    rows = Outcome.objects.filter(request=request, stage=stage).prefetch_related("amounts")
    return rows.order_by("-pk").first()


def current_of(requests: Iterable[Request]) -> dict[tuple[int, str], Outcome]:
    """Return what was written last on many requests, by request (its id) and stage; two queries for any number."""
    rows = Outcome.objects.current().weighed().filter(request__in=list(requests))
    return {(row.request_id, row.stage): row for row in rows.prefetch_related("amounts")}


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


def _refuse_if_changed(request: Request, stage: Stage, expected: int | None) -> None:
    there = current(request, stage)
    if expected is not None and expected != (there.pk if there else 0):
        by = there.made_by.name if there else "Somebody"
        raise Stale(
            f"{by} has written on {request} meanwhile. Look at what stands there now, then send yours again."
        )


def _keep(
    request: Request,
    stage: Stage,
    actor: User,
    grade: str,
    given: Amounts,
    comment: str,
    reason: str,
    moment: datetime.datetime | None,
) -> Outcome:
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


def _text(text: Any, field: str) -> str:
    words = str(text or "").replace("\r\n", "\n").strip()
    if len(words) > LONGEST or "\x00" in words:
        raise InvalidInput(
            f"Please correct the {field}.", fields={field: [f"Write at most {LONGEST:,} characters of text."]}
        )
    return words
