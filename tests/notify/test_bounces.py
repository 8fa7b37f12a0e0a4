"""Reports about mail that did not arrive: which are believed, and what follows."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from ops.notify.bounces import receive_bounce, trust_address
from ops.notify.delivery import deliver
from ops.notify.models import Channel, Correspondent, Message
from ops.people.models import User
from tests.notify.mailbox import Mailbox
from tests.notify.room import Room, tell

pytestmark = pytest.mark.django_db

REPORT = """\
From: MAILER-DAEMON@mx.example
To: desk@localhost
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 no such user here

--b
Content-Type: {original_type}

From: desk@localhost
Message-ID: {message_id}
Subject: About 1

--b--
"""


def report(message_id: str, **fields: str) -> bytes:
    usual = {
        "address": "reader@people.example",
        "action": "failed",
        "status": "5.1.1",
        "original_type": "message/rfc822",
    }
    return REPORT.format(message_id=message_id, **{**usual, **fields}).replace("\n", "\r\n").encode()


@pytest.fixture
def sent(room: Room, mailbox: Mailbox, author: User, reader: User) -> Message:
    for number in (1, 2):
        tell(number, reader, actor=author, thread="note:1")
    deliver(Channel.EMAIL, moment=timezone.now() + datetime.timedelta(minutes=6))
    return Message.objects.filter(channel=Channel.EMAIL).earliest("id")


@pytest.mark.parametrize("original_type", ["message/rfc822", "text/rfc822-headers"])
def test_a_report_marks_the_letter_and_the_address(sent: Message, reader: User, original_type: str) -> None:
    assert receive_bounce(report(sent.message_id, original_type=original_type))
    assert set(Message.objects.filter(channel=Channel.EMAIL).values_list("state", flat=True)) == {"bounced"}
    marked = Correspondent.objects.get(person=reader)
    assert marked.bounced_address == "reader@people.example"
    assert marked.bounce_reason == "5.1.1 smtp; 550 no such user here"


def test_a_full_mailbox_says_nothing_about_the_next_letter(sent: Message) -> None:
    assert receive_bounce(report(sent.message_id, status="5.2.2"))
    assert Message.objects.filter(state="bounced").count() == 2
    assert not Correspondent.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"message_id": "<forged@localhost>"},
        {"message_id": ""},
        {"address": "somebody@else.example"},
        {"action": "delayed"},
        {"original_type": "text/plain"},
    ],
)
def test_a_report_that_does_not_fit_is_not_believed(sent: Message, fields: dict[str, str]) -> None:
    assert not receive_bounce(report(**{"message_id": sent.message_id, **fields}))
    assert not Message.objects.filter(state="bounced").exists()
    assert not Correspondent.objects.exists()


@pytest.mark.parametrize(
    "raw", [b"", b"\xff\xfe\x00", b"Subject: holiday\r\n\r\nI am away.", b"Content-Type: multipart/report"]
)
def test_other_mail_is_left_alone(room: Room, raw: bytes) -> None:
    assert not receive_bounce(raw)


def test_an_address_is_trusted_again_when_somebody_says_so(
    sent: Message, mailbox: Mailbox, author: User, reader: User
) -> None:
    receive_bounce(report(sent.message_id))
    trust_address(reader, actor=author)
    tell(3, reader, actor=author)
    deliver(Channel.EMAIL, moment=timezone.now() + datetime.timedelta(minutes=6))
    assert str(mailbox.mails[-1]["Subject"]) == "About 3"
