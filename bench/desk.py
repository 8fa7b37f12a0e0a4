"""The desk, through its API and its pages, as a community scientist uses it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.cached_db import SessionStore  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402

from bench.contenders import Deed  # noqa: E402
from bench.doors import Door, InProcess, OverHttp  # noqa: E402
from bench.words import COMMONEST, RARE  # noqa: E402
from ops.issues.models import Issue  # noqa: E402
from ops.people import tokens  # noqa: E402
from ops.people.models import User  # noqa: E402
from ops.workflow.services import create, perform  # noqa: E402

TITLE, DESCRIPTION = "The cut-out of visit 4711 is empty", "Nothing appears where the galaxy should be. " * 5
SCIENTIST, OUTSIDER = "person-4", "person-6000"


def deeds(port: int | None) -> Mapping[str, Deed]:
    """Return everything that can be measured."""
    door: Door = OverHttp(port) if port else InProcess(get_wsgi_application())
    scientist, outsider = (User.objects.get(username=name) for name in (SCIENTIST, OUTSIDER))
    token = {"Authorization": f"Bearer {tokens.issue(scientist, actor=scientist, name='benchmark').secret}"}
    pages, outside = (
        {"Cookie": f"{settings.SESSION_COOKIE_NAME}={_session_of(p)}"} for p in (scientist, outsider)
    )
    keys = itertools.cycle(_keys("closed", 200) + _keys("triaged", 50))
    triaged, more_triaged = iter(_keys("triaged", 400)), iter(_issues("triaged", 400))
    new = {"title": TITLE, "description": DESCRIPTION}

    def asked(address: str, headers: Mapping[str, str] = token) -> Deed:
        return lambda: _good(door("GET", address, headers=headers))

    def pushed() -> int:
        return _good(door("POST", f"/api/v1/issues/{next(triaged)}/transitions/investigate/", {}, token))

    def moved() -> int:
        perform(next(more_triaged), "investigate", actor=scientist)
        return 0

    def made() -> int:
        create(Issue, actor=scientist, data=new)
        return 0

    return {
        "create": lambda: _good(door("POST", "/api/v1/issues/", new, token)),
        "read": lambda: _good(door("GET", f"/api/v1/issues/{next(keys)}/", headers=token)),
        "list": asked("/api/v1/issues/"),
        "search, a rare word": asked(f"/api/v1/issues/?search={RARE}"),
        "search, a common word": asked(f"/api/v1/issues/?search={COMMONEST}"),
        "search, two words": asked("/api/v1/issues/?search=detector+pipeline"),
        "transition": pushed,
        "create, in the engine": made,
        "transition, in the engine": moved,
        "queue page": asked("/tickets/?live=yes", pages),
        "ticket page": lambda: _good(door("GET", f"/tickets/{next(keys)}/", headers=pages)),
        "board": asked("/board/", pages),
        "search page": asked(f"/search/?q={COMMONEST}", pages),
        "queue page, member": asked("/tickets/?live=yes", outside),
        "queue page, public": asked("/tickets/?live=yes", {}),
        "board, member": asked("/board/", outside),
    }


def _issues(state: str, most: int) -> Iterator[Issue]:
    rows = Issue.objects.filter(state=state, visibility="public").order_by("-pk")
    return iter(list(rows[:most]))


def _keys(state: str, most: int) -> list[str]:
    # From the other end than `_issues`, so that nothing is moved twice; the driver takes those of the community.
    rows = Issue.objects.filter(state=state, visibility="public").order_by("pk")
    return list(rows.values_list("key", flat=True)[:most])


def _session_of(person: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def _good(answer: tuple[int, Any]) -> int:
    status, body = answer
    if status not in (200, 201):
        raise AssertionError(f"{status}: {body[:300]!r}")
    return len(body)
