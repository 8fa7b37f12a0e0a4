"""From awards to what the platform enforces: the documents, what differs, who has confirmed it.

An award is active only when the platform gives it: read back from the authorisation service, or said by a person who
has applied the file by hand. Nothing is asked over the network inside a transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from ops.allocations import ledger
from ops.allocations.awards import refuse_own, running_award
from ops.allocations.entitlements import base, shares
from ops.allocations.models import Request
from ops.allocations.models.awards import AppliedPlan, Award, QuotaBase
from ops.allocations.models.calls import Resource
from ops.allocations.quota.document import (
    Difference,
    Document,
    NotADocument,
    Quota,
    differences,
    parsed,
    read,
)
from ops.allocations.quota.grouping import OURS, Plan, Share, durable, effective, override, put_into
from ops.allocations.quota.service import Enforced, QuotaService, ServiceProblem
from ops.allocations.rules import is_operations_director, is_technical_assessor
from ops.people.authority import is_operator, is_system
from ops.people.models import User
from ops.workflow.errors import GuardUnmet, InvalidInput, NotAllowed
from ops.workflow.services import perform
from ops.workflow.words import who_may

may_enforce = is_technical_assessor | is_operations_director | is_operator
LOCK = 0x7AC  # the number of our own lock around the override document, which the service does not lock
LONGEST_NOTE = 500


@dataclass(frozen=True)
class Standing:
    """One way to the platform: what it should have, and how that differs from what it was told last."""

    way: str
    plan: Plan
    applied: AppliedPlan | None
    changes: Sequence[Difference]
    moved: Sequence[str]

    @property
    def is_current(self) -> bool:
        """Whether nothing is left to be applied."""
        return not self.changes and not self.moved

    @property
    def label(self) -> str:
        """The way in words."""
        return Award.Way(self.way).label


def service() -> QuotaService | None:
    """Return the authorisation service; None where none is configured."""
    if not settings.QUOTA_SERVICE_URL:
        return None
    return QuotaService(settings.QUOTA_SERVICE_URL, settings.QUOTA_SERVICE_TOKEN)


def plan(way: str) -> Plan:
    """Return what the platform should have by one way."""
    return durable(base(), shares()) if way == Award.Way.DURABLE else override(base(), shares())


def standing(way: str) -> Standing:
    """Return how what the platform should have differs from what it was told last."""
    should = plan(way)
    applied = AppliedPlan.objects.filter(way=way).order_by("-pk").first()
    before = read(applied.document) if applied else Document()
    members = applied.members if applied else {}
    now = {name: list(people) for name, people in should.members.items()}
    moved = [
        line
        for name in sorted(now.keys() | members.keys())
        for line in _moved(name, set(members.get(name, [])), set(now.get(name, [])))
    ]
    return Standing(way, should, applied, differences(should.document, before, ours=OURS), moved)


def _moved(group: str, before: set[str], now: set[str]) -> Iterator[str]:
    yield from (f"{person} joins {group}" for person in sorted(now - before))
    yield from (f"{person} leaves {group}" for person in sorted(before - now))


def drift(served: Document) -> list[Difference]:
    """Compare our groups in a served base configuration with what should be there."""
    return differences(plan(Award.Way.DURABLE).document, served, ours=OURS)


def read_document(content: bytes) -> Document:
    """Read a quota document that somebody gave us. Raises `InvalidInput` naming every key that does not belong."""
    try:
        return parsed(content)
    except NotADocument as problem:
        raise InvalidInput(
            "This is no quota document.", fields={"document": problem.problems[:20]}
        ) from problem
    except UnicodeDecodeError:
        raise InvalidInput("This is no quota document.", fields={"document": ["It is not UTF-8."]}) from None


def keep_base(document: Document, *, note: str, actor: User) -> QuotaBase:
    """Take the base configuration as the platform serves it, without our own groups. Raises `NotAllowed`."""
    refuse_unless_enforcer(actor)
    theirs = put_into(document, Document())
    return QuotaBase.objects.create(document=theirs.as_json(), note=note[:LONGEST_NOTE], entered_by=actor)


def by_hand_tasks(award: Award) -> list[str]:
    """Return what of an award the authorisation service does not enforce: somebody sets it up elsewhere."""
    left = ledger.balances([award])
    held = [resource for (_, resource), amount in left.items() if amount > 0]
    rows = Resource.objects.filter(pk__in=held, limit=None).order_by("name")
    return [f"{left[award.pk, row.pk].normalize():,f} {row.unit} of {row.name.lower()}" for row in rows]


@transaction.atomic
def set_up_by_hand(request: Request, *, note: str, actor: User) -> Request:
    """Note that somebody has set up one award; it becomes active. Raises `NotAllowed`, `GuardUnmet`."""
    refuse_unless_enforcer(actor)
    refuse_own(request, actor)
    award = running_award(request, actor)
    if not being_set_up(award):
        raise GuardUnmet(f"{request} is {request.state_label.lower()}; it is not being set up.")
    return _confirm([award], Award.Enforcement.BY_HAND, note, actor)[0]


@transaction.atomic
def applied_by_hand(way: str, *, note: str, actor: User) -> list[Request]:
    """Note that somebody has applied a document; its awards become active. Returns their requests.

    Raises `NotAllowed`, `InvalidInput` for a way that there is not.
    """
    refuse_unless_enforcer(actor)
    if way not in Award.Way.values:
        raise InvalidInput(
            "Please correct the way.", fields={"way": [f"Choose one of {', '.join(Award.Way.values)}."]}
        )
    _keep_applied(way, plan(way), Award.Enforcement.BY_HAND, actor)
    return _confirm(_pending(way), Award.Enforcement.BY_HAND, note, actor)


def write_overrides(*, actor: User) -> list[Request]:
    """Write the urgent awards to the service and read them back; what is enforced becomes active.

    Call it outside a transaction. Raises `NotAllowed`, and `GuardUnmet` in the words of the service.
    """
    refuse_unless_enforcer(actor)
    there = _configured()
    with _alone():
        wanted = override(base(), shares(), _standing_groups(there))
        try:
            there.apply(wanted.document)
            confirmed = [award for award in _pending(Award.Way.URGENT) if _is_served(award, there, wanted)]
        except ServiceProblem as problem:
            raise GuardUnmet(str(problem)) from problem
    with transaction.atomic():
        _keep_applied(Award.Way.URGENT, wanted, Award.Enforcement.CONFIRMED, actor)
        return _confirm(confirmed, Award.Enforcement.CONFIRMED, "Read back from the service", actor)


def read_back(*, actor: User) -> list[Request]:
    """Ask the service which durable awards it enforces; those become active. Raises as `write_overrides` does."""
    refuse_unless_enforcer(actor)
    there = _configured()
    wanted = plan(Award.Way.DURABLE)
    try:
        confirmed = [award for award in _pending(Award.Way.DURABLE) if _is_served(award, there, wanted)]
    except ServiceProblem as problem:
        raise GuardUnmet(str(problem)) from problem
    with transaction.atomic():
        return _confirm(confirmed, Award.Enforcement.CONFIRMED, "Read back from the service", actor)


def refuse_unless_enforcer(actor: User) -> None:
    """Raise `NotAllowed` for somebody who does not look after what is enforced."""
    if not (may_enforce | is_system).test(actor):
        raise NotAllowed(f"Only {who_may(may_enforce)} may say what the platform enforces.")


def _configured() -> QuotaService:
    there = service()
    if there is None:
        raise GuardUnmet("No authorisation service is configured; apply the file by hand and say so here.")
    return there


@contextmanager
def _alone() -> Iterator[None]:
    """Hold our own lock while the one override document is read, changed and written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            raise GuardUnmet("Somebody else is writing to the authorisation service; try again in a moment.")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _standing_groups(there: QuotaService) -> dict[str, tuple[str, ...]]:
    """The groups of everybody with an urgent award: their base is the default and these."""
    people = {person for share in shares() if share.urgent for person in share.people}
    try:
        known = {person: there.person(person) for person in sorted(people)}
    except ServiceProblem as problem:
        raise GuardUnmet(str(problem)) from problem
    return {person: found.groups for person, found in known.items() if found is not None}


