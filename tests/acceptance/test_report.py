"""The report: every number from the executions, signatures bound to the content, and what makes them void."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from ops.acceptance.carrying import carry_as_issue, carry_to_campaign
from ops.acceptance.criteria import RULES
from ops.acceptance.models import Campaign, Criterion, Execution, Report, Signature, Stage
from ops.acceptance.reading import may_read_report, may_read_results
from ops.acceptance.reporting.content import content_of
from ops.acceptance.reporting.digest import changed_since, digest_of
from ops.acceptance.reporting.document import ReportDocument
from ops.acceptance.reporting.material import Material
from ops.acceptance.results import Result, StepSaid, record_result
from ops.acceptance.tasks import void_outdated_signatures
from ops.issues.models import Issue
from ops.people.models import Product, User
from ops.workflow.errors import GuardUnmet, IllegalTransition, InvalidInput, NotAllowed
from ops.workflow.services import create, edit, perform
from tests.acceptance.stage import Staged, put_on
from tests.cast import Cast

FAILED = Result("RSP-1", steps=(StepSaid(1, "passed"), StepSaid(2, "failed", "The plot is empty.")))


@pytest.fixture
def staged(cast: Cast) -> Staged:
    """A campaign of two cases in which one failed and was tried again, and something remains of the other."""
    staged = put_on(cast)
    record_result(staged.campaign, FAILED, actor=cast.reporter)
    again = Result(
        "RSP-1", outcome="passed_with_deviation", defects=(Issue.objects.get().key,), comment="Mended."
    )
    record_result(staged.campaign, again, actor=cast.reporter)
    rest = Result("RSP-2", outcome="initial_pass", remains="The plot on a tablet.")
    record_result(staged.campaign, rest, actor=cast.outsider)
    return staged


def _content(staged: Staged) -> dict[str, Any]:
    return content_of(Material(staged.now()))


def test_every_number_is_counted(staged: Staged) -> None:
    content = _content(staged)
    cases, cells, attempts = content["figures"]["lines"]
    words = content["figures"]["verdicts"]
    assert dict(zip(words, attempts["counts"], strict=True)) == {
        "Passed": 0, "Passed with deviation": 1, "Initial pass": 1, "Failed": 1, "Blocked": 0, "Waived": 0,
        "Not run": 0,
    }  # fmt: skip
    assert (cases["total"], cells["total"], attempts["total"]) == (2, 2, 3)
    assert [(each["case"], each["label"], each["attempts"]) for each in content["summary"]] == [
        ("RSP-1", "Passed with deviation", 2),
        ("RSP-2", "Initial pass", 1),
    ]
    assert content["abstract"].endswith("2 cases in 1 environment, 3 executions by 2 people.")


def test_failed_and_repeated_attempts_stay_and_so_does_what_remains(staged: Staged) -> None:
    content = _content(staged)
    assert [(each["case"], each["number"], each["label"]) for each in content["repeated"]] == [
        ("RSP-1", 1, "Failed"),
        ("RSP-1", 2, "Passed with deviation"),
    ]
    assert [(each["case"], each["what"]) for each in content["remainders"]] == [
        ("RSP-1", "Mended."),
        ("RSP-2", "The plot on a tablet."),
    ]
    case = content["details"][0]["cases"][0]
    assert [step["label"] for step in case["attempts"][0]["steps"]] == ["Passed", "Failed"]
    assert case["attempts"][0]["steps"][1]["issues"] == [Issue.objects.get().key]


def test_people_criteria_and_defects_are_told(staged: Staged) -> None:
    content = _content(staged)
    volunteers = content["participation"][0]
    assert (
        volunteers["invited"],
        volunteers["consented"],
        volunteers["active"],
        volunteers["executions"],
    ) == (2, 2, 2, 3)
    assert content["assignments"][0] == {"case": "RSP-1", "assigned": ["Reporter"], "executed": ["Reporter"]}
    assert [(each["standing"], each["how"]) for each in content["exit_criteria"]] == [
        ("Not met", "1 of 2, 50.0 %.")
    ]
    assert [each for each in content["defects"]["by_severity"] if each["total"]] == [
        {"label": "Medium", "open": 1, "settled": 0, "total": 1}
    ]
    assert content["defects"]["list"][0]["cases"] == ["RSP-1"]


def test_an_issue_that_fewer_may_read_is_counted_and_not_named(staged: Staged, cast: Cast) -> None:
    issue = edit(Issue.objects.get(), actor=cast.scientist, data={"visibility": "confidential"})
    content = _content(staged)
    assert issue.key not in json.dumps(content)
    assert issue.title not in json.dumps(content["defects"])
    assert content["defects"]["not_named"] == 1
    assert content["summary"][0]["issues"] == ["an issue that is not public"]


def test_as_many_queries_for_many_attempts(staged: Staged, cast: Cast) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            _content(staged)
        return len(queries)

    before = cost()
    for _ in range(3):
        record_result(staged.campaign, FAILED, actor=cast.outsider)
    assert cost() == before


def test_what_is_put_out_is_kept_with_its_digest(staged: Staged, cast: Cast) -> None:
    campaign = staged.put_out()
    report = Report.objects.get()
    assert report.digest == digest_of(report.content) == ReportDocument(campaign).digest
    assert report.content["assessment"] == "Good enough to **release**."
    line = ReportDocument(campaign).signatures[0]
    assert (line["product"], line["owner"], line["decision"]) == (
        "Rubin Science Platform",
        "Owner",
        "Not signed yet",
    )


def test_an_owner_signs_what_was_put_out(staged: Staged, cast: Cast) -> None:
    signed = perform(staged.put_out(), "sign", actor=cast.owner)
    assert signed.state == "signed_off"
    signature = Signature.objects.get()
    assert (signature.person, signature.verdict, signature.digest) == (
        cast.owner,
        "accepted",
        Report.objects.get().digest,
    )
    line = ReportDocument(signed).signatures[0]
    assert line["holds"]
    assert line["decision"] == "Accepted"


def test_conditions_stand_in_the_report(staged: Staged, cast: Cast) -> None:
    signed = perform(staged.put_out(), "sign", actor=cast.owner, data={"conditions": "Mend the plot by May."})
    assert signed.state == "signed_off_with_conditions"
    assert [each["words"] for each in ReportDocument(signed).conditions] == ["Mend the plot by May."]


def test_every_owner_has_to_sign(cast: Cast) -> None:
    other = User.objects.create(username="other", display_name="Other Owner")
    api = Product.objects.create(slug="api", name="API", owner=other)
    staged = put_on(cast, cases=1)
    staged.now().concerned.create(product=api)
    record_result(staged.campaign, Result("RSP-1", outcome="passed"), actor=cast.reporter)
    half = perform(staged.put_out(), "sign", actor=cast.owner)
    assert half.state == "awaiting_sign_off"
    with pytest.raises(NotAllowed):
        perform(half, "sign", actor=cast.owner)
    assert perform(half, "sign", actor=other).state == "signed_off"


def test_when_an_owner_leaves_the_one_above_signs(staged: Staged, cast: Cast) -> None:
    own = User.objects.create(username="portal-owner", display_name="Portal Owner")
    Product.objects.filter(pk=cast.portal.pk).update(owner=own)
    staged.now().concerned.update(product=cast.portal)
    campaign = staged.put_out()
    with pytest.raises(NotAllowed):
        perform(campaign, "sign", actor=cast.owner)
    User.objects.filter(pk=own.pk).update(is_active=False)
    signed = perform(campaign, "sign", actor=cast.owner)
    line = ReportDocument(signed).signatures[0]
    assert (line["owner"], line["stands_in"]) == ("Owner", "as owner of Rubin Science Platform")


def test_a_refusal_is_kept_with_its_reason(staged: Staged, cast: Cast) -> None:
    refused = perform(staged.put_out(), "refuse", actor=cast.owner, reason="The plot is wrong.")
    assert refused.state == "refused"
    line = ReportDocument(refused).signatures[0]
    assert (line["decision"], line["words"]) == ("Refused", "The plot is wrong.")


def test_a_changed_report_makes_signatures_void_and_says_so(staged: Staged, cast: Cast) -> None:
    signed = perform(staged.put_out(), "sign", actor=cast.owner)
    drafted = perform(signed, "revise_report", actor=cast.coordinator, reason="A number in the assessment.")
    assert not drafted.signatures
    edit(drafted, actor=cast.coordinator, data={"assessment": "Better words."})
    again = perform(drafted, "ask_for_sign_off", actor=cast.coordinator)
    document = ReportDocument(again)
    assert document.number == "no. 2"
    assert [(each["owner"], each["why"]) for each in document.voided] == [
        ("Owner", "A number in the assessment.")
    ]
    assert document.signatures[0]["decision"] == "Not signed yet"


def test_nobody_signs_what_the_campaign_does_not_say_any_more(staged: Staged, cast: Cast) -> None:
    campaign = staged.put_out()
    Criterion.objects.create(campaign=campaign, stage=Stage.EXIT, sentence="The manual is printed")
    with pytest.raises(GuardUnmet, match=r"has changed since its report was put out.*the exit criteria"):
        perform(campaign, "sign", actor=cast.owner)


def test_a_change_behind_the_signatures_is_found_and_makes_them_void(staged: Staged, cast: Cast) -> None:
    signed = perform(staged.put_out(), "sign", actor=cast.owner)
    void_outdated_signatures()
    assert Campaign.objects.get(pk=signed.pk).state == "signed_off"
    Criterion.objects.create(campaign=signed, stage=Stage.EXIT, sentence="The manual is printed")
    void_outdated_signatures()
    back = Campaign.objects.get(pk=signed.pk)
    assert back.state == "report_drafted"
    assert "the exit criteria" in Signature.objects.get().voided_because


def test_the_later_life_of_issues_cases_and_names_voids_nothing(staged: Staged, cast: Cast) -> None:
    """The usual criteria are about issues and approvals too: they stand in the report as they stood then."""
    for rule in RULES.values():
        Criterion.objects.create(
            campaign=staged.campaign, stage=rule.stage, rule=rule.name, sentence=rule.said(0), parameter=0
        )
    perform(staged.given(cast.outsider, 1), "waive", actor=cast.coordinator, reason="Not needed.")
    signed = perform(staged.put_out(), "sign", actor=cast.owner)
    before = signed.latest_report.content
    perform(Issue.objects.get(), "decline", actor=cast.scientist, reason="Works as described.")
    Issue.objects.filter(pk=create(Issue, actor=cast.scientist, data=BURNING).pk).update(priority="critical")
    for version in staged.versions:
        perform(version.case, "approve", actor=cast.coordinator)
    User.objects.filter(pk__in=[cast.reporter.pk, cast.coordinator.pk]).update(display_name="Another Name")
    after = _content(staged)
    assert _standings(before) != _standings(after)
    assert changed_since(before, after) == []
    void_outdated_signatures()
    assert Campaign.objects.get(pk=signed.pk).state == "signed_off"


def test_another_outcome_is_another_report(staged: Staged, cast: Cast) -> None:
    before = _content(staged)
    perform(staged.given(cast.reporter, 1), "waive", actor=cast.coordinator, reason="Not needed.")
    assert changed_since(before, _content(staged)) == ["the figures", "the detailed results"]


BURNING = {"title": "Nothing works", "component": "rsp", "importance": "high", "urgency": "high"}


def _standings(content: Mapping[str, Any]) -> list[str]:
    return [each["standing"] for stage in ("entry_criteria", "exit_criteria") for each in content[stage]]


def test_a_content_that_was_tampered_with_gives_itself_away(staged: Staged, cast: Cast) -> None:
    signed = perform(staged.put_out(), "sign", actor=cast.owner)
    report = Report.objects.get()
    Report.objects.filter(pk=report.pk).update(content={**report.content, "assessment": "Perfect."})
    document = ReportDocument(Campaign.objects.get(pk=signed.pk))
    assert not document.is_genuine
    assert not document.signatures[0]["holds"]


def test_what_remains_becomes_an_issue(staged: Staged, cast: Cast) -> None:
    rest = Execution.objects.get(state="initial_pass")
    staged.frozen()
    issue = carry_as_issue(rest, actor=cast.coordinator)
    assert carry_as_issue(rest, actor=cast.coordinator) == issue
    assert issue.title == f"RSP-2: what remains of {staged.campaign.key}"
    assert "The plot on a tablet." in issue.description
    assert _content(staged)["remainders"][1]["goes_on_as"] == [issue.key]


def test_what_remains_becomes_a_case_of_the_next_campaign(staged: Staged, cast: Cast) -> None:
    rest = Execution.objects.get(state="initial_pass")
    following = create(Campaign, actor=cast.coordinator, data={"title": "RSP 3.3"})
    for _ in range(2):
        carry_to_campaign(rest, following, actor=cast.coordinator)
    assert [pin.case.identifier for pin in following.pins.all()] == ["RSP-2"]
    assert _content(staged)["remainders"][1]["goes_on_as"] == [following.key]
    with pytest.raises(InvalidInput):
        carry_to_campaign(rest, staged.now(), actor=cast.coordinator)
    with pytest.raises(NotAllowed):
        carry_as_issue(rest, actor=cast.outsider)
    passed, _ = record_result(staged.campaign, Result("RSP-2", outcome="passed"), actor=cast.reporter)
    with pytest.raises(IllegalTransition, match="Nothing remains"):
        carry_as_issue(passed, actor=cast.coordinator)


def test_testers_read_the_report_once_it_is_signed(staged: Staged, cast: Cast) -> None:
    campaign = staged.put_out()
    insiders = [cast.coordinator, cast.owner, cast.staff]
    assert all(
        may_read_results(person, campaign) and may_read_report(person, campaign) for person in insiders
    )
    assert not may_read_results(cast.reporter, campaign)
    assert not may_read_report(cast.reporter, campaign)
    signed = perform(campaign, "sign", actor=cast.owner)
    assert may_read_report(cast.reporter, signed)
    assert not may_read_results(cast.reporter, signed)


def test_the_pdf_says_what_the_content_says_and_is_the_same_twice(staged: Staged, cast: Cast) -> None:
    document = ReportDocument(
        perform(staged.put_out(), "sign", actor=cast.owner, data={"conditions": "By May."})
    )
    made = document.as_pdf()
    assert made == document.as_pdf()
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages).split())
    for words in (
        "Acceptance test report", document.digest[:32], "Accepted with conditions", "By May.", "Change record",
        "Good enough to release.", "The plot on a tablet.", "Failed and repeated attempts", "Attempt 1 by Reporter",
        "Traceability", "Glossary", "Page 1 of",
    ):  # fmt: skip
        assert words in text, words


def test_hostile_words_are_only_words_on_paper(staged: Staged, cast: Cast) -> None:
    campaign = staged.frozen()
    drafted = perform(campaign, "draft_report", actor=cast.coordinator)
    words = "#panic(1) `a` $x$ \\ ] @nobody <label> *_"
    edit(drafted, actor=cast.coordinator, data={"assessment": words, "recommendations": words})
    made = ReportDocument(Campaign.objects.get(pk=drafted.pk)).as_pdf()
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages).split())
    assert "#panic(1)" in text
