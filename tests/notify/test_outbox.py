"""The queue in the table: claiming, leases, retries, parking, and workers side by side."""

from __future__ import annotations

import datetime
import threading
from collections import Counter
from collections.abc import Callable, Sequence

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone
from pytest_django import Settings

from ops.notify import composers
from ops.notify.composers import Letter, Recipient
from ops.notify.delivery import deliver
from ops.notify.models import Channel, Message, Tally
from ops.notify.outbox import Ledger, claim
from ops.notify.preferences import set_preferences
from ops.notify.services import one_mail_each, resend
from ops.people.models import User
from tests.notify.mailbox import Mailbox, MailServer
from tests.notify.room import Room, tell

pytestmark = pytest.mark.django_db

BUNDLE = datetime.timedelta(minutes=6)


def later() -> datetime.datetime:
    """A moment at which every bundle of now is due."""
    return timezone.now() + BUNDLE


def states() -> Counter[str]:
    return Counter(Message.objects.filter(channel=Channel.EMAIL).values_list("state", flat=True))


def make_due_again() -> None:
    """Let the time until the next attempt pass."""
    Message.objects.filter(state="pending").update(due_at=timezone.now())


def let_leases_run_out() -> None:
    Message.objects.filter(state="sending").update(
        leased_until=timezone.now() - datetime.timedelta(seconds=1)
    )


def test_changes_of_one_thread_within_five_minutes_are_one_mail(
    room: Room, mailbox: Mailbox, author: User, reader: User
) -> None:
    for number in (1, 2, 3):
        tell(number, reader, actor=author, thread="note:1")
    tell(9, reader, actor=author)

    deliver(Channel.EMAIL)
    assert not mailbox.mails
    deliver(Channel.EMAIL, moment=later())

    assert sorted(str(mail["Subject"]) for mail in mailbox.mails) == ["About 1, 2, 3", "About 9"]
    assert states() == {"delivered": 4}


def test_a_mail_carries_the_message_id_that_was_written_first(
    room: Room, mailbox: Mailbox, author: User, reader: User
) -> None:
    for number in (1, 2):
        tell(number, reader, actor=author, thread="note:1")
    first = Message.objects.filter(channel=Channel.EMAIL).earliest("id")
    deliver(Channel.EMAIL, moment=later())
    assert mailbox.message_ids == [first.message_id]


def test_an_operation_on_many_threads_is_one_mail_at_once(
    room: Room, mailbox: Mailbox, author: User, reader: User, person: Callable[..., User]
) -> None:
    hasty = person("hasty")
    set_preferences(actor=hasty, data={"digest_at": "08:00", "*:email": "at_once"})

    with one_mail_each():
        for number in range(20):
            tell(number, reader, hasty, actor=author)
        deliver(Channel.EMAIL)
        assert not mailbox.mails
    release()
    deliver(Channel.EMAIL)

    assert sorted(str(mail["To"]) for mail in mailbox.mails) == [
        "hasty@people.example",
        "reader@people.example",
    ]
    assert {str(mail["Subject"]) for mail in mailbox.mails} == {"Note 0 and 19 others"}


def release() -> None:
    """Run what waits for the commit that a test never makes."""
    for _, function, _ in connection.run_on_commit:
        function()


def test_two_operations_on_many_threads_are_two_mails(
    room: Room, mailbox: Mailbox, author: User, reader: User
) -> None:
    for numbers in ((1, 2), (3, 4)):
        with one_mail_each():
            for number in numbers:
                tell(number, reader, actor=author)
    deliver(Channel.EMAIL, moment=later())
    assert sorted(str(mail["Subject"]) for mail in mailbox.mails) == [
        "Note 1 and 1 other",
        "Note 3 and 1 other",
    ]


