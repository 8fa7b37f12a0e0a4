"""A meeting as one reader sees it: its agenda, who came, its minutes, what was taken on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ops.committees import actions as taken_on
from ops.committees import dates, sittings
from ops.committees.actions import Line, Open
from ops.committees.models import AgendaPoint, Attendance, Meeting, MinutesVersion, Part
from ops.committees.models.way_in import link_for
from ops.committees.rules import sits_on
from ops.workflow.errors import NotFound


@dataclass(frozen=True)
class PartForReader:
    """One part of a meeting for a reader who may read it."""

    part: Part
    points: Sequence[AgendaPoint]
    minutes: MinutesVersion | None
    actions: Sequence[Open]
    waiting: Sequence[Line]
    may_plan: bool
    may_keep: bool
    may_take: bool

    @property
    def is_executive(self) -> bool:
        """Whether it is for the members alone."""
        return self.part == Part.EXECUTIVE


class Sitting:
    """What belongs to a meeting, as far as this reader may know of it; each part is asked for once."""

    def __init__(self, meeting: Meeting, reader: Any) -> None:
        self.meeting, self.reader = meeting, reader

    @cached_property
    def is_member(self) -> bool:
        """Whether the reader sits in the committee today."""
        return sits_on(self.reader, self.meeting.committee)

    @cached_property
    def video_link(self) -> str:
        """Where the reader joins, if they sit there."""
        return link_for(self.meeting, self.reader) if self.meeting.is_ahead else ""

    @property
    def was_held(self) -> bool:
        """Whether it took place."""
        return self.meeting.state in {Meeting.State.HELD, Meeting.State.MINUTES_PUBLISHED}

    @cached_property
    def parts(self) -> list[PartForReader]:
        """The open part, and to members the executive one."""
        shown = [part for part in Part if part == Part.OPEN or self.is_member]
        return [self._part(part) for part in shown]

    def _part(self, part: Part) -> PartForReader:
        minutes = self._minutes.get(part)
        may_take = taken_on.may_take_actions(self.reader, self.meeting, part)
        taken = [each for each in self._actions if each.action.part == part]
        known = {each.action.text for each in taken}
        lines = taken_on.lines_of(minutes.text) if minutes and may_take else []
        planned = self.meeting.state in {Meeting.State.PLANNED, Meeting.State.HELD}
        return PartForReader(
            part=part,
            points=[point for point in self._points if point.part == part],
            minutes=minutes if minutes and self._reads_minutes(part) else None,
            actions=taken,
            waiting=[line for line in lines if line.text not in known],
            may_plan=planned and sittings.may_plan_agenda(self.reader, self.meeting, part),
            may_keep=sittings.minutes_are_open(self.meeting, part)
            and sittings.may_keep_minutes(self.reader, self.meeting, part),
            may_take=may_take,
        )

    def _reads_minutes(self, part: Part) -> bool:
        return reads_minutes(self.reader, self.meeting, part)

    @cached_property
    def _points(self) -> list[AgendaPoint]:
        rows = AgendaPoint.objects.visible_to(self.reader).filter(meeting=self.meeting)
        return list(rows.select_related("presenter"))

    @cached_property
    def _minutes(self) -> dict[str, MinutesVersion]:
        rows = MinutesVersion.objects.visible_to(self.reader).filter(meeting=self.meeting)
        newest = rows.order_by("part", "-number").distinct("part").select_related("author")
        return {version.part: version for version in newest}

    @cached_property
    def _actions(self) -> list[Open]:
        return taken_on.actions_of(self.meeting, self.reader) if self.reader.is_authenticated else []

    @cached_property
    def still_open(self) -> list[Open]:
        """What earlier meetings left open: with it the agenda of a meeting to come begins."""
        if self.meeting.state != Meeting.State.PLANNED or not self.reader.is_authenticated:
            return []
        return taken_on.open_actions(self.meeting.committee, self.reader, before=self.meeting.starts_at)

    @cached_property
    def clocks(self) -> list[dates.Local]:
        """The moment on the clock of each member; for members, and for those who plan."""
        shown = self.is_member or sittings.may_keep_minutes(self.reader, self.meeting, Part.OPEN)
        return dates.on_the_clocks(self.meeting) if shown and self.meeting.is_ahead else []

    @cached_property
    def attendance(self) -> list[Attendance]:
        """Who came, as far as it was noted."""
        return list(self.meeting.attendances.select_related("person"))

    @property
    def came(self) -> int:
        """How many came."""
        return sum(each.presence in sittings.CAME for each in self.attendance)

    @property
    def may_note_attendance(self) -> bool:
        """Whether the reader may say who came."""
        return self.was_held and sittings.may_keep_minutes(self.reader, self.meeting, Part.OPEN)


def versions_for(reader: Any, meeting: Meeting, part: str) -> list[MinutesVersion]:
    """Return the versions of the minutes of a part that somebody reads, the newest first.

    Whoever may not keep them reads what was published, and no version before it. Raises `NotFound`.
    """
    if part not in Part.values or not sittings.may_read(reader, meeting, part):
        raise NotFound
    if not reads_minutes(reader, meeting, part):
        raise NotFound
    rows = MinutesVersion.objects.visible_to(reader).filter(meeting=meeting, part=part)
    keeps = part == Part.EXECUTIVE or sittings.may_keep_minutes(reader, meeting, part)
    return list(rows.select_related("author")[: None if keeps else 1])


def reads_minutes(reader: Any, meeting: Meeting, part: str) -> bool:
    """Whether somebody reads the minutes of a part.

    The open part is read by everybody once it is published, and before by those who sit there or keep it.
    """
    if part == Part.EXECUTIVE or meeting.state != Meeting.State.MINUTES_PUBLISHED:
        inside = sits_on(reader, meeting.committee)
        return inside or sittings.may_keep_minutes(reader, meeting, part)
    return True
