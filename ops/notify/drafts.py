"""From one announcement to the rows of its recipients, and into the table by one statement."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection

from ops.notify.models import (
    PERSONAL_CHANNELS,
    Channel,
    Correspondent,
    Endpoint,
    Message,
    Timing,
    new_message_id,
    recipient_key,
)
from ops.notify.scheduling import Slot, slot, wanted_timing
from ops.people.models import User

_ROWS_PER_STATEMENT = 10_000


class Draft(NamedTuple):
    """The columns of a message that are not the same for every new one, in the order of `_TYPES`."""

    message_id: str
    kind: str
    object_id: int
    thread: str
    channel: str
    person_id: int | None
    address: str
    endpoint_id: int | None
    bundle: str
    due_at: datetime.datetime
    state: str
    settled_at: datetime.datetime | None
    created_at: datetime.datetime


_TYPES = (
    "text", "text", "bigint", "text", "text", "bigint", "text", "bigint", "text",
    "timestamptz", "text", "timestamptz", "timestamptz",
)  # fmt: skip
_INSERT = f"""
    INSERT INTO {Message._meta.db_table} ({", ".join(Draft._fields)}, attempts, sent_as, reason)
    SELECT *, 0, '', '' FROM unnest({", ".join(f"%s::{type_}[]" for type_ in _TYPES)})
"""  # noqa: S608 (made of constants)


def insert(drafts: Sequence[Draft]) -> None:
    """Write messages: 10,000 by a statement, one array for each column.

    Not `bulk_create`: an announcement may have 10,000 recipients, and every transition waits for this.
    """
    with connection.cursor() as cursor:
        for start in range(0, len(drafts), _ROWS_PER_STATEMENT):
            rows = drafts[start : start + _ROWS_PER_STATEMENT]
            cursor.execute(_INSERT, [list(column) for column in zip(*rows, strict=True)])


@dataclass(frozen=True)
class Drafter:
    """One announcement, and how each recipient is told of it."""

    kind: str
    object_id: int
    thread: str
    moment: datetime.datetime
    bulk: str

    def to_person(self, person: User, wishes: Correspondent) -> Iterator[Draft]:
        """Yield what goes to an account: under the bell at once, by mail and chat when they wish."""
        reachable = {
            Channel.IN_APP: True,
            Channel.EMAIL: bool(person.email) and not wishes.bounces(person.email),
            Channel.CHAT: bool(wishes.chat_url),
        }
        for channel in PERSONAL_CHANNELS:
            timing = wanted_timing(wishes, self.kind, channel, self.thread)
            if reachable[channel] and timing != Timing.OFF:
                is_notice = channel == Channel.IN_APP
                slot = Slot(self.moment) if is_notice else self._slot(wishes, timing, person.time_zone)
                yield self._draft(channel, slot, person_id=person.pk)

    def to_address(self, address: str, wishes: Correspondent) -> Iterator[Draft]:
        """Yield what goes to a plain address."""
        timing = wanted_timing(wishes, self.kind, Channel.EMAIL, self.thread)
        if timing != Timing.OFF and not wishes.bounces(address):
            yield self._draft(Channel.EMAIL, self._slot(wishes, timing, "UTC"), address=address)

    def to_endpoint(self, endpoint: Endpoint) -> Iterator[Draft]:
        """Yield what goes to another program, if it listens to this kind."""
        if not endpoint.kinds or self.kind in endpoint.kinds:
            timing = wanted_timing(endpoint, self.kind, endpoint.channel, self.thread)
            is_program = endpoint.channel == Channel.WEBHOOK  # programs want every change, each on its own
            slot = Slot(self.moment) if is_program else self._slot(endpoint, timing, "UTC")
            yield self._draft(endpoint.channel, slot, endpoint_id=endpoint.pk)

    def _slot(self, wishes: Correspondent, timing: Timing, zone: str) -> Slot:
        return slot(wishes, timing, moment=self.moment, zone=zone, thread=self.thread, bulk=self.bulk)

    def _draft(self, channel: str, slot: Slot, **recipient: Any) -> Draft:
        message_id = new_message_id()
        whole = {"person_id": None, "address": "", "endpoint_id": None, **recipient}
        # What stands under the bell is delivered by being written.
        is_notice = channel == Channel.IN_APP
        return Draft(
            message_id=message_id,
            kind=self.kind,
            object_id=self.object_id,
            thread=self.thread,
            channel=str(channel),
            bundle=f"{slot.bundle}|{recipient_key(**whole)}" if slot.bundle else message_id,
            due_at=slot.due_at,
            state=(Message.State.DELIVERED if is_notice else Message.State.PENDING).value,
            settled_at=self.moment if is_notice else None,
            created_at=self.moment,
            **whole,
        )
