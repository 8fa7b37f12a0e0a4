"""One announcement to 10,000 followers: written in seconds, delivered fast, in memory that does not grow."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
from django.conf import settings as django_settings
from django.utils import timezone
from pytest_django import Settings

from ops.notify.delivery import deliver
from ops.notify.models import Channel, Correspondent, Message
from ops.people.models import User
from tests.notify.room import Room, tell

pytestmark = pytest.mark.django_db

FOLLOWERS = 10_000
MEGABYTE = 1024 * 1024


@pytest.fixture
def sink(settings: Settings) -> Iterator[None]:
    """A mail server that does not compete with the worker for the interpreter."""
    command = [sys.executable, "-m", "tests.notify.sink"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=django_settings.BASE_DIR, text=True) as server:
        assert server.stdout is not None
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST = "127.0.0.1"
        settings.EMAIL_PORT = int(server.stdout.readline())
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        yield
        server.kill()


@pytest.fixture
def followers(db: None) -> list[User]:
    followers = User.objects.bulk_create(
        [User(username=f"f{n}", email=f"f{n}@people.example", password="!") for n in range(FOLLOWERS)]
    )
    # Some of them wish something, as some people do.
    Correspondent.objects.bulk_create(
        Correspondent(person=person, timings={"*": {"email": "at_once"}}) for person in followers[::10]
    )
    return followers


def rss() -> float:
    return psutil.Process().memory_info().rss / MEGABYTE


def test_one_announcement_to_ten_thousand_followers(
    room: Room, sink: None, author: User, followers: list[User], django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(8):
        assert tell(1, *followers, actor=author) == 2 * FOLLOWERS
    Message.objects.filter(channel=Channel.EMAIL).update(due_at=timezone.now())

    deliver(Channel.EMAIL, seconds=1)  # warm: connections, templates
    room.composed.clear()
    before, memory = delivered(), rss()
    deliver(Channel.EMAIL, seconds=4)

    assert delivered() > before
    assert rss() - memory < 15


def delivered() -> int:
    return Message.objects.filter(channel=Channel.EMAIL, state="delivered").count()
