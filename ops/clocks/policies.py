"""The policies in force, read once and kept until somebody changes one."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from ops.clocks.course import Rule
from ops.clocks.models import DeadlinePolicy, Edition
from ops.clocks.reading import read

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rulebook:
    """Every policy that can be read, by id and by kind and clock.

    The admin refuses one that cannot, but a hand in the database does not. Nobody's ticket must fail for it:
    its deadlines stay as they are until it can be read again, and `manage.py check` says what is wrong.
    """

    by_id: Mapping[int, Rule]
    by_kind: Mapping[str, Mapping[str, tuple[Rule, ...]]]

    def reads(self, policy_id: int) -> bool:
        """Whether a deadline of this policy can be reckoned with."""
        return policy_id in self.by_id

    def clocks_of(self, kind: str) -> Mapping[str, tuple[Rule, ...]]:
        """The policies of a kind, by clock, each clock's in order of precedence."""
        return self.by_kind.get(kind, {})


_read: tuple[UUID, Rulebook] | None = None


def is_known_to_have_clocks(kind: str) -> bool:
    """Whether the policies that this process has read last know the kind; it has to ask anew to be sure."""
    return _read is None or kind in _read[1].by_kind


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
        try:
            rule = read(policy)
        except Exception:
            log.exception("The policy %s cannot be read; its deadlines stay as they are", policy.slug)
            continue
        by_id[policy.pk] = rule
        clocks = by_kind.setdefault(rule.kind, {})
        clocks[rule.clock] = (*clocks.get(rule.clock, ()), rule)
    return Rulebook(by_id, by_kind)
