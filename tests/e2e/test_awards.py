"""The Operations Director's day in a real browser, and the proposer's: decide, publish, read the letter, accept."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from ops.allocations.models import Award, Request
from ops.allocations.models.decisions import Stage
from ops.jobs.models import Job
from ops.jobs.services import do
from tests.allocations.awards import awarded, ranked_call
from tests.allocations.factories import moved, outcome
from tests.cast import Cast
from tests.e2e.conftest import PHONE, OpenPage, assert_fits, assert_no_violations

WIDE = {"viewport": {"width": 1360, "height": 900}}


def test_a_call_is_decided_and_published_and_an_award_accepted(open_page: OpenPage, cast: Cast) -> None:
    call, (first, second) = ranked_call(cast, 2)
    page = open_page(cast.operations_director, f"/calls/{call.pk}/decisions/", **WIDE)
    row = page.locator(f"#row-{second.key}")
    row.get_by_label("Award").select_option("none")
    page.get_by_role("button", name="Save this page").click()
    expect(row.get_by_role("alert")).to_contain_text("not what the committee recommends")
    row.get_by_label("Reason").fill("The images are not there yet.")
    page.get_by_role("button", name="Save this page").click()
    expect(page.locator(f"#row-{second.key}")).to_contain_text("differs")
    page.get_by_role("link", name="Decide", exact=True).click()
    page.get_by_role("button", name="Decide", exact=True).click()
    expect(page.locator("#record")).to_contain_text("Decided")
    page.get_by_role("link", name="Decisions").first.click()
    page.get_by_role("button", name="Publish the results").click()
    expect(page.locator(".job")).to_be_visible()
    do(Job.objects.get().pk)
    page.goto(f"/calls/{call.pk}/decisions/")
    assert dict(Request.objects.values_list("key", "state")) == {first.key: "awarded", second.key: "declined"}

    page = open_page(cast.reporter, f"/tickets/{first.key}/letter/", **WIDE)
    expect(page.get_by_text("Your request is granted in full.")).to_be_visible()
    assert_no_violations(page)
    letter = page.request.get(f"/tickets/{first.key}/letter.pdf")
    assert letter.body().startswith(b"%PDF")
    page.get_by_role("link", name="Accept the award").click()
    page.get_by_role("button", name="Accept the award").click()
    expect(page.locator("#ticket")).to_contain_text("Accepted")
    assert Award.objects.get().request_id == first.pk


@pytest.mark.parametrize(("screen", "colours"), [(WIDE, "light"), (PHONE, "dark")], ids=["wide", "phone"])
def test_pages_of_awards_fit_and_can_be_read(
    open_page: OpenPage, cast: Cast, screen: dict[str, Any], colours: str
) -> None:
    call, (request, _) = ranked_call(cast, 2)
    outcome(request, cast.operations_director, Stage.DECIDED, part="0.5", grade="reduced", reason="Room.")
    award = awarded(cast, {"compute": 1000, "storage": 12})
    moved(award.request, "active")
    page = open_page(cast.operations_director, "/awards/", color_scheme=colours, **screen)
    for path in (
        f"/calls/{call.pk}/decisions/",
        "/awards/",
        f"/awards/{award.request.key}/",
        "/quotas/",
        "/entitlements/",
    ):
        page.goto(path)
        assert_no_violations(page)
        assert_fits(page)
