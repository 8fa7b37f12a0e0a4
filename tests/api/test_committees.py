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


def test_items_are_changed_arranged_and_removed_while_drafting(cast: Cast) -> None:
    report = ReportFactory().new(cast)
    chair, member, at = Caller(cast.uc_chair), Caller(cast.uc_member), f"reports/{report.key}/items/"
    first = chair.get(at).json()["results"][0]
    below = chair.post(at, {"text": "Below it", "parent": first["id"]}).json()
    assert below["number"] == "1.1"
    one = f"{at}{below['id']}/"
    changed = chair.patch(one, {"title": "Named", "version": below["version"]})
    assert (changed.json()["title"], changed.json()["text"]) == ("Named", "Below it")
    assert chair.patch(one, {"title": "Late", "version": below["version"]}).status_code == 409
    assert set(chair.patch(one, {"text": ""}).json()["fields"]) == {"text"}
    assert (member.patch(one, {"title": "Mine"}).status_code, member.get(one).status_code) == (403, 200)
    assert Caller(cast.director).get(one).status_code == 404
    order = [{"id": below["id"], "depth": 0}, {"id": first["id"], "depth": 0}]
    arranged = chair.post(f"reports/{report.key}/outline/", {"items": order})
    assert [item["number"] for item in arranged.json()["results"]] == ["1", "2"]
    for wrong, status in (([{"id": "x"}], 422), (order[:1], 409), ("x", 422)):
        assert chair.post(f"reports/{report.key}/outline/", {"items": wrong}).status_code == status
    other = ReportFactory().new(cast, semester="2026B").outline()[0]
    assert chair.patch(f"{at}{other.pk}/", {"title": "Elsewhere"}).status_code == 404
    assert chair.post(at, {"text": "Below another", "parent": other.pk}).status_code == 404
    assert (chair.delete(one).status_code, chair.get(one).status_code) == (204, 404)


def test_a_delivered_item_is_closed_and_never_removed(cast: Cast) -> None:
    item = ReportFactory().in_state("delivered", cast).outline()[0]
    at = f"reports/{item.report.key}/items/{item.pk}/"
    for answer in (Caller(cast.uc_chair).delete(at), Caller(cast.uc_chair).patch(at, {"text": "Other"})):
        assert answer.status_code == 409
        assert "closed as withdrawn" in answer.json()["detail"]


def test_members_talk_about_an_item(cast: Cast) -> None:
    item = ReportFactory().new(cast).outline()[0]
    member, at = Caller(cast.uc_member), f"reports/{item.report.key}/comments/"
    about = member.get(f"reports/{item.report.key}/items/{item.pk}/").json()["about"]
    assert member.post(at, {"body": "Which tools?", "about": about}).json()["about"] == about
    assert member.post(at, {"body": "On the whole."}).json()["about"] == ""
    (said,) = member.get(at, data={"about": about}).json()["results"]
    assert said["body"] == "Which tools?"
    for wrong in ("item-0", "item-x", "elsewhere"):
        assert set(member.post(at, {"body": "?", "about": wrong}).json()["fields"]) == {"about"}
    assert Caller(cast.lead).get(at, data={"about": about}).status_code == 404


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


def test_whoever_gave_feedback_is_named_when_they_agree(cast: Cast) -> None:
    giver, chair = Caller(cast.reporter), Caller(cast.uc_chair)
    given = giver.post("feedback/give/", {"text": "Slow.", "is_confidential": True}).json()["id"]
    at = f"feedback/{given}/"
    assert chair.post(f"{at}name/", {"agree": True}).status_code == 404
    assert giver.patch(at, {"is_confidential": False}).status_code == 403
    assert giver.post(f"{at}name/", {"agree": True}).json() == {"agree": True}
    assert Feedback.objects.get(pk=given).giver == cast.reporter
    giver.post(f"{at}name/", {"agree": False})
    assert Feedback.objects.get(pk=given).giver is None
    item = ReportFactory().in_state("published", cast).outline()[0]
    assert giver.post(f"{at}items/", {"item": item.pk}).status_code == 403
    assert chair.post(f"{at}items/", {"item": item.pk}).status_code == 201
    assert [chair.delete(f"{at}items/{item.pk}/").status_code for _ in "12"] == [204, 404]
    assert Caller(cast.outsider).post(f"{at}withdraw/").status_code == 404
    assert giver.post(f"{at}withdraw/").status_code == 204
    assert chair.get(at).status_code == 404
    assert giver.post(f"{at}name/", {"agree": True}).status_code == 409
