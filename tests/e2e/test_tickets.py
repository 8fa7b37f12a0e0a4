"""The desk in a real browser: from report to closed by four people, on the page, on the board, by keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from ops.issues.models import Issue
from ops.tickets.services import comment, link
from ops.workflow.services import create, edit, perform
from tests.cast import Cast
from tests.e2e.conftest import PHONE, OpenPage, assert_good_in_every_light, assert_no_violations
from tests.factories import issue_in

SCREENS = {
    "wide": {"viewport": {"width": 1360, "height": 900}},
    "phone": PHONE,
    "zoomed": {"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2},
}
LONG = (
    "Difference images of detector 94 show a checkerboard after the June correction " * 2
    + "so that alerts are false"
)


def now(issue: Issue) -> Issue:
    return Issue.objects.get(pk=issue.pk)


def sheet(page: Page) -> Locator:
    return page.locator("#sheet")


def card(page: Page, issue: Issue) -> Locator:
    return page.locator(f"#card-{issue.key}")


def column(page: Page, state: str) -> Locator:
    return page.locator(f'[data-column="{state}"]')


def take(page: Page, label: str) -> None:
    """Press a step once what htmx has just drawn is bound: until then a step leads to its own page."""
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-added, .htmx-settling")).to_have_count(0)
    page.locator("#actions").get_by_text(label, exact=True).click()


def test_a_problem_goes_from_report_to_closed_by_four_people(open_page: OpenPage, cast: Cast) -> None:
    reporting = open_page(cast.reporter, "/report/")
    reporting.get_by_label("Title").fill("Cutouts are rotated")
    reporting.get_by_label("Description").fill("By **90** degrees.")
    reporting.get_by_role("button", name="Report it").click()
    expect(reporting.locator("h1")).to_have_text("Cutouts are rotated")
    issue = Issue.objects.get()

    triaging = open_page(cast.scientist, f"/tickets/{issue.key}/")
    take(triaging, "Triage…")
    expect(sheet(triaging)).to_be_visible()
    triaging.get_by_role("combobox", name="Assignee").press_sequentially("assi")
    triaging.get_by_role("option", name=re.compile("Assignee")).click()
    sheet(triaging).get_by_label("Component").fill("portal")
    sheet(triaging).get_by_label("Importance").select_option("high")
    sheet(triaging).get_by_label("Urgency").select_option("high")
    sheet(triaging).get_by_role("button", name="Triage").click()
    expect(sheet(triaging)).not_to_be_visible()
    expect(triaging.locator(".page-sentence")).to_contain_text("waits for Assignee")

    working = open_page(cast.assignee, f"/tickets/{issue.key}/")
    take(working, "Investigate")
    take(working, "Plan…")
    sheet(working).get_by_label("Strategy").fill("Read both keywords.")
    sheet(working).get_by_role("button", name="Plan").click()
    take(working, "Start")
    take(working, "Send to review…")
    sheet(working).get_by_role("button", name="Send to review").click()
    expect(sheet(working).locator(".error-summary")).to_contain_text("Choose one.")
    sheet(working).get_by_label("Resolution", exact=True).select_option("fixed")
    sheet(working).get_by_label("Resolution text").fill("Both keywords are read.")
    sheet(working).get_by_role("button", name="Send to review").click()
    expect(working.locator(".page-sentence")).to_contain_text("In review")

    reporting.reload()
    expect(reporting.locator(".page-sentence")).to_contain_text("waits for you")
    take(reporting, "Accept")
    expect(reporting.locator(".page-sentence")).to_contain_text("Resolved")

    triaging.reload()
    triaging.get_by_role("link", name="Do it now").click()
    sheet(triaging).get_by_label("Documentation").select_option("not_needed")
    sheet(triaging).get_by_role("button", name="Save").click()
    take(triaging, "Close")
    expect(triaging.locator(".page-sentence")).to_contain_text("Closed")
    assert now(issue).state == "closed"


def test_everything_works_without_scripts(open_page: OpenPage, cast: Cast) -> None:
    page = open_page(cast.scientist, "/report/", java_script_enabled=False)
    page.get_by_label("Title").fill("Plain")
    page.get_by_role("button", name="Report it").click()
    issue = Issue.objects.get()
    take(page, "Triage…")
    for label, value in (("Assignee", "assignee"), ("Component", "portal")):
        page.get_by_label(label).fill(value)
    page.get_by_label("Importance").select_option("low")
    page.get_by_label("Urgency").select_option("low")
    page.get_by_role("button", name="Triage").click()
    expect(page.locator(".page-sentence")).to_contain_text("Triaged")
    page.get_by_role("textbox", name="Comment").fill("Said without scripts.")
    page.get_by_role("button", name="Comment").click()
    expect(page.locator("ol.thread")).to_contain_text("Said without scripts.")
    page.locator("#fact-assignee summary").click()
    page.get_by_role("link", name="Change assignee").click()
    page.get_by_label("Assignee").fill("staff")
    page.get_by_role("button", name="Save").click()
    assert now(issue).assignee == cast.staff
    page.goto("/issues/?state=triaged")
    expect(page.locator("tbody")).to_contain_text("Plain")


def test_the_second_of_two_people_keeps_what_was_typed(open_page: OpenPage, cast: Cast) -> None:
    issue = issue_in("investigating", cast)
    page = open_page(cast.assignee, f"/tickets/{issue.key}/")
    take(page, "Plan…")
    sheet(page).get_by_label("Strategy").fill("Typed for an hour.")
    edit(issue, actor=cast.scientist, data={"urgency": "low"})
    sheet(page).get_by_role("button", name="Plan").click()
    expect(sheet(page)).to_contain_text("was changed by somebody else in the meantime")
    expect(sheet(page).locator(".since")).to_contain_text("changed urgency and priority")
    expect(sheet(page).get_by_label("Strategy")).to_have_value("Typed for an hour.")
    assert_no_violations(page)
    sheet(page).get_by_role("button", name="Plan").click()
    expect(page.locator(".page-sentence")).to_contain_text("Planned")
    assert now(issue).strategy == "Typed for an hour."


def test_a_fact_is_changed_in_its_place_and_the_keyboard_goes_on_from_there(
    open_page: OpenPage, cast: Cast
) -> None:
    issue = issue_in("triaged", cast)
    page = open_page(cast.scientist, f"/tickets/{issue.key}/")
    page.locator("#fact-assignee summary").click()
    field = page.get_by_role("combobox", name="Assignee")
    expect(field).to_be_focused()
    field.press_sequentially("sta")
    expect(page.locator(".lookup [role=option]")).to_have_text(["Staffstaff"])
    page.keyboard.press("Enter")
    expect(field).to_have_value("staff")
    page.keyboard.press("Enter")
    expect(page.locator("#fact-assignee")).to_contain_text("Staff")
    expect(page.locator("#fact-assignee summary")).to_be_focused()
    assert now(issue).assignee == cast.staff


def test_a_step_does_not_cost_the_comment_that_is_being_typed(open_page: OpenPage, cast: Cast) -> None:
    issue = issue_in("triaged", cast)
    page = open_page(cast.assignee, f"/tickets/{issue.key}/")
    page.get_by_role("textbox", name="Comment").fill("Half a sentence")
    page.get_by_label("Staff", exact=True).check()
    take(page, "Investigate")
    expect(page.locator(".page-sentence")).to_contain_text("Investigating")
    expect(page.get_by_role("textbox", name="Comment")).to_have_value("Half a sentence")
    expect(page.get_by_label("Staff", exact=True)).to_be_checked()
    page.get_by_role("button", name="Comment").click()
    expect(page.locator("ol.thread")).to_contain_text("Half a sentence")
    expect(page.get_by_role("textbox", name="Comment")).to_have_value("")
    assert issue.comments.get().visibility == "staff"


def test_somebody_is_named_in_a_comment_by_a_few_letters(open_page: OpenPage, cast: Cast) -> None:
    issue = issue_in("triaged", cast)
    page = open_page(cast.assignee, f"/tickets/{issue.key}/")
    page.get_by_role("textbox", name="Comment").press_sequentially("Could you look, @sci")
    page.get_by_role("option", name=re.compile("Scientist")).click()
    expect(page.get_by_role("textbox", name="Comment")).to_have_value("Could you look, @scientist ")
    expect(page.locator("#composer [data-kept]")).to_have_text("Draft kept")


def test_a_dragged_card_takes_the_step_and_a_refused_one_slides_back(open_page: OpenPage, cast: Cast) -> None:
    ready, stuck = issue_in("triaged", cast), create(Issue, actor=cast.reporter, data={"title": "Untriaged"})
    page = open_page(cast.assignee, "/board/", viewport={"width": 1600, "height": 900})
    card(page, ready).drag_to(column(page, "investigating"))
    expect(column(page, "investigating").locator(f"#card-{ready.key}")).to_be_visible()
    expect(page.locator("#toasts")).to_contain_text(f"{ready.key} is investigating.")
    assert now(ready).state == "investigating"

    card(page, stuck).drag_to(column(page, "triaged"))
    expect(page.locator("#toasts")).to_contain_text("Only a community scientist may triage")
    expect(column(page, "reported").locator(f"#card-{stuck.key}")).to_be_visible()
    assert now(stuck).state == "reported"


def test_a_card_that_asks_something_opens_its_form_and_goes_back_when_it_is_left(
    open_page: OpenPage, cast: Cast
) -> None:
    issue = issue_in("investigating", cast)
    page = open_page(cast.assignee, "/board/", viewport={"width": 1900, "height": 900})
    card(page, issue).drag_to(column(page, "planned"))
    expect(sheet(page).get_by_label("Strategy")).to_be_focused()
    page.keyboard.press("Escape")
    expect(column(page, "investigating").locator(f"#card-{issue.key}")).to_be_visible()
    card(page, issue).drag_to(column(page, "planned"))
    sheet(page).get_by_label("Strategy").fill("Read both keywords.")
    sheet(page).get_by_role("button", name="Plan").click()
    expect(column(page, "planned").locator(f"#card-{issue.key}")).to_be_visible()
    expect(sheet(page)).not_to_be_visible()
    assert now(issue).state == "planned"


def test_cards_are_moved_by_keyboard_alone(open_page: OpenPage, cast: Cast) -> None:
    issue = issue_in("triaged", cast)
    page = open_page(cast.assignee, "/board/")
    link_of = card(page, issue).locator("[data-card-link]")
    link_of.focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(column(page, "investigating").locator(f"#card-{issue.key}")).to_be_visible()
    expect(card(page, issue).locator("[data-card-link]")).to_be_focused()

    card(page, issue).locator("summary").focus()
    page.keyboard.press("Enter")
    plan = card(page, issue).get_by_role("link", name="Plan…", exact=True)
    expect(plan).to_be_visible()
    expect(plan).not_to_have_class(re.compile("htmx-added"))
    plan.focus()
    page.keyboard.press("Enter")
    sheet(page).get_by_label("Strategy").fill("By keyboard.")
    page.keyboard.press("Control+Enter")
    expect(column(page, "planned").locator(f"#card-{issue.key}")).to_be_visible()
    assert now(issue).strategy == "By keyboard."


def test_a_card_moved_by_somebody_else_shows_where_it_is(open_page: OpenPage, cast: Cast) -> None:
    issue = issue_in("triaged", cast)
    page = open_page(cast.scientist, "/board/", viewport={"width": 1600, "height": 900})
    perform(issue, "investigate", actor=cast.assignee)
    card(page, issue).drag_to(column(page, "investigating"))
    expect(page.locator("#toasts")).to_contain_text("somebody else has moved it")
    expect(column(page, "investigating").locator(f"#card-{issue.key}")).to_be_visible()
    page.keyboard.press("Escape")
    card(page, issue).locator("summary").click()
    card(page, issue).get_by_role("link", name="Wait…").click()
    expect(sheet(page)).to_contain_text("Wait")


def test_rows_are_walked_chosen_and_changed_by_keyboard(open_page: OpenPage, cast: Cast) -> None:
    for n in range(3):
        issue_in("triaged", cast, title=f"Plot {n}")
    page = open_page(cast.scientist, "/issues/?live=yes")
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    expect(page.locator(".bulk")).to_contain_text("2 selected")
    page.get_by_label("Label", exact=True).last.fill("dp1")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Labelled: 2 tickets.")
    assert Issue.objects.filter(labels=["dp1"], assignee=cast.assignee).count() == 2
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Plot")


def test_a_report_shows_what_is_like_it_and_its_draft_comes_back(open_page: OpenPage, cast: Cast) -> None:
    create(Issue, actor=cast.reporter, data={"title": "Portal cutouts are rotated"})
    page = open_page(cast.outsider, "/report/")
    page.get_by_label("Title").press_sequentially("Rotated cutouts")
    expect(page.locator("#similar")).to_contain_text("Portal cutouts are rotated")
    page.get_by_label("Description").fill("Look at **this**")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview strong")).to_have_text("this")
    expect(page.locator("[data-kept]")).to_have_text("Draft kept")
    page.reload()
    expect(page.get_by_label("Description")).to_have_value("Look at **this**")
    page.get_by_role("button", name="Discard it").click()
    expect(page.get_by_label("Description")).to_have_value("")


@pytest.mark.parametrize("screen", SCREENS)
def test_every_working_page_is_readable_by_everybody(open_page: OpenPage, cast: Cast, screen: str) -> None:
    issue = issue_in(
        "in_progress", cast, title=LONG[:200], description="# Head\n\n- a list\n\n```\ncode\n```\n"
    )
    comment(issue, actor=cast.staff, body="For us.", visibility="staff")
    child = create(Issue, actor=cast.reporter, data={"title": LONG[:200], "parent": issue.key})
    link(issue, child, kind="relates", actor=cast.scientist)
    edit(
        issue_in("resolved", cast), actor=cast.scientist, data={"documentation": "open", "major_change": True}
    )
    page = open_page(cast.scientist, f"/tickets/{issue.key}/", **SCREENS[screen])
    for address in (
        f"/tickets/{issue.key}/",
        f"/tickets/{issue.key}/edit/",
        f"/tickets/{child.key}/do/triage/",
        "/issues/?live=yes",
        "/issues/?state=duplicate",
        "/board/",
        "/report/",
        "/search/?q=detector",
    ):
        page.goto(address)
        assert_good_in_every_light(page)


def test_what_opens_in_place_is_readable_by_everybody(open_page: OpenPage, cast: Cast) -> None:
    issue = issue_in("triaged", cast)
    page = open_page(cast.scientist, f"/tickets/{issue.key}/")
    page.locator("#fact-priority summary").click()
    expect(page.locator("#edit-importance select").first).to_be_visible()
    page.locator(".facts-unset > summary").click()
    page.get_by_text("More steps").click()
    assert_no_violations(page)
    page.get_by_role("link", name="Decline…").click()
    sheet(page).get_by_role("button", name="Decline").click()
    expect(sheet(page).locator(".error-summary")).to_be_visible()
    assert_no_violations(page)
    page.goto("/issues/")
    page.locator("[data-pick]").first.check()
    page.get_by_text("More", exact=False).first.click()
    assert_no_violations(page)
