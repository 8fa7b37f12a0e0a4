"""Telling people: what the rooms above call, and nothing else writes a message."""

from __future__ import annotations

import datetime
import logging
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from ops.notify import composers
from ops.notify.composers import Recipient
from ops.notify.models import (
    PERSONAL_CHANNELS,
    Channel,
    Correspondent,
    Endpoint,
    Message,
    MessageQuerySet,
    Timing,
)
from ops.notify.scheduling import Slot, slot, wanted_timing
from ops.notify.tasks import kick
from ops.people.models import SYSTEM_USERNAME, User

logger = logging.getLogger(__name__)

_ROWS_PER_INSERT = 2000
_bulk: ContextVar[str] = ContextVar("bulk", default="")
_silent: ContextVar[bool] = ContextVar("silent", default=False)


@dataclass(frozen=True)
class Announcement:
    """One change to tell people of: an object of a kind, the thread that it belongs to, whom and by whom."""

    kind: str
    object_id: int
    thread: str
    recipients: Iterable[Recipient]
    actor: User
    moment: datetime.datetime | None = None


def announce(
    kind: str,
    *,
    object_id: int,
    thread: str,
    recipients: Iterable[Recipient],
    actor: User,
    moment: datetime.datetime | None = None,
) -> int:
    """Tell people, and every endpoint that listens, of one change; return how many messages that makes.
    `moment` is when it happened, where that is not now.

    Called inside the transaction of the change, so that both happen or neither. Costs two queries for a few
    recipients: what they wish, and one insert. The actor, the system account, closed accounts and repeated
    or blank addresses are left out. Raises `LookupError` for a kind without a composer.
    """
    return announce_many([Announcement(kind, object_id, thread, recipients, actor, moment)])


def announce_many(announcements: Iterable[Announcement]) -> int:
    """Announce many changes at once, at the cost in queries of one, and one for every 2,000 messages."""
    now, bulk = timezone.now(), _bulk.get()
    drafts = [
        (_Draft(composers.registered(a.kind).name, a.object_id, a.thread, a.moment or now, bulk), a)
        for a in announcements
    ]
    if _silent.get():
        return 0
    audiences = [_audience(announcement.recipients, announcement.actor) for _, announcement in drafts]
    wishes_of, endpoints = _wishes(
        {person.pk for people, _ in audiences for person in people},
        {address for _, addresses in audiences for address in addresses},
    )
    messages: list[Message] = []
    for (draft, _), (people, addresses) in zip(drafts, audiences, strict=True):
        for person in people:
            messages += draft.to_person(person, wishes_of.get(person.pk) or Correspondent(person=person))
        for address in addresses:
            messages += draft.to_address(address, wishes_of.get(address) or Correspondent(address=address))
        for endpoint in endpoints:
            messages += draft.to_endpoint(endpoint)
    Message.objects.bulk_create(messages, batch_size=_ROWS_PER_INSERT)
    due = {m.channel for m in messages if m.state == Message.State.PENDING and m.due_at <= now}
    for channel in sorted(due):
        _wake_after_commit(channel)
    return len(messages)


@contextmanager
def silence() -> Iterator[None]:
    """Within it nobody is told of anything: for history that is being loaded."""
    token = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(token)


@contextmanager
def one_mail_each() -> Iterator[None]:
    """Within it, everything announced to one recipient becomes one letter: for operations on many tickets.

    The letters leave at the end; should the process die in between, they leave when a bundle would.
    """
    bulk = f"bulk:{uuid.uuid4()}"
    token = _bulk.set(bulk)
    try:
        yield
    finally:
        _bulk.reset(token)
    transaction.on_commit(lambda: _release(bulk), robust=True)


def resend(message_ids: Iterable[int], *, actor: User) -> int:
    """Try parked and bounced messages again, with everything that was to go in the same letters.

    They keep their Message-IDs, so that a letter that did arrive is recognised. Returns how many messages.
    """
    stuck = Message.objects.stuck()
    letters = set(stuck.filter(pk__in=list(message_ids)).values_list("sent_as", flat=True))
    return _again(stuck.filter(sent_as__in=letters), actor)


def replay(message_ids: Iterable[int], *, actor: User) -> int:
    """Send messages to their endpoints once more, whatever became of them: composed anew, same id."""
    settled = Message.objects.filter(endpoint__isnull=False).exclude(
        state__in=[Message.State.PENDING, Message.State.SENDING]
    )
    return _again(settled.filter(pk__in=list(message_ids)), actor)


