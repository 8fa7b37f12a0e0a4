"""From awards to groups of the quota document: who is in which group, and which numbers the group carries.

Two ways lead into the service. Durable: a group per award in the base configuration, with the increment; a person
with two awards is in two groups, and the service adds them. Urgent: the override document, whose numbers replace
what a person has. They are absolute, so a person with two awards must be in one merged group, or the base would
count twice.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from ops.allocations.quota.document import Document, Notebook, Quota

OURS = "g_rac_"
LONGEST_NAME = 32
"""Longer names are refused for groups of the identity system."""
NOTEBOOK_PATHS = ("notebook.cpu", "notebook.memory")


class BadPath(ValueError):
    """A limit that the document does not have."""


@dataclass(frozen=True)
class Share:
    """An award as the service sees it: what it adds, to whom, and whether by the urgent way."""

    group: str
    increment: Quota
    people: frozenset[str]
    urgent: bool = False


@dataclass(frozen=True)
class Plan:
    """A document to be applied, who belongs into each of its groups, and what to know before applying it."""

    document: Document
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def group_name(call: str, number: int) -> str:
    """Return the group of an award: `g_rac_2027a_012`."""
    return f"{OURS}{re.sub(r'[^a-z0-9]', '', call.lower())}_{number:03d}"


def merged_name(groups: Collection[str]) -> str:
    """Return the group of people who have several awards: their names joined, or a digest where that is too long."""
    joined = OURS + "_".join(name.removeprefix(OURS) for name in sorted(groups))
    if len(joined) <= LONGEST_NAME:
        return joined
    return f"{OURS}m_{hashlib.sha256(joined.encode()).hexdigest()[:16]}"


def is_path(path: str) -> bool:
    """Whether a limit can be named so: `notebook.cpu`, `tap.qserv`, `api.tap`, `disk./home`."""
    part, _, name = path.partition(".")
    return path in NOTEBOOK_PATHS or (part in {"api", "disk", "tap"} and bool(name))


def increment(amounts: Mapping[str, Decimal]) -> Quota:
    """Return what amounts by path add; of what is counted, only whole ones. Raises `BadPath`."""
    quota = Quota()
    for path, amount in sorted(amounts.items()):
        quota += _one(path, amount)
    return quota


def _one(path: str, amount: Decimal) -> Quota:
    part, _, name = path.partition(".")
    if path in NOTEBOOK_PATHS:
        size = float(amount)
        return Quota(notebook=Notebook(size, 0) if name == "cpu" else Notebook(0, size))
    if not is_path(path):
        raise BadPath(f"{path} is no limit of the quota document.")
    return Quota(**{part: {name: int(amount)}})  # type: ignore[arg-type]


def durable(base: Document, shares: Iterable[Share]) -> Plan:
    """Return the fragment for the base configuration: one group per award, with its increment.

    Where the default has no limit, an increment would become one; it is left out and said.
    """
    groups, members, remarks = {}, {}, []
    for share in sorted((share for share in shares if not share.urgent), key=lambda share: share.group):
        adds = _where_limited(share.increment, base.default)
        remarks += [f"{share.group}: {path} has no limit in the default, so the award adds none."
                    for path, _ in _lost(share.increment, adds)]  # fmt: skip
        groups[share.group] = adds
        members[share.group] = tuple(sorted(share.people))
    return Plan(Document(groups=groups), members, tuple(remarks))


def override(
    base: Document, shares: Iterable[Share], standing: Mapping[str, Collection[str]] | None = None
) -> Plan:
    """Return our groups of the override document, with absolute numbers.

    `standing` are the groups that people have besides their awards. People with the same awards and the same groups
    share a group; nobody is in two, so nobody's base is counted twice.
    """
    shares = list(shares)
    groups: dict[str, Quota] = {}
    members: dict[str, list[str]] = defaultdict(list)
    remarks: list[str] = []
    others = {person: frozenset(names) for person, names in (standing or {}).items()}
    for person, theirs in sorted(_by_person(shares).items()):
        own = frozenset(name for name in others.get(person, frozenset()) if not name.startswith(OURS))
        if own & set(base.bypass):
            remarks.append(
                f"{person} has no limits, as a member of {', '.join(sorted(own & set(base.bypass)))}."
            )
            continue
        name = _name_for(theirs, own & base.groups.keys())
        groups.setdefault(name, absolute(base, theirs, own))
        members[name].append(person)
    plan = Document(groups=groups)
    return Plan(plan, {name: tuple(people) for name, people in sorted(members.items())}, tuple(remarks))


def absolute(base: Document, shares: Collection[Share], groups: Collection[str]) -> Quota:
    """Return the numbers that replace what members have: base, their groups, and every award.

    Of `notebook` and `tap` all is replaced, so all is given; of `api` and `disk` only what an urgent award touches.
    """
    held = base.of_member(groups)
    total = held
    touched = Quota()
    for share in sorted(shares, key=lambda share: share.group):
        adds = _where_limited(share.increment, held)
        total += adds
        touched = touched + adds if share.urgent else touched
    return Quota(
        api={service: total.api[service] for service in touched.api},
        disk={mount: total.disk[mount] for mount in touched.disk},
        notebook=total.notebook if touched.notebook else None,
        tap=total.tap if touched.tap else {},
    )


def effective(base: Document, overrides: Document, groups: Collection[str]) -> Quota:
    """Return what the service enforces for a member of these groups: the base, and the override put over it."""
    quota = base.of_member(groups)
    over = overrides.of_member(groups)
    return quota.replaced_by(over)


def put_into(current: Document, ours: Document) -> Document:
    """Replace our groups in a document and leave everything else in it as it is."""
    kept = {name: quota for name, quota in current.groups.items() if not name.startswith(OURS)}
    return replace(current, groups={**kept, **ours.groups})


def _by_person(shares: Iterable[Share]) -> dict[str, list[Share]]:
    by_person: dict[str, list[Share]] = defaultdict(list)
    for share in shares:
        for person in share.people:
            by_person[person].append(share)
    return {person: theirs for person, theirs in by_person.items() if any(share.urgent for share in theirs)}


def _name_for(shares: Collection[Share], others: Collection[str]) -> str:
    awards = [share.group for share in shares]
    if not others:
        return awards[0] if len(awards) == 1 else merged_name(awards)
    # The same awards over another base are other numbers, so another group.
    digest = hashlib.sha256("+".join([*sorted(awards), "/", *sorted(others)]).encode()).hexdigest()
    return f"{OURS}m_{digest[:16]}"


def _where_limited(adds: Quota, held: Quota) -> Quota:
    return Quota(
        api={service: number for service, number in adds.api.items() if service in held.api},
        disk={mount: number for mount, number in adds.disk.items() if mount in held.disk},
        notebook=adds.notebook if held.notebook else None,
        tap={service: number for service, number in adds.tap.items() if service in held.tap},
    )


def _lost(wanted: Quota, kept: Quota) -> Iterator[tuple[str, float]]:
    there = dict(kept.limits())
    yield from ((path, number) for path, number in wanted.limits() if path not in there and number)