def _is_served(award: Award, there: QuotaService, wanted: Plan) -> bool:
    """Whether everybody in an award has what it gives; of an award without limits there is nothing to read back."""
    share = next((share for share in shares() if share.group == award.group), None)
    if share is None or by_hand_tasks(award):
        return False
    return all(_has(there.person(person), person, share, wanted) for person in share.people)


def _has(found: Enforced | None, person: str, share: Share, wanted: Plan) -> bool:
    groups = [name for name, people in wanted.members.items() if person in people]
    if found is None or not set(groups) <= set(found.groups):
        return False
    fragment, over = (Document(), wanted.document) if share.urgent else (wanted.document, Document())
    should = dict(effective(put_into(base(), fragment), over, found.groups).limits())
    has = dict(found.quota.limits())
    touched = [path for path, number in Quota.limits(share.increment) if number and path in should]
    return all(has.get(path, 0.0) >= should[path] for path in touched)


def _pending(way: str) -> list[Award]:
    waits = Q(request__state=Request.State.PROVISIONING)
    waits |= Q(additions__request__state=Request.State.PROVISIONING)
    rows = Award.objects.filter(waits, way=way, enforcement=Award.Enforcement.PENDING).distinct()
    return list(rows.select_related("request").order_by("pk"))


def being_set_up(award: Award) -> list[Request]:
    """Return the requests that are active once the award is enforced: its own, and what was added to it."""
    living = Q(held_award=award) | Q(addition__award=award)
    return list(Request.objects.filter(living, state=Request.State.PROVISIONING).order_by("pk"))


def _keep_applied(way: str, told: Plan, how: str, actor: User) -> None:
    members = {name: list(people) for name, people in told.members.items()}
    AppliedPlan.objects.create(
        way=way, document=told.document.as_json(), members=members, how=how, applied_by=actor
    )


def _confirm(awards: Sequence[Award], how: str, note: str, actor: User) -> list[Request]:
    now = timezone.now()
    active = []
    for award in awards:
        Award.objects.filter(pk=award.pk).update(
            enforcement=how, enforced_at=now, enforced_by=actor, enforcement_note=note[:LONGEST_NOTE]
        )
        active += [
            perform(request, "activate", actor=User.objects.system()) for request in being_set_up(award)
        ]
    return active
