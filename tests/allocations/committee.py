"""A call before the committee, for tests: three members, requests in review, scores."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from ops.allocations.models import Call, Conflict, Offer, Request
from ops.people.authority import ALLOCATION_COMMITTEE
from ops.people.models import Membership, Role, Team, User
from ops.workflow.services import create
from tests.allocations.factories import RequestFactory, moved, periodic_call, reviewed, with_rights
from tests.cast import LONG_AGO, Cast

SENT_AT = datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC)


def call_under_review(**data: Any) -> Call:
    """A periodic call whose reviews are being written."""
    values = {"quorum": 2, "reviews_wanted": 2, "most_reviews": 10, **data}
    return moved(periodic_call(**values), Call.State.UNDER_REVIEW)


def requests_in(call: Call, cast: Cast, count: int, **data: Any) -> list[Request]:
    """Requests of a call that are in review, each for 200 of 1,000 core-hours in the first quarter."""
    with_rights(cast.reporter)
    Call.objects.filter(pk=call.pk).update(state=Call.State.OPEN)
    made = []
    for number in range(count):
        values = {
            **RequestFactory().data(cast),
            "purpose": "new",
            "call": call.slug,
            "title": f"Request {number}",
        }
        made.append(create(Request, actor=cast.reporter, data={**values, **data}))
    Call.objects.filter(pk=call.pk).update(state=Call.State.UNDER_REVIEW)
    Request.objects.filter(pk__in=[each.pk for each in made]).update(submitted_at=SENT_AT)
    return [moved(each, Request.State.IN_REVIEW) for each in made]


def scored(cast: Cast, *scores: Sequence[int], **data: Any) -> tuple[Call, list[Request]]:
    """A call under review with one request for each of the scores, which the members gave in their order."""
    call = call_under_review(**data)
    requests = requests_in(call, cast, len(scores))
    for request, given in zip(requests, scores, strict=True):
        for member, score in zip((cast.rac_member, cast.rac_second, cast.rac_chair), given, strict=False):
            reviewed(request, member, score, score)
    return call, requests


def another_member(username: str) -> User:
    """Somebody more in the committee."""
    person = User.objects.create_user(username, f"{username}@example.org", display_name=username.title())
    team = Team.objects.get(slug=ALLOCATION_COMMITTEE)
    Membership.objects.create(person=person, team=team, role=Role.MEMBER, starts_on=LONG_AGO)
    return person


def barred(request: Request, person: User) -> Conflict:
    """A conflict between them."""
    return Conflict.objects.create(
        request=request,
        person=person,
        kind="declared",
        severity="absolute",
        evidence="They write papers together.",
    )


def limited(call: Call, amount: int) -> Offer:
    """What there is of compute in each quarter, from now on."""
    offer = call.offers.get()
    offer.capacity = [Decimal(amount)] * len(offer.capacity)
    offer.save()
    return offer
