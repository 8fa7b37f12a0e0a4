"""What operators have: the command, the figures, the heartbeats, and a table that does not grow for ever."""

from __future__ import annotations

import datetime
import io
import sys
import time
from collections.abc import Iterator

import pytest
from celery import current_app
from celery.signals import before_task_publish
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from ops.notify import tasks
from ops.notify.delivery import deliver
from ops.notify.figures import OutboxFigures
from ops.notify.models import Channel, Message
from ops.notify.outbox import CLAIM_SIZE
from ops.notify.pruning import prune
from ops.notify.selectors import ON_SHELF
from ops.people.models import User
from ops.periodic import SCHEDULE
from tests.notify.mailbox import Mailbox, free_port
from tests.notify.room import Room, tell

pytestmark = pytest.mark.django_db


def outbox(*args: str) -> str:
    out = io.StringIO()
    call_command("outbox", *args, stdout=out)
    return out.getvalue()


@pytest.fixture
def troubled(room: Room, mailbox: Mailbox, author: User, reader: User, settings: Settings) -> None:
    """One parked, one failed, one waiting, one delivered."""
    mailbox.answer_data = lambda mail: (
        "554 no" if str(mail["Subject"]) in ("About 1", "About 2") else "250 OK"
    )
    settings.NOTIFY_MAX_ATTEMPTS = 1
    tell(1, reader, actor=author)
    deliver(Channel.EMAIL, moment=timezone.now() + datetime.timedelta(minutes=6))
    settings.NOTIFY_MAX_ATTEMPTS = 10
    tell(2, reader, actor=author)
    tell(3, reader, actor=author)
    deliver(Channel.EMAIL, moment=timezone.now() + datetime.timedelta(minutes=6))
    tell(4, reader, actor=author)


def test_the_command_sums_up_and_lists_with_reasons(troubled: None) -> None:
    summary = [line.split()[:3] for line in outbox().splitlines()]
    assert summary == [["pending", "email", "2"], ["failed", "email", "1"], ["parked", "email", "1"]]
    for shelf, number in (("parked", 1), ("failed", 2)):
        (line,) = outbox(shelf).splitlines()
        assert f"email note {number} to reader" in line
        assert line.endswith("1 attempt. 554 no")
    assert len(outbox("pending", "--limit", "1").splitlines()) == 2
    assert outbox("parked", "--channel", "chat") == "None.\n"


def test_the_command_sends_parked_messages_again(troubled: None, mailbox: Mailbox) -> None:
    mailbox.answer_data = lambda _: "250 OK"
    parked = Message.objects.get(state="parked")
    assert outbox("resend", str(parked.pk)) == "1 to be sent again.\n"
    outbox("deliver")
    assert parked.message_id in mailbox.message_ids
    assert outbox("resend", "--parked") == "0 to be sent again.\n"


@pytest.mark.parametrize("arguments", [[], ["--parked", "1"]])
def test_the_command_wants_to_know_which(troubled: None, arguments: list[str]) -> None:
    with pytest.raises(CommandError, match="Say which"):
        outbox("resend", *arguments)


def test_an_empty_outbox_says_so(room: Room) -> None:
    assert outbox() == "The outbox is empty.\n"


def test_a_bounce_can_be_piped_in(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"Subject: hello\r\n\r\n")))
    out = io.StringIO()
    call_command("receive_bounce", stdout=out)
    assert "nothing done" in out.getvalue()


def figures() -> dict[str, float]:
    registry = CollectorRegistry()
    registry.register(OutboxFigures())
    lines = generate_latest(registry).decode().splitlines()
    return {
        line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")
    }


def test_the_figures_say_what_waits_and_what_was_done(troubled: None) -> None:
    Message.objects.filter(object_id=4).update(due_at=timezone.now() - datetime.timedelta(minutes=10))
    found = figures()
    assert found['ops_outbox_messages{channel="email",shelf="pending"}'] == 2
    assert found['ops_outbox_messages{channel="email",shelf="parked"}'] == 1
    assert found['ops_messages_total{channel="email",outcome="delivered"}'] == 1
    assert found['ops_messages_total{channel="email",outcome="failed"}'] == 1
    assert found['ops_messages_total{channel="email",outcome="parked"}'] == 1
    assert 600 <= found['ops_outbox_lag_seconds{channel="email"}'] < 700
    assert found['ops_outbox_lag_seconds{channel="webhook"}'] == 0
    assert found["ops_bouncing_addresses"] == 0


