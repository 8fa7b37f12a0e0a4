"""The days of a proposer and of a reviewer in a real browser: what is typed is kept, the recused read no more."""

from __future__ import annotations

from pathlib import Path

from django.utils import timezone
from playwright.sync_api import expect

from ops.allocations.models import Request, Review
from ops.tickets.models import Ticket
from ops.workflow.services import create, perform
from tests.allocations.factories import ABSTRACT, RequestFactory, periodic_call, soon, with_rights
from tests.cast import Cast
from tests.e2e.conftest import PHONE, OpenPage, assert_fits, assert_no_violations

WIDE = {"viewport": {"width": 1360, "height": 900}}
WRITE = RequestFactory()


def test_a_request_is_written_sent_returned_and_sent_again(
    open_page: OpenPage, cast: Cast, tmp_path: Path
) -> None:
    periodic_call(closes_at=soon)
    with_rights(cast.reporter)
    page = open_page(cast.reporter, "/requests/mine/", **WIDE)
    page.get_by_role("link", name="Ask for resources").first.click()
    page.get_by_label("Title").fill("Slow novae")
    page.get_by_role("button", name="Begin the request").click()

    page.get_by_label("Abstract").fill("Novae that fade for years.")
    expect(page.locator("[data-kept]")).to_have_text("Draft kept")
    page.reload()
    expect(page.get_by_label("Abstract")).to_have_value("Novae that fade for years.")
    page.get_by_label("Science and methods").fill("Difference imaging of every visit.")
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("People")
    page.get_by_role("button", name="Save and go on").click()

    asked = page.get_by_label("Compute, quarter 1", exact=True)
    asked.fill("5000")
    page.get_by_label("Why so much Compute").fill("A minute for each visit.")
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_role("alert")).to_contain_text("5,000 core-hours are more than the 1,000")
    asked.fill("800")
    page.get_by_role("button", name="Save and go on").click()

    wrong = tmp_path / "plan.pdf"
    wrong.write_bytes(b"no such thing")
    page.get_by_label("Add files").set_input_files(wrong)
    page.get_by_role("button", name="Attach").click()
    expect(page.get_by_role("alert")).to_contain_text("ends in .pdf but is none")
    page.get_by_role("link", name="Check the request").click()
    expect(page.get_by_text("Everything is there.")).to_be_visible()
    assert_no_violations(page)
    page.get_by_role("button", name="Send the request").click()
    expect(page.locator("#ticket")).to_contain_text("Submitted")

    request = Request.objects.get()
    page.goto("/requests/mine/")
    expect(page.get_by_role("row", name="Slow novae")).to_contain_text("the technical assessors")
    data = {"revise_by": soon(cast)}
    perform(request, "return_for_revision", actor=cast.assessor, data=data, reason="Say how long they fade.")

    page = open_page(cast.reporter, "/requests/mine/", color_scheme="dark", **PHONE)
    assert_fits(page)
    page.get_by_role("link", name="Go on writing").click()
    expect(page.get_by_text("Say how long they fade.")).to_be_visible()
    assert_fits(page)
    page.get_by_role("link", name="Science").click()
    page.get_by_label("Abstract").fill("Novae that fade for two years.")
    assert_fits(page)
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Resources").click()
    expect(page.get_by_label("Compute, quarter 1", exact=True)).to_be_visible()
    assert_fits(page)
    page.get_by_role("link", name="Check and send").click()
    page.get_by_role("button", name="Send it again").click()
    page.get_by_role("link", name="Version 2").click()
    expect(page.locator(".differences ins")).to_have_text("two ")
    assert_no_violations(page)


def asked_to_review(cast: Cast, title: str) -> Review:
    """A review that a member of the committee is asked for."""
    request = WRITE.in_state("in_review", cast, title=title)
    data = {"request": request.key, "reviewer": cast.rac_member.username, "why": "Both about novae."}
    return create(Review, actor=cast.rac_chair, data=data, moment=timezone.now())


def test_a_member_reviews_one_request_and_is_recused_from_another(open_page: OpenPage, cast: Cast) -> None:
    review, barred = asked_to_review(cast, "Slow novae"), asked_to_review(cast, "Fast novae")
    page = open_page(cast.rac_member, "/reviews/", **WIDE)
    page.get_by_role("link", name="Slow novae").click()
    expect(page.get_by_text("Both about novae.")).to_be_visible()
    page.get_by_role("button", name="Accept").click()
    page.locator("[name=score-merit][value='4']").check()
    page.locator("[name=score-means][value='3']").check()
    page.get_by_label("Confidence").select_option("high")
    page.get_by_label("Comment to committee").fill("Sound, and a little long.")
    expect(page.locator("[data-kept]")).to_have_text("Draft kept")
    page.reload()
    expect(page.get_by_label("Comment to committee")).to_have_value("Sound, and a little long.")
    expect(page.locator("[name=score-merit][value='4']")).to_be_checked()
    assert_no_violations(page)
    page.get_by_role("button", name="Send the review").click()
    expect(page.get_by_text("You see the others from now on.")).to_be_visible()
    assert Review.objects.get(pk=review.pk).overall is not None

    page.goto(f"/reviews/{barred.pk}/")
    expect(page.get_by_text(ABSTRACT)).to_be_visible()
    page.get_by_role("link", name="say so").click()
    page.get_by_label("Why you must not judge it").fill("My doctoral student.")
    page.get_by_role("button", name="Recuse me").click()
    expect(page.get_by_role("row", name="Fast novae")).to_contain_text("Recused")
    for _ in range(2):  # the browser has kept nothing
        page.go_back()
        expect(page.get_by_text(ABSTRACT)).to_have_count(0)
    page.goto(f"/calls/{barred.request.call_id}/requests/{barred.request.key}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Fast novae")
    expect(page.get_by_text("You are recused.")).to_be_visible()
    expect(page.get_by_text(ABSTRACT)).to_have_count(0)
    assert Ticket.objects.get(pk=barred.request_id).state == "in_review"
