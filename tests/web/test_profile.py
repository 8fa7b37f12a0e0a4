"""What a person says about themselves, and in which zone and colours they then read."""

from __future__ import annotations

import datetime

import pytest

from ops.people.models import Membership, Role, Team, User

pytestmark = pytest.mark.django_db

FILLED = {"display_name": "Mara O.", "institution": "Rubato", "time_zone": "Asia/Tokyo", "theme": "dark"}


@pytest.fixture
def reader(client, mara):
    client.force_login(mara)
    return client


def test_a_profile_is_changed(reader, mara):
    assert reader.post("/profile/", FILLED).status_code == 302
    mara.refresh_from_db()
    assert {name: getattr(mara, name) for name in FILLED} == FILLED
    assert "Your profile is saved." in reader.get("/profile/").content.decode()


def test_only_what_the_form_shows_is_changed(reader, mara):
    reader.post(
        "/profile/", {**FILLED, "data_rights_until": "2099-01-01", "is_superuser": "on", "username": "root"}
    )
    mara.refresh_from_db()
    assert (mara.data_rights_until, mara.is_superuser, mara.username) == (None, False, "mara")


def test_a_column_changed_meanwhile_is_left_alone(reader, mara, monkeypatch):
    until = datetime.date(2030, 1, 1)
    found = User.objects.get(pk=mara.pk)
    User.objects.filter(pk=mara.pk).update(data_rights_until=until)
    monkeypatch.setattr(User.objects, "get", lambda **_: found)  # read before the change, written after it
    reader.post("/profile/", FILLED)
    mara.refresh_from_db()
    assert (mara.data_rights_until, mara.display_name) == (until, "Mara O.")


@pytest.mark.parametrize(
    "wrong", [{"time_zone": "Mars/Olympus"}, {"theme": "pink"}, {"display_name": "x" * 151}]
)
def test_what_does_not_fit_is_said_and_nothing_is_saved(reader, mara, wrong):
    page = reader.post("/profile/", {**FILLED, **wrong})
    assert page.status_code == 422
    (field,) = wrong
    assert f'href="#id_{field}' in page.content.decode()
    mara.refresh_from_db()
    assert mara.display_name == "Mara Okonkwo"


def test_a_form_that_fails_does_not_change_the_frame_around_it(reader):
    page = reader.post("/profile/", {**FILLED, "time_zone": "Mars/Olympus"}).content.decode()
    assert '<html lang="en" data-theme="system">' in page
    assert "Mara Okonkwo: your account" in page


def test_a_zone_that_is_no_longer_offered_can_be_kept(reader, mara):
    User.objects.filter(pk=mara.pk).update(time_zone="Etc/GMT+5")
    assert reader.post("/profile/", {**FILLED, "time_zone": "Etc/GMT+5"}).status_code == 302


def test_times_are_shown_in_the_zone_of_the_reader(reader, mara):
    User.objects.filter(pk=mara.pk).update(time_zone="Asia/Tokyo")
    assert "JST" in reader.get("/styleguide/").content.decode()


def test_a_zone_that_this_machine_does_not_know_reads_as_utc(reader, mara):
    User.objects.filter(pk=mara.pk).update(time_zone="Mars/Olympus")
    assert "UTC" in reader.get("/styleguide/").content.decode()


@pytest.fixture(autouse=True)
def demonstration(settings):
    settings.DEMO = True  # the style guide is a page with many times on it


def test_the_theme_is_changed_where_one_is(reader, mara):
    answer = reader.post(
        "/profile/theme/", {"theme": "dark"}, headers={"referer": "http://testserver/help/?a=b"}
    )
    assert answer.url == "http://testserver/help/?a=b"
    assert 'data-theme="dark" data-bs-theme="dark"' in reader.get("/help/").content.decode()


def test_changing_the_theme_never_leads_elsewhere(reader):
    answer = reader.post("/profile/theme/", {"theme": "dark"}, headers={"referer": "https://evil.example/"})
    assert answer.url == "/profile/"


def test_roles_are_listed_with_their_end_and_past_ones_are_not(reader, mara):
    today = datetime.datetime.now(tz=datetime.UTC).date()
    for name, ends in [
        ("Users Committee", today + datetime.timedelta(days=90)),
        ("Old guard", today - datetime.timedelta(days=9)),
    ]:
        team = Team.objects.create(slug=name.lower().replace(" ", "-") + "-x", name=name)
        Membership.objects.create(
            person=mara,
            team=team,
            role=Role.CHAIR,
            starts_on=today - datetime.timedelta(days=400),
            ends_on=ends,
        )
    page = reader.get("/profile/").content.decode()
    assert "Users Committee" in page
    assert "Old guard" not in page


@pytest.mark.parametrize("path", ["/profile/"])
def test_strangers_sign_in_first_and_come_back(client, path):
    assert client.get(path).url == "/login/?next=%2Fprofile%2F"


@pytest.mark.parametrize("path", ["/profile/", "/help/", "/styleguide/"])
def test_pages_ask_the_database_the_same_few_questions(reader, path, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        reader.get(path)
