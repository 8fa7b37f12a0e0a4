"""Questions about a person and a committee, from which permissions are composed. Each asks about today."""

from __future__ import annotations

from typing import Any

from ops.people.authority import DIRECTORATE, authority_of
from ops.people.models import Role
from ops.people.questions import question
from ops.workflow.declaration import guard

OFFICERS = (Role.CHAIR, Role.SECRETARY)
SITTING = (Role.MEMBER, *OFFICERS)


def committee_of(obj: Any) -> Any:
    """Return the committee that a record belongs to."""
    return getattr(obj, "committee", None)


def sits_on(user: Any, committee: Any, *roles: str) -> bool:
    """Whether the user holds one of the roles (any of those who sit, when none is named) in a committee today."""
    return committee is not None and authority_of(user).holds(committee.slug, *(roles or SITTING))


def committees_sat_on(user: Any, *roles: str) -> list[str]:
    """Return the names in addresses of the teams in which the user holds one of the roles (any that sits) today."""
    wanted = set(roles or SITTING)
    return sorted({team for team, role in authority_of(user).held if role in wanted})


@question("the Director")
def is_director(user: Any) -> bool:
    """The user is the Director of the observatory today."""
    return authority_of(user).holds(DIRECTORATE, Role.DIRECTOR)


@question("a member of the committee")
def is_committee_member(user: Any, obj: Any) -> bool:
    """The user sits on the committee today."""
    return sits_on(user, committee_of(obj))


@question("the chair")
def is_chair(user: Any, obj: Any) -> bool:
    """The user chairs the committee today."""
    return sits_on(user, committee_of(obj), Role.CHAIR)


@question("the secretary")
def is_secretary(user: Any, obj: Any) -> bool:
    """The user keeps the minutes of the committee today."""
    return sits_on(user, committee_of(obj), Role.SECRETARY)


@question("the chair or the secretary of a committee")
def is_committee_officer(user: Any) -> bool:
    """The user chairs some committee, or keeps its minutes, today."""
    return any(role in OFFICERS for _, role in authority_of(user).held)


@question("a member of the advisory committee")
def is_advisor(user: Any, obj: Any) -> bool:
    """The user sits on the committee that advises the Director on who sits in this one."""
    committee = committee_of(obj)
    return committee is not None and sits_on(user, committee.parent)


@question("the nominee")
def is_nominee(user: Any, seat: Any) -> bool:
    """The seat is the user's."""
    return seat is not None and seat.person_id == user.pk


@guard("Every breach of a rule of composition is waived with a reason first.", about="slate")
def slate_is_settled(seat: Any) -> bool:
    """What the slate breaks was looked at and waived."""
    return seat.slate_is_settled


@guard("The first day of the term is still to come.")
def term_has_begun(seat: Any) -> bool:
    """The first day of the term is here."""
    return seat.begins_on is not None and seat.begins_on <= seat.today


@guard("They hold a term on this committee in these days already.", about="terms")
def has_no_other_term(seat: Any) -> bool:
    """No other term of the same person overlaps."""
    return not seat.overlapping_terms.exists()


@guard("The last day of the term is still to come.")
def term_is_over(seat: Any) -> bool:
    """The last day of the term has passed."""
    return seat.ends_on is not None and seat.ends_on < seat.today


@guard("The meeting has not begun yet.")
def meeting_has_begun(meeting: Any) -> bool:
    """Nobody says of the future that it took place."""
    return meeting.has_begun


@guard("The open part of the minutes is written first.", about="minutes")
def minutes_are_written(meeting: Any) -> bool:
    """There is something to publish."""
    return bool(meeting.minutes_of("open").text.strip())


@guard(
    "Two versions of a passage still stand side by side in the minutes; keep what is right.", about="minutes"
)
def minutes_are_settled(meeting: Any) -> bool:
    """Nothing is left that two people wrote differently."""
    return not meeting.minutes_of("open").has_conflict
