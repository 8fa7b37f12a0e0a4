"""One signed request per message."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ops.notify.channels.posting import post_parcel
from ops.notify.models import Endpoint
from ops.notify.parcels import Failed, Parcel, Send


@contextmanager
def opened() -> Iterator[Send]:
    """Webhooks share no connection: each has a server of its own."""
    yield _call


def _call(parcel: Parcel) -> None:
    endpoint = parcel.recipient
    if not isinstance(endpoint, Endpoint):
        raise TypeError("only endpoints have webhooks")
    webhook_id = parcel.message_id.strip("<>")
    timestamp = int(time.time())
    body = payload(parcel)
    try:
        signed = signature(endpoint.secret, webhook_id, timestamp, body)
    except ValueError as error:
        raise Failed(str(error)) from error
    headers = {"webhook-id": webhook_id, "webhook-timestamp": str(timestamp), "webhook-signature": signed}
    post_parcel(parcel, body, headers)


def payload(parcel: Parcel) -> bytes:
    """Return what is sent: the announcement's kind and time, and the letter as the endpoint's reader sees it.

    The same message sent again has the same `webhook-id`, so that a receiver can tell.
    """
    (section,) = parcel.sections
    (message,) = section.messages
    return json.dumps(
        {
            "type": section.kind,
            "timestamp": message.created_at.isoformat(),
            "data": {
                "object_id": message.object_id,
                "thread": section.thread,
                "title": section.letter.thread_title,
                "subject": section.letter.subject,
                "text": section.letter.text,
                "link": section.letter.link,
            },
        }
    ).encode()


def signature(secret: str, webhook_id: str, timestamp: int, body: bytes) -> str:
    """Return the `webhook-signature` of a request: `v1,` and the HMAC-SHA256 in base64.

    Raises `ValueError` when the secret is not `whsec_` and base64.
    """
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error as error:
        raise ValueError("The secret of the endpoint is not whsec_ followed by base64.") from error
    digest = hmac.new(key, f"{webhook_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()
