"""A real browser on a real server. Every page a test opens is watched: one word on the console, one script error
or one request to another host, and the test fails, whatever it was about."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from ops.people.models import User

# Playwright keeps an event loop in the thread of the test; Django would take that for asynchronous code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
# The browser reports on the console what a refusal is meant to be: an answer with such a status.
REFUSED = re.compile(
    r"Failed to load resource: the server responded with a status of (401|403|404|409|413|422|429)"
)

# Only what is wrong is brought here, as text: all that axe has looked at would take longer to carry than to find.
VIOLATIONS = """
options => axe.run({preload: false, resultTypes: ["violations"], ...options}).then(found =>
    found.violations.flatMap(each =>
        [`${each.id}: ${each.help}`, ...each.nodes.map(node => `    ${node.html.slice(0, 160)}`)]))
"""
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}

OpenPage = Callable[..., Page]


class Watch:
    """Collects what no page may do."""

    def __init__(self, address: str) -> None:
        self.host = urlsplit(address).netloc
        self.complaints: list[str] = []

    def attend(self, context: BrowserContext) -> None:
        """Listen to every page of a browser context."""
        context.on("console", self.on_console)
        context.on("weberror", lambda problem: self.complaints.append(f"script error: {problem.error}"))
        context.on("request", lambda request: self.on_request(request.url))

    def on_console(self, message: ConsoleMessage) -> None:
        """Note a message, unless it is a refusal that the page has asked for."""
        is_file = "/static/" in message.location["url"]
        if is_file or not REFUSED.match(message.text):
            self.complaints.append(f"console {message.type}: {message.text} ({message.location['url']})")

    def on_request(self, url: str) -> None:
        """Note a request that leaves for another host."""
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob", "about") and parts.netloc != self.host:
            self.complaints.append(f"request to another host: {url}")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Use the Chromium of the machine: nothing is downloaded for the tests."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "The browser tests need Chromium: install it, or name it in CHROMIUM."
    return {**browser_type_launch_args, "executable_path": path, "args": ["--no-sandbox"]}


@pytest.fixture(autouse=True)
def plain_file_names(settings: Any) -> None:
    """Serve static files as they lie, without the manifest of a deployment."""
    backend = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": backend}}


@pytest.fixture
def watch(request: pytest.FixtureRequest) -> Iterator[Watch]:
    """Fail the test at its end for anything that a page should not have done."""
    has_server = "live_server" in request.fixturenames
    watch = Watch(request.getfixturevalue("live_server").url if has_server else "")
    yield watch
    assert watch.complaints == []


@pytest.fixture
def context(context: BrowserContext, watch: Watch) -> BrowserContext:
    """Watch the pages that tests get from Playwright itself."""
    watch.attend(context)
    return context


@pytest.fixture
def open_page(browser: Browser, live_server: Any, watch: Watch) -> Iterator[OpenPage]:
    """Give a function that opens a page in a browser of its own, as a person or as a stranger.

    `open_page(user, "/profile/", color_scheme="dark", **PHONE)`: options are those of a browser context.
    """
    contexts: list[BrowserContext] = []

    def opened(user: User | None = None, path: str = "/", **options: Any) -> Page:
        context = browser.new_context(base_url=live_server.url, reduced_motion="reduce", **options)
        contexts.append(context)
        watch.attend(context)
        if user is not None:
            client = Client()
            client.force_login(user)
            name = django_settings.SESSION_COOKIE_NAME
            context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        page = context.new_page()
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()


def assert_no_violations(page: Page, **options: Any) -> None:
    """Fail with a list of what axe finds on the page as it stands now."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate(VIOLATIONS, options)
    assert found == [], "\n".join(found)


def assert_good_in_every_light(page: Page) -> None:
    """Fail unless a page that was opened in the light fits and is without violations, and can be read in the dark."""
    assert_fits(page)
    assert_no_violations(page)
    page.emulate_media(color_scheme="dark")
    assert_no_violations(page, **COLOURS)  # nothing else changes with the light
    page.emulate_media(color_scheme="light")


def assert_fits(page: Page) -> None:
    """Fail when the page must be scrolled sideways; while another page is on its way, there is none to ask."""
    page.wait_for_function("document.documentElement?.scrollWidth <= window.innerWidth", timeout=5_000)
