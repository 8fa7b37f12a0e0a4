"""Committees, agendas, minutes and hours by the API: the same rules as on the pages."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from ops.committees.models import Committee, HoursEntry, Meeting
from ops.committees.sittings import add_point, write_minutes
from ops.people.models import Membership
from ops.workflow.services import perform
from tests.api.conftest import Caller
from tests.cast import Cast

pytestmark = pytest.mark.django_db
UC = "committees/users-committee/"


def yesterday() -> str:
    return (timezone.now().date() - datetime.timedelta(days=1)).isoformat()


def test_everybody_reads_who_sits_where(cast: Cast, users_committee: Committee) -> None:
    anybody = Caller(cast.anonymous)
    (told,) = [
        row for row in anybody.get("committees/").json()["results"] if row["slug"] == "users-committee"
    ]
    assert (told["places"], told["hours_per_semester"]) == (12, 20)
    now = anybody.get(f"{UC}roster/").json()
    assert now["results"][0] | {"since": "", "days": 0} == {
        "person": "uc-chair", "name": "Uc Chair", "offices": ["chair"], "since": "", "until": None, "days": 0,
        "seat": None,
    }  # fmt: skip
    assert anybody.get(f"{UC}roster/", data={"on": "1995-01-01"}).json()["results"] == []
    for wrong in ({"on": "yesterday"}, {"day": "1995-01-01"}):
        assert anybody.get(f"{UC}roster/", data=wrong).status_code == 400
    assert anybody.get("committees/nobody/roster/").status_code == 404


def test_an_agenda_is_written_by_members(planned: Meeting, cast: Cast) -> None:
    member, at = Caller(cast.uc_member), f"meetings/{planned.pk}/agenda/"
    first, second = (
        member.post(at, {"title": title, "part": "open"}).json()["id"] for title in ("Welcome", "Errors")
    )
    moved = member.post(f"{at}{second}/move/", {"to": 1}).json()
    assert (moved["title"], moved["number"]) == ("Errors", 1)
    changed = member.patch(f"{at}{first}/", {"minutes_long": 5, "presenter": "uc-chair"}).json()
    assert (changed["title"], changed["minutes_long"], changed["presenter"]) == ("Welcome", 5, "uc-chair")
    assert [point["id"] for point in member.get(at).json()["results"]] == [second, first]
    assert set(member.post(at, {"title": "", "part": "none"}).json()["fields"]) == {"title", "part"}
    assert Caller(cast.outsider).post(at, {"title": "Mine", "part": "open"}).status_code == 403
    assert member.delete(f"{at}{first}/").status_code == 204
    assert member.delete(f"{at}{first}/").status_code == 404


def test_two_write_the_minutes_and_nobodys_text_is_lost(held: Meeting, cast: Cast) -> None:
    chair, lead, at = Caller(cast.uc_chair), Caller(cast.lead), f"meetings/{held.pk}/minutes/open/"
    assert chair.get(at).status_code == 404
    assert chair.post(at, {"text": "One\n\nTwo", "based_on": 0}).json()["version"] == 1
    assert chair.post(at, {"text": "One, by the chair\n\nTwo", "based_on": 1}).status_code == 201
    both = lead.post(at, {"text": "One\n\nTwo, by the lead", "based_on": 1}).json()
    assert (both["text"], both["has_conflict"]) == ("One, by the chair\n\nTwo, by the lead", False)
    same = chair.post(at, {"text": "Another one\n\nTwo", "based_on": 1}).json()
    assert same["has_conflict"]
    assert "Another one" in same["text"]
    assert "One, by the chair" in same["text"]
    assert chair.get(at, data={"version": 1}).json()["text"] == "One\n\nTwo"
    assert Caller(cast.uc_member).post(at, {"text": "Mine", "based_on": 0}).status_code == 403
    assert Caller(cast.outsider).get(at).status_code == 404
    assert set(chair.post(at, {"text": "x", "based_on": 9}).json()["fields"]) == {"based_on"}


def test_the_executive_part_stays_with_those_who_sit_there(held: Meeting, cast: Cast) -> None:
    add_point(held, actor=cast.uc_chair, data={"title": "Quietly", "part": "executive"})
    for part in ("open", "executive"):
        write_minutes(held, part, actor=cast.uc_chair, data={"text": f"The {part} part", "based_on": 0})
    perform(held, "publish_minutes", actor=cast.uc_chair)
    at = f"meetings/{held.pk}/"
    for person in (cast.lead, cast.director, cast.staff, cast.outsider, cast.anonymous):
        caller = Caller(person)
        assert caller.get(f"{at}agenda/").json()["results"] == []
        assert caller.get(f"{at}minutes/open/").json()["text"] == "The open part"
        assert caller.get(f"{at}minutes/executive/").status_code == 404
        assert caller.get(f"{at}minutes/secret/").status_code == 404
    for person in (cast.lead, cast.director):
        wanted = Caller(person).post(f"{at}minutes/executive/", {"text": "Mine", "based_on": 1})
        assert wanted.status_code == 404
        added = Caller(person).post(f"{at}agenda/", {"title": "Mine", "part": "executive"})
        assert added.status_code in {403, 409}
    member = Caller(cast.uc_member)
    assert member.get(f"{at}minutes/executive/").json()["text"] == "The executive part"
    assert [point["title"] for point in member.get(f"{at}agenda/").json()["results"]] == ["Quietly"]


def test_who_came_is_noted_and_credited(held: Meeting, cast: Cast) -> None:
    chair, at = Caller(cast.uc_chair), f"meetings/{held.pk}/attendance/"
    assert chair.post(at, {"uc-member": "remote"}).json() == {"uc-member": "remote"}
    assert set(chair.post(at, {"outsider": "present"}).json()["fields"]) == {"outsider"}
    assert set(chair.post(at, {"uc-member": "late"}).json()["fields"]) == {"uc-member"}
    assert Caller(cast.uc_member).post(at, {"uc-member": "present"}).status_code == 403
    assert Caller(cast.outsider).get(at).json() == {"uc-member": "remote"}
    assert HoursEntry.objects.get().minutes == held.minutes_long


def test_hours_are_logged_and_withdrawn_by_their_owner(cast: Cast, users_committee: Committee) -> None:
    member, at = Caller(cast.uc_member), f"{UC}hours/"
    noted = member.post(at, {"work": "report", "day": yesterday(), "hours": 1.5, "note": "Draft"})
    assert (noted.status_code, noted.json()["hours"]) == (201, 1.5)
    sheet = member.get(at, data={"semester": "1995A"}).json()
    assert (sheet["sheets"], sheet["results"]) == ([], [])
    semester = f"{yesterday()[:4]}{'A' if yesterday()[5:7] <= '06' else 'B'}"
    (own,) = member.get(at, data={"semester": semester}).json()["sheets"]
    assert (own["person"], own["report"], own["meant"]) == ("uc-member", 1.5, 20)
    everybody = Caller(cast.uc_chair).get(at, data={"semester": semester}).json()["sheets"]
    assert {"uc-chair", "uc-member"} <= {each["person"] for each in everybody}
    assert set(member.post(at, {"work": "rest", "day": "soon", "hours": 99}).json()["fields"]) == {
        "work", "day", "hours",
    }  # fmt: skip
    assert Caller(cast.outsider).get(at).status_code == 403
    assert Caller(cast.anonymous).get(at).status_code in {401, 403}
    assert Caller(cast.uc_chair).delete(f"{at}{noted.json()['id']}/").status_code == 404
    assert member.delete(f"{at}{noted.json()['id']}/").status_code == 204
    Membership.objects.filter(person=cast.uc_member).update(
        ends_on=timezone.now().date() - datetime.timedelta(5)
    )
    assert member.post(at, {"work": "report", "day": yesterday(), "hours": 1}).status_code == 403
