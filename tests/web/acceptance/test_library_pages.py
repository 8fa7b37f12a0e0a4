"""The library of test cases as pages: found, compared, added to a campaign, brought in and taken out."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ops.acceptance.models import Campaign, TestCase
from ops.workflow.services import create, edit, perform
from tests.acceptance.factories import CampaignFactory, CaseFactory
from tests.cast import Cast
from tests.web.pages import MOST_QUERIES, browser, cost, text_of

pytestmark = pytest.mark.django_db
CASES = CaseFactory()


def case(cast: Cast, identifier: str, **data) -> TestCase:
    return CASES.in_state("defined", cast, identifier=identifier, **data)


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ["RSP-1", "RSP-2"]),
        ("search=cutout", ["RSP-2"]),
        ("search=rsp-1", ["RSP-1"]),
        ("aspect=api", ["RSP-2"]),
        ("priority=critical", ["RSP-1"]),
        ("requirement=REQ-9", ["RSP-2"]),
        ("product=rsp", ["RSP-1", "RSP-2"]),
        ("maturity=retired", ["RSP-3"]),
        ("maturity=draft&aspect=api", []),
    ],
)
def test_cases_are_found(cast: Cast, query: str, shown: list[str]) -> None:
    case(cast, "RSP-1", priority="critical")
    case(cast, "RSP-2", title="Make a cutout", aspect="api", requirements="REQ-9, REQ-10")
    perform(CASES.new(cast, identifier="RSP-3"), "retire", actor=cast.coordinator, reason="Gone.")
    page = browser(cast.outsider).get(f"/test-cases/?{query}")
    words = text_of(page, "tbody") if shown else ""
    assert [name for name in ("RSP-1", "RSP-2", "RSP-3") if name in words] == shown
    assert ("No case fits" in text_of(page)) == (not shown)


@pytest.mark.parametrize("query", ["moon=full", "aspect=kitchen", "product=nowhere", "search=" + "x" * 300])
def test_what_cannot_be_asked_is_said(cast: Cast, query: str) -> None:
    assert browser(cast.outsider).get(f"/test-cases/?{query}").status_code == 400


def test_the_library_costs_the_same_for_one_and_for_three(cast: Cast) -> None:
    case(cast, "RSP-1")
    one = cost(cast.coordinator, "/test-cases/")
    case(cast, "RSP-2")
    case(cast, "RSP-3")
    assert cost(cast.coordinator, "/test-cases/") == one <= MOST_QUERIES


def test_a_long_library_has_pages(cast: Cast) -> None:
    for number in range(51):
        CASES.new(cast, identifier=f"RSP-{number:03}")
    client = browser(cast.outsider)
    first = client.get("/test-cases/?aspect=portal")
    assert "50 of 51" in text_of(first)
    assert "/test-cases/?aspect=portal&amp;after=RSP-049" in first.content.decode()
    assert "RSP-050" in text_of(client.get("/test-cases/?aspect=portal&after=RSP-049"), "tbody")


def test_nobody_reads_it_without_an_account(cast: Cast, client) -> None:
    for address in ("/test-cases/", "/test-cases/import/", "/test-cases/list.csv"):
        assert client.get(address).headers["Location"].startswith("/login/")


def test_a_case_shows_its_steps_versions_and_campaigns(cast: Cast) -> None:
    campaign = CampaignFactory().new(cast)
    found = campaign.pins.get().case
    page = browser(cast.outsider).get(found.get_absolute_url())
    for words in ("Open the Portal.", "Expect", "Version 1", campaign.key):
        assert words in text_of(page, "main")
    assert "Write another version" not in text_of(page, "main")
    assert "Write another version" in text_of(browser(cast.scientist).get(found.get_absolute_url()), "main")


def test_two_versions_are_compared(cast: Cast) -> None:
    found = case(cast, "RSP-1")
    at = f"/test-cases/{found.pk}/compare/"
    client = browser(cast.outsider)
    assert client.get(at).status_code == 404
    found = perform(found, "revise", actor=cast.scientist)
    steps = found.steps_text.replace("Expect: A table.", "Expect: A table and a plot.")
    found = edit(found, actor=cast.scientist, data={"steps_text": steps, "title": "Search by position"})
    perform(found, "define", actor=cast.scientist, data={"change_note": "Plots come with it."})
    page = client.get(at)
    assert "2 parts differ between version 1 and version 2" in text_of(page)
    assert text_of(page, "dl.differences del").startswith("name")
    assert "Plots come with it." in text_of(page)
    assert client.get(f"{at}?from=1&to=7").status_code == 404
    assert client.get(f"/test-cases/{found.pk}/versions/1/").status_code == 200
    assert client.get(f"/test-cases/{found.pk}/versions/3/").status_code == 404


def test_cases_are_added_to_a_campaign(cast: Cast) -> None:
    campaign = create(Campaign, actor=cast.coordinator, data={"title": "New"})
    first, second = case(cast, "RSP-1"), case(cast, "RSP-2", aspect="api")
    client = browser(cast.coordinator)
    assert campaign.key in text_of(client.get("/test-cases/"), "select#campaign")
    answer = client.post("/test-cases/add/", {"campaign": campaign.key, "case": [first.pk]}, follow=True)
    assert answer.redirect_chain[-1][0] == f"/campaigns/{campaign.key}/plan/"
    assert [pin.case for pin in campaign.pins.all()] == [first]
    client.post("/test-cases/add/", {"campaign": campaign.key, "all": "yes", "aspect": "api"})
    assert {pin.case for pin in campaign.pins.all()} == {first, second}
    assert client.post("/test-cases/add/", {"campaign": campaign.key}).status_code == 422
    assert browser(cast.outsider).post(
        "/test-cases/add/", {"campaign": campaign.key, "case": [first.pk]}
    ).status_code == 403  # fmt: skip
    assert "Add the ticked ones" not in text_of(browser(cast.outsider).get("/test-cases/"))


def test_a_file_is_brought_in_and_taken_out(cast: Cast) -> None:
    client = browser(cast.scientist)
    data = (
        "identifier,title,aspect,component,objective,steps\n"
        'RSP-1,Search,portal,portal,Somebody finds M87.,"1. Search.\n   Expect: A table."\n'
        "RSP-2,Search,portal,nowhere,Why,\n"
    )
    answer = client.post("/test-cases/import/", {"file": SimpleUploadedFile("cases.csv", data.encode())})
    assert answer.status_code == 207
    assert "There is no product called “nowhere”" in text_of(answer)
    assert text_of(answer, "dl.figures dd") == "1"
    taken = client.get("/test-cases/list.csv?aspect=portal")
    assert taken.headers["Content-Disposition"].startswith('attachment; filename="test-cases-')
    assert (
        taken.content.decode()
        .splitlines()[1]
        .startswith("RSP-1,Search,portal,medium,portal,Somebody finds M87.")
    )
    assert "- identifier: RSP-1" in client.get("/test-cases/list.yaml").content.decode()


def test_a_file_that_cannot_be_read_is_said_beside_the_field(cast: Cast) -> None:
    client = browser(cast.scientist)
    answer = client.post("/test-cases/import/", {"file": SimpleUploadedFile("cases.yaml", b"a: [")})
    assert answer.status_code == 422
    assert "This is not YAML" in text_of(answer, "main")
    assert client.post("/test-cases/import/").status_code == 422
    assert browser(cast.outsider).get("/test-cases/import/").status_code == 403
