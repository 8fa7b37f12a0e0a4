"""The pages of a committee: who sits there, its charge, nominations, the slate, hours."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client

from ops.committees.charges import write_charge
from ops.committees.models import Committee, HoursEntry, Seat, Waiver
from ops.people.models import Membership, User
from ops.workflow.services import create, perform
from tests.cast import LONG_AGO, Cast
from tests.committees.seats import in_days, today
from tests.web.pages import MOST_QUERIES, browser, cost, text_of

UC = "/committees/users-committee/"


@pytest.fixture
def on_slate(cast: Cast, users_committee: Committee) -> Seat:
    """Somebody who waits for the Director's approval."""
    seat = create(Seat, actor=cast.lead, data={"committee": users_committee.slug, "person": "reporter"})
    seat = perform(seat, "vet", actor=cast.lead, data={"country": "Chile"})
    return perform(seat, "put_on_slate", actor=cast.lead, data={"begins_on": in_days(20)})


def test_everybody_may_read_who_sits_there_and_what_for(cast: Cast, users_committee: Committee) -> None:
    write_charge(users_committee, actor=cast.lead, data={"text": "Advise the Director."})
    for client in (Client(), browser(cast.outsider)):
        page = client.get(UC)
        assert page.status_code == 200
        words = text_of(page, "#main")
        assert "Uc Chair" in words
        assert "Advise the Director." in words
        assert "At least 1 from Chile" in words
        assert client.get("/committees/").status_code == 200
        assert client.get(f"{UC}charge/1/").status_code == 200
        assert client.get(f"{UC}charge/9/").status_code == 404
    assert Client().get("/committees/nobody/").status_code == 404


def test_the_roster_of_any_day(cast: Cast) -> None:
    Membership.objects.filter(person=cast.uc_member).update(ends_on="2021-12-31")
    client = browser(cast.outsider)
    assert "Uc Member" not in text_of(client.get(UC), "#main")
    assert "Uc Member" in text_of(client.get(f"{UC}?on=2021-12-31"), "#main")
    assert "Nobody sat there" in text_of(client.get(f"{UC}?on=1999-01-01"), "#main")
    assert client.get(f"{UC}?on=someday").status_code == 400


def test_the_page_says_that_no_meeting_is_planned(cast: Cast) -> None:
    assert "No meeting is planned." in text_of(browser(cast.outsider).get(UC), "#main")


@pytest.mark.parametrize(
    ("name", "tabs"),
    [
        ("outsider", {"Committee", "Meetings", "Charge"}),
        ("uc_member", {"Committee", "Meetings", "Hours", "Charge"}),
        ("lead", {"Committee", "Meetings", "Hours", "Nominations", "Slate", "Charge"}),
        ("director", {"Committee", "Meetings", "Nominations", "Slate", "Charge"}),
    ],
)
def test_everybody_is_offered_the_pages_that_are_theirs(cast: Cast, name: str, tabs: set[str]) -> None:
    client = browser(getattr(cast, name))
    page = client.get(UC)
    shown = set(text_of(page, ".tabs").split())
    assert tabs <= shown
    assert not {"Hours", "Nominations", "Slate"} & (shown - tabs)
    for path, tab in (("hours", "Hours"), ("nominations", "Nominations"), ("slate", "Slate")):
        assert client.get(f"{UC}{path}/").status_code == (200 if tab in tabs else 403)


def test_a_charge_is_written_and_not_over_somebody_elses(cast: Cast, users_committee: Committee) -> None:
    client = browser(cast.director)
    assert client.get(f"{UC}charge/write/").status_code == 200
    sent = client.post(f"{UC}charge/write/", {"text": "Advise.", "change": "", "version": "0"})
    assert sent.headers["Location"] == f"{UC}charge/"
    late = client.post(f"{UC}charge/write/", {"text": "Rule.", "change": "", "version": "0"})
    assert late.status_code == 409
    assert "Rule." in late.content.decode()
    refused = browser(cast.uc_chair).post(
        f"{UC}charge/write/", {"text": "Rule.", "change": "", "version": "1"}
    )
    assert refused.status_code == 403
    assert users_committee.charges.count() == 1


def test_a_nomination_is_made_from_the_page(cast: Cast, users_committee: Committee) -> None:
    client = browser(cast.outsider)
    form = client.get(f"/new/seat/?committee={users_committee.slug}")
    assert '<option value="users-committee" selected>' in form.content.decode()
    sent = client.post(
        "/new/seat/", {"committee": users_committee.slug, "person": "reporter", "statement": "Good."}
    )
    seat = Seat.objects.get()
    assert sent.headers["Location"] == seat.get_absolute_url()
    assert client.get(seat.get_absolute_url()).status_code == 200
    assert browser(cast.staff).get(seat.get_absolute_url()).status_code == 404
    assert "Reporter" in text_of(browser(cast.lead).get(f"{UC}nominations/"), "#main")


def test_a_slate_is_waived_and_approved(cast: Cast, advisor: User, on_slate: Seat) -> None:
    begins = on_slate.begins_on.isoformat()
    page = browser(advisor).get(f"{UC}slate/")
    words = text_of(page, "#main")
    assert "The slate has 2 people, 10 fewer than the 12 seats." in words
    assert "2 rules broken" in words
    assert "Approve the slate" not in text_of(browser(cast.director).get(f"{UC}slate/"), "#main")
    blocked = browser(cast.director).post(f"{UC}slate/{begins}/approve/")
    assert blocked.status_code == 409
    broken = ("number_of_seats", "minimum_from_small_institutions")
    for rule in on_slate.committee.rules.filter(check_name__in=broken):
        address = f"{UC}slate/{begins}/waive/{rule.pk}/"
        assert browser(advisor).get(address).status_code == 200
        assert browser(advisor).post(address, {"reason": ""}).status_code == 422
        assert browser(cast.lead).post(address, {"reason": "Me."}).status_code == 403
        browser(advisor).post(address, {"reason": "The first of two slates."})
    assert Waiver.objects.count() == 2
    assert "Approve the slate" in text_of(browser(cast.director).get(f"{UC}slate/"), "#main")
    browser(cast.director).post(f"{UC}slate/{begins}/approve/")
    assert Seat.objects.get().state == "approved"
    assert "waived by" in text_of(browser(cast.lead).get(f"{UC}slate/?begins={begins}"), "#main").lower()


