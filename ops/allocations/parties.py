"""Who holds a call, a request, a review, and who hears of it."""

from __future__ import annotations

from django.db.models import Q

from ops.allocations import rules
from ops.allocations.involvement import chaired_by, chairs_of, decided_by, deciding, having_a_part_in
from ops.allocations.models.people import Conflict, part_of
from ops.people import authority
from ops.people.authority import ALLOCATION_COMMITTEE, OPERATIONS, TECHNICAL_ASSESSORS
from ops.people.models import Role, User
from ops.workflow.declaration import EVERYTHING, NOTHING, Party

proposer = Party(
    "proposer", "the proposer", lambda request: [request.reporter], whose=lambda person: Q(reporter=person)
)
co_investigators = Party(
    "co_investigators",
    "the co-investigators",
    lambda request: User.objects.filter(co_investigations__request=request.pk, is_active=True),
)
assessors = Party(
    "assessors",
    "the technical assessors",
    lambda request: authority.holders_of(TECHNICAL_ASSESSORS).exclude(pk__in=having_a_part_in(request)),
    whose=lambda person: ~part_of(person) if rules.is_technical_assessor(person) else NOTHING,
)
chairs = Party(
    "chairs",
    "the RAC chair",
    chairs_of,
    whose=chaired_by,
)
deciders = Party(
    "deciders",
    "the Operations Director",
    lambda request: User.objects.filter(pk__in=deciding(request)),
    whose=decided_by,
)
operations_director = Party(
    "operations_director",
    "the Operations Director",
    lambda _obj: authority.holders_of(OPERATIONS, Role.DIRECTOR),
    whose=lambda person: EVERYTHING if rules.is_operations_director(person) else NOTHING,
    alike=lambda _obj: None,
)
the_clock = Party(
    "the_clock",
    "the clock",
    lambda _obj: [User.objects.system()],
    whose=lambda person: EVERYTHING if authority.is_system.test(person) else NOTHING,
    alike=lambda _obj: None,
)
committee_chairs = Party(
    "committee_chairs",
    "the RAC chair",
    lambda _call: authority.holders_of(ALLOCATION_COMMITTEE, *rules.CHAIRS),
    whose=lambda person: EVERYTHING if rules.is_rac_chair(person) else NOTHING,
    alike=lambda _call: None,
)
committee = Party(
    "committee", "the RAC", lambda _call: authority.holders_of(ALLOCATION_COMMITTEE), alike=lambda _call: None
)
proposers = Party(
    "proposers",
    "everybody who sent a request to it",
    lambda call: (
        User.objects.filter(reported_tickets__request__call=call, is_active=True)
        .exclude(reported_tickets__request__state__in=["draft", "withdrawn"])
        .distinct()
    ),
)
reviewer = Party(
    "reviewer",
    "the reviewer",
    lambda review: [review.reviewer],
    whose=lambda person: (
        Q(reviewer=person) & ~Q(request__in=Conflict.objects.barring(person))
        if rules.is_rac_member(person)
        else NOTHING
    ),
)
chairs_of_its_request = Party(
    "chairs_of_its_request",
    "the RAC chair",
    lambda review: User.objects.filter(pk__in=review.request.chair_ids),
    whose=lambda person: chaired_by(person, "request__"),
)
