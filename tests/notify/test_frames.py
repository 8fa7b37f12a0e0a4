"""Digests: what a busy person reads first, and what is only counted."""

from __future__ import annotations

import datetime
from email.message import EmailMessage

import pytest
from django.utils import timezone

from ops.notify import composers
from ops.notify.delivery import THREADS_PER_LETTER, deliver
from ops.notify.frames import LINES_PER_THREAD
from ops.notify.models import Channel, Message
from ops.notify.preferences import set_preferences
from ops.people.models import User
from tests.notify.mailbox import Mailbox
from tests.notify.room import Room, tell
from tests.notify.test_email import body

pytestmark = pytest.mark.django_db


@pytest.fixture
def digested(reader: User) -> User:
    set_preferences(actor=reader, data={"digest_at": "08:00", "*:email": "daily"})
    return reader


def digest(mailbox: Mailbox) -> EmailMessage:
    deliver(Channel.EMAIL, moment=timezone.now() + datetime.timedelta(hours=26))
    (mail,) = mailbox.mails
    return mail


def test_a_digest_begins_with_what_waits_for_its_reader(
    room: Room, mailbox: Mailbox, author: User, digested: User
) -> None:
    room.waits[2] = "Waiting for your answer, due Thursday."
    for number in (1, 2, 3):
        tell(number, digested, actor=author)

    mail = digest(mailbox)

    assert mail["Subject"] == "Daily digest: 1 waiting for you, 2 changed"
    for kind in ("plain", "html"):
        text = body(mail, kind)
        assert text.index("Waiting for your answer") < text.index("Note 1") < text.index("Note 3")
        assert text.count("notes/1/") >= 1


def test_a_digest_of_one_thread_is_still_a_digest(
    room: Room, mailbox: Mailbox, author: User, digested: User
) -> None:
    tell(1, digested, actor=author)
    mail = digest(mailbox)
    assert mail["Subject"] == "Daily digest: 1 changed"
    assert mail["In-Reply-To"] is None


def test_a_digest_leaves_out_what_its_reader_may_not_see(
    room: Room, mailbox: Mailbox, author: User, digested: User
) -> None:
    room.secret = {2}
    for number in (1, 2):
        tell(number, digested, actor=author)
    mail = digest(mailbox)
    assert mail["Subject"] == "Daily digest: 1 changed"
    assert "Note 2" not in mail.as_string()


def test_a_digest_of_nothing_visible_is_not_sent(
    room: Room, mailbox: Mailbox, author: User, digested: User
) -> None:
    room.secret = {1, 2}
    for number in (1, 2):
        tell(number, digested, actor=author)
    deliver(Channel.EMAIL, moment=timezone.now() + datetime.timedelta(hours=26))
    assert not mailbox.mails
    assert set(Message.objects.filter(channel=Channel.EMAIL).values_list("state", flat=True)) == {"withheld"}


def test_a_digest_counts_what_is_too_much_to_read(
    room: Room, mailbox: Mailbox, author: User, digested: User
) -> None:
    for number in range(THREADS_PER_LETTER + 7):
        tell(number, digested, actor=author)
    mail = digest(mailbox)
    assert mail["Subject"] == f"Daily digest: {THREADS_PER_LETTER + 7} changed"
    assert "And 7 more" in body(mail, "plain")
    assert len(room.composed) == THREADS_PER_LETTER
    assert set(Message.objects.filter(channel=Channel.EMAIL).values_list("state", flat=True)) == {"delivered"}


def test_a_digest_says_each_thread_in_a_few_lines_where_its_room_can(
    room: Room, mailbox: Mailbox, author: User, digested: User
) -> None:
    composers.register("note", room.compose, headlines=room.headlines)
    for number in range(LINES_PER_THREAD + 2):
        tell(number, digested, actor=author, thread="note:0")
    tell(50, digested, actor=author)
    room.secret = {0}
    mail = digest(mailbox)
    for kind in ("plain", "html"):
        text = body(mail, kind)
        assert "1 earlier change" in text  # of two, one is not for this reader
        assert "note 5 changed" in text
        assert "note 1 changed" not in text
        assert "note 50 changed" in text
        assert "Notes:" not in text


def test_a_letter_about_one_thread_says_everything(
    room: Room, mailbox: Mailbox, author: User, reader: User
) -> None:
    composers.register("note", room.compose, headlines=room.headlines)
    tell(1, reader, actor=author)
    deliver(Channel.EMAIL, moment=timezone.now() + datetime.timedelta(minutes=6))
    (mail,) = mailbox.mails
    assert "Notes: 1" in body(mail, "html")
