"""Outgoing webhooks: what is sent and signed, what answers mean, the log, and replaying."""

from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
import json
import time
from collections.abc import Callable

import pytest
from django.utils import timezone

from ops.notify.delivery import deliver
from ops.notify.models import Attempt, Channel, Endpoint, Message
from ops.notify.selectors import attempts
from ops.notify.services import replay
from ops.people.models import User
from tests.notify.receiver import Receiver, Request
from tests.notify.room import Room, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def endpoint(receiver: Receiver, reader: User) -> Endpoint:
    return Endpoint.objects.create(
        name="dashboard", channel=Channel.WEBHOOK, url=receiver.url("/in?team=a"), reader=reader
    )


def is_signed(request: Request, secret: str) -> bool:
    """Verify as a receiver would, following the Standard Webhooks specification."""
    signed = (
        f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode() + request.body
    )
    digest = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    return request.headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"


def test_a_webhook_gets_signed_json(room: Room, receiver: Receiver, endpoint: Endpoint, author: User) -> None:
    tell(1, actor=author)
    deliver(Channel.WEBHOOK)

    (request,) = receiver.requests
    message = Message.objects.get()
    assert message.state == "delivered"
    assert request.path == "/in?team=a"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["webhook-id"] == message.message_id.strip("<>")
    assert abs(int(request.headers["webhook-timestamp"]) - time.time()) < 5
    assert is_signed(request, endpoint.secret)
    assert not is_signed(request, "whsec_" + base64.b64encode(b"another").decode())
    assert json.loads(request.body) == {
        "type": "note",
        "timestamp": message.created_at.isoformat(),
        "data": {
            "object_id": 1,
            "thread": "note:1",
            "title": "Note 1",
            "subject": "About 1",
            "text": "Notes: 1",
            "link": "http://localhost:8000/notes/1/",
        },
    }


def test_a_webhook_is_told_every_change_on_its_own_and_at_once(
    room: Room, receiver: Receiver, endpoint: Endpoint, author: User
) -> None:
    for number in (1, 2):
        tell(number, actor=author, thread="note:1")
    deliver(Channel.WEBHOOK)
    assert [json.loads(request.body)["data"]["object_id"] for request in receiver.requests] == [1, 2]


def test_a_webhook_is_told_what_its_reader_may_see(
    room: Room, receiver: Receiver, endpoint: Endpoint, author: User, reader: User
) -> None:
    room.secret = {1}
    tell(1, actor=author)
    tell(2, actor=author)
    deliver(Channel.WEBHOOK)
    assert [json.loads(request.body)["data"]["object_id"] for request in receiver.requests] == [2]
    assert {recipient for _, recipient in room.composed} == {reader}


def test_a_webhook_whose_reader_left_is_told_nothing(
    room: Room, receiver: Receiver, endpoint: Endpoint, author: User, reader: User
) -> None:
    tell(1, actor=author)
    User.objects.filter(pk=reader.pk).update(is_active=False)
    deliver(Channel.WEBHOOK)
    assert not receiver.requests
    assert Message.objects.get().state == "withheld"


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        (500, {}, datetime.timedelta(minutes=1)),
        (301, {"Location": "/elsewhere"}, datetime.timedelta(minutes=1)),
        (429, {"Retry-After": "600"}, datetime.timedelta(minutes=10)),
        (503, {"Retry-After": "999999"}, datetime.timedelta(hours=1)),
        (503, {"Retry-After": "9" * 5_000}, datetime.timedelta(minutes=1)),
        (503, {"Retry-After": "Fri, 20 Nov 2026 10:00:00 GMT"}, datetime.timedelta(minutes=1)),
    ],
)
def test_a_refusal_is_logged_and_tried_again(
    room: Room,
    receiver: Receiver,
    endpoint: Endpoint,
    author: User,
    status: int,
    headers: dict[str, str],
    wait: datetime.timedelta,
) -> None:
    receiver.answer = lambda _: (status, headers)
    tell(1, actor=author)
    moment = timezone.now()
    deliver(Channel.WEBHOOK)

    message = Message.objects.get()
    assert (message.state, message.attempts) == ("pending", 1)
    assert message.reason == f"{status} said the receiver"
    assert wait <= message.due_at - moment < wait + datetime.timedelta(seconds=30)
    (attempt,) = attempts(endpoint)
    assert (attempt.status, attempt.outcome, attempt.message) == (status, "said the receiver", message)
    assert len(receiver.requests) == 1  # no redirect is followed


