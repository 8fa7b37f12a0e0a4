"""What the committees add to the side bar."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest
from django.urls import reverse

from ops.committees.models import Committee
from ops.committees.rules import committees_sat_on
from ops.people.authority import OFFICES
from ops.web.frame.entries import Entry


def entries(request: HttpRequest) -> Sequence[Entry]:
    """The committees in which this person sits, and the way to all of them."""
    sat_in = committees_sat_on(request.user) if request.user.is_authenticated else []
    own = [slug for slug in sat_in if slug not in OFFICES]  # most people sit in none: no query for them
    mine = Committee.objects.filter(slug__in=own) if own else ()
    return [
        *(
            Entry(committee.name, reverse("committee", args=[committee.slug]), "users-group")
            for committee in mine
        ),
        Entry("All committees" if own else "Committees", reverse("committees"), "building-community"),
        Entry("Recommendations", reverse("recommendations"), "list-check"),
        *([Entry("Feedback", reverse("list-feedback"), "messages")] if request.user.is_authenticated else []),
    ]
