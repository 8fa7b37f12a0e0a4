"""The queue in the table: who may send what, for how long, and what became of it.

    pending ──claim──▶ sending ──▶ delivered | withheld | bounced | parked
       ▲                  │
       └── give back, retry, or the lease ran out

A worker holds what it claimed until the lease runs out. Every write after the claim names the lease, so a
worker that was too slow changes nothing: whoever holds the rows then decides.
"""

from __future__ import annotations

import datetime
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from ops.notify.models import Message, Tally

State = Message.State
CLAIM_SIZE = 50
FIRST_RETRY = datetime.timedelta(minutes=1)
LONGEST_RETRY = datetime.timedelta(hours=1)
_REASON_LENGTH = 500
# Put back as it was. A letter that nobody ever tried to send is open again for what is yet to come.
_UNTRIED: Mapping[str, Any] = {
    "state": State.PENDING,
    "leased_until": None,
    "attempts": F("attempts") - 1,
    "sent_as": Case(When(attempts=1, then=Value("")), default=F("sent_as")),
}


@dataclass(frozen=True)
class Claim:
    """Letters in one worker's hands: each is the messages that go out together, oldest first."""

    channel: str
    moment: datetime.datetime
    leased_until: datetime.datetime
    letters: Sequence[Sequence[Message]]


def claim(channel: str, *, moment: datetime.datetime, limit: int = CLAIM_SIZE) -> Claim:
    """Take what is due on a channel, with everything of the same bundles, for `NOTIFY_LEASE_SECONDS`.

    Attempts are counted here and not at the failure, so that a message that kills its worker is parked too.
    Must not run inside a transaction: the claim would be invisible to others while the network is slow.
    """
    leased_until = timezone.now() + datetime.timedelta(seconds=settings.NOTIFY_LEASE_SECONDS)
    with transaction.atomic(durable=True):
        _one_claim_at_a_time(channel)
        _take_back_expired(channel)
        due = (
            Message.objects.filter(channel=channel, state=State.PENDING, due_at__lte=moment)
            .order_by("due_at", "id")
            .select_for_update(skip_locked=True)[:limit]
        )
        letters = _letters(_with_bundles(channel, list(due)))
        _lease(letters, leased_until)
    return Claim(channel, moment, leased_until, letters)


def _one_claim_at_a_time(channel: str) -> None:
    # Otherwise two workers that take neighbouring rows would each get a part of the same bundle, and one
    # burst of changes would become two mails. A claim takes milliseconds; sending is not under this lock.
    key = zlib.crc32(f"notify.claim.{channel}".encode())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def _take_back_expired(channel: str) -> None:
    expired = Message.objects.filter(channel=channel, state=State.SENDING, leased_until__lt=timezone.now())
    lost = "The worker that was sending it did not come back."
    expired.filter(attempts__gte=settings.NOTIFY_MAX_ATTEMPTS).update(
        state=State.PARKED, leased_until=None, reason=lost, settled_at=timezone.now()
    )
    expired.update(state=State.PENDING, leased_until=None, reason=lost)


def _with_bundles(channel: str, due: list[Message]) -> list[Message]:
    """Add what belongs to the same letters and would be due later only."""
    fixed = {message.sent_as for message in due if message.sent_as}
    open_bundles = {m.bundle for m in due if not m.sent_as and m.bundle != m.message_id}
    if not fixed and not open_bundles:
        return due
    others = (
        Message.objects.filter(channel=channel, state=State.PENDING)
        .filter(Q(sent_as="", bundle__in=open_bundles) | ~Q(sent_as="") & Q(sent_as__in=fixed))
        .exclude(pk__in=[message.pk for message in due])
        .select_for_update(skip_locked=True)
    )
    return [*due, *others]


def _letters(messages: Iterable[Message]) -> list[list[Message]]:
    letters: dict[tuple[bool, str], list[Message]] = {}
    for message in messages:
        letters.setdefault((bool(message.sent_as), message.sent_as or message.bundle), []).append(message)
    # The oldest message names the letter.
    return [sorted(letter, key=lambda message: message.pk) for letter in letters.values()]


