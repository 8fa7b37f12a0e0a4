"""What a person may use: the basic quota and every award that runs, with the origin of every part."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from ops.allocations import ledger
from ops.allocations.awards import keeps_ledger
from ops.allocations.models import Request
from ops.allocations.models.awards import Award, QuotaBase, QuotaLimit
from ops.allocations.models.calls import Resource
from ops.allocations.quota.document import Document, read
from ops.allocations.quota.grouping import Share, increment
from ops.people.models import User
from ops.workflow.errors import NotAllowed, NotFound
from ops.workflow.words import who_may

NOTHING = Decimal(0)
GIB = 2**30
RUNS = (Request.State.ACTIVE, Request.State.GRACE)
# What the platform has to be told of: what is being set up as well.
TOLD = (Request.State.PROVISIONING, *RUNS)


@dataclass(frozen=True)
class Part:
    """What one award adds, in the unit of the resource; of what is used up, what is left of it."""

    award: Award
    amount: Decimal
    left: Decimal | None = None


@dataclass(frozen=True)
class Entitlement:
    """What somebody has of one resource: what everybody has, and what each award adds."""

    name: str
    unit: str
    basic: Decimal | None
    parts: Sequence[Part] = ()
    is_limit: bool = False

    @property
    def total(self) -> Decimal:
        """The basic quota and every part of it."""
        return (self.basic or NOTHING) + sum((part.amount for part in self.parts), NOTHING)

    @property
    def is_unlimited(self) -> bool:
        """Whether the platform sets no limit here."""
        return self.is_limit and self.basic is None


def base() -> Document:
    """Return the base configuration that holds: what the platform serves without our groups."""
    newest = QuotaBase.objects.order_by("-pk").first()
    return read(newest.document) if newest else Document()


def basic_of(resource: Resource, limits: Mapping[str, float]) -> Decimal | None:
    """Return what every account has of a resource; None where the platform sets no limit.

    Of a limit it is what the base configuration says, since that is what is enforced.
    """
    limit = getattr(resource, "limit", None)
    if limit is None:
        return resource.basic_quota
    found = limits.get(limit.path)
    return None if found is None else Decimal(str(found)) / limit.factor


def awards_of(person: User, states: Iterable[str] = RUNS) -> Sequence[Award]:
    """Return the awards that somebody has a part in, as proposer or co-investigator, in the order of their start."""
    part = Q(request__reporter=person) | Q(request__co_investigator_rows__person=person)
    rows = Award.objects.filter(part, request__state__in=list(states)).distinct()
    return list(rows.select_related("request__call", "request__reporter").order_by("starts_on", "pk"))


def person_for(username: str, reader: User) -> User:
    """Return somebody whose entitlements the reader may know: their own, and anybody's who keeps the ledgers.

    Raises `NotAllowed`, and `NotFound` for nobody.
    """
    if username == reader.username:
        return reader
    if not keeps_ledger.test(reader):
        raise NotAllowed(f"Only {who_may(keeps_ledger)} may see what others may use.")
    person: User | None = User.objects.visible_to(reader).filter(username=username).first()
    if person is None:
        raise NotFound
    return person


def entitlements_of(person: User) -> list[Entitlement]:
    """Return what somebody has of every resource, those with an award first; a handful of queries."""
    default = dict(base().default.limits())
    resources = list(Resource.objects.select_related("limit").order_by("name"))
    awards = awards_of(person)
    balances = ledger.balances(awards)
    given = ledger.given(awards)
    found = [_entitlement(resource, awards, balances, given, default) for resource in resources]
    known = {resource.limit.path for resource in resources if hasattr(resource, "limit")}
    others = [
        Entitlement(_words(path), _unit(path), _counted(path, number), is_limit=True)
        for path, number in default.items()
        if path not in known
    ]
    return sorted(found, key=lambda each: not each.parts) + others


def _entitlement(
    resource: Resource,
    awards: Sequence[Award],
    balances: Mapping[tuple[int, int], Decimal],
    given: Mapping[tuple[int, int], Decimal],
    default: Mapping[str, float],
) -> Entitlement:
    limit: QuotaLimit | None = getattr(resource, "limit", None)
    basic = basic_of(resource, default)
    parts = []
    for award in awards:
        place = award.pk, resource.pk
        if given.get(place, NOTHING) <= 0:
            continue
        if limit is None:
            parts.append(Part(award, given[place], balances[place]))
        elif basic is not None:
            parts.append(Part(award, max(NOTHING, balances[place] - basic)))
    return Entitlement(resource.name, resource.unit, basic, parts, is_limit=limit is not None)


def shares() -> list[Share]:
    """Return every award that the platform has to be told of; a handful of queries for any number."""
    rows = Award.objects.filter(request__state__in=TOLD).select_related("request__reporter")
    awards = list(rows.prefetch_related("request__co_investigator_rows__person").order_by("group"))
    limits = list(QuotaLimit.objects.select_related("resource"))
    default = dict(base().default.limits())
    left = ledger.balances(awards)
    found = []
    for award in awards:
        adds: dict[str, Decimal] = defaultdict(lambda: NOTHING)
        for limit in limits:
            amount = left.get((award.pk, limit.resource_id), NOTHING)
            if amount > 0:
                basic = basic_of(limit.resource, default)
                adds[limit.path] += limit.added_by(amount, basic or NOTHING)
        if adds:
            urgent = award.way == Award.Way.URGENT
            found.append(Share(award.group, increment(adds), _people(award.request), urgent))
    return found


def _people(request: Request) -> frozenset[str]:
    people = [request.reporter, *(row.person for row in request.co_investigator_rows.all())]
    return frozenset(person.username for person in people if person.is_active)


def _words(path: str) -> str:
    part, _, name = path.partition(".")
    return {
        "api": f"Requests to {name}",
        "disk": f"Storage in {name}",
        "tap": f"Queries of {name} at once",
    }.get(part, f"Notebook {name}")


def _counted(path: str, number: float) -> Decimal:
    """A limit as people count it: of a disk the document gives bytes."""
    return Decimal(str(number)) / (GIB if path.startswith("disk.") else 1)


def _unit(path: str) -> str:
    units = {"api": "per minute", "disk": "GiB", "tap": "at once", "notebook.cpu": "CPU"}
    return units.get(path, units.get(path.partition(".")[0], "GiB"))
