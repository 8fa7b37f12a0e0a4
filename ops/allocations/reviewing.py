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


class Loads:
    """The load of every member and of everybody who reviews in a call, whoever has most first.

    Four queries for any number: the people are fetched for the part that is looked at, `loads[:50]`. `search` keeps
    those whose name contains it.
    """

    def __init__(self, call: Call, *, search: str = "") -> None:
        self.call = call
        reviews = Review.objects.filter(request__call=call).values_list("reviewer", "state").order_by()
        self._counts: dict[int, dict[str, int]] = defaultdict(dict)
        for person, state, count in reviews.annotate(count=Count("pk")):
            self._counts[person][state] = count
        plan = planned(call).values_list("reviewer").order_by()
        for person, count in plan.annotate(count=Count("pk")):
            self._counts[person]["planned"] = count
        members = holders_of(ALLOCATION_COMMITTEE).values("pk")
        people = User.objects.filter(Q(pk__in=members) | Q(pk__in=list(self._counts)))
        if search:
            people = people.filter(Q(display_name__icontains=search) | Q(username__icontains=search))
        named = people.values_list("pk", "display_name", "username")
        self._order = [pk for pk, *_ in sorted(named, key=self._place)]

    def _place(self, named: tuple[int, str, str]) -> tuple[int, str, int]:
        pk, display_name, username = named
        counts = self._counts.get(pk, {})
        has = sum(counts.get(state, 0) for state in (*OPEN, Review.State.SUBMITTED))
        return -max(has, counts.get("planned", 0)), display_name or username, pk

    @property
    def are_planned(self) -> bool:
        """Whether a review is planned for anybody."""
        return any("planned" in counts for counts in self._counts.values())

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, part: slice) -> list[Load]:
        people = User.objects.in_bulk(self._order[part])
        return [
            Load(people[pk], self.call.most_reviews, **self._counts.get(pk, {})) for pk in self._order[part]
        ]