def test_what_the_recipient_may_not_see_when_it_is_sent_is_withheld(
    room: Room, mailbox: Mailbox, author: User, reader: User
) -> None:
    tell(1, reader, actor=author, thread="note:1")
    tell(2, reader, actor=author, thread="note:1")
    tell(3, reader, actor=author, thread="note:3")
    room.secret |= {2, 3}

    deliver(Channel.EMAIL, moment=later())

    assert [str(mail["Subject"]) for mail in mailbox.mails] == ["About 1"]
    withheld = Message.objects.get(state="withheld")
    assert withheld.object_id == 3
    assert "may see" in withheld.reason


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"is_active": False}, "The account is closed."),
        ({"email": ""}, "The account has no e-mail address."),
    ],
)
def test_who_cannot_be_reached_any_more_gets_nothing(
    room: Room, mailbox: Mailbox, author: User, reader: User, change: dict[str, object], reason: str
) -> None:
    tell(1, reader, actor=author)
    User.objects.filter(pk=reader.pk).update(**change)

    deliver(Channel.EMAIL, moment=later())

    assert not mailbox.mails
    assert Message.objects.get(state="withheld").reason == reason


def test_mail_goes_to_the_address_that_the_account_has_when_it_is_sent(
    room: Room, mailbox: Mailbox, author: User, reader: User
) -> None:
    tell(1, reader, actor=author)
    User.objects.filter(pk=reader.pk).update(email="new@people.example")
    deliver(Channel.EMAIL, moment=later())
    assert [str(mail["To"]) for mail in mailbox.mails] == ["new@people.example"]


def test_what_was_switched_off_meanwhile_is_not_sent(
    room: Room, mailbox: Mailbox, author: User, reader: User
) -> None:
    tell(1, reader, actor=author)
    set_preferences(actor=reader, data={"digest_at": "08:00", "note:email": "off"})
    deliver(Channel.EMAIL, moment=later())
    assert not mailbox.mails
    assert states() == {"withheld": 1}


def test_quiet_hours_begun_meanwhile_hold_mail_back_and_cost_no_attempt(
    room: Room, mailbox: Mailbox, author: User, reader: User
) -> None:
    tell(1, reader, actor=author)
    moment = later()
    end = moment + datetime.timedelta(hours=2)
    quiet = {"quiet_from": f"{moment - datetime.timedelta(hours=1):%H:%M}", "quiet_until": f"{end:%H:%M}"}
    set_preferences(actor=reader, data={"digest_at": "08:00", **quiet})

    deliver(Channel.EMAIL, moment=moment)

    message = Message.objects.get(channel=Channel.EMAIL)
    assert (message.state, message.attempts) == ("pending", 0)
    assert message.due_at == end.replace(second=0, microsecond=0)
    deliver(Channel.EMAIL, moment=end)
    assert len(mailbox.mails) == 1


def test_a_server_that_is_down_costs_no_attempt_and_everything_arrives_later(
    room: Room, mail_server: MailServer, author: User, reader: User
) -> None:
    mail_server.stop()
    for number in range(3):
        tell(number, reader, actor=author)
    for _ in range(20):
        deliver(Channel.EMAIL, moment=later())

    waiting = Message.objects.filter(channel=Channel.EMAIL)
    assert {(m.state, m.attempts) for m in waiting} == {("pending", 0)}
    assert "does not answer" in waiting[0].reason

    restarted = MailServer(mail_server.mailbox, mail_server.port)
    restarted.start()
    deliver(Channel.EMAIL, moment=later())
    restarted.stop()
    assert len(set(mail_server.mailbox.message_ids)) == len(mail_server.mailbox.mails) == 3


def test_changes_during_an_outage_still_become_one_mail(
    room: Room, mail_server: MailServer, author: User, reader: User
) -> None:
    mail_server.stop()
    tell(1, reader, actor=author, thread="note:1")
    deliver(Channel.EMAIL, moment=later())
    tell(2, reader, actor=author, thread="note:1")

    restarted = MailServer(mail_server.mailbox, mail_server.port)
    restarted.start()
    deliver(Channel.EMAIL, moment=later())
    restarted.stop()
    assert [str(mail["Subject"]) for mail in mail_server.mailbox.mails] == ["About 1, 2"]


def test_a_refused_letter_waits_longer_each_time_and_is_parked_in_the_end(
    room: Room, mailbox: Mailbox, author: User, reader: User, settings: Settings
) -> None:
    settings.NOTIFY_MAX_ATTEMPTS = 4
    mailbox.answer_data = lambda mail: "451 later" if mail["Subject"] == "About 1" else "250 OK"
    tell(1, reader, actor=author)
    waits = []
    for number in range(2, 6):
        tell(number, reader, actor=author)
        moment = later()
        deliver(Channel.EMAIL, moment=moment)
        message = Message.objects.get(object_id=1, channel=Channel.EMAIL)
        waits.append((message.due_at - moment).total_seconds() / 60)
        make_due_again()

    assert waits[:3] == [1, 2, 4]
    assert (message.state, message.attempts) == ("parked", 4)
    assert message.reason == "451 later"
    assert states() == {"parked": 1, "delivered": 4}


