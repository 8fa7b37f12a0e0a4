"""Under the bell: lines per thread, seen with today's eyes, at a constant cost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_django import DjangoAssertNumQueries

from ops.notify import composers
from ops.notify.models import Message
from ops.notify.notices import MOST_COUNTED, mark_read, notices, unread_count
from ops.people.models import User
from tests.notify.room import Room, tell

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["with headlines", "composed"])
def any_room(room: Room, request: pytest.FixtureRequest) -> Room:
    if request.param == "with headlines":
        composers.register("note", room.compose, headlines=room.headlines)
    return room


def test_changes_of_one_thread_are_one_line_newest_first(any_room: Room, author: User, reader: User) -> None:
    for number, thread in ((1, "note:1"), (2, "note:2"), (3, "note:1")):
        tell(number, reader, actor=author, thread=thread)

    first, second = notices(reader).notices
    assert (first.title, first.thread, first.count, first.is_unread) == ("Note 3", "note:1", 2, True)
    assert (second.title, second.count) == ("Note 2", 1)
    assert first.link.endswith("/notes/3/")


def test_reading_is_counted(any_room: Room, author: User, reader: User, person: Callable[..., User]) -> None:
    other = person("other")
    for number in (1, 2, 3):
        tell(number, reader, other, actor=author)
    assert unread_count(reader) == 3

    newest, *_ = notices(reader).notices
    assert mark_read(actor=reader, message_ids=newest.message_ids) == 1
    assert mark_read(actor=reader, message_ids=newest.message_ids) == 0
    assert mark_read(actor=reader, thread="note:1") == 1
    assert unread_count(reader) == 1
    assert [notice.is_unread for notice in notices(reader).notices] == [False, True, False]
    assert [notice.thread for notice in notices(reader, unread_only=True).notices] == ["note:2"]
    assert mark_read(actor=reader) == 1
    assert unread_count(reader) == 0
    assert unread_count(other) == 3


def test_nobody_reads_the_notices_of_another(room: Room, author: User, reader: User) -> None:
    tell(1, reader, actor=author)
    message = Message.objects.get(channel="in_app")
    assert mark_read(actor=author, message_ids=[message.pk]) == 0
    assert not notices(author).notices


def test_what_became_invisible_leaves_the_list_and_the_count(
    any_room: Room, author: User, reader: User
) -> None:
    for number in (1, 2):
        tell(number, reader, actor=author)
    any_room.secret = {2}
    assert [notice.title for notice in notices(reader).notices] == ["Note 1"]
    assert unread_count(reader) == 1
    assert Message.objects.get(channel="in_app", object_id=2).state == "withheld"


def test_pages_go_back_to_the_first_notice(room: Room, author: User, reader: User) -> None:
    for number in range(5):
        tell(number, reader, actor=author)
    room.secret = {3, 4}
    titles, before = [], None
    for _ in range(5):
        page = notices(reader, before=before, limit=2)
        titles += [notice.title for notice in page.notices]
        if (before := page.next_before) is None:
            break
    assert titles == ["Note 2", "Note 1", "Note 0"]


def test_the_count_stops_at_what_fits_the_bell(room: Room, author: User, reader: User) -> None:
    Message.objects.bulk_create(
        Message(kind="note", object_id=n, thread="t", channel="in_app", person=reader, state="delivered",
                due_at="2026-01-01T00:00Z")
        for n in range(MOST_COUNTED + 20)
    )  # fmt: skip
    assert unread_count(reader) == MOST_COUNTED


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_for_three(
    room: Room, author: User, reader: User, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    composers.register("note", room.compose, headlines=room.headlines)
    for number in range(count):
        tell(number, reader, actor=author)
    with django_assert_num_queries(1):
        assert len(notices(reader).notices) == count
    with django_assert_num_queries(1):
        assert unread_count(reader) == count


def test_a_kind_that_is_gone_does_not_spoil_the_list(room: Room, author: User, reader: User) -> None:
    tell(1, reader, actor=author)
    tell(2, reader, actor=author)
    Message.objects.filter(object_id=2).update(kind="forgotten")
    assert [notice.title for notice in notices(reader).notices] == ["Note 1"]
