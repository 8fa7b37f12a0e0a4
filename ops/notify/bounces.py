"""Addresses that mail comes back from: said by the mail server at once, or by a report days later."""

from __future__ import annotations

import email.policy
import logging
from email.message import EmailMessage, Message
from email.parser import BytesParser

from django.db import transaction
from django.utils import timezone

from ops.notify.models import Channel, Endpoint
from ops.notify.models import Message as OutboxMessage
from ops.notify.preferences import lock_wishes
from ops.people.models import User

logger = logging.getLogger(__name__)

# RFC 3463: 5.1.x means that the address is wrong, 5.2.1 that the mailbox is closed. A full mailbox or a
# refused text says nothing about the next letter.
_GONE = ("5.1.", "5.2.1")


def means_gone(status: str) -> bool:
    """Whether an enhanced status code says that the address will never take mail."""
    return status.strip().startswith(_GONE)


def mark_address(recipient: User | Endpoint | str, address: str, reason: str) -> None:
    """Send no more mail to an address, until its owner changes it or `trust_address` clears it."""
    if isinstance(recipient, Endpoint):
        return
    with transaction.atomic():
        wishes = lock_wishes(recipient)
        wishes.bounced_address = address.lower()
        wishes.bounced_at = timezone.now()
        wishes.bounce_reason = reason[:500]
        wishes.save(update_fields=["bounced_address", "bounced_at", "bounce_reason"])
    logger.warning("Mail to %s comes back: %s", address, reason)


def trust_address(owner: User | str, *, actor: User) -> None:
    """Mail an address again, after somebody said that it works."""
    with transaction.atomic():
        wishes = lock_wishes(owner)
        wishes.bounced_address, wishes.bounced_at, wishes.bounce_reason = "", None, ""
        wishes.save(update_fields=["bounced_address", "bounced_at", "bounce_reason"])
    logger.info("%s trusts the address of %s again", actor, owner)


def receive_bounce(raw: bytes) -> bool:
    """Read a mail that came to `MAIL_BOUNCES`; True when it reports that one of our letters did not arrive.

    Reads delivery reports (RFC 3464). Only a report that names the Message-ID of a letter of ours, and the
    address that it went to, is believed: anybody can send mail to the bounce address, nobody can guess these.
    """
    report = BytesParser(policy=email.policy.default).parsebytes(raw)
    message_id = _original_message_id(report)
    lead = (
        OutboxMessage.objects.filter(message_id=message_id, channel=Channel.EMAIL)
        .select_related("person")
        .first()
        if message_id
        else None
    )
    if lead is None:
        return False
    recipient: User | str = lead.person or lead.address
    address = recipient if isinstance(recipient, str) else recipient.email
    for status, failed_address, reason in _failures(report):
        if failed_address.lower() == address.lower():
            OutboxMessage.objects.filter(sent_as=message_id, person=lead.person, address=lead.address).update(
                state=OutboxMessage.State.BOUNCED, reason=reason[:500], settled_at=timezone.now()
            )
            if means_gone(status):
                mark_address(recipient, address, reason)
            return True
    return False


def _original_message_id(report: EmailMessage) -> str:
    for part in report.walk():
        if part.get_content_type() == "message/rfc822" and isinstance(
            original := part.get_payload(0), Message
        ):
            return str(original["Message-ID"] or "").strip()
        if part.get_content_type() == "text/rfc822-headers":
            headers = part.get_payload(decode=True)
            if isinstance(headers, bytes):
                return str(
                    BytesParser(policy=email.policy.default).parsebytes(headers)["Message-ID"] or ""
                ).strip()
    return ""


def _failures(report: EmailMessage) -> list[tuple[str, str, str]]:
    """Return status, address and reason of every recipient that the report gives up on."""
    failures = []
    for part in report.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        blocks = part.get_payload()
        for block in blocks if isinstance(blocks, list) else []:
            if isinstance(block, Message) and str(block["Action"] or "").strip().lower() == "failed":
                address = str(block["Original-Recipient"] or block["Final-Recipient"] or "").rpartition(";")[
                    2
                ]
                status = str(block["Status"] or "").strip()
                failures.append(
                    (status, address.strip(), f"{status} {block['Diagnostic-Code'] or ''}".strip())
                )
    return failures
