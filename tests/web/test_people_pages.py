"""Teams as of any day, personal tokens, and the administration of people."""

from __future__ import annotations

import datetime

import pytest
from django.contrib import admin
from django.test import Client
from django.utils import timezone

from ops.people.authority import COMMUNITY_SCIENCE
from ops.people.models import ApiToken, Membership, Product, Role, Team, User
from ops.people.tokens import issue, presented
from ops.workflow import registry
from tests.cast import Cast
from tests.web.pages import browser, cost, text_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/teams/", f"/teams/{COMMUNITY_SCIENCE}/", "/profile/tokens/"])
def test_who_is_who_is_for_people_with_an_account(cast: Cast, address):
    assert Client().get(address).headers["Location"].startswith("/login/")
    assert browser(cast.outsider).get(address).status_code == 200


def test_teams_are_listed_with_their_size_today(cast: Cast):
    team = Team.objects.get(slug=COMMUNITY_SCIENCE)
    gone = {"starts_on": datetime.date(2020, 1, 1), "ends_on": datetime.date(2021, 1, 1)}
    Membership.objects.create(person=cast.outsider, team=team, role=Role.MEMBER, **gone)
    Membership.objects.create(
        person=cast.lead, team=team, role=Role.MEMBER, starts_on=datetime.date(2020, 1, 1)
    )
    text = text_of(browser(cast.outsider).get("/teams/"), "#main")
    assert "Community Science Team Yes 3" in text


def test_a_roster_is_as_of_the_day_that_is_asked_for(cast: Cast):
    team = Team.objects.get(slug=COMMUNITY_SCIENCE)
    first, last = datetime.date(2021, 3, 1), datetime.date(2021, 9, 30)
    Membership.objects.create(person=cast.owner, team=team, role=Role.DEPUTY, starts_on=first, ends_on=last)
    client = browser(cast.outsider)

    def deputies(day: str) -> bool:
        page = client.get(f"/teams/{COMMUNITY_SCIENCE}/?on={day}")
        return "Deputy lead" in text_of(page, "#main table")

    assert [deputies(day) for day in ("2021-02-28", "2021-03-01", "2021-09-30", "2021-10-01")] == [
        False,
        True,
        True,
        False,
    ]
    assert "Owner" not in text_of(client.get(f"/teams/{COMMUNITY_SCIENCE}/"), "#main table")
    assert "Owner" in text_of(client.get(f"/teams/{COMMUNITY_SCIENCE}/"), "details.section table")


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "10000-01-01", "1900-01-01", "-1"])
def test_a_day_that_is_none_is_refused(cast: Cast, day):
    answer = browser(cast.outsider).get(f"/teams/{COMMUNITY_SCIENCE}/", {"on": day})
    assert answer.status_code == 400
    assert "2026-03-01" in text_of(answer, "#main")


def test_a_day_without_anybody_says_so(cast: Cast):
    page = browser(cast.outsider).get(f"/teams/{COMMUNITY_SCIENCE}/?on=1995-01-01")
    assert "Nobody on this day" in text_of(page)
    assert browser(cast.outsider).get("/teams/nobody/").status_code == 404


def test_a_roster_costs_the_same_for_one_and_for_three(cast: Cast):
    team = Team.objects.create(slug="new", name="New")
    people = [cast.owner, cast.staff, cast.lead]

    def join(person: User) -> None:
        Membership.objects.create(person=person, team=team, starts_on=datetime.date(2020, 1, 1))

    join(people[0])
    one = cost(cast.outsider, "/teams/new/")
    join(people[1]), join(people[2])
    assert cost(cast.outsider, "/teams/new/") == one


def test_a_token_is_shown_once_and_opens_the_door(mara):
    client = browser(mara)
    answer = client.post("/profile/tokens/", {"name": "nightly export", "days": "30"})
    secret = text_of(answer, "#secret")
    assert secret.startswith("desk_")
    assert "no-store" in answer.headers["Cache-Control"]
    token = presented(secret)
    assert token is not None
    assert token.person == mara
    assert 29 <= (token.expires_at - timezone.now()).days <= 30
    later = client.get("/profile/tokens/").content.decode()
    assert secret not in later
    assert token.prefix in later


