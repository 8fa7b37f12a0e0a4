"""Questions about a person and a report, and the conditions under which a report goes on."""

from __future__ import annotations

from typing import Any

from ops.committees.rules import OFFICERS
from ops.people.authority import (
    DIRECTORATE,
    USERS_COMMITTEE,
    authority_of,
    is_lead_member,
    is_system,
)
from ops.people.models import Role
from ops.people.questions import question
from ops.workflow.declaration import guard

VOTERS = (Role.CHAIR, Role.MEMBER)
OUTSIDE = "outside"


def report_of(obj: Any) -> Any:
    """Return the report that an object is, or belongs to; a row of the common table of tickets leads to it."""
    if hasattr(obj, "item"):
        return obj.item.report
    return obj if hasattr(obj, "source") else obj.committee_report


def writes_for_the_committee(user: Any) -> bool:
    """Whether the user is chair or secretary of the Users Committee today."""
    return authority_of(user).holds(USERS_COMMITTEE, *OFFICERS)


@question("the chair or the secretary of the Users Committee")
def is_chair_or_secretary(user: Any, obj: Any) -> bool:
    """The report is the Users Committee's, and the user its chair or secretary."""
    return obj is not None and report_of(obj).source != OUTSIDE and writes_for_the_committee(user)


@question("whoever keeps a review from outside")
def is_review_facilitator(user: Any, obj: Any) -> bool:
    """It comes from a review from outside, which has nobody here; the leads, the Director's office and the
    automation then speak for it."""
    if obj is None or report_of(obj).source != OUTSIDE:
        return False
    return is_lead_member(user) or authority_of(user).holds(DIRECTORATE) or is_system.test(user)


@question("the Director's office")
def is_directors_office(user: Any) -> bool:
    """The user sits in the Director's office today."""
    return authority_of(user).holds(DIRECTORATE)


@question("whoever is in charge")
def is_in_charge(user: Any, work: Any) -> bool:
    """The user does the work on the item."""
    return work is not None and work.assignee_id is not None and work.assignee_id == user.pk


@question(when="until the committee has judged it")
def is_unjudged(user: Any, response: Any) -> bool:
    """The committee has not given its verdict on the response yet."""
    return response is not None and response.state == response.State.RECEIVED


@question(when="until the committee has verified or closed it")
def is_unverified(user: Any, work: Any) -> bool:
    """The committee has not said that the work is done, or that nothing more is to be done."""
    return work is not None and work.state not in {work.State.VERIFIED, work.State.CLOSED}


@question("the chair or the secretary of the Users Committee")
def is_users_committee_officer(user: Any) -> bool:
    """The user writes for the Users Committee today."""
    return writes_for_the_committee(user)


@question("a member of the Users Committee")
def is_users_committee_member(user: Any) -> bool:
    """The user sits in the Users Committee today."""
    return authority_of(user).holds(USERS_COMMITTEE)


@question(when="while it is being written")
def is_drafting(user: Any, report: Any) -> bool:
    """The report can still be changed."""
    return report is not None and report.state == report.State.DRAFTING


@guard("Write at least one item first.", about="items")
def has_items(report: Any) -> bool:
    """The report says something."""
    return report.items.exists()


@guard(
    "Its members have not adopted this wording yet: at least half of them vote, and more for it than against.",
    about="votes",
)
def is_voted_for(report: Any) -> bool:
    """Enough members voted for the text as it stands now."""
    return report.tally().carries


@guard("A report of the committee is adopted by its members; only a review from outside is taken in.")
def comes_from_outside(report: Any) -> bool:
    """Nobody here votes on it."""
    return report.source == OUTSIDE


@guard("Answer every item first; what the committee withdrew needs no answer.", about="items")
def is_answered(report: Any) -> bool:
    """Every item has a response."""
    return not report.responses().filter(state__in=("awaiting", "clarification_requested")).exists()


@guard("Give the committee's verdict on every response first.", about="items")
def is_judged(report: Any) -> bool:
    """The committee has said of every response what it thinks of it."""
    return not report.responses().filter(state="received").exists()


@guard("Verify or close the work on every item first.", about="items")
def is_worked_off(report: Any) -> bool:
    """Nothing is left to do."""
    return not report.works().exclude(state__in=("verified", "closed")).exists()
