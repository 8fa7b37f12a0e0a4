"""Sending what is due on one channel: claim, compose for the recipient as they are now, send, record."""

from __future__ import annotations

import datetime
import logging
import time
from collections.abc import Sequence

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from ops.notify import composers
from ops.notify.bounces import mark_address
from ops.notify.channels import WAYS_OUT
from ops.notify.composers import Writer
from ops.notify.models import Message, Timing, new_message_id
from ops.notify.outbox import Claim, Ledger, claim
from ops.notify.parcels import AddressUnknown, ChannelDown, DestinationDown, Failed, Parcel, Section, Send
from ops.notify.readers import Reader, Readers
from ops.notify.scheduling import DIGEST, out_of_quiet, wanted_timing

logger = logging.getLogger(__name__)

# A letter about more threads than this is not read; the others are counted at its end.
THREADS_PER_LETTER = 50
# No letter is begun in the last third of its lease: more than one letter takes at worst.
LEASE_MARGIN = 1 / 3


def deliver(channel: str, *, moment: datetime.datetime | None = None, seconds: float | None = None) -> bool:
    """Send everything that is due on a channel, batch by batch; True when `seconds` ran out before that.

    `moment` stands in for the present, to send what is due only later. Losing the database raises, and what
    was claimed returns to the queue when its lease is over.
    """
    stop_at = None if seconds is None else time.monotonic() + seconds
    while (taken := claim(channel, moment=moment or timezone.now())).letters:
        if not _deliver_batch(taken, moment):
            return False
        if stop_at is not None and time.monotonic() >= stop_at:
            return True
    return False


def _deliver_batch(taken: Claim, moment: datetime.datetime | None) -> bool:
    """Send one claim; False when the channel is down, so that there is no use in claiming more."""
    ledger = Ledger(taken)
    reason = ""
    try:
        readers = Readers.of(taken.letters)
        begin_until = (
            taken.leased_until - datetime.timedelta(seconds=settings.NOTIFY_LEASE_SECONDS) * LEASE_MARGIN
        )
        with WAYS_OUT[taken.channel]() as send:
            batch = _Batch(ledger, send)
            for letter in taken.letters:
                if timezone.now() >= begin_until:
                    break
                batch.deliver(letter, readers.of_letter(letter[0]), moment or timezone.now())
    except ChannelDown as error:
        reason = str(error)
        logger.warning("%s: %s", taken.channel, reason)
        return False
    finally:
        ledger.close(reason)
    return True


class _Batch:
    """The letters of one claim on one open channel."""

    def __init__(self, ledger: Ledger, send: Send) -> None:
        self._ledger = ledger
        self._send = send
        self._unreachable: dict[str, AddressUnknown | Failed] = {}
        self._writers: dict[tuple[str, tuple[int, ...]], Writer] = {}

    def deliver(self, letter: Sequence[Message], reader: Reader, moment: datetime.datetime) -> None:
        """Send one letter, and record what became of every message in it."""
        if reader.refusal:
            self._ledger.withheld(letter, reader.refusal)
        elif (until := out_of_quiet(reader.wishes, moment, reader.zone)) > moment:
            self._ledger.postponed(letter, until)
        elif parcel := self._composed(letter, reader):
            self._send_parcel(parcel, reader)

    def _composed(self, letter: Sequence[Message], reader: Reader) -> Parcel | None:
        threads: dict[str, dict[str, list[Message]]] = {}
        for message in self._wanted(letter, reader):
            threads.setdefault(message.thread, {}).setdefault(message.kind, []).append(message)
        groups = [
            (thread, kind, messages) for thread, kinds in threads.items() for kind, messages in kinds.items()
        ]
        shown = set(list(threads)[:THREADS_PER_LETTER])
        sections = self._sections([group for group in groups if group[0] in shown], reader)
        if not sections:
            return None  # should more threads remain, they make the next letter
        return Parcel(
            message_id=letter[0].sent_as,
            recipient=reader.recipient,
            destination=reader.destination,
            sections=sections,
            is_digest=letter[0].bundle.startswith(f"{DIGEST}|"),
            unopened=[
                message for thread, _, messages in groups if thread not in shown for message in messages
            ],
        )

    def _wanted(self, letter: Sequence[Message], reader: Reader) -> list[Message]:
        wanted: list[Message] = []
        unwanted: list[Message] = []
        for message in letter:
            timing = wanted_timing(reader.wishes, message.kind, message.channel, message.thread)
            (unwanted if timing == Timing.OFF else wanted).append(message)
        if unwanted:
            self._ledger.withheld(unwanted, "Switched off by the recipient.")
        return wanted

    def _sections(self, groups: Sequence[tuple[str, str, list[Message]]], reader: Reader) -> list[Section]:
        sections: list[Section] = []
        spoilt: list[tuple[list[Message], str]] = []
        for thread, kind, messages in groups:
            try:
                content = self._writer(kind, tuple(m.object_id for m in messages))(reader.reads_as)
            except (OperationalError, InterfaceError):
                raise  # the database is gone, and no message is to blame
            except Exception as error:  # whatever a room does wrong, the rest of the letter goes out
                logger.exception("Composing %s for %s failed", kind, messages[0].message_id)
                spoilt.append((messages, describe(error)))
            else:
                if content is None:
                    self._ledger.withheld(messages, "Nothing in it that the recipient may see.")
                else:
                    sections.append(Section(thread, kind, messages, content))
        for messages, reason in spoilt:
            # The others go out under the Message-ID of the letter: what is tried later needs its own.
            self._ledger.failed(messages, reason, sent_as=new_message_id() if sections else None)
        return sections

    def _writer(self, kind: str, object_ids: tuple[int, ...]) -> Writer:
        """What writes of these objects, prepared once for all letters of the batch that tell of the same."""
        if (kind, object_ids) not in self._writers:
            self._writers[kind, object_ids] = composers.registered(kind).prepare(object_ids)
        return self._writers[kind, object_ids]

    def _send_parcel(self, parcel: Parcel, reader: Reader) -> None:
        error = self._unreachable.get(parcel.destination) or self._attempt(parcel)
        match error:
            case None:
                self._ledger.delivered(parcel.messages)
            case AddressUnknown():
                self._ledger.bounced(parcel.messages, str(error))
                if parcel.destination not in self._unreachable:
                    mark_address(reader.recipient, parcel.destination, str(error))
            case Failed():
                self._ledger.failed(parcel.messages, str(error), wait=error.wait)
        if isinstance(error, AddressUnknown | DestinationDown):
            self._unreachable[parcel.destination] = error

    def _attempt(self, parcel: Parcel) -> AddressUnknown | Failed | None:
        try:
            self._send(parcel)
        except (AddressUnknown, Failed) as error:
            return error
        except (ChannelDown, OperationalError, InterfaceError):
            raise
        except Exception as error:  # a letter that cannot even be written must not hold up the others
            logger.exception("Sending %s failed", parcel.message_id)
            return Failed(describe(error))
        return None


def describe(error: Exception) -> str:
    """Return an error as one line for operators."""
    return f"{type(error).__name__}: {error}"
