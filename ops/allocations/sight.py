"""What the committee sees of a request: the one place in which blindness and conflicts are applied.

Members of the committee are not in the circle of a request, so no other door shows them any of it. What they read
is the last version that was sent: a conflicted member the title alone, the others without the people where the call
is dual-anonymous.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from ops.allocations.involvement import barring
from ops.allocations.models import Assessment, Call, Conflict, Request, Snapshot
from ops.allocations.models.people import part_of
from ops.allocations.rules import is_rac_member
from ops.people.models import User
from ops.workflow.errors import NotFound

State = Request.State
# Before the first sending there is nothing to see, and what was withdrawn is nobody's business.
UNSEEN = (State.DRAFT, State.WITHDRAWN)
PEOPLE = frozenset({"people", "earlier"})


@dataclass(frozen=True)
class Sight:
    """One request as one member of the committee may read it."""

    pk: int
    key: str
    title: str
    state: str
    call_id: int
    barred_by: Sequence[Conflict] = ()
    content: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    version: int = 0
    assessment: Assessment | None = None
    hides_people: bool = False

    @property
    def is_title_only(self) -> bool:
        """Whether the reader has a conflict with it: recused, they see that it is there and what it is called."""
        return bool(self.barred_by)

    @property
    def reasons(self) -> list[str]:
        """Why the reader is recused, in words that do not say who asks: what they said, or did, themselves."""
        known = {Conflict.Kind.SELF, Conflict.Kind.CO_INVESTIGATOR}
        return [
            f"{bar.get_kind_display()}: {bar.evidence}"
            if bar.kind == Conflict.Kind.DECLARED
            else str(bar.get_kind_display())
            for bar in self.barred_by
            if bar.kind == Conflict.Kind.DECLARED or bar.kind in known
        ] or ["Found by the desk; the chair knows the evidence."]

    @property
    def files(self) -> list[dict[str, Any]]:
        """What was attached; a name may say who asks, so that it is left out with the people."""
        files = [dict(file) for file in self.content.get("files", [])]
        if self.hides_people:
            for number, file in enumerate(files, 1):
                file["name"] = f"Attachment {number}"
        return files


def before_the_committee(call: Call) -> QuerySet[Request]:
    """Return the requests of a call that the committee has to do with, in the order in which they came."""
    rows: QuerySet[Request] = Request.objects.filter(call=call, submitted_at__isnull=False)
    return rows.exclude(state__in=UNSEEN).order_by("submitted_at", "pk")


def barred_from(call: Call, reader: User) -> set[int]:
    """Return the ids of the requests of a call that somebody must not judge; one query for any number."""
    rows = Request.objects.filter(barring(reader), call=call)
    return set(rows.values_list("pk", flat=True))


def as_committee_sees(request: Request, reader: User) -> Sight:
    """Return a request as this member may read it; raises `NotFound` for whom it is not before."""
    if not is_rac_member(reader) or request.submitted_at is None or request.state in UNSEEN:
        raise NotFound
    return all_as_committee_sees([request], reader)[0]


def request_before(reader: User, key: str) -> Request:
    """Return the request of a key, for somebody before whom it is; raises `NotFound` without saying why."""
    rows = Request.objects.filter(key=key.upper(), submitted_at__isnull=False).exclude(state__in=UNSEEN)
    request = rows.select_related(*Request.lock_related).first() if is_rac_member(reader) else None
    if request is None:
        raise NotFound
    return request


def all_as_committee_sees(requests: Iterable[Request], reader: User) -> list[Sight]:
    """Return requests as this member may read them, in their order; the number of queries stays the same.

    Whoever calls has asked whether the reader sits in the committee.
    """
    rows = list(requests)
    ids = [row.pk for row in rows]
    bars = _bars(ids, reader)
    readable = [pk for pk in ids if pk not in bars]
    snapshots = {row.request_id: row for row in _latest(Snapshot, "number", readable)}
    assessed = {row.request_id: row for row in _latest(Assessment, "made_at", readable)}
    return [_sight(row, bars.get(row.pk, ()), snapshots.get(row.pk), assessed.get(row.pk)) for row in rows]


def _latest(model: Any, by: str, ids: list[int]) -> Iterable[Any]:
    newest = model.objects.filter(request=OuterRef("request")).order_by(f"-{by}", "-pk").values("pk")[:1]
    return model.objects.filter(request__in=ids, pk=Subquery(newest))


def _bars(ids: list[int], reader: User) -> dict[int, list[Conflict]]:
    bars: dict[int, list[Conflict]] = {}
    for conflict in Conflict.objects.open().filter(person=reader, request__in=ids):
        bars.setdefault(conflict.request_id, []).append(conflict)
    # Whoever asks is barred whether a conflict was written down or not.
    for request in Request.objects.filter(part_of(reader), pk__in=ids):
        is_own = request.reporter_id == reader.pk
        kind = Conflict.Kind.SELF if is_own else Conflict.Kind.CO_INVESTIGATOR
        bars.setdefault(request.pk, []).append(Conflict(request=request, person=reader, kind=kind))
    return bars


def _sight(
    request: Request, bars: Sequence[Conflict], snapshot: Snapshot | None, assessment: Assessment | None
) -> Sight:
    known = {
        "pk": request.pk,
        "key": request.key,
        "title": snapshot.content["title"] if snapshot else request.title,
        "state": request.state,
        "call_id": request.call_id,
    }
    if bars or snapshot is None:
        return Sight(**known, barred_by=tuple(bars))
    hides = request.call.is_dual_anonymous
    content = {name: value for name, value in snapshot.content.items() if not (hides and name in PEOPLE)}
    return Sight(
        **known,
        content=MappingProxyType(content),
        version=snapshot.number,
        assessment=assessment,
        hides_people=hides,
    )
