"""The frame of the pages in a real browser: looks, keyboard, drafts, what is typed and never lost."""

from __future__ import annotations

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from ops.people.models import User
from ops.web.models import Draft
from tests.e2e.conftest import PHONE, OpenPage, assert_good_in_every_light, assert_no_violations

STYLEGUIDE = "/styleguide/"
PAGES = [STYLEGUIDE, "/profile/", "/help/", "/nowhere/", "/notifications/", "/preferences/notifications/"]
SCREENS = {
    "wide": {"viewport": {"width": 1360, "height": 900}},
    "phone": PHONE,
    "zoomed": {"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2},
}


@pytest.fixture(autouse=True)
def demonstration(settings) -> None:
    """The style guide is there in demonstrations only."""
    settings.DEMO = True


@pytest.fixture
def mara(db) -> User:
    return User.objects.create_user(
        "mara", password="correct horse", display_name="Mara Okonkwo-Lindqvist", time_zone="America/Santiago"
    )


@pytest.mark.parametrize("screen", SCREENS)
def test_pages_can_be_used_by_everybody_on_every_screen(open_page: OpenPage, mara, screen):
    page = open_page(mara, **SCREENS[screen])
    for path in PAGES:
        page.goto(path)
        assert_good_in_every_light(page)


def test_sign_in_can_be_used_by_everybody(open_page: OpenPage, mara):
    User.objects.create_user("lead", password="demo", display_name="Lead")
    page = open_page(None, "/login/")
    expect(page.get_by_role("heading", name="Demonstration accounts")).to_be_visible()
    assert_good_in_every_light(page)


def test_signing_in_leads_to_where_one_wanted_to_go(open_page: OpenPage, mara):
    page = open_page(None, "/profile/")
    page.get_by_label("Username").fill("mara")
    page.get_by_label("Password").fill("correct horse")
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile("/profile/$"))


def test_two_clicks_send_a_form_once(open_page: OpenPage, mara):
    page = open_page(mara, "/profile/")
    send = "form => form.dispatchEvent(new SubmitEvent('submit', {bubbles: true, cancelable: true}))"
    form = page.locator("main form[method=post]").first
    assert [form.evaluate(send), form.evaluate(send)] == [True, False]


def test_a_form_with_mistakes_takes_the_reader_to_the_first(open_page: OpenPage, mara):
    page = open_page(mara, STYLEGUIDE)
    page.get_by_role("button", name="Report the problem").click()
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    assert_no_violations(page)
    summary.get_by_role("link", name="Title").click()
    expect(page.get_by_label("Title", exact=True)).to_be_focused()


def test_the_theme_of_the_person_wins_over_that_of_the_device(open_page: OpenPage, mara):
    page = open_page(mara, "/help/", color_scheme="light")
    assert background(page) == "rgb(255, 255, 255)"
    page.locator(".person-button").click()
    page.get_by_role("button", name="Dark").click()
    expect(page).to_have_url(re.compile("/help/$"))
    assert background(page) == "rgb(19, 21, 25)"


def background(page: Page) -> str:
    """Return the colour behind the text."""
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


def test_everything_works_without_scripts(open_page: OpenPage, mara):
    page = open_page(mara, "/profile/", java_script_enabled=False, **PHONE)
    page.get_by_role("button", name="Places").click()
    expect(page.get_by_role("link", name="Help")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_label("Name optional").fill("Mara O.")
    page.get_by_role("button", name="Save profile").click()
    expect(page.get_by_text("Your profile is saved.")).to_be_visible()
    page.locator(".person-button").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/login/$"))


def test_the_zone_of_the_device_is_offered(open_page: OpenPage, mara):
    page = open_page(mara, "/profile/", timezone_id="Europe/Paris")
    page.get_by_role("button", name="Use it").click()
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Paris")


def test_rows_are_walked_and_opened_by_keyboard(open_page: OpenPage, mara):
    page = open_page(mara, STYLEGUIDE)
    rows = page.locator("[data-row]")
    page.keyboard.press("j")
    expect(rows.nth(0)).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    expect(rows.nth(2)).to_be_focused()
    page.keyboard.press("k")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("x")
    expect(page.get_by_text("1 selected")).to_be_visible()


def test_the_palette_finds_pages_and_keys(open_page: OpenPage, mara):
    page = open_page(mara, STYLEGUIDE)
    page.keyboard.press("Control+k")
    page.keyboard.type("cst-77")
    expect(page.get_by_role("option", name="Open CST-77")).to_have_attribute("aria-selected", "true")
    assert_no_violations(page)
    page.get_by_label("Go to a page, a ticket or an action").fill("prof")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/profile/$"))


def test_the_question_mark_lists_the_keys_and_can_silence_them(open_page: OpenPage, mara):
    page = open_page(mara, STYLEGUIDE)
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard")
    expect(sheet).to_be_visible()
    expect(sheet.get_by_text("What waits for me")).to_be_visible()
    assert_no_violations(page)
    sheet.get_by_label("Single keys do something").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(sheet).to_be_hidden()


def test_what_was_done_is_said_and_can_be_undone(open_page: OpenPage, mara):
    page = open_page(mara, STYLEGUIDE)
    page.get_by_role("button", name="Say something").click()
    toast = page.locator(".toast-note", has_text="CST-409 is yours.")
    toast.hover()  # it stays while one reads it
    assert_no_violations(page)
    with page.expect_navigation():
        toast.get_by_role("button", name="Undo").click()


def test_a_refused_card_slides_back_and_says_why(open_page: OpenPage, mara):
    page = open_page(mara, STYLEGUIDE)
    home = page.locator('[data-column="reported"]')
    home.locator("[data-card-link]").first.focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.get_by_text("Only a community scientist may triage.")).to_be_visible()
    expect(home.locator("[data-card]")).to_have_count(2)
    expect(home.locator("[data-card-link]").first).to_be_focused()


def test_a_card_can_be_dragged(open_page: OpenPage, mara):
    page = open_page(mara, STYLEGUIDE)
    card = page.locator('[data-column="reported"] [data-card]').first
    with page.expect_request("**/styleguide/move/") as asked:
        card.drag_to(page.locator('[data-column="waiting"]'))
    assert "to=waiting" in asked.value.post_data
    expect(page.locator('[data-column="reported"] [data-card]')).to_have_count(2)


def test_what_is_typed_survives_a_closed_page(open_page: OpenPage, mara):
    page = open_page(mara, STYLEGUIDE)
    page.get_by_role("textbox", name="Comment").fill("Seen again in visit 7")
    expect(page.locator(".composer [data-kept]")).to_have_text("Draft kept")
    again = open_page(mara, STYLEGUIDE)
    expect(again.get_by_role("textbox", name="Comment")).to_have_value("Seen again in visit 7")
    again.get_by_role("button", name="Discard draft").click()
    expect(again.get_by_role("textbox", name="Comment")).to_have_value("")
    assert not Draft.objects.exists()


def test_a_lost_session_is_said_while_typing(open_page: OpenPage, mara):
    page = open_page(mara, STYLEGUIDE)
    Session.objects.all().delete()
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("textbox", name="Comment").fill("Seen again")
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    expect(page.get_by_role("textbox", name="Comment")).to_have_value("Seen again")
