"""What resource allocation does by itself."""

from __future__ import annotations

from datetime import timedelta

from ops.allocations.conflicts import look_for_conflicts
from ops.allocations.enforcement import service, write_overrides
from ops.allocations.handing_out import calls_with_gaps, fill_gaps
from ops.allocations.models import Call
from ops.allocations.reviewing import return_reviews_of_former_members
from ops.people.models import User
from ops.periodic import periodic


@periodic(every=timedelta(hours=1))
def return_reviews() -> None:
    """Return to the chair what former members of the committee have not written."""
    return_reviews_of_former_members()


@periodic(every=timedelta(hours=1))
def look_for_new_conflicts() -> None:
    """Look again for conflicts in every call that is being judged, since people come, go and move."""
    judged = [Call.State.OPEN, Call.State.CLOSED, Call.State.UNDER_REVIEW, Call.State.RANKED]
    for call in Call.objects.filter(state__in=judged):
        look_for_conflicts(call)


@periodic(every=timedelta(hours=1))
def keep_overrides() -> None:
    """Keep the override document in step where a service is configured: what has expired leaves it."""
    if service() is not None:
        write_overrides(actor=User.objects.system())


@periodic(every=timedelta(minutes=10))
def fill_gaps_in_reviews() -> None:
    """Ask somebody else for every review that was declined or given back."""
    for call in calls_with_gaps():
        fill_gaps(call)