def _lease(letters: Sequence[Sequence[Message]], until: datetime.datetime) -> None:
    for letter in letters:
        sent_as = letter[0].sent_as or letter[0].message_id
        if len(letter) > 1:
            Message.objects.filter(pk__in=[message.pk for message in letter]).update(sent_as=sent_as)
        for message in letter:
            message.sent_as = sent_as
            message.attempts += 1
    Message.objects.filter(pk__in=[message.pk for letter in letters for message in letter]).update(
        state=State.SENDING,
        leased_until=until,
        attempts=F("attempts") + 1,
        sent_as=Case(When(sent_as="", then=F("message_id")), default=F("sent_as")),
    )


class Ledger:
    """Writes what became of a claim, one short statement at a time, and counts it."""

    def __init__(self, claim: Claim) -> None:
        self._claim = claim
        self._open = {message.pk for letter in claim.letters for message in letter}
        self._counts: Counter[str] = Counter()

    def delivered(self, messages: Collection[Message]) -> bool:
        """Record that these arrived; False when the lease had run out and somebody else holds them."""
        return self._settle(messages, State.DELIVERED, "")

    def withheld(self, messages: Collection[Message], reason: str) -> None:
        """Record that these are not for their recipient any more."""
        self._settle(messages, State.WITHHELD, reason)

    def bounced(self, messages: Collection[Message], reason: str) -> None:
        """Record that the address does not exist."""
        self._settle(messages, State.BOUNCED, reason)

    def parked(self, messages: Collection[Message], reason: str) -> None:
        """Set these aside until an operator has looked at them."""
        self._settle(messages, State.PARKED, reason)

    def failed(
        self,
        messages: Collection[Message],
        reason: str,
        *,
        wait: datetime.timedelta | None = None,
        sent_as: str | None = None,
    ) -> None:
        """Try these again later, each time after twice as long; park them when it has been tried enough.

        `wait` overrules how long; `sent_as` makes them a letter of their own.
        """
        attempts = max(message.attempts for message in messages)
        if attempts >= settings.NOTIFY_MAX_ATTEMPTS:
            self.parked(messages, reason)
            return
        wait = wait or min(LONGEST_RETRY, FIRST_RETRY * 2 ** (attempts - 1))
        due_at = max(timezone.now(), self._claim.moment) + wait
        letter = {} if sent_as is None else {"sent_as": sent_as}
        self._counts["failed"] += self._write(
            messages,
            state=State.PENDING,
            leased_until=None,
            reason=reason[:_REASON_LENGTH],
            due_at=due_at,
            **letter,
        )

    def postponed(self, messages: Collection[Message], until: datetime.datetime) -> None:
        """Put these back until a better moment, without counting an attempt."""
        self._write(messages, **_UNTRIED, due_at=until)

    def close(self, reason: str = "") -> None:
        """Give back what was not tried, without counting an attempt, and add up the counts."""
        if self._open:
            self._write(
                [message for letter in self._claim.letters for message in letter if message.pk in self._open],
                **_UNTRIED,
                **({"reason": reason[:_REASON_LENGTH]} if reason else {}),
            )
        for outcome, count in sorted(self._counts.items()):
            count_outcome(self._claim.channel, outcome, count)

    def _settle(self, messages: Collection[Message], state: Message.State, reason: str) -> bool:
        changed = self._write(
            messages,
            state=state,
            leased_until=None,
            reason=reason[:_REASON_LENGTH],
            settled_at=timezone.now(),
        )
        self._counts[state] += changed
        return changed == len(messages)

    def _write(self, messages: Collection[Message], **values: Any) -> int:
        keys = {message.pk for message in messages}
        self._open -= keys
        mine = Message.objects.filter(pk__in=keys, state=State.SENDING, leased_until=self._claim.leased_until)
        return mine.update(**values)


def count_outcome(channel: str, outcome: str, count: int) -> None:
    """Add to the tally of a channel, which only grows."""
    tally = Tally.objects.filter(channel=channel, outcome=outcome)
    if count and not tally.update(count=F("count") + count):
        Tally.objects.bulk_create([Tally(channel=channel, outcome=outcome)], ignore_conflicts=True)
        tally.update(count=F("count") + count)
