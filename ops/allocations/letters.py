"""What messages about calls and reviews say; those about requests are the messages of every ticket."""

from __future__ import annotations

from ops.allocations.models import Call, Review
from ops.workflow.letters import Letters, state_reached
from ops.workflow.models import Event

# What an event is called where the state alone would not say it.
OF_CALLS = {
    "create": "made",
    "extend": "the closing date has moved",
    "meet_again": "the committee meets again",
}
OF_REVIEWS = {"create": "you are asked for a review", "revise": "changed"}


def words_of_call(call: Call, event: Event) -> str:
    """Say what has happened to a call."""
    return OF_CALLS.get(event.name) or state_reached(call, event)


def words_of_review(review: Review, event: Event) -> str:
    """Say what has happened to a review."""
    return OF_REVIEWS.get(event.name) or state_reached(review, event)


def title_of_review(review: Review) -> str:
    """Name a review by the request that it judges."""
    return f"{review} {review.request.title}"


Letters(Call, "allocations/letter", words_of_call, waits=lambda _: "Yours to take further.").register(
    "Calls for resources"
)
Letters(
    Review, "allocations/letter", words_of_review, title_of_review, waits=lambda _: "Yours to review."
).register("Reviews of requests")
