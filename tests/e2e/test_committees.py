"""Committees in a real browser: the chair's day, the Director's slate, and two pens on the same minutes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from ops.committees.charges import write_charge
from ops.committees.models import Committee, Meeting, Seat
from ops.committees.sittings import add_point, note_attendance, write_minutes
from ops.people.models import Membership, User
from ops.workflow.services import create, perform
from tests.cast import LONG_AGO, Cast
from tests.committees.conftest import held, planned, users_committee
from tests.committees.seats import in_days
from tests.e2e.conftest import PHONE, OpenPage, assert_good_in_every_light, assert_no_violations

__all__ = ["held", "planned", "users_committee"]

UC = "/committees/users-committee/"
LONG_NAME = "Maximiliana Theodora van der Hoogenbandsteinwald-Featherstonehaugh"
LONG = (
    "What the listening session told us about queries that end without a word and tutorials that lag behind "
    * 2
)
SCREENS: dict[str, dict[str, Any]] = {"wide": {"viewport": {"width": 1360, "height": 900}}, "phone": PHONE}


@pytest.fixture
def on_slate(cast: Cast, users_committee: Committee) -> Seat:
    """Somebody with a long name who waits for the Director."""
    User.objects.filter(pk=cast.reporter.pk).update(display_name=LONG_NAME)
    seat = create(Seat, actor=cast.lead, data={"committee": users_committee.slug, "person": "reporter"})
    seat = perform(seat, "vet", actor=cast.lead, data={"country": "Chile"})
    return perform(seat, "put_on_slate", actor=cast.lead, data={"begins_on": in_days(20)})


@pytest.mark.parametrize("screen", SCREENS)
def test_pages_of_committees_can_be_used_by_everybody_on_every_screen(
    open_page: OpenPage, cast: Cast, held: Meeting, planned: Meeting, on_slate: Seat, screen: str
) -> None:
    User.objects.filter(pk=cast.uc_member.pk).update(display_name=LONG_NAME, time_zone="Pacific/Auckland")
    write_charge(on_slate.committee, actor=cast.lead, data={"text": "# Purpose\n\nAdvise the Director."})
    for part in ("open", "executive"):
        add_point(
            planned, actor=cast.uc_chair, data={"title": LONG[:200], "part": part, "notes": "*Read* before."}
        )
    text = "We met.\n\nACTION: @staff ask, by 2030-01-01\nACTION: @nobody do it"
    write_minutes(held, "open", actor=cast.uc_chair, data={"text": text, "based_on": 0})
    note_attendance(held, actor=cast.uc_chair, data={"uc-chair": "present", "uc-member": "excused"})
    at = [meeting.get_absolute_url() for meeting in (held, planned)]
    pages = {
        None: ["/committees/", UC],
        cast.uc_chair: [
            *at, UC, f"{UC}meetings/", f"{UC}dates/", f"{UC}hours/", f"{at[0]}minutes/open/write/",
            f"{at[0]}minutes/open/", f"{at[0]}attendance/", "/committees/calendar/",
        ],
        cast.director: [f"{UC}slate/", f"{UC}nominations/", f"{UC}charge/", on_slate.get_absolute_url()],
    }  # fmt: skip
    for person, paths in pages.items():
        page = open_page(person, **SCREENS[screen])
        for path in paths:
            page.goto(path)
            assert_good_in_every_light(page)


def test_a_chair_finds_a_date_plans_the_meeting_and_makes_its_agenda(open_page: OpenPage, cast: Cast) -> None:
    page = open_page(cast.uc_chair, UC)
    page.get_by_role("navigation", name="Users Committee").get_by_role("link", name="Meetings").click()
    page.get_by_role("link", name="Find a fair date").click()
    page.locator(".offer").first.get_by_role("link").first.click()
    expect(page.get_by_label("Committee")).to_have_value("users-committee")
    page.get_by_label("Title").fill("Spring meeting")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Spring meeting of the Users Committee")
    for title in ("Budget", "Feedback"):
        page.get_by_role("link", name="Add a point").first.click()
        sheet = page.locator("#sheet")
        sheet.get_by_label("Title").fill(title)
        sheet.get_by_role("button", name="Put it on the agenda").click()
        expect(page.locator(".agenda").first).to_contain_text(title)
    page.get_by_role("button", name="Move up: Feedback").click()
    expect(page.locator(".agenda").first.locator("li").first).to_contain_text("Feedback")


def test_a_director_waives_a_rule_and_approves_the_slate(
    open_page: OpenPage, cast: Cast, on_slate: Seat
) -> None:
    on_slate.committee.rules.exclude(check_name="number_of_seats").delete()
    page = open_page(cast.director, f"{UC}slate/")
    expect(page.get_by_text("The slate has 2 people, 10 fewer than the 12 seats.")).to_be_visible()
    expect(page.get_by_role("button", name="Approve the slate")).to_have_count(0)
    page.get_by_role("link", name="Waive").click()
    sheet = page.locator("#sheet")
    sheet.get_by_role("button", name="Waive it").click()
    expect(sheet.get_by_text("Write why the rule may be broken this time.").first).to_be_visible()
    assert_no_violations(page)
    sheet.get_by_label("Reason").fill("The committee is being built up.")
    sheet.get_by_role("button", name="Waive it").click()
    page.get_by_role("button", name="Approve the slate").click()
    expect(page.get_by_text("1 approved.")).to_be_visible()
    page = open_page(cast.reporter)
    page.get_by_role("link", name="Accept").click()
    page.locator("#sheet").get_by_role("button", name="Accept").click()
    expect(page.get_by_text("is accepted.")).to_be_visible()


def test_two_pens_on_the_same_minutes(open_page: OpenPage, cast: Cast, held: Meeting) -> None:
    Membership.objects.create(
        person=cast.uc_member, team=held.committee, role="secretary", starts_on=LONG_AGO
    )
    text = "One\n\nTwo\n\nThree"
    write_minutes(held, "open", actor=cast.uc_chair, data={"text": text, "based_on": 0})
    at = f"/meetings/{held.pk}/minutes/open/write/"
    chair, secretary = open_page(cast.uc_chair, at), open_page(cast.uc_member, at)
    chair.get_by_label("Minutes").fill(text.replace("One", "One, said the chair"))
    chair.get_by_role("button", name="Save", exact=True).click()
    expect(chair).to_have_url(re.compile(rf"/meetings/{held.pk}/$"))
    secretary.get_by_label("Minutes").fill(text.replace("One", "One, said the secretary") + "\n\nFour")
    secretary.get_by_role("button", name="Save", exact=True).click()
    written = secretary.get_by_label("Minutes")
    expect(written).to_have_value(re.compile("said the chair"))
    for words in ("One, said the secretary", "Four"):
        expect(written).to_have_value(re.compile(words))
    expect(secretary.get_by_text("Two wordings of a passage stand side by side")).to_be_visible()
