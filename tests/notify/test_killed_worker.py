"""A worker killed in the middle of 500 letters: nothing is lost, and what was in flight is the same letter."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from ops.notify.models import Channel, Message
from ops.notify.tasks import deliver_email
from ops.people.models import User
from tests.notify.mailbox import Mailbox, MailServer
from tests.notify.room import Room, tell

pytestmark = pytest.mark.django_db(transaction=True)

LETTERS = 500
KILLED_AFTER = (120, 300)
LEASE_SECONDS = 4
PATIENCE_SECONDS = 60


class Workers:
    """Real Celery workers, one at a time, with a queue of their own."""

    def __init__(self, mail_port: int, log: Path) -> None:
        self._queue = f"test-{uuid.uuid4()}"
        self._log = log
        self._running: subprocess.Popen[bytes] | None = None
        base = connection.settings_dict
        login = quote(base["USER"]) + (f":{quote(base['PASSWORD'])}" if base["PASSWORD"] else "")
        self._environment = {
            **os.environ,
            "DATABASE_URL": f"postgres://{login}@{base['HOST']}:{base['PORT']}/{base['NAME']}",
            "CELERY_BROKER_URL": settings.CELERY_BROKER_URL,
            "CACHE_URL": settings.CACHES["default"]["LOCATION"],
            "SECRET_KEY": settings.SECRET_KEY,
            "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
            "NOTIFY_LEASE_SECONDS": str(LEASE_SECONDS),
            "LOG_FORMAT": "plain",
        }

    def start(self) -> None:
        command = [sys.executable, "-m", "celery", "--app", "ops.celery:app", "worker", "--concurrency", "1"]
        options = ["--queues", self._queue, "--include", "tests.notify.worker_room", "--without-gossip"]
        with self._log.open("ab") as log:
            self._running = subprocess.Popen(
                [*command, *options],
                env=self._environment,
                cwd=settings.BASE_DIR,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wake(self) -> None:
        deliver_email.apply_async(queue=self._queue)

    def kill(self) -> None:
        """Kill -9 the worker with its children, and wait until they are gone."""
        if self._running is not None:
            os.killpg(self._running.pid, signal.SIGKILL)
            self._running.wait()
            self._running = None


@pytest.fixture
def workers(mail_server: MailServer, tmp_path: Path) -> Iterator[Workers]:
    workers = Workers(mail_server.port, tmp_path / "worker.log")
    yield workers
    workers.kill()
    print((tmp_path / "worker.log").read_text())


def wait_until(workers: Workers, condition: Callable[[], bool]) -> None:
    """Wake the worker now and then, as the sweep would, until something is so."""
    stop_at = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < stop_at, "the worker took too long; its log is above"
        workers.wake()
        for _ in range(50):
            if condition():
                return
            time.sleep(0.01)


def test_no_letter_is_lost_and_only_those_in_flight_come_twice(
    room: Room, mailbox: Mailbox, workers: Workers, author: User, reader: User
) -> None:
    for number in range(LETTERS):
        tell(number, reader, actor=author)
    Message.objects.filter(channel=Channel.EMAIL).update(due_at=timezone.now())

    for count in KILLED_AFTER:
        workers.start()
        wait_until(workers, lambda count=count: len(mailbox.mails) >= count)
        workers.kill()
        assert len(mailbox.mails) < LETTERS
    workers.start()
    waiting = Message.objects.filter(channel=Channel.EMAIL).exclude(state="delivered")
    wait_until(workers, lambda: not waiting.exists())

    arrivals = Counter(mailbox.message_ids)
    enqueued = set(Message.objects.filter(channel=Channel.EMAIL).values_list("message_id", flat=True))
    assert set(arrivals) == enqueued
    assert len(enqueued) == len({str(mail["Subject"]) for mail in mailbox.mails}) == LETTERS
    assert sum(arrivals.values()) - LETTERS <= len(KILLED_AFTER)
    assert max(arrivals.values()) <= 2
