"""Reviews that return to the chair by themselves, and how much everybody has to review."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Q

from ops.allocations.matching import planned
from ops.allocations.models import Call, Review
from ops.people.authority import ALLOCATION_COMMITTEE, holders_of
from ops.people.models import User
from ops.workflow.services import perform

OPEN = (Review.State.ASSIGNED, Review.State.ACCEPTED)
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
    limit: int
    planned: int = 0
    assigned: int = 0
    accepted: int = 0
    submitted: int = 0
    declined: int = 0
    returned: int = 0

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


def loads_of(call: Call, *, search: str = "") -> list[Load]:
    """Return the load of every member and of everybody who reviews in a call, whoever has most first.

    Three queries for any number. `search` keeps those whose name contains it.
    """
    reviews = Review.objects.filter(request__call=call).values_list("reviewer", "state").order_by()
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    for person, state, count in reviews.annotate(count=Count("pk")):
        counts[person][state] = count
    for person, count in planned(call).values_list("reviewer").annotate(count=Count("pk")).order_by():
        counts[person]["planned"] = count
    people = User.objects.filter(Q(pk__in=holders_of(ALLOCATION_COMMITTEE).values("pk")) | Q(pk__in=counts))
    if search:
        people = people.filter(Q(display_name__icontains=search) | Q(username__icontains=search))
    shown = people.only("username", "display_name", "institution")
    loads = [Load(person, call.most_reviews, **counts.get(person.pk, {})) for person in shown]
    return sorted(loads, key=lambda load: (-max(load.planned, load.total), load.person.name, load.person.pk))
