"""Awards for the tests, made in as few statements as a test can do with."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from ops.allocations.ledger import grant
from ops.allocations.models import Award, Call, QuotaLimit, Request, Resource
from ops.allocations.models.decisions import Stage
from ops.people.models import User
from tests.allocations.factories import FACTORIES, moved, open_call, outcome, periodic_call, resource
from tests.cast import Cast

DAY = datetime.timedelta(days=1)


def request_in(state: str, cast: Cast, **data: Any) -> Request:
    """A request walked to a state by the engine."""
    made: Request = FACTORIES["request"].in_state(state, cast, **data)
    return made


def awarded(cast: Cast, amounts: dict[str, int], *, state: str = "active", by: User | None = None) -> Award:
    """A running award that began a hundred days ago, with so much of each resource (by slug)."""
    today = timezone.now().date()
    made = FACTORIES["request"].new(cast) if by is None else _new_by(by, cast)
    type(made).objects.filter(pk=made.pk).update(submitted_at=timezone.now())
    request = moved(made, state)
    award = Award.objects.create(
        request=request,
        group=f"g_rac_{request.key.lower().replace('-', '_')}",
        starts_on=today - 100 * DAY,
        ends_on=today + 82 * DAY,
    )
    given = {resource(slug, "units"): Decimal(amount) for slug, amount in amounts.items()}
    grant(award, given, actor=cast.operations_director)
    return Award.objects.select_related("request__call").get(pk=award.pk)


def _new_by(person: User, cast: Cast) -> Request:
    made = FACTORIES["request"].new(cast)
    type(made).objects.filter(pk=made.pk).update(reporter=person)
    return Request.objects.get(pk=made.pk)


def ranked_call(cast: Cast, number: int) -> tuple[Call, list[Request]]:
    """A ranked call with so many recommendations before the Director."""
    call = moved(periodic_call(), "open")
    requests = []
    for _ in range(number):
        made = request_in("draft", cast, call=call.slug, purpose="new")
        Request.objects.filter(pk=made.pk).update(submitted_at=timezone.now())
        requests.append(moved(made, "recommended"))
        outcome(requests[-1], cast.rac_chair, Stage.RECOMMENDED, comment="Well done.")
    return moved(call, "ranked"), requests


def limit(slug: str, path: str, factor: int = 1, basic: int = 0) -> Resource:
    """A resource that is a limit of the platform."""
    made = resource(slug, "units", basic)
    QuotaLimit.objects.get_or_create(resource=made, defaults={"path": path, "factor": factor})
    return Resource.objects.get(pk=made.pk)


__all__ = ["awarded", "limit", "open_call", "ranked_call", "request_in"]
