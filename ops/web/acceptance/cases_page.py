"""The library as its page shows it, and a case with its versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from ops.acceptance.library import CHOICES, FILTERS, differences, found_cases
from ops.acceptance.models import Campaign, CaseVersion, TestCase
from ops.acceptance.rules import is_coordinator, runs_this_campaign
from ops.tickets.differences import Difference
from ops.web.doors import SignedInRequest
from ops.web.queue.lists import address_of
from ops.workflow.errors import NotFound

SHOWN = 50
MOST_TOLD = 200
LABELS = {"maturity": "Maturity", "aspect": "Aspect", "priority": "Priority"}


@dataclass(frozen=True)
class Choice:
    """A filter in which one of some words is chosen."""

    name: str
    label: str
    choices: Sequence[tuple[str, str]]
    value: str


class Library:
    """The library for one reader: the filters of the address, a page of cases, and what may be done with them."""

    def __init__(self, request: SignedInRequest) -> None:
        self.request, self.reader = request, request.user
        self.address = address_of(request)
        self.after = self.address.pop("after", "")
        self.campaign_key = self.address.pop("campaign", "")
        self.cases = found_cases(self.address, self.reader)

    @cached_property
    def _rows(self) -> list[TestCase]:
        rows = self.cases.filter(identifier__gt=self.after) if self.after else self.cases
        return list(rows[: SHOWN + 1])

    @property
    def rows(self) -> list[TestCase]:
        """The cases of this page."""
        return self._rows[:SHOWN]

    @cached_property
    def total(self) -> int:
        """How many fit."""
        return self.cases.count()

    @property
    def next(self) -> str:
        """Where those after them are."""
        if len(self._rows) <= SHOWN:
            return ""
        return f"{self.path}?{urlencode({**self._kept, 'after': self.rows[-1].identifier})}"

    @property
    def range(self) -> str:
        """How many are shown of how many."""
        return f"{len(self.rows)} of {self.total}" if self.total > SHOWN else f"{self.total} in all"

    @property
    def first_step(self) -> dict[str, str] | None:
        """What an empty library offers to those who may fill it."""
        return {"label": "Write a case", "url": self.new_url} if self.may_write else None

    @property
    def _kept(self) -> dict[str, str]:
        return {**self.address, **({"campaign": self.campaign_key} if self.campaign_key else {})}

    @property
    def path(self) -> str:
        """The address without its filters."""
        return reverse("list-case")

    @property
    def is_filtered(self) -> bool:
        """Whether not everything is shown."""
        return any(self.address.get(name) for name in FILTERS)

    @property
    def choices(self) -> list[Choice]:
        """The filters in which a word is chosen."""
        return [Choice(name, LABELS[name], CHOICES[name], self.address.get(name, "")) for name in CHOICES]

    @property
    def query(self) -> str:
        """The filters as they stand in an address, for the exports."""
        return f"?{urlencode(self.address)}" if self.address else ""

    @property
    def new_url(self) -> str:
        """Where a case is written, for those who may."""
        return reverse("new", args=[TestCase.kind]) if self.may_write else ""

    @cached_property
    def may_write(self) -> bool:
        """Whether the reader writes cases."""
        return bool(TestCase.creation.by.test(self.reader, None))

    @cached_property
    def campaigns(self) -> list[Campaign]:
        """The campaigns being planned to which the reader may add cases."""
        rows = Campaign.objects.visible_to(self.reader).filter(state__in=("draft", "planned")).order_by("-pk")
        if not is_coordinator.test(self.reader):
            rows = rows.filter(assignee=self.reader)
        return [row for row in rows[:20] if (is_coordinator | runs_this_campaign).test(self.reader, row)]


class Comparison:
    """Two versions of a case, part by part."""

    def __init__(self, case: TestCase, before: str, after: str) -> None:
        self.case = case
        self.versions = list(case.versions.order_by("-number").prefetch_related("steps"))
        if len(self.versions) < 2:
            raise NotFound("There is only one version to look at.")
        self.after = self._named(after) or self.versions[0]
        self.before = self._named(before) or next(
            (each for each in self.versions if each.number < self.after.number), self.versions[-1]
        )

    def _named(self, number: str) -> CaseVersion | None:
        if not number:
            return None
        found = next((each for each in self.versions if str(each.number) == number), None)
        if found is None:
            raise NotFound(f"{self.case.identifier} has no version {number[:10]}.")
        return found

    @cached_property
    def parts(self) -> list[Difference]:
        """Everything, with what changed."""
        return differences(self.before, self.after)

    @property
    def changed(self) -> int:
        """How many parts differ."""
        return sum(not part.is_same for part in self.parts)


class Done:
    """What became of a file of cases, as far as a page shows it."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self.told = told

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many cases fared how."""
        words = {"new": "New", "changed": "Changed", "same": "As they were", "problems": "Not taken"}
        return [(label, len(self.told[name])) for name, label in words.items()]

    @property
    def problems(self) -> Sequence[Mapping[str, str]]:
        """The first of what could not be taken."""
        found: Sequence[Mapping[str, str]] = self.told["problems"][:MOST_TOLD]
        return found

    @property
    def more_problems(self) -> int:
        """How many are not shown."""
        return len(self.told["problems"]) - len(self.problems)

    @property
    def new(self) -> list[TestCase]:
        """The first of the new cases."""
        return self._cases("new")

    @property
    def changed(self) -> list[TestCase]:
        """The first of those that have another version now."""
        return self._cases("changed")

    def _cases(self, name: str) -> list[TestCase]:
        return list(TestCase.objects.filter(identifier__in=self.told[name])[:MOST_TOLD])
