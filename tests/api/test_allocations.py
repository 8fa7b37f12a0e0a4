"""Requests and reviews by the API: the same sentences as on the pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ops.allocations.models import Call, Request
from ops.workflow.services import create, perform
from tests.allocations.factories import RequestFactory, open_call, with_rights
from tests.cast import Cast

WRITE = RequestFactory()


@pytest.fixture
def call(cast: Cast) -> Call:
    """A call that takes requests."""
    with_rights(cast.reporter)
    return open_call()


def enter(person: Any) -> Client:
    """A program of somebody."""
    client = Client()
    client.force_login(person)
    return client


def test_a_request_is_written_sent_assessed_and_reviewed_by_programs(cast: Cast, call: Call) -> None:
    given = {
        "call": "urgent", "title": "Slow novae", "purpose": "urgent", "abstract": "Novae.", "methods": "Imaging.",
        "amounts": [{"resource": "compute", "quarter": 1, "asked": "800", "minimum": 10}],
        "justifications": {"compute": "A minute each."}, "co_investigators": ["outsider"],
    }  # fmt: skip
    made = enter(cast.reporter).post("/api/v1/requests/", given, content_type="application/json")
    assert made.status_code == 201, made.json()
    at = f"/api/v1/requests/{made.json()['key']}/"
    content = enter(cast.outsider).get(f"{at}content/").json()
    assert content["missing"] == []
    assert content["content"]["amounts"][0]["asked"] == ["800", "0"]
    assert [person["username"] for person in content["content"]["people"]] == ["reporter", "outsider"]
    for person, step, data in (
        (cast.reporter, "submit", {}),
        (cast.assessor, "assess", {"verdict": "feasible", "note_to_committee": "Fine."}),
        (cast.rac_chair, "send_to_review", {}),
    ):
        answer = enter(person).post(f"{at}transitions/{step}/", data, content_type="application/json")
        assert answer.status_code == 200, answer.json()
    assert enter(cast.reporter).get(f"{at}versions/").json()[0]["content"]["title"] == "Slow novae"
    seen = enter(cast.rac_member).get(f"/api/v1/calls/{call.pk}/requests/").json()
    assert [(row["title"], row["is_recused"], row["verdict"]) for row in seen] == [
        ("Slow novae", False, "feasible")
    ]
    assert enter(cast.reporter).get(f"/api/v1/calls/{call.pk}/requests/").status_code == 403

    data = {"request": made.json()["key"], "reviewer": "rac-member", "why": "Knows novae."}
    review = enter(cast.rac_chair).post("/api/v1/reviews/", data, content_type="application/json").json()
    of_review = f"/api/v1/reviews/{review['id']}/"
    member = enter(cast.rac_member)
    member.post(f"{of_review}transitions/accept/", {}, content_type="application/json")
    wrong = member.post(
        f"{of_review}transitions/submit/",
        {"scores": {"merit": 9, "nonsense": 1}, "confidence": "high"},
        content_type="application/json",
    )
    assert wrong.status_code == 422
    assert wrong.json()["fields"]["scores"] == [
        "There is no criterion “nonsense” in this call.",
        "Scientific merit: give a score from 1 to 5.",
        "Use of the means: give a score from 1 to 5.",
    ]
    scores = {"merit": 5, "means": 1}
    sent = member.post(
        f"{of_review}transitions/submit/",
        {"scores": scores, "confidence": "low"},
        content_type="application/json",
    )
    assert sent.json()["overall"] == 4.0
    assert member.get(f"{of_review}scores/").json() == scores


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("abstract", "y" * 10_000, "Ensure this value has at most 3000 characters (it has 10000)."),
        (
            "amounts",
            [{"resource": "compute", "quarter": 1, "asked": "500 GB"}],
            "Compute, quarter 1 is counted in core-hours; “500 GB” is in GB. Write a number of core-hours.",
        ),
        (
            "amounts",
            [{"resource": "compute", "quarter": 1, "asked": -5}],
            "Compute, quarter 1: an amount cannot be negative; write a number of core-hours.",
        ),
        (
            "amounts",
            [{"resource": "compute", "quarter": 1, "asked": 1001}],
            "Compute, quarter 1: 1,001 core-hours are more than the 1,000 that may be asked for.",
        ),
        (
            "amounts",
            [{"resource": "compute", "quarter": 1, "asked": 5, "minimum": 6}],
            "Compute, quarter 1: the least that is of use (6) is more than what is asked for (5).",
        ),
        (
            "amounts",
            [{"resource": "compute", "quarter": 1, "asked": number} for number in (5, 6)],
            "Compute, quarter 1: given twice; give each once.",
        ),
        (
            "amounts",
            [{"resource": "compute", "quarter": 3, "asked": 5}],
            "Compute: the quarter is a number from 1 to 2.",
        ),
        (
            "amounts",
            [{"resource": "gold", "quarter": 1}],
            "“gold” is not on offer in this call; these are: compute.",
        ),
        (
            "amounts",
            [{"resource": "compute", "much": 1}],
            "An amount has no “much”",
        ),
        ("amounts", [{"resource": "compute", "quarter": 1, "asked": True}], "“True” is not an amount"),
        (
            "amounts",
            [{"resource": "compute", "quarter": 1, "asked": "1e9999"}],
            "1e9999 is more than there can be.",
        ),
        ("amounts", ["compute"], "Give a list of objects."),
        ("amounts", {"compute": 5}, "Give a list of objects."),
        ("justifications", {"gold": "Because."}, "“gold” is not on offer in this call."),
        ("justifications", {"compute": 5}, "Compute: give text."),
        ("answers", {"colour": "red"}, "This call does not ask “colour”."),
        ("co_investigators", ["nobody-at-all"], "There is no person with the username “nobody-at-all”."),
        ("purpose", "whim", "Select a valid choice."),
        ("keywords", "a, b", "Give a list of texts."),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    cast: Cast, call: Call, field: str, value: Any, sentence: str
) -> None:
    request = WRITE.new(cast)
    answer = enter(cast.reporter).patch(
        f"/api/v1/requests/{request.key}/", {field: value}, content_type="application/json"
    )
    assert answer.status_code == 422, answer.json()
    assert sentence in " ".join(answer.json()["fields"][field])
    assert request.amounts.count() == 1


def test_a_file_that_is_no_pdf_is_refused_as_on_the_page(cast: Cast, call: Call) -> None:
    request = WRITE.new(cast)
    upload = SimpleUploadedFile("plan.pdf", b"PK a word file", content_type="application/pdf")
    answer = enter(cast.reporter).post(f"/api/v1/requests/{request.key}/attachments/", {"file": upload})
    assert answer.status_code == 422, answer.json()
    assert "ends in .pdf but is none" in str(answer.json()["fields"])
    assert not request.attachments.exists()


def test_a_request_that_is_not_eligible_says_every_rule(cast: Cast) -> None:
    periodic = open_call("2027a", is_standing=False)
    request = create(
        Request, actor=cast.outsider, data={"call": periodic.slug, "title": "x", "purpose": "urgent"}
    )
    Call.objects.filter(pk=periodic.pk).update(state="closed")
    answer = enter(cast.outsider).post(
        f"/api/v1/requests/{request.key}/transitions/submit/", {}, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "guard_unmet")
    for sentence in (
        "The call is not open",
        "Fill in what the check page lists as missing.",
        "Urgent requests go to a standing call",
        "Your data rights must hold",
        "Ask for more than the basic quota",
    ):
        assert sentence in answer.json()["detail"]


def test_assessments_are_not_told_to_who_asks(cast: Cast, call: Call) -> None:
    request = perform(WRITE.in_state("submitted", cast), "assess", actor=cast.assessor, data=WRITE.ASSESS[2])
    at = f"/api/v1/requests/{request.key}/"
    for address in (at, f"{at}events/", f"{at}content/", f"{at}versions/"):
        assert "Fits well." not in enter(cast.reporter).get(address).content.decode(), address