def test_a_token_may_have_no_end(mara):
    browser(mara).post("/profile/tokens/", {"name": "for ever", "days": "0"})
    assert ApiToken.objects.get().expires_at is None


@pytest.mark.parametrize(
    "typed", [{"name": "", "days": "30"}, {"name": "x" * 101, "days": "30"}, {"name": "a", "days": "7"}, {}]
)
def test_a_token_without_sense_is_refused(mara, typed):
    answer = browser(mara).post("/profile/tokens/", typed)
    assert answer.status_code == 422
    assert text_of(answer, ".error-summary")
    assert not ApiToken.objects.exists()


def test_a_token_is_revoked_by_its_owner_alone(mara, teo):
    made = issue(mara, actor=mara, name="Backup of Mara").token
    assert browser(teo).post(f"/profile/tokens/{made.pk}/revoke/").status_code == 404
    assert "Backup of Mara" not in text_of(browser(teo).get("/profile/tokens/"), "#main")
    assert browser(mara).post(f"/profile/tokens/{made.pk}/revoke/").status_code == 302
    assert ApiToken.objects.get().revoked_at is not None
    assert browser(mara).post(f"/profile/tokens/{made.pk}/revoke/").status_code == 404


@pytest.fixture
def operator(db: None) -> User:
    return User.objects.create_superuser("operator", email="operator@example.org")


@pytest.mark.parametrize("model", [User, Team, Membership, Product, ApiToken])
def test_people_are_looked_after_in_the_administration(cast: Cast, operator, model):
    at = f"/admin/people/{model._meta.model_name}/"
    issue(cast.reporter, actor=cast.reporter, name="export")
    client = browser(operator)
    assert client.get(at).status_code == 200
    assert client.get(f"{at}{model.objects.first().pk}/change/").status_code == 200
    assert client.get(f"{at}?q=a").status_code == 200
    assert browser(cast.lead).get(at).status_code in {302, 403}


def test_what_has_a_workflow_is_never_written_in_the_administration():
    assert not {model for model in registry.models() if admin.site.is_registered(model)}


def test_nobody_is_deleted_and_the_automation_is_left_alone(cast: Cast, operator):
    client = browser(operator)
    assert client.post(f"/admin/people/user/{cast.reporter.pk}/delete/").status_code == 403
    answer = client.post(f"/admin/people/user/{cast.system.pk}/change/", {"display_name": "Hal"})
    assert answer.status_code == 403


def test_overlapping_terms_are_refused_in_a_sentence(cast: Cast, operator):
    team = Team.objects.get(slug=COMMUNITY_SCIENCE)
    typed = {
        "person": cast.lead.pk,
        "team": team.pk,
        "role": "lead",
        "starts_on": "2026-01-01",
        "ends_on": "",
    }
    answer = browser(operator).post("/admin/people/membership/add/", typed)
    assert answer.status_code == 200
    assert "already holds this role" in answer.content.decode()


def test_tokens_are_revoked_in_the_administration(cast: Cast, operator):
    made = issue(cast.reporter, actor=cast.reporter, name="export").token
    action = {"action": "revoke_tokens", "_selected_action": [made.pk]}
    browser(operator).post("/admin/people/apitoken/", action)
    assert ApiToken.objects.get(pk=made.pk).revoked_at is not None


def test_the_page_of_a_committees_team_leads_to_its_seats_meetings_and_charge(cast: Cast) -> None:
    page = browser(cast.outsider).get("/teams/users-committee/?on=2025-03-01").content.decode()
    for address in ("/committees/users-committee/?on=2025-03-01", "/meetings/", "/charge/"):
        assert f'{address}"' in page
    assert (
        "Seats and rules" not in browser(cast.outsider).get(f"/teams/{COMMUNITY_SCIENCE}/").content.decode()
    )