def test_a_letter_that_cannot_be_composed_is_parked_and_holds_up_nobody(
    room: Room, mailbox: Mailbox, author: User, reader: User, settings: Settings
) -> None:
    settings.NOTIFY_MAX_ATTEMPTS = 2
    room.poisoned = {1}
    tell(1, reader, actor=author)
    tell(2, reader, actor=author)
    for _ in range(2):
        deliver(Channel.EMAIL, moment=later())
        make_due_again()

    assert [str(mail["Subject"]) for mail in mailbox.mails] == ["About 2"]
    parked = Message.objects.get(state="parked")
    assert parked.reason == "ValueError: this note cannot be read"


def test_a_poisoned_thread_is_tried_again_apart_from_the_digest_that_went_out(
    room: Room, mailbox: Mailbox, author: User, reader: User
) -> None:
    set_preferences(actor=reader, data={"digest_at": "08:00", "*:email": "daily"})
    room.poisoned = {1}
    for number in (1, 2):
        tell(number, reader, actor=author)
    tomorrow = timezone.now() + datetime.timedelta(hours=25)

    deliver(Channel.EMAIL, moment=tomorrow)
    room.poisoned = set()
    make_due_again()
    deliver(Channel.EMAIL, moment=tomorrow)

    first, second = mailbox.mails
    assert first["Message-ID"] != second["Message-ID"]
    assert "Note 2" in first.as_string()
    assert "Note 1" in second.as_string()
    assert states() == {"delivered": 2}


def test_a_kind_that_is_gone_is_parked_with_the_reason(
    room: Room, mailbox: Mailbox, author: User, reader: User, settings: Settings
) -> None:
    settings.NOTIFY_MAX_ATTEMPTS = 1
    tell(1, reader, actor=author)
    Message.objects.update(kind="forgotten")
    deliver(Channel.EMAIL, moment=later())
    assert "forgotten" in Message.objects.get(state="parked").reason


def test_what_a_killed_worker_held_is_sent_by_the_next_under_the_same_id(
    room: Room, mailbox: Mailbox, author: User, reader: User
) -> None:
    for number in (1, 2):
        tell(number, reader, actor=author, thread="note:1")
    lost = claim(Channel.EMAIL, moment=later())
    tell(3, reader, actor=author, thread="note:1")

    deliver(Channel.EMAIL, moment=later())
    assert [str(mail["Subject"]) for mail in mailbox.mails] == ["About 3"]
    let_leases_run_out()
    deliver(Channel.EMAIL, moment=later())

    assert [str(mail["Subject"]) for mail in mailbox.mails] == ["About 3", "About 1, 2"]
    assert mailbox.message_ids[1] == lost.letters[0][0].message_id


def test_a_letter_that_kills_every_worker_is_parked(
    room: Room, mailbox: Mailbox, author: User, reader: User, settings: Settings
) -> None:
    settings.NOTIFY_MAX_ATTEMPTS = 3
    tell(1, reader, actor=author)
    for _ in range(3):
        assert claim(Channel.EMAIL, moment=later()).letters
        let_leases_run_out()
    assert not claim(Channel.EMAIL, moment=later()).letters
    assert "did not come back" in Message.objects.get(state="parked").reason


def test_a_worker_that_was_too_slow_changes_nothing(room: Room, author: User, reader: User) -> None:
    tell(1, reader, actor=author)
    slow = claim(Channel.EMAIL, moment=later())
    let_leases_run_out()
    quick = claim(Channel.EMAIL, moment=later())

    late, timely = Ledger(slow), Ledger(quick)
    assert not late.delivered(slow.letters[0])
    late.failed(slow.letters[0], "too late")
    late.close()
    assert states() == {"sending": 1}
    assert timely.delivered(quick.letters[0])
    assert states() == {"delivered": 1}


