"""Forgetting what is long settled, so that the table of messages does not grow for ever."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.utils import timezone

from ops.notify.models import Message

ROWS_PER_STEP = 2000
_SETTLED = [Message.State.DELIVERED, Message.State.WITHHELD, Message.State.BOUNCED]


def prune(*, moment: datetime.datetime | None = None, limit: int = ROWS_PER_STEP) -> int:
    """Delete some of what was settled more than `NOTIFY_KEEP_DAYS` ago; return how many messages.

    A few at a time, because it runs as often as the sweeps. Unread notices go too: nobody looks for them
    after half a year. What is parked stays until an operator has decided.
    """
    before = (moment or timezone.now()) - datetime.timedelta(days=settings.NOTIFY_KEEP_DAYS)
    old = Message.objects.filter(created_at__lt=before, state__in=_SETTLED).values_list("pk", flat=True)
    keys = list(old[:limit])
    if keys:
        Message.objects.filter(pk__in=keys).delete()
    return len(keys)
