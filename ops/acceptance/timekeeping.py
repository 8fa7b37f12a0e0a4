"""The clocks of campaigns, testers, cases and executions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ops.acceptance.models import Campaign, Execution, TestCase, Tester
from ops.acceptance.parties import coordinator_of_campaign
from ops.clocks import registry
from ops.people.models import User
from ops.tickets.deadlines import TicketAdapter
from ops.workflow.deadlines import StatefulAdapter


class CampaignAdapter(TicketAdapter):
    """Campaigns, as the clocks see them."""

    concrete = Campaign


class CaseAdapter(StatefulAdapter):
    """Test cases, as the clocks see them."""

    concrete = TestCase


class TesterAdapter(StatefulAdapter):
    """Testers, as the clocks see them: one chase for all the tests of a person, not one for each test."""

    concrete = Tester
    audiences = {"coordinator": "the coordinator of the campaign"}

    def audience(self, name: str, ids: Collection[int]) -> Mapping[int, Sequence[User | str]]:
        """Who is told when somebody does not answer, or is late."""
        rows = Tester.objects.filter(pk__in=ids).select_related("campaign__assignee")
        return {row.pk: coordinator_of_campaign.of(row) for row in rows}


class ExecutionAdapter(StatefulAdapter):
    """Executions, as the clocks see them."""

    concrete = Execution


registry.register(Campaign.workflow.kind, CampaignAdapter())
registry.register(TestCase.workflow.kind, CaseAdapter())
registry.register(Tester.workflow.kind, TesterAdapter())
registry.register(Execution.workflow.kind, ExecutionAdapter())
