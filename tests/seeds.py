"""What migrations put into the database, put back after a test that emptied it."""

from __future__ import annotations

from ops.clocks.models import Calendar, DeadlinePolicy, Edition
from ops.clocks.services import seed_calendars, seed_policies
from ops.committees.policies import POLICIES as OF_COMMITTEES
from ops.issues.policies import POLICIES as OF_ISSUES
from ops.people.models import SYSTEM_USERNAME, User
from ops.watch.policies import POLICIES as OF_THE_WATCH


def sow() -> None:
    """Make the system account, the calendars and the first policies where they are missing."""
    User.objects.get_or_create(
        username=SYSTEM_USERNAME, defaults={"display_name": "Operations desk", "password": "!"}
    )
    Edition.objects.get_or_create()
    seed_calendars(Calendar)
    seed_policies([*OF_ISSUES, *OF_THE_WATCH, *OF_COMMITTEES], policies=DeadlinePolicy, calendars=Calendar)
