"""The plan of a campaign, its testers and files of cases at the door of the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ops.acceptance.criteria import RULES
from ops.acceptance.models import Campaign, TestCase, Tester
from ops.jobs import services as jobs
from ops.workflow.services import create, perform
from tests.acceptance.factories import CONSENT, CampaignFactory, version_of_a_case
from tests.api.conftest import Caller
from tests.cast import Cast
from tests.web.pages import browser

Call = Callable[[Any], Caller]


def test_a_campaign_is_planned_by_api(cast: Cast, call: Call) -> None:
    campaign = create(Campaign, actor=cast.coordinator, data={"title": "By API", "products": "rsp"})
    at, caller = f"campaigns/{campaign.key}/", call(cast.coordinator)
    version = version_of_a_case(cast, "RSP-1")
    made = caller.post(f"{at}environments/", {"name": "Firefox", "data_release": "DP1"})
    assert (made.status_code, made.json()["data_release"]) == (201, "DP1")
    pinned = caller.post(f"{at}cases/", {"cases": ["RSP-1"]}).json()["results"]
    assert [(pin["case"], pin["version"], pin["maturity"]) for pin in pinned] == [("RSP-1", 1, "Defined")]
    rule = caller.post(f"{at}criteria/", {"stage": "exit", "rule": "share_of_cases_passed"}).json()
    assert (rule["sentence"], rule["is_met"]) == ("At least 95 % of the cases passed", False)
    own = caller.post(f"{at}criteria/", {"stage": "entry", "sentence": "The data are loaded"}).json()
    ticked = caller.post(f"{at}criteria/{own['id']}/tick/", {"evidence": "Counts agree."}).json()
    assert (ticked["is_met"], ticked["words"]) == (True, "Counts agree.")
    waived = caller.post(f"{at}criteria/{rule['id']}/waive/", {"waived_because": "A rehearsal."}).json()
    assert waived["waived_because"] == "A rehearsal."
    assert caller.post(f"{at}criteria/{own['id']}/reopen/").json()["is_met"] is False
    assert call(cast.outsider).post(f"{at}criteria/{own['id']}/reopen/").status_code == 403
    assert len(caller.get(f"{at}criteria/").json()["results"]) == 2
    assert len(caller.post(f"{at}criteria/usual/").json()["results"]) == 1 + len(RULES)
    for what, row in (("cases", pinned[0]), ("environments", made.json()), ("criteria", own)):
        assert caller.delete(f"{at}{what}/{row['id']}/").status_code == 204
        assert caller.delete(f"{at}{what}/{row['id']}/").status_code == 404
    assert version.pins.count() == 0


@pytest.mark.parametrize(
    ("what", "body", "field"),
    [
        ("environments", {"url": "nowhere"}, "name"),
        ("environments", {"name": "Firefox", "colour": "red"}, "colour"),
        ("cases", {"cases": ["RSP-404"]}, "cases"),
        ("cases", {"cases": "RSP-1"}, "cases"),
        ("cases", {"cases": ["RSP\x00"]}, "cases"),
        ("cases", {"cases": ["\ud800"]}, "cases"),
        ("criteria", {"stage": "exit"}, "sentence"),
        ("criteria", {"stage": "entry", "rule": "every_case_was_run"}, "stage"),
        ("criteria", {"stage": "exit", "rule": "share_of_cases_passed", "parameter": "many"}, "parameter"),
        ("testers/ask", {"people": "nobody-here"}, "people"),
    ],
)
def test_bad_input_names_its_field(cast: Cast, call: Call, what: str, body: dict, field: str) -> None:
    state = "recruiting" if what == "testers/ask" else "draft"
    campaign = CampaignFactory().in_state(state, cast)
    answer = call(cast.coordinator).post(f"campaigns/{campaign.key}/{what}/", body)
    assert (answer.status_code, field in answer.json()["fields"]) == (422, True)


def test_others_read_the_plan_and_change_nothing(cast: Cast, call: Call) -> None:
    campaign = CampaignFactory().new(cast)
    at, caller = f"campaigns/{campaign.key}/", call(cast.outsider)
    assert caller.get(f"{at}environments/").json()["results"][0]["name"] == "Firefox"
    assert caller.post(f"{at}environments/", {"name": "Mine"}).status_code == 403
    assert caller.get(f"{at}assignment/").status_code == 403
    Campaign.objects.filter(pk=campaign.pk).update(visibility="confidential")
    assert caller.get(f"{at}environments/").status_code == 404


def test_how_criteria_stand_is_told_to_those_who_may_read_results(cast: Cast, call: Call) -> None:
    at = f"campaigns/{CampaignFactory().in_state('running', cast).key}/criteria/"
    assert call(cast.outsider).get(at).json()["results"][0]["is_met"] is None
    assert call(cast.staff).get(at).json()["results"][0]["is_met"] is True


def test_tests_are_proposed_and_given_out(cast: Cast, call: Call) -> None:
    campaign = CampaignFactory().in_state("recruiting", cast)
    campaign.executions.all().delete()
    campaign.testers.all().delete()
    at, caller = f"campaigns/{campaign.key}/", call(cast.coordinator)
    assert caller.post(f"{at}testers/ask/", {"people": "outsider"}).json()["invited"] == ["outsider"]
    assert caller.get(f"{at}assignment/").json()["shortfalls"][0]["missing"] == 1
    perform(Tester.objects.get(), "consent", actor=cast.outsider, data=CONSENT)
    assert [each["tester"] for each in caller.get(f"{at}assignment/").json()["given"]] == ["outsider"]
    assert campaign.executions.count() == 0
    caller.post(f"{at}assignment/", {})
    assert campaign.executions.count() == 1
    unsaid = call(cast.reporter).post(f"{at}testers/volunteer/", {"agrees": False, "capacity": 2})
    assert (unsaid.status_code, list(unsaid.json()["fields"])) == (422, ["agrees"])
    part = call(cast.reporter).post(f"{at}testers/volunteer/", {"agrees": True, "capacity": 2})
    assert (part.status_code, part.json()["state"]) == (201, "consented")
    assert call(cast.reporter).get(part.json()["url"]).json()["capacity"] == 2


def test_a_file_of_cases_is_brought_in(cast: Cast, call: Call) -> None:
    data = b"identifier,title,objective,steps\nRSP-1,Search,Why,1. Go.\nRSP-2,,,\n"
    upload = SimpleUploadedFile("cases.csv", data)
    told = call(cast.scientist).upload("test-cases/import/", file=upload).json()
    assert told["new"] == ["RSP-1"]
    assert [each["case"] for each in told["problems"]] == ["RSP-2"]
    assert call(cast.outsider).upload("test-cases/import/", file=upload).status_code == 403


def test_places_and_environments_are_changed_by_api_as_on_the_page(cast: Cast, call: Call) -> None:
    campaign = CampaignFactory().new(cast)
    at, caller = f"campaigns/{campaign.key}/", call(cast.coordinator)
    assert caller.patch(f"{at}testers/places/", {"committee": 6, "volunteer": 20}).json()["committee"] == 6
    told = caller.patch(f"{at}testers/places/", {"volunteer": None}).json()
    assert told == {"committee": 6, "volunteer": None, "staff": None, "automation": None}
    assert caller.get(f"{at}testers/places/").json() == told
    wrong = caller.patch(f"{at}testers/places/", {"staff": -1})
    assert (wrong.status_code, list(wrong.json()["fields"])) == (422, ["staff"])
    place = f"{at}environments/{campaign.environments.get().pk}/"
    said = caller.patch(place, {"data_release": "DP2"}).json()
    assert (said["name"], said["data_release"]) == ("Firefox", "DP2")
    assert caller.patch(place, {"name": ""}).json()["fields"]["name"]
    for address in (place, f"{at}testers/places/"):
        assert call(cast.outsider).patch(address, {}).status_code == 403
    assert call(cast.outsider).get(f"{at}testers/places/").status_code == 403


def test_a_large_file_of_cases_is_read_by_a_worker(cast: Cast, call: Call) -> None:
    rows = "".join(f"RSP-{n},Search {n},{'Why. ' * 600},1. Go.\n" for n in range(1, 30))
    upload = SimpleUploadedFile("cases.csv", b"identifier,title,objective,steps\n" + rows.encode())
    answer = call(cast.scientist).upload("test-cases/import/", file=upload)
    assert answer.status_code == 202
    jobs.do(answer.json()["job"])
    page = browser(cast.scientist).get(answer.json()["url"]).content.decode()
    assert "cases.csv" in page
    assert TestCase.objects.count() == 29
    assert list(TestCase.objects.values_list("identifier", flat=True))[:3] == ["RSP-1", "RSP-2", "RSP-3"]
    assert browser(cast.outsider).get(answer.json()["url"]).status_code == 403
