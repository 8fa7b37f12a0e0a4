"""The pages around the work in a real browser: home, the public desk, the watch, workflows, operators."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from ops.issues.models import Issue
from ops.people.models import User
from ops.tickets.services import comment, watch
from ops.watch.models import WatchWeek
from ops.watch.selectors import this_monday
from ops.workflow.services import create, edit, perform
from tests.cast import Cast
from tests.e2e.conftest import PHONE, OpenPage, assert_fits, assert_no_violations
from tests.factories import FACTORIES, issue_in

SCREENS = {
    "wide": {"viewport": {"width": 1360, "height": 900}},
    "phone": PHONE,
    "zoomed": {"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2},
}
LONG = "Difference images of detector 94 show a checkerboard after the June correction of the crosstalk " * 2
PUBLIC = ["/", "/announcements/", "/announcements/1/", "/transparency/", "/workflows/", "/workflows/issue/"]
SIGNED_IN = ["/", "/announcements/", "/watch/", "/teams/", "/teams/community-science/", "/profile/tokens/"]
OPERATORS = ["/operators/", "/operators/outbox/", "/operators/addresses/", "/operators/deadlines/"]


@pytest.fixture
def full(cast: Cast) -> Cast:
    """A desk with something in every place, some of it with a title too long."""
    for state in ("reported", "triaged", "in_review", "resolved", "waiting"):
        issue = issue_in(state, cast)
        edit(issue, actor=cast.scientist, data={"title": LONG[:200]})
        watch(issue, actor=cast.lead)
        comment(issue, actor=cast.staff, body="Seen.", visibility="public")
    for state in ("published", "draft", "approved"):
        FACTORIES["announcement"].in_state(state, cast, title=LONG[:190])
    this_week(cast)
    return cast


def this_week(cast: Cast) -> WatchWeek:
    """The present week, which somebody is on watch in."""
    return FACTORIES["watch"].in_state("on_watch", cast, monday=this_monday().isoformat())


@pytest.mark.parametrize("screen", SCREENS)
def test_places_can_be_used_by_everybody_on_every_screen(open_page: OpenPage, full: Cast, screen: str):
    User.objects.filter(pk=full.lead.pk).update(is_superuser=True, is_staff=True)
    for person, paths in ((None, PUBLIC), (full.lead, SIGNED_IN + OPERATORS)):
        page = open_page(person, **SCREENS[screen])
        for path in paths:
            page.goto(path.replace("/1/", f"/{FACTORIES['announcement'].model.objects.earliest('pk').pk}/"))
            assert_no_violations(page)
            assert_fits(page)


def row(page: Page, words: str):
    return page.locator(".home-main tr").filter(has_text=words)


def test_the_next_step_is_taken_from_home(open_page: OpenPage, cast: Cast) -> None:
    issue = issue_in("triaged", cast)
    page = open_page(cast.assignee)
    row(page, issue.key).get_by_role("link", name="Investigate").click()
    sheet = page.locator("#sheet")
    expect(sheet.get_by_role("heading")).to_have_text(f"Investigate: {issue.key}")
    expect(sheet).to_contain_text("Find out what is behind it.")
    assert_no_violations(page)
    sheet.get_by_role("button", name="Investigate").click()
    expect(page.get_by_text(f"{issue.key} is investigating.")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/$"))
    expect(row(page, issue.key).get_by_role("link", name="Plan")).to_be_visible()


def test_a_step_from_home_that_is_refused_says_so_and_keeps_what_was_typed(open_page: OpenPage, cast: Cast):
    issue = issue_in("investigating", cast)
    page = open_page(cast.assignee)
    row(page, issue.key).get_by_role("link", name="Plan").click()
    page.locator("#sheet").get_by_label("Strategy").fill("Ask the vendor")
    edit(issue, actor=cast.scientist, data={"title": "Another title"})
    page.locator("#sheet").get_by_role("button", name="Plan").click()
    expect(page.locator("#sheet")).to_contain_text("changed by somebody else")
    expect(page.locator("#sheet").get_by_label("Strategy")).to_have_value("Ask the vendor")
    page.locator("#sheet").get_by_role("button", name="Plan").click()
    expect(page.get_by_text(f"{issue.key} is planned.")).to_be_visible()


def test_home_works_without_scripts(open_page: OpenPage, cast: Cast) -> None:
    issue = issue_in("triaged", cast)
    page = open_page(cast.assignee, java_script_enabled=False, **PHONE)
    row(page, issue.key).get_by_role("link", name="Investigate").click()
    page.get_by_role("button", name="Investigate").click()
    expect(page).to_have_url(re.compile(r"/$"))
    expect(page.get_by_text(f"{issue.key} is investigating.")).to_be_visible()


def test_rows_of_home_are_walked_by_keyboard(open_page: OpenPage, cast: Cast) -> None:
    issue = issue_in("triaged", cast)
    page = open_page(cast.assignee)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/tickets/{issue.key}/"))


def test_a_draft_becomes_an_announcement_by_two_people(open_page: OpenPage, cast: Cast) -> None:
    issue = issue_in("resolved", cast)
    writing = open_page(cast.scientist, "/announcements/")
    writing.get_by_role("link", name="Draft an announcement").click()
    writing.get_by_label("Title").fill("New image service")
    writing.get_by_label("Body").fill("It answers in **half** the time.")
    tickets = writing.get_by_label("Tickets")
    if not tickets.is_visible():
        writing.get_by_text("More, if you know it").click()
    tickets.fill(issue.key)
    writing.get_by_role("button", name="Make it").click()
    expect(writing.locator("h1")).to_have_text("New image service")
    expect(writing.get_by_role("link", name=re.compile(issue.key))).to_be_visible()

    reading = open_page(cast.lead, writing.url)
    reading.get_by_role("button", name="Approve").click()
    expect(reading.locator("#record .page-sentence")).to_contain_text("Approved")
    reading.get_by_role("button", name="Publish").click()
    expect(reading.locator("#record .page-sentence")).to_contain_text("Published")
    assert_no_violations(reading)

    stranger = open_page(None, "/announcements/")
    stranger.get_by_role("link", name="New image service").click()
    expect(stranger.locator("strong", has_text="half")).to_be_visible()


def test_duties_are_ticked_at_once(open_page: OpenPage, cast: Cast) -> None:
    week = this_week(cast)
    page = open_page(week.person, "/watch/")
    duty = page.get_by_label("Give every new report a first answer within 24 hours")
    duty.check()
    expect(page.get_by_text("1 of 5")).to_be_visible()
    expect(duty).to_be_focused()
    assert WatchWeek.objects.get(pk=week.pk).ticked == ["answer"]


def test_duties_are_ticked_without_scripts(open_page: OpenPage, cast: Cast) -> None:
    week = this_week(cast)
    page = open_page(week.person, "/watch/", java_script_enabled=False)
    page.get_by_label("Triage what was reported, or say why not").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The checklist is saved.")).to_be_visible()
    assert WatchWeek.objects.get(pk=week.pk).ticked == ["triage"]


def test_the_figures_are_drawn_and_can_be_read_as_a_table(open_page: OpenPage, cast: Cast) -> None:
    issue_in("resolved", cast)
    page = open_page(None, "/transparency/")
    chart = page.get_by_role("img", name=re.compile("Issues reported and resolved"))
    expect(chart).to_be_visible()
    drawn = """canvas => {
        const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
        return new Set(new Uint32Array(pixels.buffer)).size;
    }"""
    assert chart.evaluate(drawn) > 10
    page.emulate_media(color_scheme="dark")
    expect(page.get_by_role("img", name=re.compile("Issues reported and resolved"))).to_be_visible()
    page.get_by_text("The same as a table").click()
    expect(page.locator("#weeks tfoot")).to_contain_text("1")


def test_the_way_of_a_ticket_is_one_click_away(open_page: OpenPage, cast: Cast) -> None:
    issue = create(Issue, actor=cast.reporter, data={"title": "Cutouts are rotated"})
    perform(issue, "decline", actor=cast.scientist, reason="It works as described.")
    page = open_page(None, f"/tickets/{issue.key}/")
    page.get_by_role("link", name="Where in the process").click()
    expect(page.locator("h1")).to_have_text(f"Where {issue.key} is")
    expect(page.locator("#way")).to_contain_text("Declined")
    assert_no_violations(page)


def test_a_token_is_copied(open_page: OpenPage, cast: Cast) -> None:
    page = open_page(cast.reporter, "/profile/tokens/", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_label("Name").fill("nightly export")
    page.get_by_role("button", name="Make the token").click()
    secret = page.locator("#secret").text_content()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == secret
    assert_no_violations(page)
