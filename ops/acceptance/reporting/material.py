"""What the report of a campaign is made of, read in a fixed number of queries, whatever its size.

Models lie above this room: a campaign writes its own report when it is put out for signature. What is needed of them
is therefore reached through the campaign.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from ops.acceptance.facts import CampaignFacts
from ops.acceptance.models.plan import Criterion
from ops.acceptance.verdicts import Cell, counting
from ops.people.models import Product
from ops.tickets.models import Ticket, Visibility
from ops.workflow.models import Event

Row = Mapping[str, Any]

NOT_NAMED = "an issue that is not public"
# The wider the circle, the smaller; what may be read by fewer people than the report is not named in it.
_CIRCLE = {Visibility.PUBLIC: 0, Visibility.COMMUNITY: 1, Visibility.STAFF: 2}


class Material:
    """Everything that the report of one campaign tells, each part asked for once."""

    def __init__(self, campaign: Any, facts: CampaignFacts | None = None) -> None:
        self.campaign = campaign
        self.facts = facts or CampaignFacts(campaign)

    @cached_property
    def concerned(self) -> list[Any]:
        """The products, each with `answering`, the number of whoever signs for it now."""
        return list(self.campaign.concerned.select_related("product", "approved_by").all().with_owner())

    @cached_property
    def _product_names(self) -> Mapping[str, str]:
        slugs = {slug for row in self.concerned for slug in row.product.path.split("/")}
        return dict(Product.objects.filter(slug__in=slugs).values_list("slug", "name"))

    def place_of(self, product: Product) -> str:
        """Return where a product stands in the tree, from the top."""
        return " > ".join(self._product_names[slug] for slug in product.path.split("/"))

    @cached_property
    def criteria(self) -> list[Criterion]:
        """The criteria of both ends."""
        return list(self.campaign.criteria.select_related("met_by", "waived_by"))

    @cached_property
    def pins(self) -> list[Any]:
        """The pinned versions with their cases, by identifier."""
        return list(self.campaign.pins.select_related("case", "version__case").order_by("case__in_order"))

    @cached_property
    def executions(self) -> list[Row]:
        """Every attempt, in the order in which the report tells them."""
        rows = self.campaign.executions.order_by(
            "environment", "case_version__case__in_order", "tester", "number", "pk"
        )
        return list(
            rows.values(
                "pk", "case_version_id", "environment_id", "tester_id", "number", "state", "comment", "remains",
                "blocker", "waived_because", "waived_by__display_name", "waived_by__username",
                "started_at", "ended_at", "tester__display_name", "tester__username",
            )
        )  # fmt: skip

    @cached_property
    def by_cell(self) -> Mapping[Cell, list[Row]]:
        """The attempts at each case in each environment."""
        found: dict[Cell, list[Row]] = defaultdict(list)
        for row in self.executions:
            found[row["case_version_id"], row["environment_id"]].append(row)
        return found

    @cached_property
    def by_version(self) -> Mapping[int, list[Row]]:
        """The attempts at each case, in whatever environment."""
        found: dict[int, list[Row]] = defaultdict(list)
        for row in self.executions:
            found[row["case_version_id"]].append(row)
        return found

    @cached_property
    def current(self) -> set[int]:
        """The attempts that count."""
        return {each.pk for each in counting(self.facts.attempts)}

    @staticmethod
    def tester_of(row: Row) -> str:
        """Return the name of whoever made an attempt."""
        return str(row["tester__display_name"] or row["tester__username"])

    @cached_property
    def step_results(self) -> Mapping[tuple[int, int], Row]:
        """How each step went, by attempt and step."""
        rows = self._beside_the_executions("step_results").order_by()
        found = rows.values_list("execution_id", "step_id", "outcome", "actual")
        return {
            (execution, step): {"outcome": outcome, "actual": actual}
            for execution, step, outcome, actual in found
        }

    def _beside_the_executions(self, relation: str) -> QuerySet[Any]:
        rows = self.campaign.executions.model._meta.get_field(relation).related_model._default_manager
        return rows.filter(execution__campaign=self.campaign.pk)

    @cached_property
    def steps(self) -> Mapping[int, list[Row]]:
        """The steps of every version that was pinned or run."""
        versions = {pin.version_id for pin in self.pins} | {row["case_version_id"] for row in self.executions}
        version = self.campaign.pins.model._meta.get_field("version").related_model
        steps = version._meta.get_field("steps").related_model
        found: dict[int, list[Row]] = defaultdict(list)
        rows = steps._default_manager.filter(version__in=versions).order_by("version", "number")
        for row in rows.values("pk", "version_id", "number", "description", "test_data", "expected"):
            found[row["version_id"]].append(row)
        return found

    @cached_property
    def _defect_rows(self) -> Sequence[tuple[int, int | None, int]]:
        rows = self._beside_the_executions("defect_rows").order_by("pk")
        return list(rows.values_list("execution_id", "step_id", "ticket_id"))

    @cached_property
    def tickets(self) -> Mapping[int, Ticket]:
        """What the tests have found, by number."""
        return {ticket.pk: ticket for ticket in self.facts.defects}

    @cached_property
    def defects_of(self) -> Mapping[int, list[int]]:
        """The tickets of every attempt, each once."""
        found: dict[int, dict[int, None]] = defaultdict(dict)
        for execution, _, ticket in self._defect_rows:
            found[execution][ticket] = None
        return {execution: list(tickets) for execution, tickets in found.items()}

    @cached_property
    def defects_of_step(self) -> Mapping[tuple[int, int], list[int]]:
        """The tickets of every step of every attempt."""
        found: dict[tuple[int, int], list[int]] = defaultdict(list)
        for execution, step, ticket in self._defect_rows:
            if step is not None:
                found[execution, step].append(ticket)
        return found

    def may_be_named(self, ticket: Ticket) -> bool:
        """Whether everybody who reads the report may know of a ticket."""
        return _circle(ticket) <= max(_circle(self.campaign), _CIRCLE[Visibility.COMMUNITY])

    def names(self, tickets: Sequence[int]) -> list[str]:
        """Return the keys of tickets, as the report may write them."""
        found = [self.tickets[number] for number in tickets if number in self.tickets]
        return list(dict.fromkeys(each.key if self.may_be_named(each) else NOT_NAMED for each in found))

    @cached_property
    def testers(self) -> list[Any]:
        """Everybody who was asked to test."""
        return list(
            self.campaign.testers.select_related("person").order_by("group", "person__display_name", "pk")
        )

    @cached_property
    def events(self) -> list[Event]:
        """The life of the campaign."""
        moved = Event.objects.of(self.campaign).select_related("actor")
        return [event for event in moved if event.name != "edit"]

    @cached_property
    def attachments(self) -> list[str]:
        """The names of the files of the campaign."""
        attached = self.campaign.attachments.filter(comment=None).values_list("name", flat=True)
        return [*attached, *self.campaign.sent_files.values_list("name", flat=True)]

    @cached_property
    def coordinators(self) -> list[str]:
        """Who runs the campaign."""
        person = self.campaign.assignee
        return [person.name] if person else []

    @cached_property
    def carried(self) -> Mapping[int, list[str]]:
        """What became of remainders that were carried forward, by attempt: keys of issues and campaigns."""
        related = self.campaign.executions.model._meta.get_field("carried").related_model
        rows = related._default_manager.filter(execution__campaign=self.campaign.pk).select_related(
            "ticket", "campaign"
        )
        found: dict[int, list[str]] = defaultdict(list)
        for row in rows:
            if row.ticket is not None:
                found[row.execution_id].append(row.ticket.key if self.may_be_named(row.ticket) else NOT_NAMED)
            if row.campaign is not None:
                found[row.execution_id].append(row.campaign.key)
        return found


def _circle(ticket: Ticket) -> int:
    return _CIRCLE.get(Visibility(ticket.visibility), max(_CIRCLE.values()) + 1)
