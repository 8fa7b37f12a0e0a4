"""A small authorisation service: the override document and what it enforces, over real HTTP.

It checks what the real one checks: the token, unknown keys (422), whole replacement.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from ops.allocations.quota.document import Document, NotADocument, read
from ops.allocations.quota.grouping import effective

TOKEN = "gt-only-for-tests"
OVERRIDES = "/auth/api/v1/quota-overrides"
USERS = "/auth/api/v1/users/"


@dataclass
class Service:
    """What the service knows; tests look at it and change it between requests."""

    base: Document = field(default_factory=Document)
    groups: dict[str, list[str]] = field(default_factory=dict)
    overrides: dict[str, Any] | None = None
    asked: list[str] = field(default_factory=list)
    forgets: bool = False
    address: str = ""

    def quota_of(self, groups: list[str]) -> Mapping[str, Any]:
        """The limits that hold for somebody."""
        return effective(self.base, read(self.overrides or {}), groups).as_json()


class Handler(BaseHTTPRequestHandler):
    """Answers as the service does."""

    service: Service

    def log_message(self, *args: object) -> None:
        """Tests read what was asked, not a log."""

    def answer(self, status: int, body: object = None) -> None:
        raw = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def is_let_in(self) -> bool:
        self.service.asked.append(f"{self.command} {self.path}")
        if self.headers["Authorization"] == f"Bearer {TOKEN}":
            return True
        self.answer(403, {"detail": [{"msg": "Permission denied"}]})
        return False

    def do_GET(self) -> None:
        if not self.is_let_in():
            return
        if self.path == OVERRIDES:
            self.answer(404) if self.service.overrides is None else self.answer(200, self.service.overrides)
            return
        name = unquote(self.path.removeprefix(USERS))
        if name not in self.service.groups:
            self.answer(404)
            return
        groups = self.service.groups[name]
        told = [{"name": group, "id": number} for number, group in enumerate(groups)]
        self.answer(200, {"username": name, "groups": told, "quota": self.service.quota_of(groups)})

    def do_PUT(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        if not self.is_let_in():
            return
        value = json.loads(raw)
        try:
            read(value)
        except NotADocument as problem:
            self.answer(422, {"detail": problem.problems})
            return
        if not self.service.forgets:
            self.service.overrides = value
        self.answer(200, value)

    def do_DELETE(self) -> None:
        if self.is_let_in():
            self.service.overrides = None
            self.answer(204)


@contextmanager
def running(service: Service) -> Iterator[Service]:
    """Serve on a free port of this machine until the test is over."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Own", (Handler,), {"service": service}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    service.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
