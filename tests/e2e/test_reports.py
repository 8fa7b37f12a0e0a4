"""A report in a real browser: the chair's day from the first item to the Director; the answer and its verdict."""

from __future__ import annotations

import datetime

from django.utils import timezone
from playwright.sync_api import Page, expect

from ops.committees.models import Response
from ops.committees.reports.outline import add_item
from tests.cast import Cast
from tests.committees.reports import ReportFactory, ResponseFactory
from tests.e2e.conftest import OpenPage, assert_fits, assert_no_violations


def headings(page: Page) -> list[str]:
    return page.locator("[data-item] .outline-head > a").all_inner_texts()


def drag_to_the_top(page: Page, item: int) -> None:
    """Drag an item by its handle above all others, as a hand does: it is let go once it is seen to lie there."""
    page.wait_for_function("Sortable.get(document.querySelector('[data-outline]'))")
    handles = page.locator(".outline-handle")
    handle, target = (handles.nth(at).bounding_box() or {"x": 0, "y": 0} for at in (item, 0))
    page.mouse.move(handle["x"] + 4, handle["y"] + 8)
    page.mouse.down()
    page.mouse.move(handle["x"] + 4, handle["y"] - 20, steps=4)
    lies_on_top = page.locator("[data-item].outline-ghost:first-of-type")
    for at in range(40):
        # While items make room, they do not look at the hand.
        page.mouse.move(target["x"] + 4, target["y"] - 2 + at % 3, steps=3)
        if lies_on_top.count():
            break
        page.wait_for_timeout(50)
    with page.expect_navigation():
        page.mouse.up()


def test_the_chair_writes_a_report_members_talk_and_vote_and_the_director_has_it(
    open_page: OpenPage, cast: Cast
) -> None:
    report = ReportFactory().new(cast)
    first = report.outline()[0]
    add_item(report, actor=cast.uc_chair, data={"title": "Second", "text": "Teach the tools."})
    outline = f"/reports/{report.key}/outline/"
    chair = open_page(cast.uc_chair, outline)
    chair.get_by_role("link", name="Add an item", exact=True).click()
    sheet = chair.locator("#sheet")
    sheet.get_by_label("Title").fill("Third")
    sheet.get_by_label("Text").fill("Begin with the Portal.")
    sheet.get_by_role("button", name="Save").click()
    expect(chair.locator("[data-item]")).to_have_count(3)
    # The third is dragged above the first; then the keyboard puts it below it again.
    drag_to_the_top(chair, 2)
    expect(chair.locator("[data-item] .outline-head > a").first).to_have_text("Third")
    assert headings(chair)[2] == "Second"
    with chair.expect_navigation():
        chair.locator("[data-item] .menu > summary").first.press("Enter")
        chair.get_by_role("button", name="Move down").first.press("Enter")
    assert headings(chair)[1] == "Third"
    expect(chair.locator("[data-item]").nth(1).locator(".menu > summary")).to_be_focused()
    assert_no_violations(chair)

    member = open_page(cast.uc_member, outline)
    member.locator(f"#item-{first.pk}").get_by_role("link", name="Comment").click()
    member.get_by_role("textbox", name="Comment").fill("Say which queries.")
    member.get_by_role("button", name="Comment", exact=True).click()
    expect(member.locator("#comments")).to_contain_text("Say which queries.")
    assert_no_violations(member)
    for page in (member, chair):
        page.goto(f"/reports/{report.key}/votes/")
        page.get_by_role("button", name="For it").click()
    expect(chair.get_by_text("It carries.")).to_be_visible()
    chair.goto(outline)
    chair.get_by_text("1 comment").click()
    expect(chair.get_by_text("Say which queries.")).to_be_visible()
    chair.goto(report.get_absolute_url())
    expect(chair.get_by_text(f"on item {first.number}")).to_be_visible()
    chair.get_by_role("button", name="Adopt").or_(chair.get_by_role("link", name="Adopt")).first.click()
    deliver = chair.get_by_role("link", name="Deliver")
    deliver.click()
    due = timezone.now() + datetime.timedelta(days=180)
    sheet.get_by_label("Response due").fill(f"{due:%Y-%m-%dT12:00}")
    sheet.get_by_role("button", name="Deliver").click()
    expect(chair.locator(".page-sentence").first).to_contain_text("Delivered")
    director = open_page(cast.director, report.get_absolute_url())
    expect(director.locator("#items")).to_contain_text("Third")
    expect(director.get_by_text("Say which queries.")).to_have_count(0)


def test_the_director_answers_an_item_and_the_committee_gives_its_verdict(
    open_page: OpenPage, cast: Cast
) -> None:
    response = ResponseFactory().in_state("awaiting", cast)
    at = response.item.get_absolute_url()
    director = open_page(cast.director, at)
    director.locator("#response").get_by_role("link", name="Answer").click()
    sheet = director.locator("#sheet")
    sheet.get_by_label("Disposition").select_option("accept")
    sheet.get_by_label("Response", exact=True).fill("We will, with the next release.")
    sheet.get_by_role("button", name="Answer").click()
    expect(director.locator("#response")).to_contain_text("Received")
    chair = open_page(cast.uc_chair, at)
    chair.locator("#response").get_by_role("link", name="Accept").first.click()
    chair.locator("#sheet").get_by_role("button", name="Accept").click()
    expect(chair.locator("#response")).to_contain_text("Acceptable")
    assert Response.objects.get(pk=response.pk).state == Response.State.ACCEPTABLE
    assert_no_violations(chair)
    assert_fits(chair)
