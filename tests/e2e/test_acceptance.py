"""A tester's day: a test done in a narrow window, with the keyboard, while the connection comes and goes."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from ops.acceptance.models import Evidence, Execution, StepResult
from tests.acceptance.stage import put_on
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