def test_the_second_attempt_succeeds_under_the_same_id(
    room: Room, receiver: Receiver, endpoint: Endpoint, author: User
) -> None:
    receiver.answer = lambda _: (500, {})
    tell(1, actor=author)
    deliver(Channel.WEBHOOK)
    receiver.answer = lambda _: (204, {})
    deliver(Channel.WEBHOOK, moment=timezone.now() + datetime.timedelta(minutes=2))

    first, second = receiver.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert is_signed(second, endpoint.secret)
    assert [attempt.status for attempt in attempts(endpoint)] == [204, 500]
    assert Message.objects.get().state == "delivered"


def test_a_dead_endpoint_is_asked_once_per_batch_and_holds_up_no_other(
    room: Room, receiver: Receiver, endpoint: Endpoint, author: User, reader: User
) -> None:
    with Receiver() as gone:
        dead_url = gone.url()
    Endpoint.objects.create(name="dead", channel=Channel.WEBHOOK, url=dead_url, reader=reader)
    for number in range(3):
        tell(number, actor=author)
    deliver(Channel.WEBHOOK)

    assert len(receiver.requests) == 3
    waiting = Message.objects.filter(endpoint__name="dead")
    assert {(message.state, message.attempts) for message in waiting} == {("pending", 1)}
    (attempt,) = Attempt.objects.filter(endpoint__name="dead")
    assert attempt.status is None
    assert "Connection refused" in attempt.outcome


def test_gone_means_never_again(room: Room, receiver: Receiver, endpoint: Endpoint, author: User) -> None:
    receiver.answer = lambda _: (410, {})
    for number in (1, 2):
        tell(number, actor=author)
    deliver(Channel.WEBHOOK)
    endpoint.refresh_from_db()
    assert not endpoint.is_active
    assert len(receiver.requests) == 1
    assert tell(3, actor=author) == 0


def test_a_delivered_message_can_be_replayed(
    room: Room, receiver: Receiver, endpoint: Endpoint, author: User
) -> None:
    tell(1, actor=author)
    deliver(Channel.WEBHOOK)
    assert replay([Message.objects.get().pk], actor=author) == 1
    deliver(Channel.WEBHOOK)
    first, second = receiver.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body


def test_a_replay_tells_what_the_reader_may_see_now(
    room: Room, receiver: Receiver, endpoint: Endpoint, author: User
) -> None:
    tell(1, actor=author)
    deliver(Channel.WEBHOOK)
    room.secret = {1}
    replay([Message.objects.get().pk], actor=author)
    deliver(Channel.WEBHOOK)
    assert len(receiver.requests) == 1
    assert Message.objects.get().state == "withheld"


def test_mail_cannot_be_replayed(room: Room, author: User, reader: User, person: Callable[..., User]) -> None:
    tell(1, reader, actor=author)
    Message.objects.update(state="delivered")
    assert replay(Message.objects.values_list("pk", flat=True), actor=author) == 0


def test_a_secret_that_cannot_sign_says_so(
    room: Room, receiver: Receiver, endpoint: Endpoint, author: User
) -> None:
    Endpoint.objects.update(secret="not base64!")
    tell(1, actor=author)
    deliver(Channel.WEBHOOK)
    assert not receiver.requests
    assert "secret" in Message.objects.get().reason
