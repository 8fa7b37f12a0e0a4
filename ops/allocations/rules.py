"""Questions about a person and a call, a request or a review, and the conditions of their steps."""

from __future__ import annotations

from typing import Any

from ops.people.authority import (
    ALLOCATION_COMMITTEE,
    DIRECTORATE,
    OPERATIONS,
    TECHNICAL_ASSESSORS,
    authority_of,
    holders_of,
)
from ops.people.models import Role
from ops.people.questions import question
from ops.workflow.declaration import guard

CHAIRS = (Role.CHAIR, Role.DEPUTY)


@question("a member of the Resource Allocation Committee")
def is_rac_member(user: Any) -> bool:
    """The user sits in the Resource Allocation Committee today, in whatever role."""
    return authority_of(user).holds(ALLOCATION_COMMITTEE)


@question("the chair of the Resource Allocation Committee")
def is_rac_chair(user: Any) -> bool:
    """The user chairs the committee today, or stands in for the chair."""
    return authority_of(user).holds(ALLOCATION_COMMITTEE, *CHAIRS)


@question("a technical assessor")
def is_technical_assessor(user: Any) -> bool:
    """The user judges today whether requests can be carried out."""
    return authority_of(user).holds(TECHNICAL_ASSESSORS)


@question("the Operations Director")
def is_operations_director(user: Any) -> bool:
    """The user is the Operations Director today."""
    return authority_of(user).holds(OPERATIONS, Role.DIRECTOR)


@question("the Director")
def is_director(user: Any) -> bool:
    """The user directs the observatory today."""
    return authority_of(user).holds(DIRECTORATE, Role.DIRECTOR)


may_be_recused = is_rac_member | is_operations_director | is_director


@question("the proposer")
def is_proposer(user: Any, request: Any) -> bool:
    """The request is the user's."""
    return request is not None and request.reporter_id == user.pk


@question("the chair, without a conflict of interest")
def is_chair_for_it(user: Any, request: Any) -> bool:
    """The user chairs what happens to this request: a chair without a conflict, or who stands in for them all."""
    return request is not None and user.pk in request.chair_ids


@question("the Operations Director (with a conflict of interest: the Director)")
def is_decider_for_it(user: Any, request: Any) -> bool:
    """The user decides on this request: the Operations Director or, where they have a conflict, the Director."""
    return request is not None and user.pk in request.decider_ids


@question("a technical assessor, without a conflict of interest")
def is_assessor_for_it(user: Any, request: Any) -> bool:
    """The user is a technical assessor and has no part in the request."""
    return request is not None and is_technical_assessor(user) and user.pk not in request.party_ids


@question(when="while it is a draft")
def is_being_written(user: Any, request: Any) -> bool:
    """The proposer has the request before them: a draft, or returned for revision."""
    return request is not None and request.state in {request.State.DRAFT, request.State.RETURNED}


@guard("Fill in what the check page lists as missing.", about="check")
def form_is_complete(request: Any) -> bool:
    """Every section has what it must have."""
    return not request.missing


@guard("Your data rights must hold until the award period ends; ask the account desk to extend them.")
def data_rights_hold(request: Any) -> bool:
    """The proposer holds data rights to the last day of the award period."""
    return bool(request.reporter.has_data_rights(request.call.award_ends_on))


@guard("The call is not open; requests are taken between its opening and its closing.", about="call")
def call_is_open(request: Any) -> bool:
    """The call takes requests now."""
    return bool(request.call.takes_requests(request.present))


@guard("Ask for more than the basic quota, which every account has without asking.", about="asks")
def amounts_exceed_the_basic_quota(request: Any) -> bool:
    """Each resource that is asked for is asked for above what everybody has."""
    return bool(request.exceeds_basic_quota)


@guard("Urgent requests go to a standing call, all others to a periodic one.", about="purpose")
def purpose_fits_the_call(request: Any) -> bool:
    """An urgent request stands in a standing call, and only there."""
    return bool((request.purpose == request.Purpose.URGENT) == request.call.is_standing)


@guard("Requests of a periodic call go to review after the call has closed.", about="call")
def call_has_closed(request: Any) -> bool:
    """All requests of the call are there; those of a standing call do not wait for one another."""
    return request.call.is_standing or request.call.state in {"closed", "under_review"}


@guard(
    "Wait for the open reviews, or return them to yourself; at least one review must be there.",
    about="reviews",
)
def reviews_are_in(request: Any) -> bool:
    """No review is still awaited, and there is one to discuss."""
    states = set(request.reviews.values_list("state", flat=True))
    return "submitted" in states and not states & {"assigned", "accepted"}


@guard("Not enough members without a conflict are there; note on the panel's page who is.", about="quorum")
def quorum_is_there(request: Any) -> bool:
    """The committee may discuss it; an urgent request is discussed between the meetings, without one."""
    if request.call.is_standing:
        return True
    members = holders_of(ALLOCATION_COMMITTEE).exclude(pk__in=request.conflicted_ids)
    there = request.call.attendance.filter(left_at=None, person__in=members).count()
    return bool(there >= request.call.quorum)


@guard("This request has been appealed before; there is one appeal.")
def not_appealed_before(request: Any) -> bool:
    """There was no appeal yet."""
    return request.appealed_at is None


@question(when="while it is in preparation")
def is_in_preparation(user: Any, call: Any) -> bool:
    """The call has not opened yet: what it says may still change."""
    return call is not None and call.state == call.State.DRAFT


@question(when="while the call is a standing one")
def is_standing_call(user: Any, call: Any) -> bool:
    """The call is open until somebody ends it."""
    return call is not None and call.is_standing


@guard("Say which resources are on offer, each with its capacity.", about="offers")
def offers_are_made(call: Any) -> bool:
    """There is something to ask for."""
    return bool(call.offers.exists())


@guard("Give at least one criterion by which requests are judged.", about="criteria")
def criteria_are_given(call: Any) -> bool:
    """Reviewers know what to judge by."""
    return bool(call.criteria.exists())


@guard("A periodic call needs a closing date that is still to come.", about="closes_at")
def closing_is_set(call: Any) -> bool:
    """The call closes by the clock, unless it stands."""
    return call.is_standing or (call.closes_at is not None and call.closes_at > call.present)


@guard("Some requests are not assessed yet; the review begins with all of them.", about="requests")
def all_requests_are_assessed(call: Any) -> bool:
    """Nothing waits for a technical assessor or for its proposer."""
    return not call.requests.filter(state__in=["submitted", "returned"]).exists()


@question("the reviewer")
def is_reviewer(user: Any, review: Any) -> bool:
    """The review is the user's, who sits in the committee today and has no conflict with the request."""
    return (
        review is not None
        and review.reviewer_id == user.pk
        and is_rac_member(user)
        and user.pk not in review.request.conflicted_ids
    )


@question("the chair, without a conflict of interest")
def is_chair_of_its_request(user: Any, review: Any) -> bool:
    """The user chairs what happens to the request that is reviewed."""
    return review is not None and user.pk in review.request.chair_ids


@guard("The request is not under review; its reviews stand as they are.")
def request_is_in_review(review: Any) -> bool:
    """Reviews are written until the request is discussed."""
    return review.request.state == "in_review"
