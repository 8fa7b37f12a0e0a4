"""Finds who must not judge a request: the same person, the same institution, an earlier request together.

People are known by their account first: two people of one name are two, and a co-investigator is found whatever
name they publish under.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet

from ops.allocations.models.people import CoInvestigator, Conflict
from ops.people.authority import ALLOCATION_COMMITTEE, DIRECTORATE, OPERATIONS, holders_of
from ops.people.models import Role, User

Kind, Severity = Conflict.Kind, Conflict.Severity
SEVERITY: dict[str, str] = {
    Kind.SELF: Severity.ABSOLUTE,
    Kind.CO_INVESTIGATOR: Severity.ABSOLUTE,
    Kind.DECLARED: Severity.ABSOLUTE,
    Kind.INSTITUTION: Severity.SERIOUS,
    Kind.EARLIER_REQUEST: Severity.MINOR,
}
DETECTED = frozenset(Kind) - {Kind.DECLARED}
LONGEST_EVIDENCE = 500


def find_conflicts(
    requests: Sequence[Any], *, moment: datetime.datetime, people: Iterable[User] | None = None
) -> list[Conflict]:
    """Keep the conflicts between requests and those who judge them; return those that are new or back.

    What has no evidence any more ends, a waiver stays. `people` are those who judge today when none are named.
    The number of queries does not grow with requests or members.
    """
    members = list(judges() if people is None else people)
    found = _evidence(requests, members)
    known = {
        (row.request_id, row.person_id, row.kind): row
        for row in Conflict.objects.filter(request__in=[r.pk for r in requests], person__in=members)
    }
    over = [
        row.pk
        for key, row in known.items()
        if row.kind in DETECTED and key not in found and row.ended_at is None
    ]
    back = [row for key, row in known.items() if key in found and row.ended_at is not None]
    Conflict.objects.filter(pk__in=over).update(ended_at=moment)
    Conflict.objects.filter(pk__in=[row.pk for row in back]).update(ended_at=None, found_at=moment)
    new = [
        Conflict(
            request_id=request, person_id=person, kind=kind, severity=SEVERITY[kind],
            evidence=words[:LONGEST_EVIDENCE], found_at=moment,
        )
        for (request, person, kind), words in found.items()
        if (request, person, kind) not in known
    ]  # fmt: skip
    Conflict.objects.bulk_create(new, ignore_conflicts=True)
    return [*new, *back]


def judges() -> QuerySet[User]:
    """Return the committee and those who decide on what it recommends."""
    directors = holders_of(OPERATIONS, Role.DIRECTOR) | holders_of(DIRECTORATE, Role.DIRECTOR)
    return (holders_of(ALLOCATION_COMMITTEE) | directors).order_by("pk")


def _evidence(requests: Sequence[Any], members: Sequence[User]) -> dict[tuple[int, int, str], str]:
    people = _people_of(requests)
    # Who directs the observatory is a colleague of everybody who works there.
    of_committee = set(holders_of(ALLOCATION_COMMITTEE).values_list("pk", flat=True))
    together = _earlier_requests_together(requests, members)
    found: dict[tuple[int, int, str], str] = {}
    for request in requests:
        asking = people[request.pk]
        by_institution = _by_institution(asking.values())
        for member in members:
            if member.pk in asking:
                kind = Kind.SELF if member.pk == request.reporter_id else Kind.CO_INVESTIGATOR
                found[request.pk, member.pk, kind] = f"{member.name} asks for it."
                continue
            if member.pk in of_committee and (colleagues := by_institution.get(_plain(member.institution))):
                words = f"{member.institution}: as {', '.join(colleagues)}."
                found[request.pk, member.pk, Kind.INSTITUTION] = words
            shared = {
                key
                for person in asking
                for key, pk in together[member.pk].get(person, ())
                if pk != request.pk
            }
            if shared:
                found[request.pk, member.pk, Kind.EARLIER_REQUEST] = (
                    f"Together in {', '.join(sorted(shared))}."
                )
    return found


def _people_of(requests: Sequence[Any]) -> dict[int, dict[int, User]]:
    asking = {request.pk: {request.reporter_id: request.reporter} for request in requests}
    for row in CoInvestigator.objects.filter(request__in=asking).select_related("person"):
        asking[row.request_id][row.person_id] = row.person
    return asking


def _by_institution(people: Iterable[User]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = defaultdict(list)
    for person in people:
        if _plain(person.institution):
            names[_plain(person.institution)].append(person.name)
    return names


def _plain(institution: str) -> str:
    return " ".join(institution.casefold().split())


def _earlier_requests_together(
    requests: Sequence[Any], members: Sequence[User]
) -> dict[int, dict[int, list[tuple[str, int]]]]:
    """By member, and by the person with whom they asked: the requests in which they did, as key and number."""
    model = type(requests[0]) if requests else None
    found: dict[int, dict[int, list[tuple[str, int]]]] = defaultdict(lambda: defaultdict(list))
    if model is None:
        return found
    sent = model._default_manager.exclude(state__in=["draft", "withdrawn"])
    ids = [member.pk for member in members]
    own = set(sent.filter(reporter__in=ids).values_list("pk", flat=True))
    own |= set(sent.filter(co_investigator_rows__person__in=ids).values_list("pk", flat=True))
    parties: dict[int, set[int]] = defaultdict(set)
    keys: dict[int, str] = {}
    for pk, key, reporter in model._default_manager.filter(pk__in=own).values_list("pk", "key", "reporter"):
        keys[pk] = key
        parties[pk].add(reporter)
    for pk, person in CoInvestigator.objects.filter(request__in=own).values_list("request", "person"):
        parties[pk].add(person)
    members_ids = set(ids)
    for pk, people in parties.items():
        for member in people & members_ids:
            for person in people - {member}:
                found[member][person].append((keys[pk], pk))
    return found
