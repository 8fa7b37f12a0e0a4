"""Posts in Slack's notation, for rooms and for people."""

from __future__ import annotations

import datetime
import json

import pytest
from django.utils import timezone

from ops.notify import composers
from ops.notify.composers import Letter
from ops.notify.delivery import deliver
from ops.notify.models import Channel, Endpoint, Message
from ops.notify.preferences import set_preferences
from ops.people.models import User
from tests.notify.receiver import Receiver
from tests.notify.room import Room, tell

pytestmark = pytest.mark.django_db


def deliver_all() -> None:
    deliver(Channel.CHAT, moment=timezone.now() + datetime.timedelta(minutes=6))


def texts(receiver: Receiver) -> list[str]:
    return [json.loads(request.body)["text"] for request in receiver.requests]


def test_a_room_gets_one_post_for_many_changes_of_a_thread(
    room: Room, receiver: Receiver, author: User, reader: User
) -> None:
    Endpoint.objects.create(name="triage", channel=Channel.CHAT, url=receiver.url(), reader=reader)
    room.waits[1] = "Waiting for triage."
    for number in (1, 2):
        tell(number, actor=author, thread="note:1")
    deliver_all()
    assert texts(receiver) == [
        "*<http://localhost:8000/notes/1/|Note 1>*\n_Waiting for triage._\nNotes: 1, 2"
    ]


def test_a_person_gets_posts_at_their_own_address(
    room: Room, receiver: Receiver, author: User, reader: User
) -> None:
    set_preferences(actor=reader, data={"digest_at": "08:00", "chat_url": receiver.url("/me")})
    tell(1, reader, actor=author)
    deliver_all()
    assert [request.path for request in receiver.requests] == ["/me"]
    assert Message.objects.get(channel=Channel.CHAT).state == "delivered"


def test_a_person_who_left_the_chat_gets_nothing(
    room: Room, receiver: Receiver, author: User, reader: User
) -> None:
    set_preferences(actor=reader, data={"digest_at": "08:00", "chat_url": receiver.url("/me")})
    tell(1, reader, actor=author)
    set_preferences(actor=reader, data={"digest_at": "08:00"})
    deliver_all()
    assert not receiver.requests


def test_no_title_can_call_the_whole_channel_or_fake_a_link(
    room: Room, receiver: Receiver, author: User, reader: User
) -> None:
    title = "<!channel> & <https://evil.example|free> |"
    composers.register("note", lambda *_: Letter(title, "<!here>", "", "http://localhost/?a=|>", title))
    Endpoint.objects.create(name="triage", channel=Channel.CHAT, url=receiver.url(), reader=reader)
    tell(1, actor=author)
    deliver_all()
    (text,) = texts(receiver)
    assert text == (
        "*<http://localhost/?a=%7C%3E|&lt;!channel&gt; &amp; &lt;https://evil.example¦free&gt; ¦>*\n&lt;!here&gt;"
    )


def test_long_texts_are_cut(room: Room, receiver: Receiver, author: User, reader: User) -> None:
    composers.register("note", lambda *_: Letter("s", "x" * 10_000, "", "http://localhost/", "t"))
    Endpoint.objects.create(name="triage", channel=Channel.CHAT, url=receiver.url(), reader=reader)
    tell(1, actor=author)
    deliver_all()
    (text,) = texts(receiver)
    assert len(text) < 2000
    assert text.endswith("…")
