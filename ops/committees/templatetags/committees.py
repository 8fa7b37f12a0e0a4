"""What the pages of seats and meetings ask for."""

from __future__ import annotations

from typing import Any

from django import template

from ops.committees.appointing import may_see_slates
from ops.committees.models import Committee, Meeting, Seat
from ops.committees.papers import Sitting

register = template.Library()


@register.simple_tag
def sitting_of(meeting: Meeting, reader: Any) -> Sitting:
    """Return a meeting as this reader sees it."""
    return Sitting(meeting, reader)


@register.simple_tag
def shows_slate(seat: Seat, reader: Any) -> bool:
    """Whether this reader may look at the slate with which a seat begins."""
    on_the_way = seat.state in {Seat.State.ON_SLATE, Seat.State.APPROVED, Seat.State.ACCEPTED}
    return on_the_way and may_see_slates(reader, seat.committee)


@register.simple_tag
def next_meeting_of(committee: Committee, reader: Any) -> Meeting | None:
    """Return the next meeting of a committee that this reader may know of."""
    rows = Meeting.objects.visible_to(reader).filter(committee=committee.pk).ahead()
    found: Meeting | None = rows.select_related("committee").first()
    return found
