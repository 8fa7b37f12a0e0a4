"""Hearing no more, by the link in a mail or signed in."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable

import pytest
from django.utils import timezone

from ops.notify import unsubscribing
from ops.notify.composers import Recipient
from ops.notify.delivery import deliver
from ops.notify.models import Channel, Correspondent, Message
from ops.notify.preferences import preferences_of, set_preferences
from ops.notify.unsubscribing import (
    BadToken,
    mute,
    read_token,
    unmute,
    unsubscribe,
    unsubscribe_url,
    when_muted,
)
from ops.people.models import User
from tests.notify.mailbox import Mailbox
from tests.notify.room import Room, tell

pytestmark = pytest.mark.django_db


def token_of(recipient: User | str, thread: str) -> str:
    return unsubscribe_url(recipient, thread).rstrip("/").rpartition("/")[2]


def mailed() -> set[tuple[str, str]]:
    return {
        (m.recipient_name, m.thread) for m in Message.objects.filter(channel=Channel.EMAIL, state="pending")
    }


def test_the_link_in_a_mail_ends_the_thread_for_its_reader_alone(
    room: Room, mailbox: Mailbox, author: User, reader: User
) -> None:
    tell(1, reader, "guest@outside.example", actor=author)
    deliver(Channel.EMAIL, moment=timezone.now() + datetime.timedelta(minutes=6))
    (mail,) = mailbox.to("guest@outside.example")
    match = re.fullmatch(
        r"<http://localhost:8000/unsubscribe/([^/]+)/>", str(mail["List-Unsubscribe"]).strip()
    )
    assert match is not None

    wanted = unsubscribe(match[1])
    assert (wanted.address, wanted.thread) == ("guest@outside.example", "note:1")
    tell(1, reader, "guest@outside.example", actor=author)
    tell(2, reader, "guest@outside.example", actor=author)
    assert mailed() == {("reader", "note:1"), ("reader", "note:2"), ("guest@outside.example", "note:2")}


def test_unsubscribing_from_everything_is_about_mail_and_keeps_the_other_wishes(
    room: Room, author: User, reader: User
) -> None:
    set_preferences(
        actor=reader, data={"digest_at": "07:15", "note:email": "at_once", "note:in_app": "at_once"}
    )
    unsubscribe(token_of(reader, ""))
    tell(1, reader, actor=author)
    assert mailed() == set()
    assert Message.objects.filter(person=reader, channel=Channel.IN_APP).count() == 1
    assert preferences_of(reader).digest_at == datetime.time(7, 15)


def test_unsubscribing_twice_is_unsubscribing_once(room: Room, reader: User) -> None:
    for _ in range(2):
        unsubscribe(token_of(reader, "note:1"))
        unsubscribe(token_of(reader, ""))
    assert Correspondent.objects.get(person=reader).muted_threads == ["note:1"]


def test_mail_that_waits_already_is_not_sent_after_unsubscribing(
    room: Room, mailbox: Mailbox, author: User, reader: User
) -> None:
    tell(1, reader, actor=author)
    unsubscribe(token_of(reader, "note:1"))
    deliver(Channel.EMAIL, moment=timezone.now() + datetime.timedelta(minutes=6))
    assert not mailbox.mails
    assert Message.objects.get(channel=Channel.EMAIL).state == "withheld"


def test_following_again_undoes_muting(room: Room, author: User, reader: User) -> None:
    mute("note:1", owner=reader)
    unmute("note:1", owner=reader)
    tell(1, reader, actor=author)
    assert mailed() == {("reader", "note:1")}


@pytest.mark.parametrize(
    "spoil", [lambda token: token[:-1], lambda token: "x" + token, lambda _: "", lambda _: "a:b:c"]
)
def test_a_link_that_was_changed_does_nothing(room: Room, reader: User, spoil: Callable[[str], str]) -> None:
    with pytest.raises(BadToken):
        unsubscribe(spoil(token_of(reader, "note:1")))
    assert not Correspondent.objects.exists()


def test_a_link_of_an_account_that_is_gone_does_nothing(room: Room, reader: User) -> None:
    token = token_of(reader, "note:1")
    reader.delete()
    assert read_token(token).thread == "note:1"
    unsubscribe(token)
    assert not Correspondent.objects.exists()


@pytest.fixture
def unfollowed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Recipient, str]]:
    monkeypatch.setattr(unsubscribing, "_unfollow", {})
    calls: list[tuple[Recipient, str]] = []
    when_muted("note", lambda owner, thread: calls.append((owner, thread)))
    return calls


def test_the_room_hears_who_muted_its_thread(
    room: Room, reader: User, unfollowed: list[tuple[Recipient, str]]
) -> None:
    unsubscribe(token_of(reader, "note:1"))
    mute("other:1", owner=reader)
    unsubscribe(token_of("guest@outside.example", "note:2"))
    unsubscribe(token_of(reader, ""))
    assert unfollowed == [(reader, "note:1"), ("guest@outside.example", "note:2")]
