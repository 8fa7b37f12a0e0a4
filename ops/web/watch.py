"""The forum watch as its page shows it: whose week it is, what that asks for, who comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from ops.clocks.explanation import Clock
from ops.clocks.selectors import deadlines_of, next_deadlines
from ops.people.authority import is_community_scientist, is_lead_member
from ops.tickets import queue
from ops.tickets.models import Ticket
from ops.watch.forms import LeaveForm
from ops.watch.leave import leaves_ahead
from ops.watch.models import Duty, Leave, WatchWeek
from ops.watch.selectors import this_monday, weeks_ahead, weeks_past
from ops.web.addresses import edit_url, step_url
from ops.web.queue.lists import Row
from ops.web.records.actions import Actions, actions
from ops.web.records.standing import Standing, standing
from ops.workflow.services import editable_fields

AHEAD, PAST, SWEPT = 10, 6, 12


@dataclass(frozen=True)
class Task:
    """One thing that a week on watch asks for."""

    value: str
    words: str
    is_done: bool


@dataclass(frozen=True)
class PlannedWeek:
    """A week of the rotation, and what the reader may do about it."""

    week: WatchWeek
    is_mine: bool
    is_now: bool
    give_url: str
    swap_url: str


class Watch:
    """The page of the watch for one reader."""

    def __init__(self, request: HttpRequest) -> None:
        self.request, self.reader = request, request.user

    @cached_property
    def _ahead(self) -> Sequence[WatchWeek]:
        return list(weeks_ahead(self.reader)[:AHEAD])

    @property
    def week(self) -> WatchWeek | None:
        """The present week, once it is planned."""
        return next((week for week in self._ahead if week.monday == this_monday()), None)

    @property
    def is_mine(self) -> bool:
        """Whether it is the reader's."""
        return self.week is not None and self.week.person == self.reader

    @cached_property
    def weeks(self) -> list[PlannedWeek]:
        """The rotation."""
        return [self._planned(week) for week in self._ahead]

    def _planned(self, week: WatchWeek) -> PlannedWeek:
        steps = week.workflow.steps_from(week.state)
        may_give = any(step.name == "give" and step.by.test(self.reader, week) for step in steps)
        return PlannedWeek(
            week=week,
            is_mine=week.person == self.reader,
            is_now=week.monday == this_monday(),
            give_url=step_url(week, "give") if may_give else "",
            swap_url=reverse("swap-week", args=[week.pk]) if may_give else "",
        )

    @cached_property
    def past(self) -> list[WatchWeek]:
        """The weeks before, the latest first, for their hand-over notes."""
        return list(weeks_past(self.reader)[:PAST])

    @property
    def last_note(self) -> WatchWeek | None:
        """The week whose note the present watcher takes over."""
        return next((week for week in self.past if week.handover_note), None)

    @cached_property
    def clocks(self) -> list[Clock]:
        """The open deadlines of the present week."""
        return deadlines_of([self.week])[self.week.pk] if self.week else []

    @cached_property
    def standing(self) -> Standing | None:
        """Who holds the present week, what is next, until when."""
        return standing(self.week, self.reader, self.clocks) if self.week else None

    @cached_property
    def actions(self) -> Actions | None:
        """What the reader may do about the present week."""
        return actions(self.week, self.reader) if self.week else None

    @cached_property
    def tasks(self) -> list[Task]:
        """The checklist of the present week."""
        ticked = self.week.ticked if self.week else ()
        return [Task(duty.value, str(duty.label), duty.value in ticked) for duty in Duty]

    @property
    def done(self) -> int:
        """How much of it is done."""
        return sum(task.is_done for task in self.tasks)

    @property
    def may_tick(self) -> bool:
        """Whether the reader may tick it."""
        return self.week is not None and "ticked" in editable_fields(self.week, self.reader)  # type: ignore[arg-type]

    @property
    def note_url(self) -> str:
        """Where the hand-over note is written, for those who may."""
        return edit_url(self.week, "handover_note") if self.week and self.may_tick else ""

    @cached_property
    def _swept(self) -> queue.Page:
        wanted = queue.parsed({"sweep": "yes", "sort": "created", "page_size": str(SWEPT)}, self.reader)
        return queue.page_of(wanted, Ticket.objects.all(), self.reader)

    @cached_property
    def sweep(self) -> list[Row]:
        """What the sweep is about, the oldest first."""
        clocks = next_deadlines(self._swept.rows)
        return [Row(ticket, clocks.get(ticket.pk)) for ticket in self._swept.rows]

    @property
    def sweep_count(self) -> int:
        """How much there is to sweep."""
        return self._swept.total

    @property
    def sweep_url(self) -> str:
        """The same as a list."""
        return f"{reverse('queue-issue')}?sweep=yes"

    @property
    def leaves(self) -> QuerySet[Leave]:
        """Who is or will be away."""
        return leaves_ahead()

    @property
    def may_take_leave(self) -> bool:
        """Whether the reader takes weeks at all."""
        return is_community_scientist.test(self.reader)

    @property
    def leave_form(self) -> LeaveForm:
        """Where days away are noted."""
        return LeaveForm()

    @property
    def may_plan(self) -> bool:
        """Whether the reader may fill the coming weeks now instead of waiting for the desk to do it."""
        return is_lead_member(self.reader)
