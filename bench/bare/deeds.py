"""The same seven things, done by the bare application."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from rest_framework.authtoken.models import Token  # noqa: E402

from bench.bare.models import Ticket  # noqa: E402
from bench.bare.wsgi import application  # noqa: E402
from bench.contenders import Deed  # noqa: E402
from bench.doors import Door, InProcess, OverHttp  # noqa: E402
from bench.words import COMMONEST, RARE  # noqa: E402

NEW = {
    "title": "The cut-out of visit 4711 is empty",
    "description": "Nothing appears where the galaxy should be. " * 5,
    "priority": "high",
}


def deeds(port: int | None) -> Mapping[str, Deed]:
    """Return what the bare application can do."""
    door: Door = OverHttp(port) if port else InProcess(application)
    person = get_user_model().objects.get(username="person-4")
    token = {"Authorization": f"Token {Token.objects.get_or_create(user=person)[0].key}"}
    keys = itertools.cycle(Ticket.objects.order_by("pk").values_list("pk", flat=True)[:250])
    triaged = iter(list(Ticket.objects.filter(state="triaged").values_list("pk", flat=True)[:400]))

    def asked(address: str) -> Deed:
        return lambda: _good(door("GET", address, headers=token))

    return {
        "create": lambda: _good(door("POST", "/api/tickets/", NEW, token)),
        "read": lambda: _good(door("GET", f"/api/tickets/{next(keys)}/", headers=token)),
        "list": asked("/api/tickets/"),
        "search, a rare word": asked(f"/api/tickets/?search={RARE}"),
        "search, a common word": asked(f"/api/tickets/?search={COMMONEST}"),
        "search, two words": asked("/api/tickets/?search=detector+pipeline"),
        "transition": lambda: _good(door("POST", f"/api/tickets/{next(triaged)}/investigate/", {}, token)),
        "queue page": asked("/queue/"),
        "ticket page": lambda: _good(door("GET", f"/tickets/{next(keys)}/")),
    }


def _good(answer: tuple[int, bytes]) -> int:
    status, body = answer
    if status not in (200, 201):
        raise AssertionError(f"{status}: {body[:300]!r}")
    return len(body)
