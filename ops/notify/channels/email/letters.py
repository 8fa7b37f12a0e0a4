"""From a parcel to an e-mail with the headers that mail programs look for."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from ops.notify.frames import Frame, framed
from ops.notify.models import message_domain
from ops.notify.parcels import Parcel


def mail_of(parcel: Parcel) -> EmailMultiAlternatives:
    """Return the e-mail of a parcel.

    `From` names the desk; the envelope carries the address that bounces come back to.
    """
    frame = framed(parcel)
    mail = EmailMultiAlternatives(
        subject=frame.subject,
        body=frame.text,
        from_email=settings.MAIL_BOUNCES,
        to=[parcel.destination],
        headers=headers_of(parcel, frame),
    )
    mail.attach_alternative(frame.html, "text/html")
    return mail


def headers_of(parcel: Parcel, frame: Frame) -> dict[str, str]:
    """Return the headers: identity, thread (RFC 5322), list (RFC 2919, 8058), automatic (RFC 3834)."""
    domain = message_domain()
    headers = {
        "From": settings.DEFAULT_FROM_EMAIL,
        "Message-ID": parcel.message_id,
        "List-Id": f"Operations desk <notifications.{domain}>",
        "List-Unsubscribe": f"<{frame.unsubscribe_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    if parcel.thread:
        headers["In-Reply-To"] = headers["References"] = thread_root(parcel.thread)
    return headers


def thread_root(thread: str) -> str:
    """Return the Message-ID that every mail of a thread answers.

    No such mail was ever sent; mail programs gather its answers all the same, in whatever order they come.
    """
    return f"<thread.{hashlib.sha256(thread.encode()).hexdigest()[:32]}@{message_domain()}>"
