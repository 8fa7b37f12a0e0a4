"""What is known of a campaign when its criteria are judged: read once, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Q

from ops.acceptance.models.plan import Coverage, Environment
from ops.acceptance.verdicts import Attempt, disagreements, verdicts_of_cases, verdicts_of_cells
from ops.people.models import Product
from ops.tickets.models import Priority, Ticket
from ops.workflow import registry


@dataclass(frozen=True)
class CaseFact:
    """A pinned case, as far as criteria ask."""

    version: int
    identifier: str
    number: int
    priority: str
    is_approved: bool

    @property
    def words(self) -> str:
        """How it is called in a sentence."""
        return self.identifier

    @property
    def is_critical(self) -> bool:
        """Whether the campaign stands or falls with it."""
        return self.priority == "critical"


class CampaignFacts:
    """The facts of one campaign, each asked for when it is needed first and then kept."""

    def __init__(self, campaign: Any) -> None:
        self.campaign = campaign

    @cached_property
    def cases(self) -> list[CaseFact]:
        """The pinned cases, by identifier."""
        rows = self.campaign.pins.order_by("case__in_order").values_list(
            "version_id", "case__identifier", "version__number", "version__priority", "case__approved_numbers"
        )
        return [
            CaseFact(version, identifier, number, priority, number in approved)
            for version, identifier, number, priority, approved in rows
        ]

    @cached_property
    def environments(self) -> list[Environment]:
        """Where the cases are run."""
        return list(self.campaign.environments.all())

    @cached_property
    def attempts(self) -> list[Attempt]:
        """Every attempt, the pinned versions only."""
        rows = self.campaign.executions.order_by("pk").values_list(
            "pk", "case_version_id", "environment_id", "tester_id", "number", "state", "repeats_id"
        )
        return [Attempt(*row) for row in rows]

    @cached_property
    def cells(self) -> Mapping[tuple[int, int], str]:
        """The verdict of every case in every environment in which it is to be run."""
        planned = (
            [(case.version, each.pk) for case in self.cases for each in self.environments]
            if self.campaign.coverage == Coverage.EVERY
            else []
        )
        return verdicts_of_cells(self.attempts, planned)

    @cached_property
    def verdicts(self) -> Mapping[int, str]:
        """The verdict of every case, by the number of its version."""
        return verdicts_of_cases(self.cells, [case.version for case in self.cases])

    @cached_property
    def not_run(self) -> set[int]:
        """The versions of which something is still to be run."""
        planned = {case for (case, _), verdict in self.cells.items() if verdict == "not_run"}
        return planned | {case for case, verdict in self.verdicts.items() if verdict == "not_run"}

    @cached_property
    def disputed(self) -> set[int]:
        """The versions about which independent testers disagree."""
        return {case for case, _ in disagreements(self.attempts)}

    @cached_property
    def defects(self) -> list[Ticket]:
        """The tickets that the tests have found, each once."""
        found = Ticket.objects.filter(defects__execution__campaign=self.campaign.pk)
        return list(
            found.only("key", "kind", "state", "priority", "title", "visibility").distinct().order_by("pk")
        )

    @cached_property
    def open_defects(self) -> list[Ticket]:
        """Those of them that are not resolved."""
        return [ticket for ticket in self.defects if not ticket.has_ended]

    @property
    def open_critical_defects(self) -> list[str]:
        """The keys of the critical ones."""
        return [ticket.key for ticket in self.open_defects if ticket.priority == Priority.CRITICAL]

    @cached_property
    def critical_issues(self) -> list[str]:
        """Open critical tickets about the products, or about what lies below them, by key."""
        paths = [row.product.path for row in self.campaign.concerned.select_related("product")]
        if not paths:
            return []
        below = Q()
        for path in paths:
            below |= Q(path=path) | Q(path__startswith=f"{path}/")
        live = Q(pk__in=[])
        for model in registry.models():
            if issubclass(model, Ticket) and model.workflow.kind != self.campaign.kind:
                live |= Q(kind=model.workflow.kind, state__in=model.workflow.live_states())
        found = Ticket.objects.filter(
            live, component__in=Product.objects.filter(below), priority=Priority.CRITICAL
        )
        return list(found.order_by("pk").values_list("key", flat=True))
