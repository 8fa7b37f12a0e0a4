"""The policies in force, read once and kept until somebody changes one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from ops.clocks.course import Rule
from ops.clocks.models import DeadlinePolicy, Edition
from ops.clocks.reading import read


@dataclass(frozen=True)
class Rulebook:
    """Every policy, by id and by kind and clock."""

    by_id: Mapping[int, Rule]
    by_kind: Mapping[str, Mapping[str, tuple[Rule, ...]]]

    def clocks_of(self, kind: str) -> Mapping[str, tuple[Rule, ...]]:
        """The policies of a kind, by clock, each clock's in order of precedence."""
        return self.by_kind.get(kind, {})


_read: tuple[UUID, Rulebook] | None = None


def rulebook(token: UUID | None = None) -> Rulebook:
    """The policies as they stand now; one short query unless they have changed since this process read
    them, and none for a caller who has just read the edition.
    """
    global _read  # noqa: PLW0603  # one value per process, replaced as a whole
    token = token or Edition.objects.values_list("token", flat=True).first()
    if _read is not None and _read[0] == token:
        return _read[1]
    book = _load()
    if token is not None:
        _read = (token, book)
    return book


def _load() -> Rulebook:
    by_id: dict[int, Rule] = {}
    by_kind: dict[str, dict[str, tuple[Rule, ...]]] = {}
    for policy in DeadlinePolicy.objects.select_related("calendar").prefetch_related("calendar__days"):
        rule = by_id[policy.pk] = read(policy)
        clocks = by_kind.setdefault(rule.kind, {})
        clocks[rule.clock] = (*clocks.get(rule.clock, ()), rule)
    return Rulebook(by_id, by_kind)