def test_figures_and_shelves_read_no_settled_message(room: Room, author: User, reader: User) -> None:
    """Half a year of delivered messages must not slow down what is asked every few seconds."""
    Message.objects.bulk_create(
        Message(kind="note", object_id=n, thread=f"note:{n}", channel="email", person=reader, state="delivered",
                due_at=timezone.now(), bundle=str(n))
        for n in range(5000)
    )  # fmt: skip
    tell(1, reader, actor=author)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE notify_message")
    now = timezone.now()
    questions = [
        *(Message.objects.filter(condition) for condition in ON_SHELF.values()),
        Message.objects.filter(channel="email", state="pending", due_at__lte=now).order_by("due_at", "id")[
            :50
        ],
        Message.objects.filter(channel="email", state="sending", leased_until__lt=now),
        Message.objects.filter(state="pending", bundle__in=["a", "b"]),
        Message.objects.filter(state="pending", bundle__startswith="bulk:1"),
        Message.objects.filter(person=reader, channel="in_app", state="delivered", read_at__isnull=True)[
            :100
        ],
        Message.objects.filter(person=reader, channel="in_app", state="delivered").order_by("-id")[:25],
        Message.objects.filter(message_id="<x@localhost>"),
    ]
    for question in questions:
        plan = question.explain()
        assert "Index" in plan, plan
        assert "Seq Scan" not in plan, plan


def test_a_change_wakes_the_channel_after_its_commit(
    room: Room,
    author: User,
    reader: User,
    settings: Settings,
    queued: list[str],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    settings.NOTIFY_BUNDLE_MINUTES = 0
    with django_capture_on_commit_callbacks(execute=True):
        tell(1, reader, actor=author)
        assert queued == []
    assert queued == ["ops.notify.tasks.deliver_email"]


def test_what_waits_for_its_bundle_wakes_nobody(
    room: Room,
    author: User,
    reader: User,
    queued: list[str],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        tell(1, reader, actor=author)
    assert queued == []


@pytest.fixture
def queued() -> Iterator[list[str]]:
    """The names of the tasks that were handed to the broker."""
    names: list[str] = []

    def note(sender: str = "", **_: object) -> None:
        names.append(sender)

    before_task_publish.connect(note)
    yield names
    before_task_publish.disconnect(note)


def test_a_broker_that_is_away_loses_nothing(
    room: Room,
    mailbox: Mailbox,
    author: User,
    reader: User,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    settings.NOTIFY_BUNDLE_MINUTES = 0
    monkeypatch.setattr(current_app.conf, "broker_write_url", f"redis://127.0.0.1:{free_port()}/0")
    monkeypatch.setattr(current_app.amqp, "_producer_pool", None)
    start = time.monotonic()
    with django_capture_on_commit_callbacks(execute=True):
        tell(1, reader, actor=author)
    assert time.monotonic() - start < 5
    deliver(Channel.EMAIL)
    assert len(mailbox.mails) == 1


def test_the_sweeps_leave_a_heartbeat(room: Room, mailbox: Mailbox, author: User, reader: User) -> None:
    tell(1, reader, actor=author)
    Message.objects.update(due_at=timezone.now())
    for task in (tasks.deliver_email, tasks.deliver_chat, tasks.deliver_webhooks, tasks.forget_old_messages):
        task()
        assert not SCHEDULE[task.name].is_late()
    assert len(mailbox.mails) == 1


def test_a_run_that_has_no_time_left_asks_for_another(
    room: Room,
    mailbox: Mailbox,
    author: User,
    reader: User,
    queued: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tasks, "SECONDS_PER_RUN", 0.0)
    for number in range(CLAIM_SIZE + 1):
        tell(number, reader, actor=author)
    Message.objects.filter(state="pending").update(due_at=timezone.now())
    tasks.deliver_email()
    assert len(mailbox.mails) == CLAIM_SIZE
    assert queued == ["ops.notify.tasks.deliver_email"]


def test_old_messages_are_forgotten_and_parked_ones_kept(
    room: Room, author: User, reader: User, settings: Settings
) -> None:
    settings.NOTIFY_KEEP_DAYS = 30
    old = timezone.now() - datetime.timedelta(days=31)
    for number, state in enumerate(["delivered", "withheld", "bounced", "parked", "pending"]):
        tell(number, reader, actor=author)
        Message.objects.filter(object_id=number, channel="email").update(state=state, created_at=old)
    tell(9, reader, actor=author)

    assert prune(limit=2) == 2
    assert prune(limit=2) == 1
    assert prune(limit=2) == 0
    left = set(Message.objects.filter(channel="email").values_list("object_id", flat=True))
    assert left == {3, 4, 9}
