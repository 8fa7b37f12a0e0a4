"""Real servers at the other end of the wire, and a room that has something to say."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator

import pytest
from pytest_django import Settings

from ops.notify import composers
from ops.people.models import User
from tests.notify.mailbox import Mailbox, MailServer
from tests.notify.receiver import Receiver
from tests.notify.room import Room


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Room:
    """A room above that registered the kind `note`; only its kinds exist in the test."""
    monkeypatch.setattr(composers, "_kinds", {})
    room = Room()
    composers.register("note", room.compose, label="Notes")
    return room


@pytest.fixture
def mail_server(settings: Settings) -> Iterator[MailServer]:
    server = MailServer(Mailbox())
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = server.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    yield server
    if server._thread is not None:  # a test may have stopped it
        server.stop()


@pytest.fixture
def mailbox(mail_server: MailServer) -> Mailbox:
    return mail_server.mailbox


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    """A server on this machine, which webhooks may call."""
    settings.WEBHOOK_ALLOWED_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    with Receiver() as server:
        yield server


@pytest.fixture
def person(db: None) -> Callable[..., User]:
    """Make an account: `person("ada", time_zone="America/Santiago")`."""

    def make(username: str, **fields: object) -> User:
        return User.objects.create_user(username, **{"email": f"{username}@people.example", **fields})

    return make


@pytest.fixture
def author(person: Callable[..., User]) -> User:
    return person("author")


@pytest.fixture
def reader(person: Callable[..., User]) -> User:
    return person("reader")
