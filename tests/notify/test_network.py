"""What we call, what we never call, and how long we wait."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from django.core.exceptions import ValidationError
from pytest_django import Settings

from ops.notify import network
from ops.notify.network import Forbidden, NoAnswer, post, validate_url
from tests.notify.receiver import Receiver

INSIDE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",  # the metadata service of many clouds
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "[::1]",
    "[::]",
    "[fe80::1]",
    "[fd00::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:169.254.169.254]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "2130706433",
    "0x7f.1",
]


@pytest.mark.parametrize("host", INSIDE)
def test_an_address_inside_is_never_called(host: str) -> None:
    with pytest.raises(Forbidden):
        post(f"https://{host}/", b"", {})


def test_a_name_that_leads_inside_is_never_called() -> None:
    validate_url("https://localhost/")  # nobody has asked yet where it leads
    with pytest.raises(Forbidden, match="not a public address"):
        post("https://localhost/", b"", {})


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.org",
        "ftp://hooks.example.org/",
        "file:///etc/passwd",
        "https:///path",
        "https://user:password@hooks.example.org/",
        "https://hooks.example.org:0/",
        "https://hooks.example.org:99999/",
        "https://[::1/",
        "http://93.184.216.34/",
        "https://127.0.0.1/",
    ],
)
def test_what_could_never_be_called_is_refused_when_it_is_entered(url: str) -> None:
    with pytest.raises(ValidationError):
        validate_url(url)


@pytest.mark.parametrize(
    "url", ["https://hooks.example.org/services/T0/B0", "https://93.184.216.34:8443/x?y=z"]
)
def test_a_public_address_can_be_entered(url: str) -> None:
    validate_url(url)


def test_an_allowed_network_can_be_called_without_encryption(receiver: Receiver) -> None:
    answer = post(receiver.url("/x"), b"hello", {"X-Test": "1"})
    assert (answer.status, answer.text) == (200, "said the receiver")
    (request,) = receiver.requests
    assert (request.path, request.body, request.headers["x-test"]) == ("/x", b"hello", "1")
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"


def test_a_network_beside_the_allowed_one_stays_shut(receiver: Receiver, settings: Settings) -> None:
    settings.WEBHOOK_ALLOWED_NETWORKS = [ipaddress.ip_network("127.0.1.0/24")]
    with pytest.raises(Forbidden):
        post(receiver.url(), b"", {})
    assert not receiver.requests


def test_the_settings_of_a_proxy_are_not_used(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert post(receiver.url(), b"", {}).status == 200


@pytest.fixture
def silent_port(settings: Settings) -> Iterator[int]:
    """A server that sends one byte of an answer every tenth of a second, and never ends."""
    settings.WEBHOOK_ALLOWED_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def drip() -> None:
            line, _ = server.accept()
            with closing(line):
                try:
                    line.sendall(b"HTTP/1.1 200 ")
                    while True:
                        line.sendall(b"O")
                        time.sleep(0.1)
                except OSError:
                    return

        threading.Thread(target=drip, daemon=True).start()
        yield server.getsockname()[1]


def test_a_server_that_answers_by_drops_is_cut_off(silent_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "ANSWER_SECONDS", 0.5)
    start = time.monotonic()
    with pytest.raises(NoAnswer):
        post(f"http://127.0.0.1:{silent_port}/", b"", {})
    assert time.monotonic() - start < 3


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_server_that_speaks_another_language_is_no_answer(settings: Settings, scheme: str) -> None:
    settings.WEBHOOK_ALLOWED_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def babble() -> None:
            line, _ = server.accept()
            with closing(line):
                line.recv(100)
                line.sendall(b"220 mail.example ESMTP\r\n")

        threading.Thread(target=babble, daemon=True).start()
        with pytest.raises(NoAnswer):
            post(f"{scheme}://127.0.0.1:{server.getsockname()[1]}/", b"", {})
