"""The days of a tester and of a coordinator: by keyboard, in a narrow window, while the connection comes and goes."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from ops.acceptance.models import Campaign, Evidence, Execution, StepResult, Tester
from ops.workflow.services import perform, perform_in_turn
from tests.acceptance.stage import case_version, put_on
from tests.cast import assemble
from tests.e2e.conftest import PHONE, OpenPage, Watch, assert_fits, assert_no_violations

PASTE = """(bytes) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], "image.png", { type: "image/png" }));
  document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
}"""
# One white pixel.
PIXEL = list(
    bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
        "1f15c4890000000d49444154789c63f8ffff3f0005fe02fea7569ea40000000049454e44ae426082"
    )
)


def test_a_test_is_done_beside_the_tested_site(
    open_page: OpenPage, watch: Watch, transactional_db: None
) -> None:
    cast = assemble()
    staged = put_on(cast)
    execution = Execution.objects.get(campaign=staged.campaign)
    page = open_page(cast.reporter, f"/executions/{execution.pk}/run/", **PHONE)
    assert_fits(page)
    assert_no_violations(page)
    expect(page.locator(".run-step:visible")).to_have_count(1)

    # Signed in anew in another tab: what this page was drawn with counts no more, and is saved all the same.
    page.context.add_cookies(
        [{"name": "csrftoken", "value": "a" * 32, "url": page.url.partition("/executions")[0]}]
    )
    page.keyboard.press("1")
    expect(page.locator("#step-1 [data-saved]")).to_contain_text("Saved")
    page.keyboard.press("n")
    expect(page.locator("#step-2")).to_be_visible()
    page.keyboard.press("2")
    page.evaluate(PASTE, PIXEL)
    expect(page.locator("#step-2 .run-evidence img")).to_be_visible()
    expect(page.get_by_text("A step has failed.")).to_be_visible()

    page.context.set_offline(True)
    page.fill("#actual-2", "The plot is empty.")
    expect(page.locator("#step-2 [data-saved]")).to_contain_text("kept in this browser")
    page.context.set_offline(False)
    page.reload()
    expect(page.locator("#step-2 [data-saved]")).to_contain_text("Saved")
    assert StepResult.objects.get(step__number=2).actual == "The plot is empty."
    assert Evidence.objects.get().is_image

    page.get_by_role("link", name="Report as an issue…").click()
    expect(page.get_by_label("Title")).to_have_value("RSP-1: The plot is empty.")
    page.get_by_role("button", name="Report it").click()
    expect(page.locator("#step-2 .run-issues a")).to_contain_text("CST-")
    page.get_by_role("link", name="Failed…").click()
    page.get_by_role("button", name="Failed").click()
    expect(page.locator("#page-title")).to_have_text("RSP-1 in Integration, Firefox, attempt 1")
    assert Execution.objects.get(pk=execution.pk).state == "failed"
    # The browser says on its console that it was offline; nothing else may stand there.
    watch.complaints[:] = [said for said in watch.complaints if "ERR_INTERNET_DISCONNECTED" not in said]


def test_two_windows_do_not_write_over_one_another(open_page: OpenPage, transactional_db: None) -> None:
    cast = assemble()
    execution = Execution.objects.get(campaign=put_on(cast).campaign)
    first, second = (open_page(cast.reporter, f"/executions/{execution.pk}/run/") for _ in range(2))
    first.keyboard.press("1")
    expect(first.locator("#step-1 [data-saved]")).to_contain_text("Saved")
    second.keyboard.press("2")
    expect(second.get_by_text("in another window meanwhile")).to_be_visible()
    assert StepResult.objects.get().outcome == "passed"
    second.get_by_role("button", name="Keep mine instead").click()
    expect(second.locator("#step-1 [data-saved]")).to_contain_text("Saved")
    assert StepResult.objects.get().outcome == "failed"


def test_the_pages_about_results_can_be_read_by_all(open_page: OpenPage, transactional_db: None) -> None:
    cast = assemble()
    staged = put_on(cast)
    staged.ran(cast.outsider, "mark_passed")
    for what in ("dashboard", "results", "report"):
        options: dict[str, Any] = PHONE if what == "dashboard" else {"color_scheme": "dark"}
        page = open_page(cast.coordinator, f"/campaigns/{staged.campaign.key}/{what}/", **options)
        assert_fits(page)
        assert_no_violations(page)


def test_a_coordinator_plans_recruits_gives_out_freezes_and_reports(
    open_page: OpenPage, transactional_db: None
) -> None:
    cast = assemble()
    case_version(cast, "RSP-10")
    page = open_page(cast.coordinator, "/new/case/")
    _write_a_case(page)
    _plan(page)
    campaign = Campaign.objects.get()
    owner = open_page(cast.owner, campaign.get_absolute_url())
    owner.get_by_role("button", name="Approve").click()
    expect(owner.locator(".page-sentence")).to_contain_text("Approved")
    page.goto(campaign.get_absolute_url())
    _recruit(page)
    tester = Tester.objects.get()
    perform(tester, "consent", actor=cast.reporter, data={"agrees": True, "capacity": 10})
    _give_out(page)
    for execution in Execution.objects.all():
        perform_in_turn(execution, [("begin", {}), ("mark_passed", {})], actor=cast.reporter)
    page.goto(campaign.get_absolute_url())
    _report(page)
    owner.goto(f"/campaigns/{campaign.key}/report/")
    owner.locator(".page-actions").get_by_role("link", name="Sign").click()
    owner.get_by_label("Conditions").fill("Explain the empty plot.")
    owner.get_by_role("button", name="Sign", exact=True).click()
    expect(owner.locator(".page-sentence")).to_contain_text("Signed off with conditions")


def _write_a_case(page: Page) -> None:
    page.get_by_label("Identifier").fill("RSP-2")
    page.get_by_label("Title").fill("Search by name")
    page.get_by_label("Objective").fill("Somebody finds M87.")
    step = page.get_by_role("listitem", name="Step 1")
    step.get_by_label("What to do").fill("Type M87.")
    step.get_by_label("What to expect").fill("A table.")
    step.get_by_label("What to expect").press("Alt+Enter")
    page.keyboard.type("Open the Portal.")
    page.keyboard.press("Alt+ArrowUp")
    page.get_by_role("listitem", name="Step 1").get_by_label("What to expect").fill("The form appears.")
    assert_no_violations(page)
    page.get_by_role("button", name="Make it").click()
    expect(page.locator(".case-do")).to_have_text(["Open the Portal.", "Type M87."])
    page.get_by_role("link", name="Define…").click()
    page.get_by_role("button", name="Define").click()
    expect(page.locator(".page-sentence")).to_contain_text("Defined")


def _plan(page: Page) -> None:
    page.goto("/new/campaign/")
    assert_no_violations(page)
    page.get_by_label("Title").fill("Searching")
    page.get_by_label("Products").fill("rsp")
    page.get_by_label("Objectives").fill("That a search finds what is there.")
    page.get_by_label("Begin of the tests").fill("2030-01-07T09:00")
    page.get_by_label("End of the tests").fill("2030-01-21T17:00")
    page.get_by_role("button", name="Make it").click()
    page.get_by_role("link", name="Plan", exact=True).click()
    page.get_by_role("link", name="Add one…").first.click()
    page.get_by_label("Name", exact=True).fill("Integration, Firefox")
    page.get_by_label("Software version").fill("RSP 3.2.0")
    page.get_by_label("Data release").fill("DP1")
    page.get_by_role("button", name="Add it").click()
    page.get_by_role("button", name="Add the usual ones").click()
    page.get_by_role("link", name="Choose from the library").click()
    expect(page.locator("tbody .key")).to_have_text(["RSP-2", "RSP-10"])
    page.get_by_label("RSP-2").check()
    page.get_by_label("RSP-10").check()
    page.get_by_role("button", name="Add", exact=True).click()
    page.locator("#criteria").get_by_role("link", name="Waive…").first.click()
    page.get_by_label("Reason").fill("They are run as they are defined.")
    page.get_by_role("button", name="Waive it").click()
    expect(page.get_by_text("Waived by")).to_be_visible()
    assert_no_violations(page)
    page.get_by_role("link", name="Plan…").click()
    page.get_by_role("button", name="Plan", exact=True).click()
    expect(page.locator(".page-sentence")).to_contain_text("Planned")
    page.get_by_role("link", name="Ask for approval").click()
    page.get_by_role("button", name="Ask for approval").click()
    expect(page.locator(".page-sentence")).to_contain_text("Ready")


def _recruit(page: Page) -> None:
    page.get_by_role("button", name="Begin recruiting").click()
    expect(page.locator(".page-sentence")).to_contain_text("Recruiting")
    page.get_by_role("link", name="Testers", exact=True).click()
    page.get_by_role("link", name="Ask people…").click()
    page.get_by_label("People").fill("reporter")
    page.get_by_role("button", name="Ask them").click()
    expect(page.locator("tbody")).to_contain_text("Invited")


def _give_out(page: Page) -> None:
    page.get_by_role("link", name="Assignment", exact=True).click()
    page.get_by_role("button", name="Give out").click()
    expect(page.get_by_text("Every case has its testers")).to_be_visible()
    page.get_by_role("link", name="Campaign", exact=True).click()
    page.get_by_role("button", name="Begin testing").click()
    expect(page.locator(".page-sentence")).to_contain_text("Running")


def _report(page: Page) -> None:
    page.get_by_role("button", name="Freeze the results").click()
    expect(page.locator(".page-sentence")).to_contain_text("Results frozen")
    page.get_by_role("link", name="Report", exact=True).click()
    page.get_by_role("button", name="Draft report").click()
    expect(page.locator(".page-sentence")).to_contain_text("Report drafted")
    page.get_by_role("link", name="Report", exact=True).click()
    page.get_by_role("link", name="Ask for sign-off").click()
    page.get_by_label("Overall assessment").fill("It finds what is there.")
    page.get_by_role("button", name="Ask for sign-off").click()
    expect(page.locator(".page-sentence")).to_contain_text("Awaiting sign-off")
