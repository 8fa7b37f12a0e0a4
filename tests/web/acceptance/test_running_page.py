"""The page on which a test is done: where it was left, saved at once, never over somebody else's words."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ops.acceptance.models import Defect, Evidence, Execution, StepResult
from ops.acceptance.recording import save_step
from ops.issues.models import Issue
from ops.workflow.services import perform
from tests.acceptance.stage import Staged, put_on
from tests.cast import Cast
from tests.web.pages import MOST_QUERIES, browser, cost, text_of

JSON = {"accept": "application/json"}


@pytest.fixture
def staged(cast: Cast) -> Staged:
    """A campaign that runs."""
    return put_on(cast)


@pytest.fixture
def execution(staged: Staged) -> Execution:
    """A test that was given to the reporter."""
    return Execution.objects.get(campaign=staged.campaign)


def test_what_waits_for_a_tester_is_listed(execution: Execution, cast: Cast) -> None:
    page = browser(cast.reporter).get("/tests/")
    assert "RSP-1" in text_of(page, "tbody")
    assert "No test waits for you" in text_of(browser(cast.outsider).get("/tests/"))
    # What waits for one leads to where it is done, and not to a step that the tests have to come before.
    home = browser(cast.reporter).get("/")
    assert "Run the tests" in text_of(home, ".row-act")
    assert f'href="/executions/{execution.pk}/run/"' in home.content.decode()
    assert f"/executions/{execution.pk}/do/" not in home.content.decode()


def test_the_page_goes_on_where_it_was_left(execution: Execution, cast: Cast) -> None:
    at = f"/executions/{execution.pk}/run/"
    page = browser(cast.reporter).get(at)
    assert "Open the Portal." in text_of(page)
    assert 'data-at="1"' in page.content.decode()
    assert "next: step 1; end of the tests" in text_of(page, ".page-sentence")
    save_step(execution, 1, actor=cast.reporter, outcome="passed", actual="In 2 s.")
    page = browser(cast.reporter).get(at)
    assert 'data-at="2"' in page.content.decode()
    assert "In 2 s." in text_of(page)
    assert "1 of 2 steps" in text_of(page, ".run-bar")


def test_a_step_is_saved_by_script_and_without(execution: Execution, cast: Cast) -> None:
    at = f"/executions/{execution.pk}/steps/1/"
    client = browser(cast.reporter)
    answer = client.post(at, {"outcome": "failed", "actual": "Two\r\nlines", "seen": ""}, headers=JSON)
    assert answer.json()["is_bad"]
    assert StepResult.objects.get().actual == "Two\nlines"
    seen = answer.json()["seen"]
    plain = client.post(at, {"outcome": "passed", "actual": "Now", "seen": seen})
    assert plain.status_code == 302
    assert plain.url == f"/executions/{execution.pk}/run/#step-1"


def test_the_second_of_two_is_shown_what_the_first_has_saved(execution: Execution, cast: Cast) -> None:
    save_step(execution, 1, actor=cast.reporter, outcome="passed", actual="Fast")
    answer = browser(cast.reporter).post(
        f"/executions/{execution.pk}/steps/1/",
        {"outcome": "failed", "actual": "Slow", "seen": ""},
        headers=JSON,
    )
    assert answer.status_code == 409
    assert answer.json()["theirs"]["words"] == "Passed. Fast"
    assert "another window" in answer.json()["detail"]


def test_whoever_takes_over_is_told_who_was_there(execution: Execution, cast: Cast) -> None:
    save_step(execution, 1, actor=cast.reporter, outcome="passed", actual="Fast")
    perform(execution, "put_back", actor=cast.coordinator)
    perform(execution, "reassign", actor=cast.coordinator, data={"tester": "outsider"})
    page = browser(cast.outsider).get(f"/executions/{execution.pk}/run/")
    assert "Reporter is at this test as well" in text_of(page)
    late = browser(cast.reporter).post(
        f"/executions/{execution.pk}/steps/1/", {"outcome": "failed"}, headers=JSON
    )
    assert late.status_code == 404


def test_a_session_that_has_ended_leads_to_the_sign_in(execution: Execution, client) -> None:
    answer = client.post(f"/executions/{execution.pk}/steps/1/", {"outcome": "passed"}, headers=JSON)
    assert answer.status_code == 302
    assert answer.url.startswith("/login/")


def test_evidence_is_drawn_for_those_who_see_the_test(execution: Execution, cast: Cast) -> None:
    client = browser(cast.reporter)
    at = f"/executions/{execution.pk}/steps/1/evidence/"
    told = client.post(at, {"file": SimpleUploadedFile("shot.png", b"\x89PNG")}).json()
    assert told["is_image"]
    shown = client.get(told["url"])
    assert (shown["Content-Type"], shown["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert "sandbox" in shown["Content-Security-Policy"]
    assert browser(cast.outsider).get(told["url"]).status_code == 404
    bad = client.post(at, {"file": SimpleUploadedFile("run.exe", b"MZ")})
    assert (bad.status_code, list(bad.json()["fields"])) == (422, ["file"])
    assert client.post(at).status_code == 422


def test_other_files_are_downloads(execution: Execution, cast: Cast) -> None:
    client = browser(cast.reporter)
    told = client.post(
        f"/executions/{execution.pk}/steps/1/evidence/", {"file": SimpleUploadedFile("page.svg", b"<svg/>")}
    ).json()
    shown = client.get(told["url"])
    assert shown["Content-Type"] == "application/octet-stream"
    assert shown["Content-Disposition"].startswith("attachment")


def test_a_failed_step_becomes_an_issue_in_one_form(execution: Execution, cast: Cast) -> None:
    save_step(execution, 2, actor=cast.reporter, outcome="failed", actual="The plot is empty.")
    client, at = browser(cast.reporter), f"/executions/{execution.pk}/steps/2/issue/"
    client.post(
        f"/executions/{execution.pk}/steps/2/evidence/", {"file": SimpleUploadedFile("shot.png", b"\x89PNG")}
    )
    form = client.get(at)
    assert 'value="RSP-1: The plot is empty."' in form.content.decode()
    assert "Search around M87." in text_of(form, "textarea")
    fields = form.context["form"].initial
    asked = ("title", "description", "component", "importance", "urgency", "visibility")
    sent = client.post(at, {name: fields[name] for name in asked} | {"title": "No plot around M87"})
    assert sent.status_code == 302
    issue = Issue.objects.get()
    assert (issue.title, issue.component, issue.origin) == (
        "No plot around M87",
        cast.portal,
        "test_campaign",
    )
    assert [file.name for file in issue.attachments.all()] == ["shot.png"]
    assert Defect.objects.get().step.number == 2
    assert issue.key in text_of(client.get(f"/executions/{execution.pk}/run/"), "#step-2")


def test_others_neither_see_nor_report(execution: Execution, cast: Cast) -> None:
    assert browser(cast.outsider).get(f"/executions/{execution.pk}/run/").status_code == 404
    page = browser(cast.staff).get(f"/executions/{execution.pk}/run/")
    assert "This test was given to Reporter." in text_of(page)
    assert browser(cast.staff).get(f"/executions/{execution.pk}/steps/1/issue/").status_code == 403


def test_what_came_out_is_said_on_the_page(execution: Execution, cast: Cast) -> None:
    client = browser(cast.reporter)
    save_step(execution, 1, actor=cast.reporter, outcome="failed", actual="Nothing.")
    part = client.get(f"/executions/{execution.pk}/endings/", headers={"hx-request": "true"})
    assert "A step has failed." in text_of(part)
    assert "Passed…" not in text_of(part), "a step failed: the whole did not pass"
    assert "Failed…" in text_of(part, ".btn-primary")


def test_a_test_that_has_ended_is_tried_again(execution: Execution, cast: Cast) -> None:
    perform(execution, "mark_blocked", actor=cast.reporter, data={"blocker": "No network."})
    client = browser(cast.reporter)
    assert "This attempt ended" in text_of(client.get(f"/executions/{execution.pk}/run/"))
    assert "Try it again" in text_of(client.get(f"/executions/{execution.pk}/"))
    sent = client.post(f"/executions/{execution.pk}/again/")
    again = Execution.objects.get(number=2)
    assert sent.url == again.get_absolute_url()
    assert "Attempt 1 , blocked" in text_of(client.get(sent.url))


def test_as_many_queries_for_many_steps_and_files(execution: Execution, cast: Cast) -> None:
    at = f"/executions/{execution.pk}/run/"
    save_step(execution, 1, actor=cast.reporter, outcome="failed", actual="x")
    before = cost(cast.reporter, at)
    save_step(execution, 2, actor=cast.reporter, outcome="failed", actual="x")
    for n in range(3):
        Evidence.objects.create(
            execution=execution, name=f"{n}.txt", content_type="text/plain", size=1, digest=str(n),
            uploaded_by=cast.reporter,
        )  # fmt: skip
    assert cost(cast.reporter, at) == before <= MOST_QUERIES
