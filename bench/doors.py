"""How a request reaches an application: by a call in the same process, or over HTTP."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from io import BytesIO
from typing import Any, Protocol
from urllib.parse import urlsplit


class Door(Protocol):
    """Where requests are put in; answers the status and the body."""

    def __call__(
        self, method: str, address: str, body: Any = None, headers: Mapping[str, str] = {}
    ) -> tuple[int, bytes]:
        """Send one request."""


class InProcess:
    """Calls a WSGI application as a server would, without one."""

    def __init__(self, application: Any) -> None:
        self.application = application

    def __call__(
        self, method: str, address: str, body: Any = None, headers: Mapping[str, str] = {}
    ) -> tuple[int, bytes]:
        """Send one request."""
        said: list[str] = []
        parts, sent = urlsplit(address), b"" if body is None else json.dumps(body).encode()
        environ = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "localhost",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(sent)),
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(sent),
            "wsgi.errors": BytesIO(),
            **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()},
        }
        answer = self.application(environ, lambda status, _headers, _error=None: said.append(status))
        try:
            return int(said[0].split()[0]), b"".join(answer)
        finally:
            answer.close()


class OverHttp:
    """Talks to a server on this machine over one connection that stays open."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("localhost", port, timeout=60)

    def __call__(
        self, method: str, address: str, body: Any = None, headers: Mapping[str, str] = {}
    ) -> tuple[int, bytes]:
        """Send one request."""
        sent = None if body is None else json.dumps(body)
        self.connection.request(method, address, sent, {"Content-Type": "application/json", **headers})
        answer = self.connection.getresponse()
        return answer.status, answer.read()
