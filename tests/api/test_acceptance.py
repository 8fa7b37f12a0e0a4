"""Results and reports at the door of the API: what is taken, what is refused, what it costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ops.acceptance.models import Execution
from ops.jobs.models import Job
from ops.workflow.services import perform
from tests.acceptance.stage import Staged, put_on
from tests.api.conftest import Caller
from tests.cast import Cast
from tests.web.pages import browser

PASSED = {"case": "RSP-2", "steps": [{"number": 1, "outcome": "passed"}, {"number": 2, "outcome": "passed"}]}


@pytest.fixture
def staged(cast: Cast) -> Staged:
    """A campaign that runs."""
    return put_on(cast)


def _at(staged: Staged, what: str = "results/") -> str:
    return f"campaigns/{staged.campaign.key}/{what}"


def test_a_result_comes_with_all_of_its_steps(
    staged: Staged, cast: Cast, call: Callable[[Any], Caller]
) -> None:
    told = call(cast.reporter).post(_at(staged), {**PASSED, "reference": "run 1"})
    assert told.status_code == 201
    body = told.json()
    assert (body["case"], body["attempt"], body["state"], body["tester"]) == (
        "RSP-2",
        1,
        "passed",
        "reporter",
    )
    assert call(cast.reporter).get(body["url"]).json()["state"] == "passed"
    again = call(cast.reporter).post(_at(staged), {**PASSED, "reference": "run 1"})
    assert (again.status_code, again.json()["id"]) == (200, body["id"])
    listed = call(cast.coordinator).get(_at(staged)).json()["results"]
    assert [each["state"] for each in listed] == ["passed", "assigned"]
    assert call(cast.outsider).get(_at(staged)).json()["results"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "case"),
        ({"case": 7}, "case"),
        ({"case": "x" * 41}, "case"),
        ({**PASSED, "colour": "red"}, "colour"),
        ({**PASSED, "steps": "all"}, "steps"),
        ({**PASSED, "steps": ["one"]}, "steps.0"),
        ({**PASSED, "steps": [{"number": True, "outcome": "passed"}]}, "steps.0.number"),
        ({**PASSED, "steps": [{"number": 1, "outcome": ["passed"]}]}, "steps.0.outcome"),
        ({**PASSED, "steps": [{"number": 1, "outcome": "passed", "actual": "\x00"}]}, "steps.0.actual"),
        ({**PASSED, "comment": "x" * 20_001}, "comment"),
        ({**PASSED, "defects": "CST-1"}, "defects"),
        ({**PASSED, "case": "\x00"}, "case"),
    ],
)
def test_bad_input_names_its_field(
    staged: Staged, cast: Cast, call: Callable[[Any], Caller], body: dict[str, Any], field: str
) -> None:
    answer = call(cast.reporter).post(_at(staged), body)
    assert answer.status_code == 422, answer.json()
    assert field in answer.json()["fields"]
    assert {each.state for each in Execution.objects.all()} == {"assigned"}


def test_an_attempt_is_tried_again_and_carried_forward(
    staged: Staged, cast: Cast, call: Callable[[Any], Caller]
) -> None:
    left = {"case": "RSP-2", "outcome": "initial_pass", "remains": "On a tablet."}
    at = f"executions/{call(cast.reporter).post(_at(staged), left).json()['id']}/"
    again = [call(cast.reporter).post(f"{at}again/") for _ in range(2)]
    assert [(each.status_code, each.json()["attempt"]) for each in again] == [(201, 2), (201, 2)]
    assert call(cast.outsider).post(f"{at}again/").status_code == 404
    issue = call(cast.coordinator).post(f"{at}carry/", {}).json()["goes_on_as"]
    assert call(cast.coordinator).get(f"issues/{issue}/").status_code == 200
    unknown = call(cast.coordinator).post(f"{at}carry/", {"campaign": "UAT-999999"})
    assert (unknown.status_code, list(unknown.json()["fields"])) == (422, ["campaign"])
    assert call(cast.staff).post(f"{at}carry/", {}).status_code == 403


def test_who_may_and_who_may_not(staged: Staged, cast: Cast, call: Callable[[Any], Caller]) -> None:
    assert call(cast.staff).post(_at(staged), PASSED).status_code == 403
    assert call(cast.anonymous).post(_at(staged), PASSED).status_code == 401
    assert call(cast.anonymous).get(_at(staged)).status_code == 404
    assert call(cast.reporter).post("campaigns/UAT-999999/results/", PASSED).status_code == 404
    assert call(cast.reporter).get(_at(staged, "report/")).status_code == 403
    assert call(cast.owner).get(_at(staged, "report/")).status_code == 200
    assert call(cast.reporter).get(_at(staged, "report.pdf")).json()["code"] == "not_allowed"


def test_a_file_is_read_in_the_background(staged: Staged, cast: Cast, call: Callable[[Any], Caller]) -> None:
    xml = b'<testsuite><testcase name="test[RSP-2]"/></testsuite>'
    told = call(cast.reporter).upload(
        _at(staged, "results/junit/"),
        file=SimpleUploadedFile("n.xml", xml),
        environment="Integration, Firefox",
    )
    assert told.status_code == 202
    assert str(Job.objects.get().pk) == told.json()["job"]
    bomb = b'<!DOCTYPE a [<!ENTITY b "c">]><testsuite><testcase name="&b;"/></testsuite>'
    bad = call(cast.reporter).upload(
        _at(staged, "results/junit/"),
        file=SimpleUploadedFile("n.xml", bomb),
        environment="Integration, Firefox",
    )
    assert (bad.status_code, "entities" in bad.json()["detail"]) == (422, True)
    assert call(cast.reporter).upload(_at(staged, "results/junit/")).status_code == 422


def test_a_result_costs_the_same_with_many_results_and_steps(
    staged: Staged, cast: Cast, call: Callable[[Any], Caller]
) -> None:
    def cost(body: dict[str, Any]) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert call(cast.reporter).post(_at(staged), body).status_code == 201
        return len(queries)

    first = {**PASSED, "steps": PASSED["steps"][:1], "outcome": "passed"}
    for _ in range(2):
        cost(first)
    before = cost(first)
    assert cost(PASSED) == before


def test_the_words_of_a_report_are_for_its_readers_until_it_is_signed(
    staged: Staged, cast: Cast, call: Callable[[Any], Caller]
) -> None:
    def read_by(person: Any) -> tuple[str, bool, bool]:
        told = call(person).get(f"campaigns/{campaign.key}/").json()["assessment"]
        history = call(person).get(f"campaigns/{campaign.key}/events/").content.decode()
        page = browser(person).get(campaign.get_absolute_url()).content.decode()
        return told, "Good enough" in history, "Good enough" in page

    campaign = staged.put_out()
    assert read_by(cast.outsider) == ("", False, False)
    assert read_by(cast.staff) == ("Good enough to **release**.", True, True)
    perform(campaign, "sign", actor=cast.owner)
    assert read_by(cast.outsider) == ("Good enough to **release**.", True, True)
