"""Addresses that mail comes back from."""

from __future__ import annotations

import logging

from django.utils import timezone

from ops.notify.models import Correspondent, Endpoint
from ops.people.models import User

logger = logging.getLogger(__name__)


def mark_address(recipient: User | Endpoint | str, address: str, reason: str) -> None:
    """Send no more mail to an address until it is changed or `trust_address` clears it."""
    if isinstance(recipient, Endpoint):
        return
    owner = {"address": recipient.lower()} if isinstance(recipient, str) else {"person": recipient}
    Correspondent.objects.update_or_create(
        **owner,
        defaults={
            "bounced_address": address.lower(),
            "bounced_at": timezone.now(),
            "bounce_reason": reason[:500],
        },
    )
    logger.warning("Mail to %s comes back: %s", address, reason)


def trust_address(person: User) -> None:
    """Mail a person's address again, after they said that it works."""
    Correspondent.objects.filter(person=person).update(bounced_address="", bounced_at=None, bounce_reason="")
