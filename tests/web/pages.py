"""How tests read pages: as a person, by the words in a part of them, and by what they cost."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.cached_db import SessionStore
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ops.people.models import User

LARGEST_PAGE = 150_000
MOST_QUERIES = 25
_VOID = {"input", "br", "hr", "img", "link", "meta", "path", "circle", "rect", "line", "polyline", "ellipse"}


def browser(person: User, **options: Any) -> Client:
    """A browser in which somebody is signed in: with a session that is simply there, since thousands are made."""
    client, session = Client(**options), SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client


def cost(person: User, address: str) -> int:
    """How many queries a page takes once somebody has been there before; the page must not be too large."""
    client = browser(person)
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(address)
    assert page.status_code == 200
    assert len(page.content) < LARGEST_PAGE
    return len(queries)


def text_of(page: HttpResponse, selector: str = "") -> str:
    """The words of a page, or of its first element that fits `tag`, `.class`, `#id` or several of them.

    A selector is a chain of parents and children with spaces, each of the form `tag.class#id`.
    """
    reader = _Words(selector.split())
    reader.feed(page.content.decode())
    return " ".join("".join(reader.words).split())


class _Words(HTMLParser):
    def __init__(self, wanted: list[str]) -> None:
        super().__init__()
        self.wanted, self.words = wanted, list[str]()
        self.open: list[tuple[str, dict[str, str]]] = []
        self.inside: int | None = None if wanted else 0
        self.is_done = False
        self.skipped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            return
        self.open.append((tag, {name: value or "" for name, value in attrs}))
        if tag in {"script", "style", "template"}:
            self.skipped += 1
        if self.inside is None and not self.is_done and self._fits():
            self.inside = len(self.open)

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID or not self.open:
            return
        if tag in {"script", "style", "template"}:
            self.skipped -= 1
        if self.inside is not None and self.wanted and len(self.open) == self.inside:
            self.inside, self.is_done = None, True
        self.open.pop()
        self.words.append(" ")

    def handle_data(self, data: str) -> None:
        if self.inside is not None and not self.skipped:
            self.words.append(data)

    def _fits(self) -> bool:
        *parents, own = self.wanted
        if not _is(self.open[-1], own):
            return False
        above = iter(self.open[:-1])
        return all(any(_is(element, parent) for element in above) for parent in parents)


def _is(element: tuple[str, dict[str, str]], wanted: str) -> bool:
    tag, attrs = element
    name, _, wanted_id = wanted.partition("#")
    name, *classes = name.split(".")
    return (
        (not name or name == tag)
        and (not wanted_id or attrs.get("id") == wanted_id)
        and set(classes) <= set(attrs.get("class", "").split())
    )
