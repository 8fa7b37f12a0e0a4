"""Letters by SMTP: what arrives, how it threads, and what becomes of what does not arrive."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from ops.notify.delivery import deliver
from ops.notify.models import Channel, Message
from ops.people.models import User
from tests.notify.mailbox import Mailbox
from tests.notify.room import Room, tell

pytestmark = pytest.mark.django_db


def later(**duration: float) -> datetime.datetime:
    return timezone.now() + datetime.timedelta(**duration)


def test_mail_arrives_with_the_headers_that_programs_look_for(
    room: Room, mailbox: Mailbox, author: User, reader: User
) -> None:
    tell(1, reader, actor=author)
    deliver(Channel.EMAIL, moment=later(minutes=6))

    (mail,) = mailbox.mails
    message = Message.objects.get(channel=Channel.EMAIL)
    assert message.state == Message.State.DELIVERED
    assert mail["To"] == "reader@people.example"
    assert mail["Subject"] == "About 1"
    assert mail["Message-ID"] == message.message_id
    assert mail["In-Reply-To"] == mail["References"] != mail["Message-ID"]
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Id"].endswith("<notifications.localhost>")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-Unsubscribe"].strip().startswith("<http://localhost:8000/unsubscribe/")
    text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    assert "Notes: 1" in text.get_content()
    assert "http://localhost:8000/notes/1/" in text.get_content()
    assert "<p>Notes: 1</p>" in html.get_content()
