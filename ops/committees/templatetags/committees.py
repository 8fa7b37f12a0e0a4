"""What the pages of seats and meetings ask for."""

from __future__ import annotations

from typing import Any

from django import template

from ops.committees.appointing import may_see_slates
from ops.committees.models import Meeting, Seat
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
