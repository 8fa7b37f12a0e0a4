"""What `announce` writes, for whom, when it is due, and at what cost."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from ops.notify import composers
from ops.notify.models import Channel, Correspondent, Endpoint, Message
from ops.notify.preferences import set_preferences
from ops.notify.services import Announcement, announce, announce_many
from ops.people.models import User
from tests.notify.room import Room, tell

pytestmark = pytest.mark.django_db


def recipients(channel: str) -> set[str]:
    return {message.recipient_name for message in Message.objects.filter(channel=channel)}


def mail_to(person: User) -> Message:
    return Message.objects.get(channel=Channel.EMAIL, person=person)


def minutes_until_due(message: Message) -> float:
    return (message.due_at - message.created_at).total_seconds() / 60


def test_announcing_writes_a_notice_and_a_mail(room: Room, author: User, reader: User) -> None:
    assert tell(1, reader, actor=author) == 2

    notice = Message.objects.get(channel=Channel.IN_APP)
    mail = Message.objects.get(channel=Channel.EMAIL)
    assert (notice.state, notice.person, notice.read_at) == ("delivered", reader, None)
    assert (mail.state, mail.person, mail.attempts) == ("pending", reader, 0)
    assert mail.message_id.startswith("<")
    assert mail.message_id.endswith("@localhost>")
    assert notice.message_id != mail.message_id


def test_the_actor_the_system_closed_accounts_and_repetitions_are_left_out(
    room: Room, author: User, reader: User, person: Callable[..., User]
) -> None:
    closed = person("closed", is_active=False)
    silent = person("silent", email="")

    addresses = [
        "",
        "  ",
        "Guest@Outside.example",
        "guest@outside.example ",
        reader.email.upper(),
        author.email,
    ]
    tell(1, author, reader, reader, closed, silent, User.objects.system(), *addresses, actor=author)

    assert recipients(Channel.EMAIL) == {"reader", "guest@outside.example"}
    assert recipients(Channel.IN_APP) == {"reader", "silent"}


@pytest.mark.parametrize("count", [1, 5])
def test_announcing_to_a_few_costs_two_queries(
    room: Room,
    author: User,
    person: Callable[..., User],
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    people = [person(f"reader-{number}") for number in range(count)]
    Correspondent.objects.create(person=people[0], digest_at=datetime.time(7))
    Endpoint.objects.create(name="room", channel=Channel.CHAT, url="https://chat.example/1", reader=author)
    with django_assert_num_queries(2):
        assert tell(1, *people, "guest@outside.example", actor=author) == 2 * count + 2


def test_announcing_many_costs_as_many_queries_as_announcing_one(
    room: Room, author: User, reader: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):
        count = announce_many(Announcement("note", n, f"note:{n}", [reader], author) for n in range(50))
    assert count == Message.objects.count() == 100


def test_a_kind_that_nobody_registered_is_refused(room: Room, author: User, reader: User) -> None:
    with pytest.raises(LookupError, match="gossip"):
        announce("gossip", object_id=1, thread="x", recipients=[reader], actor=author)


def test_a_change_that_is_rolled_back_is_not_told(room: Room, author: User, reader: User) -> None:
    with transaction.atomic():
        tell(1, reader, actor=author)
        transaction.set_rollback(True)
    assert not Message.objects.exists()


def test_a_thread_collects_its_changes_for_five_minutes(room: Room, author: User, reader: User) -> None:
    tell(1, reader, "guest@outside.example", actor=author, thread="note:1")
    tell(2, reader, actor=author, thread="note:1")
    tell(3, reader, actor=author, thread="note:3")

    first, second, other = Message.objects.filter(channel=Channel.EMAIL, person=reader).order_by("id")
    assert first.bundle == second.bundle != other.bundle
    assert minutes_until_due(first) == 5
    guest = Message.objects.get(address="guest@outside.example")
    assert minutes_until_due(guest) == 5
    assert guest.bundle != first.bundle


def test_the_bundle_is_as_long_as_the_desk_or_the_person_says(
    room: Room, author: User, reader: User, person: Callable[..., User], settings: Settings
) -> None:
    settings.NOTIFY_BUNDLE_MINUTES = 2
    patient, hasty = person("patient"), person("hasty")
    set_preferences(actor=patient, data={"bundle_minutes": "30", "digest_at": "08:00"})
    set_preferences(actor=hasty, data={"bundle_minutes": "0", "digest_at": "08:00"})

    tell(1, reader, patient, hasty, actor=author)

    assert minutes_until_due(mail_to(reader)) == 2
    assert minutes_until_due(mail_to(patient)) == 30
    assert minutes_until_due(mail_to(hasty)) == 0


def test_urgent_kinds_are_mailed_at_once_unless_the_person_chose_otherwise(
    room: Room, author: User, reader: User, person: Callable[..., User]
) -> None:
    composers.register("alarm", room.compose, urgent=True)
    calm = person("calm")
    set_preferences(actor=calm, data={"digest_at": "08:00", "alarm:email": "bundled"})

    announce("alarm", object_id=1, thread="note:1", recipients=[reader, calm], actor=author)

    assert minutes_until_due(mail_to(reader)) == 0
    assert minutes_until_due(mail_to(calm)) == 5


def test_the_digest_gathers_every_thread_at_the_persons_hour(
    room: Room, author: User, person: Callable[..., User]
) -> None:
    busy = person("busy", time_zone="America/Santiago")
    set_preferences(actor=busy, data={"digest_at": "07:30", "*:email": "daily"})

    tell(1, busy, actor=author)
    tell(2, busy, actor=author)

    first, second = Message.objects.filter(channel=Channel.EMAIL).order_by("id")
    assert first.bundle == second.bundle
    assert first.due_at == second.due_at
    assert timezone.now() < first.due_at <= timezone.now() + datetime.timedelta(hours=25)
    assert first.due_at.astimezone(ZoneInfo(busy.time_zone)).time() == datetime.time(7, 30)


def test_quiet_hours_hold_mail_back_bundled_and_not_the_bell(room: Room, author: User, reader: User) -> None:
    now = timezone.now()
    start, end = now - datetime.timedelta(hours=1), now + datetime.timedelta(hours=2)
    set_preferences(
        actor=reader,
        data={
            "digest_at": "08:00",
            "*:email": "at_once",
            "quiet_from": f"{start:%H:%M}",
            "quiet_until": f"{end:%H:%M}",
        },
    )

    tell(1, reader, actor=author, thread="note:1")
    tell(2, reader, actor=author, thread="note:1")

    first, second = Message.objects.filter(channel=Channel.EMAIL).order_by("id")
    assert first.due_at == second.due_at == end.replace(second=0, microsecond=0)
    assert first.bundle == second.bundle
    assert Message.objects.filter(channel=Channel.IN_APP, state="delivered").count() == 2


def test_what_is_switched_off_is_not_written(
    room: Room, author: User, reader: User, person: Callable[..., User]
) -> None:
    composers.register("other", room.compose)
    picky, hermit = person("picky"), person("hermit")
    set_preferences(actor=picky, data={"digest_at": "08:00", "note:email": "off", "other:in_app": "off"})
    set_preferences(actor=hermit, data={"digest_at": "08:00", "*:email": "off", "*:in_app": "off"})

    for kind in ("note", "other"):
        announce(kind, object_id=1, thread="note:1", recipients=[picky, hermit], actor=author)

    written = set(Message.objects.values_list("person__username", "kind", "channel"))
    assert written == {("picky", "note", "in_app"), ("picky", "other", "email")}


def test_a_person_with_a_chat_is_told_there_as_well(room: Room, author: User, reader: User) -> None:
    set_preferences(actor=reader, data={"digest_at": "08:00", "chat_url": "https://chat.example/hook"})
    tell(1, reader, actor=author)
    assert recipients(Channel.CHAT) == {"reader"}


def test_endpoints_hear_of_the_kinds_that_they_listen_to(room: Room, author: User, reader: User) -> None:
    composers.register("other", room.compose)

    def endpoint(name: str, **fields: object) -> None:
        Endpoint.objects.create(
            name=name, url="https://hooks.example/1", reader=author, **{"channel": Channel.WEBHOOK, **fields}
        )

    endpoint("all")
    endpoint("notes", kinds=["note"])
    endpoint("others", kinds=["other"])
    endpoint("closed", is_active=False)
    endpoint("room", channel=Channel.CHAT)

    tell(1, actor=author)

    assert recipients(Channel.WEBHOOK) == {"all", "notes"}
    assert recipients(Channel.CHAT) == {"room"}
    assert {minutes_until_due(m) for m in Message.objects.filter(channel=Channel.WEBHOOK)} == {0}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("note:email", "hourly"),
        ("note:in_app", "daily"),
        ("quiet_from", "22:00"),
        ("digest_at", "25:00"),
        ("bundle_minutes", "1441"),
        ("bundle_minutes", "-1"),
        ("chat_url", "ftp://chat.example/"),
        ("chat_url", "https://127.0.0.1/hook"),
        ("chat_url", "http://[fd00::1]/hook"),
    ],
)
def test_preferences_that_mean_nothing_are_refused(room: Room, reader: User, field: str, value: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        set_preferences(actor=reader, data={"digest_at": "08:00", field: value})
    assert set(refusal.value.message_dict) <= {field, "quiet_until"}
    assert not Correspondent.objects.filter(person=reader).exists()
