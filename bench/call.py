"""A call of any size, made by the database itself: requests with amounts, members, conflicts, wishes, reviews."""

from __future__ import annotations

import datetime
import random
from collections.abc import Sequence
from decimal import Decimal

from django.db import connection, transaction
from django.db.models.sql import InsertQuery
from django.utils import timezone

from ops.allocations.mathematics.lottery import lot
from ops.allocations.models import (
    Amount,
    Call,
    Conflict,
    Criterion,
    Expertise,
    Lottery,
    Offer,
    Request,
    Resource,
    Review,
    Wish,
)
from ops.people.authority import ALLOCATION_COMMITTEE
from ops.people.models import Membership, Role, Team, User
from ops.tickets.models import Ticket, Visibility

KEYWORDS = 120
CHAIR = "bench-member-0"
RESOURCES = (
    ("compute", "core-hours", 400), ("storage", "TB-months", 12), ("queries", "query-hours", 60),
    ("downloads", "TB", 5), ("notebooks", "GB", 90),
)  # fmt: skip


def fill_call(
    *,
    requests: int,
    reviewers: int,
    reviews: int,
    slug: str = "bench",
    quarters: int = 4,
    review: bool = True,
) -> Call:
    """Make a call under review: its requests, the committee, and, unless told otherwise, all reviews sent."""
    chance = random.Random(len(slug) + requests)
    with transaction.atomic():
        call = _call(slug, quarters, requests, reviews, reviewers)
        members, proposers = _people(slug, reviewers, requests, chance)
        asked = _requests(call, proposers, chance)
        _amounts(call, asked, chance)
        _beside(asked, members, chance)
        if review:
            _reviews(asked, members, reviews, chance)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return call


