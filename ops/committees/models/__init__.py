"""Committees, who sits in them, how they meet, and what they say."""

from ops.committees.models.committees import Charge, Committee, CompositionRule
from ops.committees.models.feedback import Feedback, FeedbackSource, FeedbackUse
from ops.committees.models.hours import CalendarKey, HoursEntry
from ops.committees.models.items import Following, ImportedRow, Item, Response, Work
from ops.committees.models.meetings import (
    Action,
    AgendaPoint,
    Attendance,
    Meeting,
    MinutesVersion,
    Part,
    Presence,
)
from ops.committees.models.reports import PastedText, Report, Tally, Vote
from ops.committees.models.seats import EndReason, Office, Seat, Waiver
from ops.committees.models.way_in import WayIn

__all__ = [
    "Action",
    "AgendaPoint",
    "Attendance",
    "CalendarKey",
    "Charge",
    "Committee",
    "CompositionRule",
    "EndReason",
    "Feedback",
    "FeedbackSource",
    "FeedbackUse",
    "Following",
    "HoursEntry",
    "ImportedRow",
    "Item",
    "Meeting",
    "MinutesVersion",
    "Office",
    "Part",
    "PastedText",
    "Presence",
    "Report",
    "Response",
    "Seat",
    "Tally",
    "Vote",
    "Waiver",
    "WayIn",
    "Work",
]
