"""Acceptance tests from the plan to the signature, told at the desk (RTN-006 §2.6.2).

What has an address in the API goes through it; rows of the plan, which have pages alone, through their services.
"""

from __future__ import annotations

from typing import Any

from ops.acceptance.handing_out import hand_out
from ops.acceptance.models import Campaign, Execution, TestCase
from ops.acceptance.planning import add_environment, pin_cases
from ops.acceptance.settling import add_criterion
from ops.people.models import User
from tests.api.conftest import Caller
from tests.cast import Cast
from tests.scenarios.desk import Desk

STEPS = (
    "1. Open the Portal.\n   Expect: The form appears.\n2. Search around M87.\n   Expect: A table and a plot."
)


class Somebody:
    """A person of the story, at the door of the API."""

    def __init__(self, account: User) -> None:
        self.account, self.caller = account, Caller(account)

    def makes(self, kind: str, **data: Any) -> dict[str, Any]:
        """Make a record."""
        return self._told(self.caller.post(f"{kind}/", data), 201)

    def takes(self, step: str, at: str, **data: Any) -> dict[str, Any]:
        """Take a step."""
        return self._told(self.caller.post(f"{at}/transitions/{step}/", data))

    def is_held_back(self, step: str, at: str, **data: Any) -> str:
        """Try a step that has to wait; return why."""
        answer = self.caller.post(f"{at}/transitions/{step}/", data)
        assert answer.status_code == 409, answer.json()
        return str(answer.json()["detail"])

    def sends(self, key: str, **result: Any) -> dict[str, Any]:
        """Send the result of a test."""
        return self._told(self.caller.post(f"campaigns/{key}/results/", result), 201)

    def reads_report(self, key: str) -> dict[str, Any]:
        """Read the report."""
        return self._told(self.caller.get(f"campaigns/{key}/report/"))

    @staticmethod
    def _told(answer: Any, status: int = 200) -> dict[str, Any]:
        assert answer.status_code == status, answer.content[:2000]
        body: dict[str, Any] = answer.json()
        return body


def _to_the_tests(cast: Cast) -> tuple[Campaign, Somebody, Somebody, Somebody]:
    coordinator, owner = Somebody(cast.coordinator), Somebody(cast.owner)
    for identifier in ("RSP-1", "RSP-2"):
        case = coordinator.makes(
            "test-cases", identifier=identifier, title=f"Search {identifier}", objective="It finds.",
            component="portal", steps_text=STEPS, priority="critical" if identifier == "RSP-1" else "medium",
        )  # fmt: skip
        coordinator.takes("define", f"test-cases/{case['id']}")
        owner.takes("approve", f"test-cases/{case['id']}")
    key = coordinator.makes("campaigns", title="RSP 3.2", products="rsp", release="RSP 3.2")["key"]
    campaign = Campaign.objects.get(key=key)
    where = {"name": "Firefox", "software_version": "3.2.0", "data_release": "DP1", "browser": "145"}
    add_environment(campaign, actor=cast.coordinator, data=where)
    pin_cases(campaign, actor=cast.coordinator, cases=list(TestCase.objects.all()))
    for stage, rule in (("entry", "cases_are_approved"), ("exit", "critical_cases_passed")):
        add_criterion(campaign, actor=cast.coordinator, data={"stage": stage, "rule": rule})
    at = f"campaigns/{key}"
    dates = {"opens_at": "2027-01-04T00:00:00Z", "closes_at": "2027-01-18T00:00:00Z"}
    coordinator.takes("plan", at, scope="That nothing is worse.", **dates)
    coordinator.takes("make_ready", at)
    assert owner.takes("approve", at)["state"] == "approved"
    coordinator.takes("recruit", at)
    tester = Somebody(cast.reporter)
    for account in (cast.reporter, cast.outsider):
        asked = coordinator.makes("testers", campaign=key, person=account.username)
        Somebody(account).takes("consent", f"testers/{asked['id']}", agrees=True, capacity=5)
    hand_out(campaign, actor=cast.coordinator)
    coordinator.takes("start", at)
    return Campaign.objects.get(key=key), coordinator, owner, tester


