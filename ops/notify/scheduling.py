"""When a message goes out and with which others, from what its recipient wishes."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings

from ops.notify import hours
from ops.notify.composers import is_urgent
from ops.notify.models import DEFAULT_TIMINGS, Channel, Correspondent, Timing

DIGEST = "digest"


@dataclass(frozen=True)
class Slot:
    """When a message is due, and the bundle that it joins; no bundle means that it goes alone."""

    due_at: datetime.datetime
    bundle: str = ""


def wanted_timing(wishes: Correspondent, kind: str, channel: str, thread: str) -> Timing:
    """Return how soon a correspondent wants to hear, `OFF` for a thread that they muted.

    The bell is quiet enough not to be muted thread by thread.
    """
    if thread in wishes.muted_threads and channel != Channel.IN_APP:
        return Timing.OFF
    return wishes.timing(kind, channel) or default_timing(kind, channel)


def default_timing(kind: str, channel: str) -> Timing:
    """Return how soon somebody hears who never chose."""
    return Timing.AT_ONCE if is_urgent(kind) else DEFAULT_TIMINGS[channel]


def slot(
    wishes: Correspondent,
    timing: Timing,
    *,
    moment: datetime.datetime,
    zone: str,
    thread: str,
    bulk: str = "",
) -> Slot:
    """Place a message that is wanted.

    Bundled: with everything of its thread, some minutes after the first. Daily: with everything, when the
    reader's clock shows the hour of the digest. What quiet hours hold back goes out bundled at their end.
    """
    if timing == Timing.DAILY:
        return Slot(
            out_of_quiet(wishes, hours.next_time(moment, ZoneInfo(zone), wishes.digest_at), zone), DIGEST
        )
    minutes = settings.NOTIFY_BUNDLE_MINUTES if wishes.bundle_minutes is None else wishes.bundle_minutes
    if bulk:
        later = moment + datetime.timedelta(minutes=settings.NOTIFY_BUNDLE_MINUTES)
        return Slot(out_of_quiet(wishes, later, zone), bulk)
    if timing == Timing.BUNDLED and minutes:
        return Slot(out_of_quiet(wishes, moment + datetime.timedelta(minutes=minutes), zone), thread)
    due_at = out_of_quiet(wishes, moment, zone)
    return Slot(due_at, "" if due_at == moment else thread)


def out_of_quiet(wishes: Correspondent, moment: datetime.datetime, zone: str) -> datetime.datetime:
    """Return the moment, or the end of the correspondent's quiet hours when it falls into them."""
    if wishes.quiet_from is None or wishes.quiet_until is None:
        return moment
    return hours.out_of_quiet(moment, ZoneInfo(zone), wishes.quiet_from, wishes.quiet_until)
