"""Reviews that return to the chair by themselves, and how much everybody has to review."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, Q

from ops.allocations.models import Call, Review
from ops.people.authority import ALLOCATION_COMMITTEE, holders_of
from ops.people.models import User
from ops.workflow.services import perform

OPEN = (Review.State.ASSIGNED, Review.State.ACCEPTED)
OF_A_REVIEW = [state.value for state in Review.State]
TERM_HAS_ENDED = "The term of the reviewer has ended."


def return_reviews_of_former_members() -> int:
    """Return to the chair what is not written and whose reviewer sits in the committee no more; say how many."""
    members = holders_of(ALLOCATION_COMMITTEE).values("pk")
    orphaned = (
        Review.objects.filter(state__in=OPEN).exclude(reviewer__in=members).values_list("pk", flat=True)
    )
    count = 0
    for pk in list(orphaned):
        count += _return(pk)
    return count


@transaction.atomic
def _return(pk: int) -> bool:
    # Looked at again with the row locked: it may have been sent, or the term prolonged, in the meantime.
    review = Review.objects.select_for_update(of=("self",), no_key=True).select_related("reviewer").get(pk=pk)
    if review.state not in OPEN or holders_of(ALLOCATION_COMMITTEE).filter(pk=review.reviewer_id).exists():
        return False
    perform(review, "release", actor=User.objects.system(), reason=TERM_HAS_ENDED)
    return True


@dataclass(frozen=True)
class Load:
    """How much one member of the committee reviews in a call, and how far they are."""

    person: User
    assigned: int
    accepted: int
    submitted: int
    declined: int
    returned: int
    limit: int

    @property
    def open(self) -> int:
        """What is still to be written."""
        return self.assigned + self.accepted

    @property
    def total(self) -> int:
        """What counts against the limit."""
        return self.open + self.submitted

    @property
    def share(self) -> int:
        """How much of it is done, in percent."""
        return round(100 * self.submitted / self.total) if self.total else 0


def loads_of(call: Call) -> list[Load]:
    """Return the load of every member and of everybody who reviews in a call; two queries for any number."""
    counts = {
        state: Count("reviews", filter=Q(reviews__request__call=call, reviews__state=state))
        for state in OF_A_REVIEW
    }
    people = User.objects.filter(
        Q(pk__in=holders_of(ALLOCATION_COMMITTEE)) | Q(reviews__request__call=call)
    ).distinct()
    rows: Any = User.objects.filter(pk__in=people.values("pk"))
    rows = rows.annotate(**{f"{state}_reviews": count for state, count in counts.items()})
    return [
        Load(
            person=person,
            limit=call.most_reviews,
            **{state: getattr(person, f"{state}_reviews") for state in OF_A_REVIEW},
        )
        for person in rows.order_by("display_name", "username")
    ]