def _call(slug: str, quarters: int, requests: int, reviews: int, reviewers: int) -> Call:
    starts = datetime.date(2027, 1, 1)
    call = Call.objects.create(
        slug=slug, title=f"Call of {requests:,} requests", state=Call.State.UNDER_REVIEW, award_starts_on=starts,
        award_ends_on=starts + datetime.timedelta(days=91 * quarters), reviews_wanted=reviews,
        most_reviews=min(500, -(-requests * reviews * 5 // (4 * reviewers)) + 2), quorum=3,
        reviews_due_at=timezone.now() + datetime.timedelta(days=14),
    )  # fmt: skip
    for position, (name, weight) in enumerate((("Merit", 3), ("Means", 1))):
        Criterion.objects.create(call=call, slug=name.lower(), name=name, weight=weight, position=position)
    for slug_of, unit, amount in RESOURCES:
        resource, _ = Resource.objects.get_or_create(
            slug=slug_of, defaults={"name": slug_of.capitalize(), "unit": unit}
        )
        each = Decimal(amount * max(requests // 6, 2))
        Offer.objects.create(
            call=call, resource=resource, capacity=[each] * len(call.quarters), reserve=each / 20
        )
    Lottery.objects.commit(call)
    return call


def _people(slug: str, reviewers: int, requests: int, chance: random.Random) -> tuple[list[User], list[User]]:
    team, _ = Team.objects.get_or_create(
        slug=ALLOCATION_COMMITTEE, defaults={"name": "Resource Allocation Committee"}
    )
    names = [f"bench-member-{n}" for n in range(reviewers)] + [
        f"{slug}-proposer-{n}" for n in range(requests)
    ]
    User.objects.bulk_create(
        [
            User(username=name, email=f"{name}@example.org", institution=f"Institute {chance.randrange(400)}",
                 display_name=name.replace("-", " ").title(), data_rights_until=datetime.date(2099, 1, 1))
            for name in names
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    known = {user.username: user for user in User.objects.filter(username__in=names)}
    members = [known[name] for name in names[:reviewers]]
    sitting = set(Membership.objects.filter(team=team).values_list("person_id", flat=True))
    Membership.objects.bulk_create(
        Membership(team=team, person=person, role=Role.CHAIR if person.username == CHAIR else Role.MEMBER,
                   starts_on="2020-01-01")
        for person in members if person.pk not in sitting
    )  # fmt: skip
    return members, [known[name] for name in names[reviewers:]]


def _requests(call: Call, proposers: Sequence[User], chance: random.Random) -> list[Request]:
    last = Ticket.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    now = timezone.now()
    made = [
        Request(
            key=f"RAC-{90_000 + last + number}", kind=Request.workflow.kind, title=_title(chance), reporter=person,
            visibility=Visibility.CIRCLE, state=Request.State.IN_REVIEW, call=call, submitted_at=now,
            purpose=chance.choice(("new", "new", "new", "continuation", "supplement")),
            keywords=[f"subject {chance.randrange(KEYWORDS)}" for _ in range(4)],
        )
        for number, person in enumerate(proposers)
    ]  # fmt: skip
    columns = [field.name for field in Ticket._meta.local_concrete_fields if not field.generated]
    parents = Ticket.objects.bulk_create(
        Ticket(**{name: getattr(each, name) for name in columns if name != "id"}) for each in made
    )
    for each, parent in zip(made, parents, strict=True):
        each.pk = each.ticket_ptr_id = parent.pk
    query = InsertQuery(Request)
    query.insert_values(Request._meta.local_concrete_fields, made)
    query.get_compiler(connection=connection).execute_sql()
    return made


def _title(chance: random.Random) -> str:
    what = chance.choice(
        ("Variable stars", "Tidal streams", "Weak lensing", "Trojan asteroids", "Faint dwarfs")
    )
    where = chance.choice(
        ("in the bulge", "of the south", "behind the Plane", "at high latitude", "near clusters")
    )
    return f"{what} {where}, {chance.choice(('a census', 'from difference images', 'to the tenth year'))}"


def _amounts(call: Call, asked: Sequence[Request], chance: random.Random) -> None:
    offers = list(call.offers.select_related("resource"))
    usual = {slug: amount for slug, _, amount in RESOURCES}
    rows = []
    for request in asked:
        size, least = chance.lognormvariate(-0.3, 0.8), chance.choice((1.0, 0.5, 0.6, 0.8))
        for offer in chance.sample(offers, chance.randint(1, 4)):
            for quarter in range(1, len(call.quarters) + 1):
                amount = max(
                    Decimal(1), Decimal(round(usual[offer.resource.slug] * size * chance.uniform(0.5, 1.5)))
                )
                rows.append(
                    Amount(request=request, offer=offer, quarter=quarter, asked=amount,
                           minimum=(amount * Decimal(least)).quantize(Decimal("0.001")))
                )  # fmt: skip
    Amount.objects.bulk_create(rows, batch_size=5_000)


def _beside(asked: Sequence[Request], members: Sequence[User], chance: random.Random) -> None:
    Expertise.objects.bulk_create(
        (
            Expertise(person=person, keywords=[f"subject {chance.randrange(KEYWORDS)}" for _ in range(6)])
            for person in members
        ),
        ignore_conflicts=True,
    )
    pairs = {(chance.choice(asked).pk, chance.choice(members).pk) for _ in range(len(asked) * 4)}
    Conflict.objects.bulk_create(
        Conflict(
            request_id=request,
            person_id=person,
            kind="declared",
            severity="serious",
            evidence="Works together.",
        )
        for request, person in sorted(pairs)
    )
    wished = {(chance.choice(asked).pk, chance.choice(members).pk) for _ in range(len(members) * 6)} - pairs
    Wish.objects.bulk_create(
        Wish(request_id=request, person_id=person, kind=chance.choice(("eager", "willing", "reluctant")))
        for request, person in sorted(wished)
    )


def _reviews(asked: Sequence[Request], members: Sequence[User], each: int, chance: random.Random) -> None:
    bias = {person.pk: chance.gauss(0, 0.4) for person in members}
    barred = set(Conflict.objects.values_list("request_id", "person_id"))
    rows = []
    for request in asked:
        quality = chance.gauss(3.2, 0.6)
        free = [person for person in members if (request.pk, person.pk) not in barred]
        for person in chance.sample(free, min(each, len(free))):
            overall = min(5.0, max(1.0, round((quality + bias[person.pk] + chance.gauss(0, 0.5)) * 4) / 4))
            rows.append(
                Review(request=request, reviewer=person, state=Review.State.SUBMITTED, overall=overall,
                       confidence=chance.choice(("high", "medium", "low")), why=lot("why", str(person.pk))[:8],
                       comment_to_committee="Strong, but the estimate of the means is rough.")
            )  # fmt: skip
    Review.objects.bulk_create(rows, batch_size=5_000)