@pytest.mark.parametrize("address", ["?begins=soon", "?begins=1800-01-01"])
def test_a_slate_of_no_day_is_a_bad_question(cast: Cast, address: str) -> None:
    assert browser(cast.director).get(f"{UC}slate/{address}").status_code == 400


def test_hours_are_noted_and_taken_back(cast: Cast) -> None:
    client = browser(cast.uc_member)
    assert client.get(f"{UC}hours/log/").status_code == 200
    wrong = client.post(f"{UC}hours/log/", {"work": "report", "day": today().isoformat(), "hours": "99"})
    assert wrong.status_code == 422
    right = {"work": "report", "day": today().isoformat(), "hours": "4.5", "note": "Chapter 2"}
    client.post(f"{UC}hours/log/", right)
    entry = HoursEntry.objects.get()
    words = text_of(client.get(f"{UC}hours/"), "#main")
    assert "Chapter 2" in words
    assert "4.5" in words
    assert "Uc Chair" not in words
    assert "Uc Member" in text_of(browser(cast.uc_chair).get(f"{UC}hours/"), "#main")
    assert browser(cast.uc_chair).post(f"{UC}hours/{entry.pk}/withdraw/").status_code == 404
    client.post(f"{UC}hours/{entry.pk}/withdraw/")
    assert "Chapter 2" not in text_of(client.get(f"{UC}hours/"), "#main")
    assert client.get(f"{UC}hours/?semester=1995A").status_code == 200
    assert client.get(f"{UC}hours/?semester=never").status_code == 400


def seat_people(committee: Committee, count: int) -> None:
    for number in range(count):
        person = User.objects.create(username=f"more-{count}-{number}", display_name=f"More {count} {number}")
        Membership.objects.create(person=person, team=committee, starts_on=LONG_AGO)
        HoursEntry.objects.create(
            committee=committee, person=person, work="report", day=today(), minutes=60, entered_by=person
        )


@pytest.mark.parametrize("path", ["", "hours/", "slate/", "nominations/", "dates/", "meetings/", "charge/"])
def test_pages_cost_the_same_for_few_and_for_many(
    cast: Cast, users_committee: Committee, on_slate: Seat, path: str
) -> None:
    few = cost(cast.lead, f"{UC}{path}")
    seat_people(users_committee, 3)
    assert cost(cast.lead, f"{UC}{path}") == few <= MOST_QUERIES


def test_the_list_costs_the_same_for_few_and_for_many(cast: Cast) -> None:
    few = cost(cast.lead, "/committees/")
    for number in range(3):
        Committee.objects.create(slug=f"more-{number}", name=f"More {number}")
    assert cost(cast.lead, "/committees/") == few


def test_the_side_bar_leads_to_where_one_sits(cast: Cast) -> None:
    assert "Users Committee" in text_of(browser(cast.uc_member).get("/help/"), ".sidebar")
    assert "Users Committee" not in text_of(browser(cast.outsider).get("/help/"), ".sidebar")
    Membership.objects.filter(person=cast.uc_member).update(ends_on=today() - datetime.timedelta(days=1))
    assert "Users Committee" not in text_of(browser(cast.uc_member).get("/help/"), ".sidebar")


def test_what_led_to_a_term_is_not_told_to_all_staff(cast: Cast, on_slate: Seat) -> None:
    on_slate.committee.rules.all().delete()
    back = perform(on_slate, "take_off_slate", actor=cast.director, reason="A rumour about them.")
    seat = perform(back, "put_on_slate", actor=cast.lead, data={"begins_on": in_days(-2)})
    for step, actor in (("approve", cast.director), ("accept", cast.reporter), ("begin_term", cast.lead)):
        seat = perform(seat, step, actor=actor)
    assert "A rumour" in browser(cast.lead).get(seat.get_absolute_url()).content.decode()
    for name in ("staff", "scientist", "uc_member"):
        for address in (seat.get_absolute_url(), f"/api/v1/committee-seats/{seat.pk}/events/"):
            page = browser(getattr(cast, name)).get(address)
            assert page.status_code == 200
            assert "A rumour" not in page.content.decode()


def test_the_api_names_committees_by_their_slug(cast: Cast) -> None:
    client = browser(cast.lead)
    data = {"committee": "users-committee", "person": "reporter", "country": "Chile"}
    made = client.post("/api/v1/committee-seats/", data, content_type="application/json")
    assert (made.status_code, made.json()["committee"]) == (201, "users-committee")
    wrong = client.post(
        "/api/v1/committee-seats/", {**data, "committee": "x"}, content_type="application/json"
    )
    assert wrong.status_code == 422
    assert "committee" in wrong.json()["fields"]


def test_the_administrator_looks_after_committees(cast: Cast, users_committee: Committee) -> None:
    User.objects.filter(pk=cast.staff.pk).update(is_staff=True, is_superuser=True)
    client = browser(User.objects.get(pk=cast.staff.pk))
    at = f"/admin/committees/committee/{users_committee.pk}/change/"
    assert client.get("/admin/committees/committee/").status_code == 200
    assert "number_of_seats" in client.get(at).content.decode()
