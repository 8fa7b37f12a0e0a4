"""Makes seats and meetings in every state, each seat in a committee of its own."""

from __future__ import annotations

import datetime
from typing import Any

from django.utils import timezone

from ops.committees.models import Committee, Meeting, MinutesVersion, Seat
from ops.people.authority import USERS_COMMITTEE
from ops.people.models import Membership, User
from ops.workflow.declaration import Step
from ops.workflow.services import edit
from tests.cast import LONG_AGO, Cast
from tests.factory import Factory, Move

DAY = datetime.timedelta(days=1)


def today() -> datetime.date:
    """The present day as terms count it."""
    return timezone.localdate(timezone=datetime.UTC)


def in_days(number: int) -> str:
    """A day that lies so far ahead, or behind."""
    return (today() + number * DAY).isoformat()


def committee_without_rules() -> Committee:
    """A committee of its own: its parent, and with it its advisors, are those of the Users Committee."""
    number = Committee.objects.count()
    parent = Committee.objects.get(slug="science-advisory")
    return Committee.objects.create(slug=f"committee-{number}", name=f"Committee {number}", parent=parent)


VET: Move = ("vet", "lead", {"country": "Chile"})
PUT: Move = ("put_on_slate", "lead", {"begins_on": lambda _cast: in_days(-10)})
UP_TO_ACTIVE: tuple[Move, ...] = (
    VET, PUT, ("approve", "director", {}), ("accept", "reporter", {}), ("begin_term", "lead", {}),
)  # fmt: skip


class SeatFactory(Factory):
    """Seats."""

    model = Seat
    creator = "outsider"
    paths = {
        "nominated": (),
        "vetted": UP_TO_ACTIVE[:1],
        "on_slate": UP_TO_ACTIVE[:2],
        "approved": UP_TO_ACTIVE[:3],
        "accepted": UP_TO_ACTIVE[:4],
        "active": UP_TO_ACTIVE,
        "ended": (*UP_TO_ACTIVE, ("resign", "reporter", {"reason": "A new post far away."})),
        "not_taken": (("decline", "reporter", {}),),
    }

    def data(self, cast: Cast) -> dict[str, Any]:
        return {"committee": committee_without_rules().slug, "person": "reporter"}

    def answers(self, step: Step, cast: Cast) -> dict[str, Any]:
        given = {
            "country": "Chile",
            "begins_on": in_days(-10),
            "ends_on": in_days(100),
            "office_from": in_days(0),
            "office_until": in_days(90),
        }
        return {name: given[name] for name in step.asks}

    def mend(self, step: Step, obj: Any, cast: Cast) -> Any:
        return over(obj) if step.name == "end_term" else obj

    def break_guard(self, step: Step, obj: Any, cast: Cast) -> Any:
        if step.name == "approve":
            obj.committee.rules.create(check_name="number_of_seats")
        if step.name == "begin_term":
            Membership.objects.create(person=obj.person, team=obj.committee, starts_on=LONG_AGO)
        return obj

    def hide(self, obj: Any, cast: Cast) -> tuple[Any, User]:
        if obj.state in {"active", "ended"}:
            stranger = User.objects.create(username=f"closed-{obj.pk}", is_active=False)
            return obj, stranger
        return obj, cast.uc_member


def over(seat: Seat) -> Seat:
    """The same seat, as if its term had been short and were over."""
    Seat.objects.filter(pk=seat.pk).update(begins_on=in_days(-10), ends_on=in_days(-1))
    return Seat.objects.get(pk=seat.pk)


class MeetingFactory(Factory):
    """Meetings of the Users Committee."""

    model = Meeting
    creator = "uc_chair"
    paths = {
        "planned": (),
        "held": (("hold", "uc_chair", {}),),
        "minutes_published": (("hold", "uc_chair", {}), ("publish_minutes", "uc_chair", {})),
        "cancelled": (("cancel", "uc_chair", {"reason": "Too few can come."}),),
    }

    def new(self, cast: Cast, **data: Any) -> Any:
        meeting = super().new(cast, **data)
        write_minutes_of(meeting, "We met.", cast.uc_chair)
        return meeting

    def data(self, cast: Cast) -> dict[str, Any]:
        begun = timezone.now() - DAY
        return {"committee": USERS_COMMITTEE, "starts_at": begun.isoformat(), "title": "Spring meeting"}

    def answers(self, step: Step, cast: Cast) -> dict[str, Any]:
        return {}

    def break_guard(self, step: Step, obj: Any, cast: Cast) -> Any:
        if step.name == "hold":
            return edit(obj, actor=cast.uc_chair, data={"starts_at": (timezone.now() + DAY).isoformat()})
        write_minutes_of(obj, "", cast.uc_chair)
        return obj

    def hide(self, obj: Any, cast: Cast) -> tuple[Any, User]:
        return obj, User.objects.create(username=f"closed-{obj.pk}", is_active=False)


def write_minutes_of(meeting: Meeting, text: str, author: User) -> None:
    """Put a version of the open minutes in directly: what is tested here is the life of the meeting."""
    number = meeting.minutes_of("open").number
    MinutesVersion.objects.create(
        meeting=meeting, part="open", number=number + 1, based_on=number, text=text, author=author
    )
