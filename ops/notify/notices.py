"""What stands under the bell: one line per thread, written for the reader when they look."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from ops.notify import composers
from ops.notify.composers import Headline, Kind
from ops.notify.models import Channel, Message, MessageQuerySet
from ops.people.models import User

MOST_COUNTED = 100
NOTICES_PER_PAGE = 25


@dataclass(frozen=True)
class Notice:
    """What happened in one thread, newest first; `message_ids` are what reading it marks as read."""

    message_ids: Sequence[int]
    kind: str
    thread: str
    title: str
    text: str
    link: str
    moment: datetime.datetime
    is_unread: bool

    @property
    def count(self) -> int:
        """How many changes the line stands for."""
        return len(self.message_ids)


@dataclass(frozen=True)
class NoticePage:
    """Some notices, and where the next page begins; None after the last."""

    notices: Sequence[Notice]
    next_before: int | None


def unread_count(person: User) -> int:
    """Return how many messages a person has not read, at most `MOST_COUNTED`; one query on an index."""
    return _of(person).filter(read_at__isnull=True)[:MOST_COUNTED].count()


def notices(
    person: User, *, before: int | None = None, limit: int = NOTICES_PER_PAGE, unread_only: bool = False
) -> NoticePage:
    """Return the newest notices of a person, or those older than message `before`.

    Asks now what the person may see. What they may not is left out, and withheld for good, so that the count
    at the bell agrees with the list. The number of queries depends on the kinds, not on the notices, where
    the room registered `headlines`.
    """
    rows = _of(person).order_by("-id")
    if unread_only:
        rows = rows.filter(read_at__isnull=True)
    if before is not None:
        rows = rows.filter(id__lt=before)
    messages = list(rows[:limit])
    lines = _headlines(messages, person)
    hidden = [message.pk for message in messages if message.pk not in lines]
    if hidden:
        _of(person).filter(pk__in=hidden).update(
            state=Message.State.WITHHELD, reason="Nothing in it that the recipient may see."
        )
    threads: dict[str, list[Message]] = {}
    for message in messages:
        if message.pk in lines:
            threads.setdefault(message.thread, []).append(message)
    return NoticePage(
        notices=[_notice(group, lines[group[0].pk]) for group in threads.values()],
        next_before=messages[-1].pk if len(messages) == limit else None,
    )


def mark_read(*, actor: User, message_ids: Sequence[int] | None = None, thread: str | None = None) -> int:
    """Mark the actor's notices as read: those named, those of a thread, or all; return how many were not."""
    unread = _of(actor).filter(read_at__isnull=True)
    if message_ids is not None:
        unread = unread.filter(pk__in=message_ids)
    if thread is not None:
        unread = unread.filter(thread=thread)
    return unread.update(read_at=timezone.now())


def _of(person: User) -> MessageQuerySet:
    return Message.objects.filter(person=person, channel=Channel.IN_APP, state=Message.State.DELIVERED)


def _headlines(messages: Sequence[Message], person: User) -> Mapping[int, Headline]:
    """Return the line of each message that the person may see, by message id."""
    lines: dict[int, Headline] = {}
    by_kind: dict[str, list[Message]] = {}
    for message in messages:
        by_kind.setdefault(message.kind, []).append(message)
    for kind in composers.kinds():
        group = by_kind.get(kind.name, [])
        if group and kind.headlines is not None:
            found = kind.headlines([message.object_id for message in group], person)
            lines |= {m.pk: found[m.object_id] for m in group if m.object_id in found}
        elif group:
            lines |= _composed(kind, group, person)
    return lines


def _composed(kind: Kind, messages: Sequence[Message], person: User) -> dict[int, Headline]:
    lines: dict[int, Headline] = {}
    for message in messages:
        if letter := kind.compose([message.object_id], person):
            lines[message.pk] = Headline(letter.thread_title, letter.subject, letter.link)
    return lines


def _notice(messages: Sequence[Message], line: Headline) -> Notice:
    newest = messages[0]
    return Notice(
        message_ids=[message.pk for message in messages],
        kind=newest.kind,
        thread=newest.thread,
        title=line.title,
        text=line.text,
        link=line.link,
        moment=newest.created_at,
        is_unread=any(message.read_at is None for message in messages),
    )
