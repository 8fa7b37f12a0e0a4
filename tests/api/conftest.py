"""Everybody of the cast at the door of the API, each with a token of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from ops.people import tokens
from ops.people.models import User

V1 = "/api/v1/"


class Caller:
    """Somebody who calls the API with JSON; addresses are given below /api/v1/."""

    def __init__(self, person: Any = None) -> None:
        self.headers = {}
        if isinstance(person, User):
            secret = tokens.issue(person, actor=person, name="tests").secret
            self.headers["authorization"] = f"Bearer {secret}"
        self.client = Client()

    def _call(self, method: str, address: str, **options: Any) -> Any:
        address = address if address.startswith(("/", "http")) else V1 + address
        headers = {**self.headers, **options.pop("headers", {})}
        return getattr(self.client, method)(address, headers=headers, **options)

    def get(self, address: str, **options: Any) -> Any:
        return self._call("get", address, **options)

    def post(self, address: str, data: Any = None, **options: Any) -> Any:
        return self._call("post", address, data=data, content_type="application/json", **options)

    def patch(self, address: str, data: Any = None, **options: Any) -> Any:
        return self._call("patch", address, data=data, content_type="application/json", **options)

    def delete(self, address: str, **options: Any) -> Any:
        return self._call("delete", address, **options)

    def upload(self, address: str, **parts: Any) -> Any:
        return self._call("post", address, data=parts)

    def raw(self, method: str, address: str, body: bytes, content_type: str = "application/json") -> Any:
        return self.client.generic(method, V1 + address, body, content_type, headers=self.headers)


@pytest.fixture
def call(db: None) -> Callable[[Any], Caller]:
    """Return who calls: `call(cast.reporter)`; `call(cast.anonymous)` has no token."""
    known: dict[Any, Caller] = {}

    def caller(person: Any) -> Caller:
        key = getattr(person, "pk", None)
        if key not in known:
            known[key] = Caller(person)
        return known[key]

    return caller
