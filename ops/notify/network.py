"""Calling addresses that people typed in, without letting them reach what stands beside us.

Whoever may enter a webhook could otherwise make this server ask the database host, the metadata service of
the cloud, or a page that trusts the inner network. So: the name is resolved once, every address behind it
must be public or allowed by `WEBHOOK_ALLOWED_NETWORKS`, and the connection goes to that very address.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 10.0
ANSWER_BYTES = 1000
_PORTS = {"https": 443, "http": 80}
# How long we are asked to wait; more digits are no wish but a trap.
_SECONDS = re.compile(r"[0-9]{1,9}")
_EXAMPLE = "Write an address like https://hooks.example.org/path."
# Addresses that carry an IPv4 address inside could point at a private one through a gateway.
_TRANSLATED = tuple(
    ipaddress.ip_network(network) for network in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
)
Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Target:
    """An address taken apart."""

    scheme: str
    host: str
    port: int
    path: str


class Forbidden(ValueError):
    """We do not call this address."""


class NoAnswer(Exception):
    """The other side did not answer in time, or not in HTTP."""


@dataclass(frozen=True)
class Answer:
    """What came back: the status, the first words, and how long to wait when the other side asked for it."""

    status: int
    text: str
    retry_after: int | None


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send a body to an address and return the answer; follows no redirect.

    Raises `Forbidden` for an address that we do not call, `NoAnswer` when it does not answer within
    `ANSWER_SECONDS` after the connection.
    """
    target = _parsed(url)
    connection: http.client.HTTPConnection | None = None
    try:
        connection = _connected(target)
        with _deadline(connection.sock):
            connection.request("POST", target.path, body=body, headers=dict(headers))
            response = connection.getresponse()
            text = response.read(ANSWER_BYTES).decode(errors="replace")
            wait = response.headers.get("Retry-After", "")
        return Answer(response.status, text.strip(), int(wait) if _SECONDS.fullmatch(wait) else None)
    except (OSError, http.client.HTTPException) as error:
        raise NoAnswer(f"{type(error).__name__}: {error}") from error
    finally:
        if connection is not None:
            connection.close()


def validate_url(url: str) -> None:
    """Refuse, when it is entered, an address that we would never call; for forms and model fields.

    Where the name leads is asked at every call and not here: it can change.
    """
    try:
        target = _parsed(url)
        if (address := _literal(target.host)) is not None:
            _permitted(address, target.scheme)
    except Forbidden as error:
        raise ValidationError(str(error)) from error


def _parsed(url: str) -> Target:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Forbidden(_EXAMPLE) from None
    if parts.scheme not in _PORTS or not parts.hostname or port == 0:
        raise Forbidden(_EXAMPLE)
    if parts.username or parts.password:
        raise Forbidden("The address must not contain a name or a password.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, parts.hostname, port or _PORTS[parts.scheme], path)


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _permitted(address: Address, scheme: str) -> None:
    plain = getattr(address, "ipv4_mapped", None) or address
    if any(plain in network for network in settings.WEBHOOK_ALLOWED_NETWORKS):
        return
    if not plain.is_global or plain.is_multicast or any(plain in network for network in _TRANSLATED):
        raise Forbidden(f"{address} is not a public address.")
    if scheme != "https":
        raise Forbidden("The address must begin with https://, since what is sent is not for everybody.")


def _connected(target: Target) -> http.client.HTTPConnection:
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))
    for address in addresses:
        _permitted(ipaddress.ip_address(address.partition("%")[0]), target.scheme)
    sock = _reached(addresses, target.port)
    if target.scheme == "https":
        try:
            sock = ssl.create_default_context().wrap_socket(sock, server_hostname=target.host)
        except OSError:
            sock.close()
            raise
    connection = http.client.HTTPConnection(target.host, target.port, timeout=ANSWER_SECONDS)
    connection.sock = sock
    return connection


def _reached(addresses: list[str], port: int) -> socket.socket:
    """Connect to the first address, or the second: there may be one for IPv6 and one for IPv4."""
    first, *others = addresses
    try:
        return _socket(first, port)
    except OSError:
        if not others:
            raise
        return _socket(others[0], port)


def _socket(address: str, port: int) -> socket.socket:
    sock = socket.create_connection((address, port), timeout=CONNECT_SECONDS)
    sock.settimeout(ANSWER_SECONDS)
    return sock


@contextlib.contextmanager
def _deadline(sock: socket.socket) -> Iterator[None]:
    """Cut the line when the whole exchange takes too long: its time-out would allow a byte at a time."""
    cut = threading.Event()

    def cut_off() -> None:
        cut.set()
        with contextlib.suppress(OSError):
            # Not the method of the TLS socket, which would take the encryption away under the reader's feet.
            socket.socket.shutdown(sock, socket.SHUT_RDWR)

    timer = threading.Timer(ANSWER_SECONDS, cut_off)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
    if cut.is_set():  # half an answer can look like a whole one
        raise TimeoutError(f"no complete answer within {ANSWER_SECONDS:g} s")
