"""The conditions of the steps from a recommendation to the end of an award."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Q

from ops.allocations.capacity import fillings
from ops.allocations.models.awards import Addition, Award
from ops.allocations.models.decisions import Outcome, OutcomeAmount, Stage
from ops.people.questions import question
from ops.workflow.declaration import guard

APPEAL_WITHIN = datetime.timedelta(days=14)
ACCEPT_WITHIN = datetime.timedelta(days=14)
GRACE = datetime.timedelta(days=30)
# Before, a decision is not told; while an appeal is granted, it is being taken again.
TOLD = (
    "awarded", "declined", "under_appeal", "accepted", "provisioning", "active", "grace", "expired", "revoked",
    "lapsed",
)  # fmt: skip


def current_outcome(request: Any, stage: Stage) -> Outcome | None:
    """Return what holds at a stage; None also for a decision that has been overtaken."""
    return Outcome.objects.holding().filter(request=request.pk, stage=stage).first()


@guard("Write down what the committee recommends first.", about="recommendation")
def recommendation_is_made(request: Any) -> bool:
    """There is a recommendation to bring before the Operations Director."""
    return current_outcome(request, Stage.RECOMMENDED) is not None


@guard("Decide first what is given; the page of the decisions is the place for it.", about="decision")
def award_is_decided(request: Any) -> bool:
    """The decision gives something."""
    decided = current_outcome(request, Stage.DECIDED)
    return decided is not None and decided.gives_something


@guard(
    "Decide first that nothing is given, and why; the page of the decisions is the place for it.",
    about="decision",
)
def refusal_is_decided(request: Any) -> bool:
    """The decision gives nothing."""
    decided = current_outcome(request, Stage.DECIDED)
    return decided is not None and not decided.gives_something


@question(when="once the results are published")
def is_told_at_once(user: Any, request: Any) -> bool:
    """Nothing in the call waits to be told together."""
    return request is not None and (request.call.is_standing or request.call.state == "published")


@guard("The time for an appeal is over: two weeks after the decision.")
def appeal_is_in_time(request: Any) -> bool:
    """The decision is not older than an appeal allows."""
    return request.decided_at is not None and request.present <= request.decided_at + APPEAL_WITHIN


@guard("Confirm first that the platform enforces it, or that it was applied by hand.", about="enforcement")
def award_is_enforced(request: Any) -> bool:
    """The platform gives what was awarded: read back, or said by somebody."""
    award = Award.objects.of(request)
    return award is not None and award.is_enforced


@guard("The decision has been told, with what this review says; the review stays as it was.")
def decision_is_not_told(review: Any) -> bool:
    """No letter repeats the review yet."""
    return review.request.state not in TOLD


@guard("Its award ends on the day that it always had.")
def award_has_moved(request: Any) -> bool:
    """The last day of its award is another than the request knows."""
    award = Award.objects.of(request)
    return award is not None and last_moment(award.ends_on) != request.award_ends_at


def _added_to(request: Any) -> list[str]:
    rows = Addition.objects.filter(award__request=request.pk).exclude(request__state="revoked")
    return list(rows.values_list("request__key", flat=True))


@guard("Revoke first what was added to it", about="additions", naming=_added_to)
def nothing_was_added(request: Any) -> bool:
    """No supplement or extension stands in its ledger."""
    return not _added_to(request)


def last_moment(day: datetime.date) -> datetime.datetime:
    """Return when an award ends whose last day is given."""
    return datetime.datetime.combine(day, datetime.time.max, datetime.UTC)


@guard("The earlier award, from which it is transferred, has not so much left.", about="earlier")
def earlier_award_can_give(request: Any) -> bool:
    """What is transferred is there."""
    if request.purpose != "transfer":
        return True
    source = Award.objects.of(request.earlier) if request.earlier_id else None
    decided = current_outcome(request, Stage.DECIDED)
    if source is None or decided is None:
        return False
    left = source.entries.balances()
    wanted: dict[int, Any] = {}
    for row in OutcomeAmount.objects.filter(outcome=decided).select_related("offer"):
        wanted[row.offer.resource_id] = wanted.get(row.offer.resource_id, 0) + row.amount
    return all(left.get((source.pk, resource), 0) >= amount for resource, amount in wanted.items())


@guard("Write down on every request what the committee recommends; some have nothing yet.", about="line")
def every_request_is_recommended_on(call: Any) -> bool:
    """All that was discussed has a recommendation, and nothing is still to be discussed."""
    recommended = Outcome.objects.filter(stage=Stage.RECOMMENDED).values("request")
    done = Q(state__in=["discussed", "ranked"], pk__in=recommended) | Q(state="recommended")
    return not call.requests.exclude(state__in=ASIDE).exclude(done).exists()


# On these there is nothing to recommend or to decide.
ASIDE = ("draft", "withdrawn", *TOLD)


@guard("Every request needs a decision; some have none yet.", about="decisions")
def every_request_is_decided(call: Any) -> bool:
    """All that was sent is before the Operations Director, and decided."""
    waiting = call.requests.exclude(state__in=ASIDE)
    decided = Outcome.objects.holding().filter(stage=Stage.DECIDED).values("request")
    return not waiting.exclude(state="recommended", pk__in=decided).exists()


@guard(
    "The results of the call are decided and wait to be published; nothing of them is taken back.",
    about="call",
)
def results_are_open(request: Any) -> bool:
    """The table of the decisions is not closed, so that what is taken back can be decided again."""
    return bool(request.call.state != "decided")


@guard("The decisions give more than there is; the page of the decisions says of what.", about="decisions")
def decisions_fit(call: Any) -> bool:
    """No quarter is given away beyond its capacity."""
    return not any(filling.is_exceeded for filling in fillings(call))
