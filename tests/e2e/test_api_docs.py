"""The description of the API in a real browser: under our own policy it loads, and what it offers can be tried."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from ops.issues.models import Issue
from tests.cast import Cast
from tests.e2e.conftest import OpenPage

CREATE = "#operations-issues-issue_create"


def only_issues(page: Page) -> None:
    """Of several hundred operations, those of issues; the others are drawn as one scrolls to them."""
    page.get_by_placeholder("Filter by tag").fill("issues")


def test_whoever_is_signed_in_tries_it_as_themselves(open_page: OpenPage, cast: Cast) -> None:
    page = open_page(cast.reporter, "/api/docs/")
    expect(page.get_by_text(f"You try these as {cast.reporter.name}.")).to_be_visible()
    only_issues(page)
    page.locator(f"{CREATE} .opblock-summary-control").click()
    page.locator(f"{CREATE} .try-out__btn").click()
    page.locator(f"{CREATE} textarea").fill('{"title": "Made in the browser", "component": "portal"}')
    page.locator(f"{CREATE} .execute").click()
    answer = page.locator(f"{CREATE} .live-responses-table")
    expect(answer).to_contain_text("201")
    expect(answer).to_contain_text("Made in the browser")
    issue = Issue.objects.get()
    assert (issue.title, issue.reporter) == ("Made in the browser", cast.reporter)


def test_strangers_read_what_is_public_and_hear_how_to_do_more(open_page: OpenPage, cast: Cast) -> None:
    page = open_page(None, "/api/docs/")
    expect(page.get_by_text("You see what is public.")).to_be_visible()
    only_issues(page)
    read = page.locator("#operations-issues-issue_list")
    read.locator(".opblock-summary-control").click()
    read.locator(".try-out__btn").click()
    read.locator(".execute").click()
    expect(read.locator(".live-responses-table")).to_contain_text('"results": []')