def _again(messages: MessageQuerySet, actor: User) -> int:
    channels = set(messages.values_list("channel", flat=True))
    count = messages.update(
        state=Message.State.PENDING, attempts=0, due_at=timezone.now(), settled_at=None, reason=""
    )
    logger.info("%s sends %s messages again", actor.username, count)
    for channel in sorted(channels):
        _wake_after_commit(channel)
    return count


def _release(bulk: str) -> None:
    moment = timezone.now()
    waiting = Message.objects.pending().filter(
        bundle__startswith=bulk,
        due_at__lte=moment + datetime.timedelta(minutes=settings.NOTIFY_BUNDLE_MINUTES),
    )
    channels = set(waiting.values_list("channel", flat=True))
    waiting.update(due_at=moment)
    for channel in sorted(channels):
        kick(channel)


def _wake_after_commit(channel: str) -> None:
    # Robust: a broker that is away costs the reader of a page nothing, and the message one period of the sweep.
    transaction.on_commit(lambda: kick(channel), robust=True)


def _audience(recipients: Iterable[Recipient], actor: User) -> tuple[list[User], list[str]]:
    people: dict[int, User] = {}
    addresses: dict[str, None] = {}
    for recipient in recipients:
        if isinstance(recipient, str):
            addresses[recipient.strip().lower()] = None
        elif recipient.is_active and recipient.pk != actor.pk and recipient.username != SYSTEM_USERNAME:
            people[recipient.pk] = recipient
    known = {"", actor.email.lower(), *(person.email.lower() for person in people.values())}
    return list(people.values()), [address for address in addresses if address not in known]


def _wishes(people: set[int], addresses: set[str]) -> tuple[dict[int | str, Correspondent], list[Endpoint]]:
    """Return what these recipients wish, by account id or address, and every endpoint; one query."""
    wishes: dict[int | str, Correspondent] = {}
    endpoints: list[Endpoint] = []
    concerned = Correspondent.objects.filter(
        Q(person__in=people) | Q(address__in=addresses) | Q(endpoint__is_active=True)
    ).select_related("endpoint")
    for correspondent in concerned:
        key = correspondent.person_id or correspondent.address
        if key is None:
            endpoints.append(correspondent.endpoint)
        else:
            wishes[key] = correspondent
    return wishes, endpoints


@dataclass(frozen=True)
class _Draft:
    """One announcement, from which the rows of its recipients are made."""

    kind: str
    object_id: int
    thread: str
    moment: datetime.datetime
    bulk: str

    def to_person(self, person: User, wishes: Correspondent) -> Iterator[Message]:
        reachable = {
            Channel.IN_APP: True,
            Channel.EMAIL: bool(person.email) and not wishes.bounces(person.email),
            Channel.CHAT: bool(wishes.chat_url),
        }
        for channel in PERSONAL_CHANNELS:
            timing = wanted_timing(wishes, self.kind, channel, self.thread)
            if not reachable[channel] or timing == Timing.OFF:
                continue
            if channel == Channel.IN_APP:
                yield self._message(
                    channel,
                    Slot(self.moment),
                    person=person,
                    state=Message.State.DELIVERED,
                    settled_at=self.moment,
                )
            else:
                yield self._message(channel, self._slot(wishes, timing, person.time_zone), person=person)

    def to_address(self, address: str, wishes: Correspondent) -> Iterator[Message]:
        timing = wanted_timing(wishes, self.kind, Channel.EMAIL, self.thread)
        if timing != Timing.OFF and not wishes.bounces(address):
            yield self._message(Channel.EMAIL, self._slot(wishes, timing, "UTC"), address=address)

    def to_endpoint(self, endpoint: Endpoint) -> Iterator[Message]:
        if not endpoint.kinds or self.kind in endpoint.kinds:
            timing = wanted_timing(endpoint, self.kind, endpoint.channel, self.thread)
            is_program = endpoint.channel == Channel.WEBHOOK  # programs want every change, each on its own
            slot = Slot(self.moment) if is_program else self._slot(endpoint, timing, "UTC")
            yield self._message(endpoint.channel, slot, endpoint=endpoint)

    def _slot(self, wishes: Correspondent, timing: Timing, zone: str) -> Slot:
        return slot(wishes, timing, moment=self.moment, zone=zone, thread=self.thread, bulk=self.bulk)

    def _message(self, channel: str, slot: Slot, **recipient: Any) -> Message:
        message = Message(
            kind=self.kind,
            object_id=self.object_id,
            thread=self.thread,
            channel=channel,
            due_at=slot.due_at,
            created_at=self.moment,
            **recipient,
        )
        message.bundle = f"{slot.bundle}|{message.recipient_key}" if slot.bundle else message.message_id
        return message
