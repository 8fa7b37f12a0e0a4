"""What chat and webhooks share: one request per parcel, its log, and what each answer means."""

from __future__ import annotations

import datetime
import time
from collections.abc import Mapping
from http import HTTPStatus

from ops.notify import network
from ops.notify.models import Attempt, Endpoint
from ops.notify.parcels import DestinationDown, Failed, Parcel

LONGEST_WAIT = datetime.timedelta(hours=1)
USER_AGENT = "operations-desk"
# The server stands, the program behind it does not, or wants a pause: its other letters can wait as well.
_BUSY = {
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}


def post_parcel(parcel: Parcel, body: bytes, headers: Mapping[str, str]) -> None:
    """Send a parcel's body to its destination and log the attempt; returns only when it was accepted."""
    everything = {"Content-Type": "application/json", "User-Agent": USER_AGENT, **headers}
    start = time.monotonic()
    try:
        answer = network.post(parcel.destination, body, everything)
    except (network.Forbidden, network.NoAnswer) as error:
        _log(parcel, None, str(error), start)
        raise DestinationDown(str(error)) from error
    _log(parcel, answer.status, answer.text, start)
    if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        raise _failure(parcel, answer)


def _failure(parcel: Parcel, answer: network.Answer) -> Failed:
    reason = f"{answer.status} {answer.text}".strip()
    if answer.status in _BUSY:
        wait = (
            min(LONGEST_WAIT, datetime.timedelta(seconds=answer.retry_after)) if answer.retry_after else None
        )
        return DestinationDown(reason, wait=wait)
    if answer.status == HTTPStatus.GONE and isinstance(parcel.recipient, Endpoint):
        # The receiver's way to say "never again" (Standard Webhooks, and good manners for any POST).
        parcel.recipient.is_active = False
        parcel.recipient.save(update_fields=["is_active"])
        return Failed(f"{reason} (the endpoint is now switched off)")
    return Failed(reason)


def _log(parcel: Parcel, status: int | None, outcome: str, start: float) -> None:
    if isinstance(parcel.recipient, Endpoint):
        Attempt.objects.create(
            message=parcel.messages[0],
            endpoint=parcel.recipient,
            status=status,
            outcome=outcome[:500],
            milliseconds=round((time.monotonic() - start) * 1000),
        )
