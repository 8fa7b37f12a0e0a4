"""The committee's day in a real browser: the panel, one discussion, the line tried and adjusted in place."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from ops.allocations.lines import draw
from ops.allocations.models import Adjustment
from ops.allocations.ranking import rank_call
from tests.allocations.committee import barred, limited, scored
from tests.cast import Cast
from tests.e2e.conftest import PHONE, OpenPage, assert_fits, assert_no_violations

WIDE = {"viewport": {"width": 1360, "height": 900}}


def test_the_chair_tries_and_adjusts_the_line_without_reloading(open_page: OpenPage, cast: Cast) -> None:
    call, (first, *_) = scored(cast, (5, 5), (4, 4), (2, 1))
    offer = limited(call, 400)
    rank_call(call, actor=cast.rac_chair)
    draw(call, basis="ranked", actor=cast.rac_chair)
    page = open_page(cast.rac_chair, f"/calls/{call.pk}/line/", **WIDE)
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
    page.get_by_label("Given, in percent").fill("50")
    page.get_by_label("Why").fill("Half of the field is done already.")
    page.get_by_role("button", name="Adjust", exact=True).click()
    expect(page.get_by_text("Half of the field is done already.")).to_be_visible()
    assert Adjustment.objects.get().place.request_id == first.pk
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
