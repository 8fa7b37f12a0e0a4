"""The chair's day in a real browser: the panel, one discussion, the line tried and adjusted, what is recommended."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from ops.allocations.lines import draw
from ops.allocations.models import Adjustment
from ops.allocations.ranking import rank_call
from tests.allocations.committee import SENT_AT, barred, limited, scored
from tests.cast import Cast
from tests.e2e.conftest import PHONE, OpenPage, assert_fits, assert_no_violations

WIDE = {"viewport": {"width": 1360, "height": 900}}


def test_the_chair_leads_from_the_panel_to_the_recommendations(open_page: OpenPage, cast: Cast) -> None:
    call, (first, *_) = scored(cast, (5, 5), (4, 4), (2, 1))
    offer = limited(call, 400)
    rank_call(call, actor=cast.rac_chair)
    draw(call, basis="ranked", actor=cast.rac_chair)
    page = open_page(cast.rac_chair, f"/calls/{call.pk}/panel/{first.key}/", **WIDE)
    page.get_by_label("Note of the discussion").fill("Strong; half of the field is known.")
    page.get_by_role("button", name="Keep the note").click()
    expect(page.get_by_text("Last by")).to_be_visible()
    page.get_by_label("Turn").fill("3")
    page.get_by_role("button", name="Set").click()
    page.goto(f"/calls/{call.pk}/panel/?order=agenda")
    expect(page.locator(".rows-panel tbody tr").first).to_contain_text(first.key)

    page.get_by_role("link", name="The line").click()
    page.evaluate("window.stillTheSamePage = true")
    line = page.locator("tr.the-line")
    expect(line).to_contain_text("2 requests above it")
    page.get_by_role("spinbutton", name="Compute").fill("50")
    page.get_by_role("spinbutton", name="Compute").press("Tab")
    expect(page.get_by_text("Tried, not kept.")).to_be_visible()
    expect(line).to_contain_text("1 request above it")
    expect(page).to_have_url(f"{page.url.split('?')[0]}?offer-{offer.pk}=50")
    assert page.evaluate("window.stillTheSamePage")
    page.get_by_role("link", name="As it is").click()
    expect(line).to_contain_text("2 requests above it")
    page.get_by_role("link", name=f"Adjust {first.key}").click()
    page.get_by_label("Each amount").check()
    page.get_by_role("textbox", name="Compute, quarter 1").fill("120")
    page.get_by_label("Why").fill("Half of the field is done already.")
    assert_no_violations(page)
    page.get_by_role("button", name="Adjust", exact=True).click()
    expect(page.get_by_text("Half of the field is done already.")).to_be_visible()
    assert Adjustment.objects.get().place.request_id == first.pk

    call.requests.update(state="discussed", submitted_at=SENT_AT)
    page.get_by_role("link", name="Recommendations").click()
    page.get_by_role("button", name="Take over what the line gives").click()
    row = page.locator(f"#row-{first.key}")
    expect(row).to_contain_text("Recommended: 60 %")
    row.get_by_role("link", name="Amounts").click()
    page.get_by_role("textbox", name="Compute, quarter 1").fill("150")
    page.get_by_role("button", name="Save the amounts").click()
    expect(row).to_contain_text("Recommended: 75 %")
    assert_no_violations(page)


@pytest.mark.parametrize(("screen", "colours"), [(WIDE, "light"), (PHONE, "dark")], ids=["wide", "phone"])
def test_the_committees_pages_fit_and_can_be_read(
    open_page: OpenPage, cast: Cast, screen: dict[str, Any], colours: str
) -> None:
    call, (first, *_) = scored(cast, (5, 5), (4, 4), (2, 1))
    rank_call(call, actor=cast.rac_chair)
    draw(call, basis="optimal", actor=cast.rac_chair)
    barred(call.requests.last(), cast.rac_chair)
    page = open_page(cast.rac_chair, f"/calls/{call.pk}/panel/", color_scheme=colours, **screen)
    for path in ("panel/", f"panel/{first.key}/", "line/", "reviewers/", "wishes/", "figures/"):
        page.goto(f"/calls/{call.pk}/{path}")
        assert_no_violations(page)
        assert_fits(page)