def test_from_the_plan_to_the_signature_with_a_failure_mended_and_tested_again(
    desk: Desk, cast: Cast
) -> None:
    campaign, coordinator, owner, tester = _to_the_tests(cast)
    key, at = campaign.key, f"campaigns/{campaign.key}"
    given = Execution.objects.filter(campaign=campaign)
    assert {each.tester for each in given.filter(case_version__case__identifier="RSP-1")} == {
        cast.reporter, cast.outsider,
    }, "two people run what is critical"  # fmt: skip

    failed = tester.sends(
        key, case="RSP-1",
        steps=[{"number": 1, "outcome": "passed"}, {"number": 2, "outcome": "failed", "actual": "No plot."}],
    )  # fmt: skip
    assert failed["state"] == "failed"
    (issue,) = desk.scientist.finds(search="RSP-1")
    assert desk.scientist.reads(issue)["origin"] == "test_campaign"
    links = tester.caller.get(f"issues/{issue}/links/").json()["results"]
    assert [link["ticket"]["key"] for link in links] == [key]
    for account in (cast.reporter, cast.outsider):
        for each in Execution.objects.filter(campaign=campaign, tester=account, state="assigned"):
            Somebody(account).sends(key, case=each.case_version.case.identifier, outcome="passed")

    report = coordinator.reads_report(key)
    assert [each["standing"] for each in report["content"]["exit_criteria"]] == ["Not met"]
    assert len(report["content"]["disagreements"]) == 1

    desk.scientist.takes("triage", issue, assignee="assignee", component="portal")
    desk.assignee.takes(
        "submit_for_review", issue, resolution_code="fixed", resolution_text="An index was missing.",
        skip_reason="community_solved",
    )  # fmt: skip
    desk.reporter.takes("accept", issue)
    again = tester.sends(key, case="RSP-1", outcome="passed", comment="Mended.")
    assert (again["attempt"], again["state"]) == (2, "passed")

    report = coordinator.reads_report(key)
    assert [each["standing"] for each in report["content"]["exit_criteria"]] == ["Met"]
    assert report["content"]["disagreements"] == []
    assert [each["label"] for each in report["content"]["repeated"]] == ["Failed", "Passed"]

    coordinator.takes("freeze", at)
    answer = tester.caller.post(f"campaigns/{key}/results/", {"case": "RSP-1", "outcome": "passed"})
    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")
    coordinator.takes("draft_report", at)
    coordinator.takes("ask_for_sign_off", at, assessment="Ready for the release.")
    assert tester.caller.get(f"campaigns/{key}/report/").status_code == 403, "not signed yet"
    assert owner.takes("sign", at)["state"] == "signed_off"
    signed = tester.reads_report(key)
    assert [(each["owner"], each["decision"], each["holds"]) for each in signed["signatures"]] == [
        ("Owner", "Accepted", True)
    ]
    pdf = tester.caller.get(f"campaigns/{key}/report.pdf")
    assert (pdf["Content-Type"], pdf.content[:4]) == ("application/pdf", b"%PDF")
    assert coordinator.takes("close", at)["state"] == "closed"


def test_a_refused_sign_off_is_tested_again_and_signed_with_conditions(desk: Desk, cast: Cast) -> None:
    campaign, coordinator, owner, _ = _to_the_tests(cast)
    key, at = campaign.key, f"campaigns/{campaign.key}"
    for each in Execution.objects.filter(campaign=campaign):
        Somebody(each.tester).sends(
            key,
            case=each.case_version.case.identifier,
            outcome="initial_pass",
            remains="The plot on a tablet.",
        )
    coordinator.takes("freeze", at)
    coordinator.takes("draft_report", at)
    coordinator.takes("ask_for_sign_off", at, assessment="Good enough, we think.")
    first = owner.reads_report(key)["digest"]
    assert owner.takes("refuse", at, reason="Nothing passed.")["state"] == "refused"

    coordinator.takes("retest", at, closes_at="2027-02-01T00:00:00Z", reason="The tablet came.")
    for each in Execution.objects.filter(campaign=campaign):
        Somebody(each.tester).sends(key, case=each.case_version.case.identifier, outcome="passed")
    coordinator.takes("freeze", at)
    coordinator.takes("draft_report", at)
    coordinator.takes("ask_for_sign_off", at, assessment="Now it passes.")
    second = owner.reads_report(key)
    assert second["digest"] != first
    assert [(each["decision"], each["why"]) for each in second["voided"]] == [("Refused", "The tablet came.")]
    assert second["signatures"][0]["decision"] == "Not signed yet"

    done = owner.takes("sign", at, conditions="Watch the tablets until May.")
    assert done["state"] == "signed_off_with_conditions"
    assert owner.reads_report(key)["signatures"][0]["words"] == "Watch the tablets until May."
