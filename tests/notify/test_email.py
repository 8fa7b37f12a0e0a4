"""Letters by SMTP: what arrives, how it threads, and what the server's refusals mean."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from email.message import EmailMessage

import pytest
from django.utils import timezone

from ops.notify import composers
from ops.notify.composers import Letter
from ops.notify.delivery import deliver
from ops.notify.models import Channel, Correspondent, Message
from ops.notify.preferences import set_preferences
from ops.notify.services import announce
from ops.people.models import User
from tests.notify.mailbox import Mailbox
from tests.notify.room import Room, tell

pytestmark = pytest.mark.django_db


def deliver_all() -> None:
    deliver(Channel.EMAIL, moment=timezone.now() + datetime.timedelta(minutes=6))


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    content = part.get_content()
    assert isinstance(content, str)
    return content


def test_mail_arrives_with_the_headers_that_programs_look_for(
    room: Room, mailbox: Mailbox, author: User, reader: User
) -> None:
    tell(1, reader, actor=author)
    deliver_all()

    (mail,) = mailbox.mails
    message = Message.objects.get(channel=Channel.EMAIL)
    assert message.state == Message.State.DELIVERED
    assert mail["From"] == "Operations desk <desk@localhost>"
    assert mail["To"] == "reader@people.example"
    assert mail["Subject"] == "About 1"
    assert mail["Message-ID"] == message.message_id
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Id"].endswith("<notifications.localhost>")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-Unsubscribe"].strip().startswith("<http://localhost:8000/unsubscribe/")
    assert mail["Date"]
    assert mailbox.envelopes == [("desk@localhost", ["reader@people.example"])]


def test_mail_says_the_same_in_text_and_html(
    room: Room, mailbox: Mailbox, author: User, reader: User
) -> None:
    room.waits[1] = "Waiting for your answer, due Thursday."
    tell(1, reader, actor=author)
    deliver_all()

    (mail,) = mailbox.mails
    for kind in ("plain", "html"):
        for words in (
            "Notes: 1",
            "http://localhost:8000/notes/1/",
            "Waiting for your answer",
            "/unsubscribe/",
        ):
            assert words in body(mail, kind)
    assert "/preferences/notifications/" in body(mail, "plain")


def test_a_plain_address_has_no_preferences_to_change(room: Room, mailbox: Mailbox, author: User) -> None:
    tell(1, "guest@outside.example", actor=author)
    deliver_all()
    (mail,) = mailbox.mails
    assert "/unsubscribe/" in body(mail, "plain")
    assert "/preferences/" not in mail.as_string()


def test_mails_of_one_thread_answer_one_root_and_digests_answer_none(
    room: Room, mailbox: Mailbox, author: User, reader: User, person: Callable[..., User]
) -> None:
    busy = person("busy")
    set_preferences(actor=busy, data={"digest_at": "08:00", "*:email": "daily"})
    tell(1, reader, busy, actor=author, thread="note:1")
    deliver_all()
    tell(2, reader, actor=author, thread="note:1")
    tell(3, reader, actor=author, thread="note:3")
    deliver(Channel.EMAIL, moment=timezone.now() + datetime.timedelta(hours=26))

    by_subject = {str(mail["Subject"]): mail for mail in mailbox.mails}
    first, second, other = (by_subject[f"About {number}"] for number in (1, 2, 3))
    assert first["References"] == second["References"] == first["In-Reply-To"]
    assert first["References"] != other["References"]
    assert first["Message-ID"] != second["Message-ID"]
    (digest,) = mailbox.to("busy@people.example")
    assert digest["References"] is None


def test_one_connection_serves_a_batch(room: Room, mailbox: Mailbox, author: User, reader: User) -> None:
    for number in range(10):
        tell(number, reader, actor=author)
    deliver_all()
    assert len(mailbox.mails) == 10
    assert mailbox.connections == 1


def test_a_title_cannot_end_the_header_or_leave_the_text(
    room: Room, mailbox: Mailbox, author: User, reader: User
) -> None:
    title = "Größe ☄\r\nBcc: victim@outside.example\n<script>alert(1)</script>"
    composers.register("note", lambda *_: Letter(title, "text", "<p>html</p>", "http://localhost/", title))
    tell(1, reader, actor=author)
    deliver_all()

    (mail,) = mailbox.mails
    assert mail["Bcc"] is None
    assert mail["Subject"].strip() == "Größe ☄ Bcc: victim@outside.example <script>alert(1)</script>"
    assert "<script>" not in body(mail, "html")
    assert mailbox.envelopes[0][1] == ["reader@people.example"]


def test_a_letter_with_broken_characters_is_parked_and_holds_up_nobody(
    room: Room, mailbox: Mailbox, author: User, reader: User
) -> None:
    composers.register(
        "broken", lambda *_: Letter("s", "lone \ud800", "<p>\ud800</p>", "http://localhost/", "t")
    )
    announce("broken", object_id=1, thread="broken:1", recipients=[reader], actor=author)
    tell(2, reader, actor=author)
    deliver_all()
    assert [str(mail["Subject"]) for mail in mailbox.mails] == ["About 2"]
    assert "UnicodeEncodeError" in Message.objects.get(kind="broken", channel=Channel.EMAIL).reason


def test_an_address_that_does_not_exist_is_marked_and_gets_no_more_mail(
    room: Room, mailbox: Mailbox, author: User, reader: User
) -> None:
    asked: list[str] = []

    def answer(address: str) -> str:
        asked.append(address)
        return "550 5.1.1 no such user" if address == reader.email else "250 OK"

    mailbox.answer_to = answer
    tell(1, reader, "guest@outside.example", actor=author)
    tell(2, reader, actor=author)
    deliver_all()

    states = dict(
        Message.objects.filter(channel=Channel.EMAIL, person=reader).values_list("object_id", "state")
    )
    assert states == {1: "bounced", 2: "bounced"}
    assert asked.count(reader.email) == 1
    assert [str(mail["To"]) for mail in mailbox.mails] == ["guest@outside.example"]
    marked = Correspondent.objects.get(person=reader)
    assert (marked.bounced_address, marked.bounce_reason) == (
        "reader@people.example",
        "550 5.1.1 no such user",
    )
    tell(3, reader, actor=author)
    assert not Message.objects.filter(object_id=3, channel=Channel.EMAIL).exists()
    assert Message.objects.filter(object_id=3, channel=Channel.IN_APP).exists()


def test_a_new_address_starts_with_a_clean_record(
    room: Room, mailbox: Mailbox, author: User, reader: User
) -> None:
    mailbox.answer_to = lambda address: "550 5.1.1 no such user" if address.startswith("reader") else "250 OK"
    tell(1, reader, actor=author)
    deliver_all()
    reader.email = "moved@people.example"
    reader.save()
    tell(2, reader, actor=author)
    deliver_all()
    assert [str(mail["To"]) for mail in mailbox.mails] == ["moved@people.example"]


@pytest.mark.parametrize("answer", ["550 5.7.1 relaying denied", "554 go away", "450 4.1.1 try later"])
def test_a_refusal_for_other_reasons_marks_no_address(
    room: Room, mailbox: Mailbox, author: User, reader: User, answer: str
) -> None:
    mailbox.answer_to = lambda _: answer
    tell(1, reader, actor=author)
    deliver_all()
    message = Message.objects.get(channel=Channel.EMAIL)
    assert (message.state, message.attempts, message.reason) == ("pending", 1, answer)
    assert not Correspondent.objects.exists()


def test_a_connection_that_breaks_costs_the_next_letter_nothing(
    room: Room, mailbox: Mailbox, author: User, reader: User
) -> None:
    mailbox.answer_data = lambda mail: "421 closing" if mail["Subject"] == "About 1" else "250 OK"
    for number in (1, 2):
        tell(number, reader, actor=author)
    deliver_all()
    attempts = dict(Message.objects.filter(channel=Channel.EMAIL).values_list("object_id", "state"))
    assert attempts == {1: "pending", 2: "delivered"}


def test_a_server_that_breaks_every_connection_is_left_alone_for_a_while(
    room: Room, mailbox: Mailbox, author: User, reader: User
) -> None:
    mailbox.breaks = True
    for number in range(10):
        tell(number, reader, actor=author)
    deliver_all()
    tried = Message.objects.filter(channel=Channel.EMAIL, attempts=1)
    untried = Message.objects.filter(channel=Channel.EMAIL, attempts=0)
    assert (tried.count(), untried.count()) == (3, 7)
    assert {message.state for message in untried} == {"pending"}
    mailbox.breaks = False
    Message.objects.filter(state="pending").update(due_at=timezone.now())
    deliver_all()
    assert len(mailbox.mails) == 10