def test_a_worker_that_stops_gives_back_what_it_did_not_try(room: Room, author: User, reader: User) -> None:
    tell(1, reader, actor=author)
    Ledger(claim(Channel.EMAIL, moment=later())).close()
    message = Message.objects.get(channel=Channel.EMAIL)
    assert (message.state, message.attempts, message.sent_as, message.leased_until) == (
        "pending",
        0,
        "",
        None,
    )


def test_nothing_is_begun_late_in_a_lease(
    room: Room, mailbox: Mailbox, author: User, reader: User, settings: Settings
) -> None:
    settings.NOTIFY_LEASE_SECONDS = 3
    for number in range(3):
        tell(number, reader, actor=author)
    slow = threading.Event()

    def slowly(mail: object) -> str:
        slow.wait(2.2)
        slow.set()
        return "250 OK"

    mailbox.answer_data = slowly
    deliver(Channel.EMAIL, moment=later(), seconds=1)
    assert states() == {"delivered": 1, "pending": 2}
    assert set(Message.objects.filter(state="pending").values_list("attempts", flat=True)) == {0}


def test_parked_letters_are_sent_again_whole_and_under_the_same_id(
    room: Room, mailbox: Mailbox, author: User, reader: User, settings: Settings
) -> None:
    settings.NOTIFY_MAX_ATTEMPTS = 1
    mailbox.answer_data = lambda _: "554 no"
    for number in (1, 2):
        tell(number, reader, actor=author, thread="note:1")
    deliver(Channel.EMAIL, moment=later())
    mailbox.answer_data = lambda _: "250 OK"
    first, _second = Message.objects.filter(state="parked").order_by("id")

    assert resend([first.pk], actor=author) == 2
    deliver(Channel.EMAIL)

    assert mailbox.message_ids == [first.message_id]
    assert [str(mail["Subject"]) for mail in mailbox.mails] == ["About 1, 2"]


def test_what_was_delivered_is_not_sent_again(
    room: Room, mailbox: Mailbox, author: User, reader: User
) -> None:
    tell(1, reader, actor=author)
    deliver(Channel.EMAIL, moment=later())
    assert resend(Message.objects.values_list("pk", flat=True), actor=author) == 0


def test_outcomes_are_counted(room: Room, mailbox: Mailbox, author: User, reader: User) -> None:
    room.poisoned, room.secret = {1}, {2}
    for number in range(5):
        tell(number, reader, actor=author)
    deliver(Channel.EMAIL, moment=later())
    make_due_again()
    room.poisoned = set()
    deliver(Channel.EMAIL)
    tallies = {tally.outcome: tally.count for tally in Tally.objects.all()}
    assert tallies == {"delivered": 4, "failed": 1, "withheld": 1}


@pytest.mark.django_db(transaction=True)
def test_workers_side_by_side_send_every_letter_once_and_split_no_bundle(
    room: Room, mailbox: Mailbox, author: User, person: Callable[..., User]
) -> None:
    readers = [person(f"reader-{number}") for number in range(40)]
    for number in range(6):
        tell(number, *readers, actor=author, thread=f"note:{number % 2}")
    moment = later()

    def work() -> None:
        try:
            deliver(Channel.EMAIL, moment=moment)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)

    assert len(mailbox.mails) == len(set(mailbox.message_ids)) == 80
    assert Counter(str(mail["Subject"]) for mail in mailbox.mails) == {
        "About 0, 2, 4": 40,
        "About 1, 3, 5": 40,
    }
    assert states() == {"delivered": 240}


@pytest.mark.django_db(transaction=True)
def test_a_database_that_restarts_costs_time_and_no_letter(
    room: Room, mailbox: Mailbox, author: User, reader: User
) -> None:
    for number in range(3):
        tell(number, reader, actor=author)
    composed = iter(range(100))

    def compose(object_ids: Sequence[int], recipient: Recipient) -> Letter | None:
        if next(composed) == 1:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return room.compose(object_ids, recipient)

    composers.register("note", compose)
    with pytest.raises((OperationalError, InterfaceError)):
        deliver(Channel.EMAIL, moment=later())
    connection.close()
    assert states() == {"delivered": 1, "sending": 2}
    let_leases_run_out()
    deliver(Channel.EMAIL, moment=later())

    assert len(mailbox.mails) == len(set(mailbox.message_ids)) == 3
    assert states() == {"delivered": 3}
