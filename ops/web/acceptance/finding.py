"""From the key in an address to the campaign, as far as the reader may know of it."""

from __future__ import annotations

from ops.acceptance.models import Campaign
from ops.web.doors import PageRequest
from ops.web.finding import ticket_for
from ops.workflow.errors import NotFound


def campaign_for(request: PageRequest, key: str) -> Campaign:
    """Return the campaign of a key; raises `NotFound` also for a ticket that is no campaign."""
    found = ticket_for(request, key)
    if not isinstance(found, Campaign):
        raise NotFound
    return found
