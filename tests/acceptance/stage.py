"""A small campaign that runs, put on in few steps: what tests of executions and of the report begin with."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from ops.acceptance.models import (
    Campaign,
    CaseVersion,
    Criterion,
    Environment,
    Execution,
    PinnedCase,
    Stage,
    TestCase,
    Tester,
)
from ops.people.models import User
from ops.workflow.services import create, perform
from tests.cast import Cast

STEPS = """1. Open the Portal.
   Data: https://data.example.org/portal
   Expect: The form appears.
2. Search around M87.
   Expect: A table and a plot within ten seconds."""


def case_version(cast: Cast, identifier: str, **content: Any) -> CaseVersion:
    """Make a case and freeze its first version."""
    data = {
        "identifier": identifier,
        "title": f"Search in {identifier}",
        "objective": "A search finds what is there.",
        "component": "portal",
        "steps_text": STEPS,
        **content,
    }
    case = perform(create(TestCase, actor=cast.coordinator, data=data), "define", actor=cast.coordinator)
    latest: CaseVersion = case.latest
    return latest


@dataclass(frozen=True)
class Staged:
    """A campaign that runs, and what it runs."""

    cast: Cast
    campaign: Campaign
    versions: Sequence[CaseVersion]
    environment: Environment

    def given(self, tester: User, version: int = 0, **data: Any) -> Execution:
        """Give a test to somebody."""
        execution: Execution = create(
            Execution,
            actor=self.cast.coordinator,
            data={
                "campaign": self.campaign.key,
                "case_version": str(self.versions[version].pk),
                "environment": str(self.environment.pk),
                "tester": tester.username,
                **data,
            },
        )
        return execution

    def ran(self, tester: User, outcome: str, version: int = 0, **data: Any) -> Execution:
        """Give a test to somebody and let them end it."""
        begun = perform(self.given(tester, version), "begin", actor=tester)
        done: Execution = perform(begun, outcome, actor=tester, data=data)
        return done

    def now(self) -> Campaign:
        """The campaign as it is now."""
        return Campaign.objects.get(pk=self.campaign.pk)

    def frozen(self) -> Campaign:
        """Freeze the results."""
        return perform(self.now(), "freeze", actor=self.cast.coordinator)

    def put_out(self) -> Campaign:
        """Freeze the results, write the report and put it before the owners."""
        drafted = perform(self.frozen(), "draft_report", actor=self.cast.coordinator)
        words = {"assessment": "Good enough to **release**.", "recommendations": "Explain the empty plot."}
        return perform(drafted, "ask_for_sign_off", actor=self.cast.coordinator, data=words)


def put_on(cast: Cast, *, cases: int = 2, testers: Sequence[User] = ()) -> Staged:
    """Put a campaign on that runs, with cases, one environment, one product, and people who agreed to test."""
    now = timezone.now()
    versions = [case_version(cast, f"RSP-{number}") for number in range(1, cases + 1)]
    data = {
        "title": "RSP 3.2 before its release",
        "scope": "That *nothing* is worse than before.",
        "release": "RSP 3.2",
        "products": "rsp",
        "opens_at": now.isoformat(),
        "closes_at": (now + datetime.timedelta(days=14)).isoformat(),
    }
    campaign = create(Campaign, actor=cast.coordinator, data=data)
    environment = Environment.objects.create(
        campaign=campaign, name="Integration, Firefox", software_version="RSP 3.2.0", data_release="DP1",
        browser="Firefox 145", url="https://int.example.org/",
    )  # fmt: skip
    PinnedCase.objects.bulk_create(
        PinnedCase(campaign=campaign, case=version.case, version=version) for version in versions
    )
    Criterion.objects.create(
        campaign=campaign, stage=Stage.EXIT, rule="share_of_cases_passed", parameter=95,
        sentence="At least 95 % of the cases passed",
    )  # fmt: skip
    for name in ("plan", "make_ready"):
        campaign = perform(campaign, name, actor=cast.coordinator)
    campaign = perform(campaign, "approve", actor=cast.owner)
    campaign = perform(campaign, "recruit", actor=cast.coordinator)
    staged = Staged(cast, campaign, versions, environment)
    for person in testers or (cast.reporter, cast.outsider):
        asked = create(
            Tester, actor=cast.coordinator, data={"campaign": campaign.key, "person": person.username}
        )
        perform(asked, "consent", actor=person, data={"agrees": True, "capacity": 10})
    staged.given(cast.reporter)
    return Staged(cast, perform(campaign, "start", actor=cast.coordinator), versions, environment)
