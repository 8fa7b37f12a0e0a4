"""What `announce` writes, for whom, and at what cost."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from django.db import transaction
from django.utils import timezone

from ops.notify.models import Channel, Correspondent, Message
from ops.notify.services import announce
from ops.people.models import User
from tests.notify.room import Room, tell

pytestmark = pytest.mark.django_db


def recipients(channel: str) -> set[str]:
    return {message.recipient_name for message in Message.objects.filter(channel=channel)}


def test_announcing_writes_a_notice_and_a_mail(room: Room, author: User, reader: User) -> None:
    assert tell(1, reader, actor=author) == 2

    notice, mail = Message.objects.order_by("channel").reverse()
    assert (notice.channel, notice.state, notice.person) == ("in_app", "delivered", reader)
    assert (mail.channel, mail.state, mail.person) == ("email", "pending", reader)
    assert mail.message_id.startswith("<")
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
    django_assert_num_queries: Callable[..., object],
    count: int,
) -> None:
    people = [person(f"reader-{number}") for number in range(count)]
    Correspondent.objects.create(person=people[0], digest_at=datetime.time(7))
    with django_assert_num_queries(2):
        tell(1, *people, "guest@outside.example", actor=author)


def test_a_kind_that_nobody_registered_is_refused(room: Room, author: User, reader: User) -> None:
    with pytest.raises(LookupError, match="gossip"):
        announce("gossip", object_id=1, thread="x", recipients=[reader], actor=author)


def test_a_change_that_is_rolled_back_is_not_told(room: Room, author: User, reader: User) -> None:
    with transaction.atomic():
        tell(1, reader, actor=author)
        transaction.set_rollback(True)
    assert not Message.objects.exists()


def test_mail_waits_for_its_bundle_and_endpoints_do_not(room: Room, author: User, reader: User) -> None:
    before = timezone.now()
    tell(1, reader, "guest@outside.example", actor=author)
    for mail in Message.objects.filter(channel=Channel.EMAIL):
        assert mail.due_at - before >= datetime.timedelta(minutes=5)
