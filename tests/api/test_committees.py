"""Reports, votes, the tracker and feedback by the API."""

from __future__ import annotations

import pytest

from ops.committees.models import Feedback, Vote
from tests.api.conftest import Caller
from tests.cast import Cast
from tests.committees.reports import ReportFactory, ResponseFactory

pytestmark = pytest.mark.django_db


def test_items_are_added_and_listed_by_those_who_write(cast: Cast) -> None:
    report = ReportFactory().new(cast)
    chair, at = Caller(cast.uc_chair), f"reports/{report.key}/items/"
    made = chair.post(at, {"text": "One more", "kind": "finding"})
    assert made.status_code == 201, made.json()
    assert (made.json()["number"], made.json()["response_state"]) == ("2", None)
    assert [item["number"] for item in chair.get(at).json()["results"]] == ["1", "2"]
    wrong = chair.post(at, {"text": "", "kind": "nothing"})
    assert (wrong.status_code, set(wrong.json()["fields"])) == (422, {"text", "kind"})
    assert Caller(cast.uc_member).post(at, {"text": "Mine"}).status_code == 403
    assert Caller(cast.director).get(at).status_code == 404


def test_votes_are_cast_by_members(cast: Cast) -> None:
    report = ReportFactory().new(cast)
    at = f"reports/{report.key}/votes/"
    assert Caller(cast.uc_member).post(at, {"choice": "yes"}).json() == {"choice": "yes"}
    assert Caller(cast.uc_member).post(at, {"choice": "perhaps"}).status_code == 422
    assert Caller(cast.outsider).post(at, {"choice": "yes"}).status_code == 404
    assert Vote.objects.get().member == cast.uc_member


def test_tracker_is_filtered_as_on_the_page(cast: Cast) -> None:
    item = ResponseFactory().item(cast)
    anybody = Caller(cast.anonymous)
    (told,) = anybody.get("recommendations/", data={"response": "awaiting"}).json()["results"]
    assert (told["id"], told["response_state"], told["work_state"]) == (item.pk, "awaiting", "not_started")
    assert anybody.get("recommendations/", data={"work": "verified"}).json()["results"] == []
    for wrong in ({"work": "nothing"}, {"sort": "due"}, {"cursor": "x"}):
        assert anybody.get("recommendations/", data=wrong).status_code == 400


def test_feedback_is_given_and_names_nobody(cast: Cast) -> None:
    made = Caller(cast.reporter).post("feedback/give/", {"text": "Slow.", "is_confidential": True})
    assert made.status_code == 201
    given = Feedback.objects.get(pk=made.json()["id"])
    assert given.giver is None
    read = Caller(cast.uc_chair).get(f"feedback/{given.pk}/")
    assert read.json()["text"] == "Slow."
    assert "reporter" not in str(read.json()).replace("Reported", "")
    assert Caller(cast.anonymous).post("feedback/give/", {"text": "Slow."}).status_code == 401
    assert Caller(cast.reporter).post("feedback/", {"text": "By the other door."}).status_code == 403
