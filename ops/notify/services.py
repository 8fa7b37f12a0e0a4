"""Telling people: what the rooms above call, and nothing else writes a message."""

from __future__ import annotations

import datetime
import logging
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from ops.notify import composers
from ops.notify.composers import Recipient
from ops.notify.drafts import Draft, Drafter, insert
from ops.notify.models import Correspondent, Endpoint, Message, MessageQuerySet
from ops.notify.tasks import kick
from ops.people.models import SYSTEM_USERNAME, User

logger = logging.getLogger(__name__)

_NO_WISHES = Correspondent()
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

    Called inside the transaction of the change, so that both happen or neither. Costs two queries for a few
    recipients: what they wish, and one insert. The actor, the system account, closed accounts and repeated
    or blank addresses are left out. `moment` is when it happened, where that is not now. Raises
    `LookupError` for a kind without a composer.
    """
    return announce_many([Announcement(kind, object_id, thread, recipients, actor, moment)])


def announce_many(announcements: Iterable[Announcement]) -> int:
    """Announce many changes at once, at the cost in queries of one, and one for every 10,000 messages."""
    now, bulk = timezone.now(), _bulk.get()
    drafters = [
        (Drafter(composers.registered(a.kind).name, a.object_id, a.thread, a.moment or now, bulk), a)
        for a in announcements
    ]
    if _silent.get():
        return 0
    audiences = [_audience(announcement.recipients, announcement.actor) for _, announcement in drafters]
    wishes_of, endpoints = _wishes(
        {person.pk for people, _ in audiences for person in people},
        {address for _, addresses in audiences for address in addresses},
    )
    drafts: list[Draft] = []
    for (drafter, _), (people, addresses) in zip(drafters, audiences, strict=True):
        for person in people:
            drafts += drafter.to_person(person, wishes_of.get(person.pk, _NO_WISHES))
        for address in addresses:
            drafts += drafter.to_address(address, wishes_of.get(address, _NO_WISHES))
        for endpoint in endpoints:
            drafts += drafter.to_endpoint(endpoint)
    insert(drafts)
    due = {draft.channel for draft in drafts if draft.settled_at is None and draft.due_at <= now}
    for channel in sorted(due):
        _wake_after_commit(channel)
    return len(drafts)


@contextmanager
def silence() -> Iterator[None]:
    """Within it nobody is told of anything: for history that is being loaded."""
    token = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(token)


def is_silent() -> bool:
    """Whether nobody is told of anything now, so that nobody need be looked for."""
    return _silent.get()


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
