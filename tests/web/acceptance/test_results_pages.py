"""Dashboard, results and report as pages: who reads them, what they say, what they cost."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ops.acceptance.models import Campaign, Carried, Execution
from ops.acceptance.results import Result, StepSaid, record_result
from ops.issues.models import Issue
from ops.jobs.models import Job
from ops.jobs.services import do
from ops.workflow.services import create, edit, perform
from tests.acceptance.stage import Staged, put_on
from tests.cast import Cast
from tests.web.pages import MOST_QUERIES, browser, cost, text_of

FAILED = Result("RSP-1", steps=(StepSaid(1, "failed", "Nothing appears."),))


@pytest.fixture
def staged(cast: Cast) -> Staged:
    """A campaign that runs, with a failure."""
    staged = put_on(cast)
    record_result(staged.campaign, FAILED, actor=cast.reporter)
    return staged


def _at(staged: Staged, what: str) -> str:
    return f"/campaigns/{staged.campaign.key}/{what}/"


def test_the_dashboard_says_how_it_stands(staged: Staged, cast: Cast) -> None:
    record_result(staged.campaign, Result("RSP-1", outcome="passed"), actor=cast.outsider)
    page = browser(cast.coordinator).get(_at(staged, "dashboard"))
    assert "Not met" in text_of(page)
    assert "0 of 2, 0.0 %." in text_of(page)
    assert "RSP-1 in Integration, Firefox" in text_of(page)
    assert "Reporter: Failed" in text_of(page)
    assert Issue.objects.get().key in text_of(page)
    part = browser(cast.coordinator).get(_at(staged, "dashboard"), headers={"hx-request": "true"})
    assert part.content.decode().lstrip().startswith("<div id=")


def test_from_a_figure_one_comes_to_its_attempts(staged: Staged, cast: Cast) -> None:
    record_result(staged.campaign, Result("RSP-2", outcome="passed"), actor=cast.outsider)
    client, at = browser(cast.coordinator), _at(staged, "results")
    page = client.get(_at(staged, "dashboard"))
    for query, chip, there, gone in [
        ("case=RSP-1", "RSP-1", "RSP-1", "RSP-2"),
        ("tester=outsider", cast.outsider.name, "RSP-2", "RSP-1"),
    ]:
        assert f'href="{at}?{query}"' in page.content.decode()
        found = client.get(f"{at}?{query}")
        assert there in text_of(found, "tbody")
        assert f"{query.partition('=')[0].capitalize()}: {chip}" in text_of(found, ".filtered")
        assert gone not in text_of(found, "tbody")
        assert f"?{query}&amp;state=failed" in found.content.decode()
    assert "No result here" in text_of(client.get(f"{at}?state=failed&case=RSP-2"))
    assert client.get(f"{at}?case=%00&tester=%ff&state=x&before=x").status_code == 200


def test_testers_do_not_see_what_the_others_found(staged: Staged, cast: Cast) -> None:
    for what in ("dashboard", "report"):
        assert browser(cast.outsider).get(_at(staged, what)).status_code == 403
        assert browser(cast.owner).get(_at(staged, what)).status_code == 200
    assert "RSP-1" not in text_of(browser(cast.outsider).get(_at(staged, "results")), "main")
    assert "RSP-1" in text_of(browser(cast.reporter).get(_at(staged, "results")), "tbody")


def test_what_was_mended_is_offered_to_be_tried_again(staged: Staged, cast: Cast) -> None:
    client = browser(cast.coordinator)
    assert "Ready to be tried again" not in text_of(client.get(_at(staged, "dashboard")))
    perform(Issue.objects.get(), "decline", actor=cast.scientist, reason="The address was wrong.")
    # Another attempt that nobody had to be asked for counts in its place.
    record_result(staged.campaign, FAILED, actor=cast.outsider)
    perform(Issue.objects.latest("pk"), "decline", actor=cast.scientist, reason="The address was wrong.")
    record_result(staged.campaign, Result("RSP-1", outcome="passed"), actor=cast.outsider)
    assert "Ready to be tried again 1" in text_of(client.get(_at(staged, "dashboard")))
    client.post(f"/executions/{Execution.objects.get(state='failed', tester=cast.reporter).pk}/again/")
    assert Execution.objects.get(state="assigned").number == 2
    assert "Ready to be tried again" not in text_of(client.get(_at(staged, "dashboard")))


def test_two_campaigns_are_compared(staged: Staged, cast: Cast) -> None:
    before = staged.now()
    following = create(Campaign, actor=cast.coordinator, data={"title": "Next", "previous": before.key})
    for pin in before.pins.all():
        following.pins.create(case=pin.case, version=pin.version)
    page = browser(cast.coordinator).get(f"/campaigns/{following.key}/dashboard/")
    assert f"Against {before.key}" in text_of(page)
    assert "2 as last time" in text_of(page)


@pytest.mark.parametrize("what", ["dashboard", "results", "report"])
def test_as_many_queries_for_many_results(staged: Staged, cast: Cast, what: str) -> None:
    before = cost(cast.coordinator, _at(staged, what))
    for person in (cast.reporter, cast.outsider, cast.outsider):
        record_result(staged.campaign, FAILED, actor=person)
        record_result(staged.campaign, Result("RSP-2", outcome="passed"), actor=person)
    after = cost(cast.coordinator, _at(staged, what))
    assert after == before
    assert after <= MOST_QUERIES + 5


def test_a_file_is_sent_read_and_told_of(staged: Staged, cast: Cast) -> None:
    client, at = browser(cast.reporter), _at(staged, "results") + "file/"
    assert "Integration, Firefox" in text_of(client.get(at), "select")
    xml = b'<testsuite><testcase name="test[RSP-2]"/><testcase name="test_other"/></testsuite>'
    sent = client.post(at, {"environment": "Integration, Firefox", "file": SimpleUploadedFile("n.xml", xml)})
    assert sent.status_code == 302
    assert "Waiting for a worker" in text_of(client.get(sent.url))
    do(Job.objects.get().pk)
    page = client.get(sent.url)
    assert "Attempts recorded 1" in text_of(page)
    assert "1 testcase named no case" in text_of(page)
    # Another tester judges alone: the file is no attachment, and what became of it is told to nobody else.
    assert "n.xml" not in text_of(browser(cast.outsider).get(sent.url))
    assert not staged.campaign.attachments.exists()


@pytest.mark.parametrize(
    ("content", "words"), [(b"<testsuite>", "is not XML that can be read"), (None, "Choose a file.")]
)
def test_a_bad_file_is_refused_beside_its_field(
    staged: Staged, cast: Cast, content: bytes, words: str
) -> None:
    data = {"environment": "Integration, Firefox"}
    files = {"file": SimpleUploadedFile("n.xml", content)} if content else {}
    page = browser(cast.reporter).post(_at(staged, "results") + "file/", data | files)
    assert page.status_code == 422
    assert words in text_of(page, "#field-file")


def test_the_report_is_drafted_signed_and_read_by_all(staged: Staged, cast: Cast) -> None:
    page = browser(cast.coordinator).get(_at(staged, "report"))
    assert "The report has not been put before the owners yet." in text_of(page)
    staged.put_out()
    ticket = f"/tickets/{staged.campaign.key}/"
    assert "Report" not in text_of(browser(cast.outsider).get(ticket), ".tabs")
    assert "Read and sign" in text_of(browser(cast.owner).get("/"), ".row-act")
    page = browser(cast.owner).get(_at(staged, "report"))
    assert "Not signed yet" in text_of(page)
    assert "Sign" in text_of(page, ".page-actions")
    perform(staged.now(), "sign", actor=cast.owner, data={"conditions": "Mend it by May."})
    assert "Report" in text_of(browser(cast.outsider).get(ticket), ".tabs")
    page = browser(cast.outsider).get(_at(staged, "report"))
    assert "Accepted with conditions" in text_of(page)
    assert "Mend it by May." in text_of(page)
    case = browser(cast.outsider).get(_at(staged, "report") + "cases/0/0/")
    assert "Nothing appears." in text_of(case)
    assert browser(cast.outsider).get(_at(staged, "report") + "cases/7/0/").status_code == 404
    pdf = browser(cast.outsider).get(f"/campaigns/{staged.campaign.key}/report.pdf")
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF")


def test_a_changed_campaign_says_so_above_its_signatures(staged: Staged, cast: Cast) -> None:
    signed = perform(staged.put_out(), "sign", actor=cast.owner)
    signed.criteria.update(sentence="At least 95 % of everything")
    page = browser(cast.owner).get(_at(staged, "report"))
    assert "The campaign has changed since this report was put out: the exit criteria." in text_of(page)


def test_what_remains_is_carried_forward(staged: Staged, cast: Cast) -> None:
    rest, _ = record_result(
        staged.campaign, Result("RSP-2", outcome="initial_pass", remains="On a tablet."), actor=cast.reporter
    )
    client, at = browser(cast.coordinator), f"/executions/{rest.pk}/carry/"
    assert "Carry forward" in text_of(client.get(_at(staged, "report")))
    staged.put_out()
    wrong = client.post(at, {"campaign": "UAT-999999"})
    assert (wrong.status_code, "There is no campaign UAT-999999" in text_of(wrong)) == (422, True)
    assert client.post(at, {"campaign": ""}).status_code == 302
    issue = Carried.objects.get().ticket
    assert issue.title.startswith("RSP-2: what remains")
    page = text_of(client.get(_at(staged, "report")))
    assert f"since then {issue.key}" in page
    assert "RSP-1 Failed As the issue says." in page
    assert browser(cast.reporter).post(at, {"campaign": ""}).status_code == 403


def test_a_confidential_campaign_is_found_nowhere(staged: Staged, cast: Cast) -> None:
    edit(staged.now(), actor=cast.coordinator, data={"visibility": "confidential"})
    for what in ("dashboard/", "results/", "report/", "report.pdf", "results/file/"):
        assert browser(cast.staff).get(f"/campaigns/{staged.campaign.key}/{what}").status_code == 404
