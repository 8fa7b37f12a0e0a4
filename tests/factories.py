"""Makes every registered kind of object in every state, by the engine's own services.

A workflow without a factory here fails the contract tests.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from ops.issues.models import Announcement, Issue
from ops.people.models import User
from ops.watch.models import WatchWeek
from ops.workflow.declaration import Step
from ops.workflow.services import create, edit, perform
from tests.acceptance import factories as acceptance
from tests.allocations import factories as allocations
from tests.cast import Cast
from tests.committees import factories as committees
from tests.factory import Factory, Move


def next_week(cast: Cast) -> datetime.datetime:
    """A moment still to come."""
    return timezone.now() + datetime.timedelta(days=7)


def another_issue(cast: Cast) -> str:
    """The key of some other issue."""
    key: str = create(Issue, actor=cast.reporter, data={"title": "The same in other words"}).key
    return key


TRIAGE: Move = (
    "triage",
    "scientist",
    {"assignee": "assignee", "component": "portal", "importance": "high", "urgency": "medium"},
)
INVESTIGATE: Move = ("investigate", "assignee", {})
PLAN: Move = ("plan", "assignee", {"strategy": "Profile the query and add an index."})
START: Move = ("start", "assignee", {})
RESOLUTION = {"resolution_code": "fixed", "resolution_text": "An index was missing; it is there now."}
REVIEW: Move = ("submit_for_review", "assignee", dict(RESOLUTION))
ACCEPT: Move = ("accept", "reporter", {})
WAIT: Move = ("wait", "assignee", {"waiting_for": "the vendor's answer", "resume_at": next_week})
WORKED = (TRIAGE, INVESTIGATE, PLAN, START)


class IssueFactory(Factory):
    """Issues."""

    model = Issue
    creator = "reporter"
    paths = {
        "reported": (),
        "triaged": (TRIAGE,),
        "investigating": (TRIAGE, INVESTIGATE),
        "planned": (TRIAGE, INVESTIGATE, PLAN),
        "in_progress": WORKED,
        "in_review": (*WORKED, REVIEW),
        "resolved": (*WORKED, REVIEW, ACCEPT),
        "waiting": (*WORKED, WAIT),
        "redirected": (("redirect", "scientist", {"venue": "accounts", "reason": "They reset passwords."}),),
        "declined": (("decline", "scientist", {"reason": "It works as described."}),),
        "duplicate": (("mark_duplicate", "scientist", {"duplicate_of": another_issue}),),
    }

    def data(self, cast: Cast) -> dict[str, Any]:
        return {
            "title": "The Portal shows an empty plot",
            "description": "Nothing appears.",
            "component": "portal",
        }

    def in_state(self, state: str, cast: Cast, **data: Any) -> Any:
        if state != "closed":
            return super().in_state(state, cast, **data)
        resolved = self.mend_closing(super().in_state("resolved", cast, **data), cast)
        return perform(resolved, "close", actor=cast.scientist)

    def answers(self, step: Step, cast: Cast) -> dict[str, Any]:
        given: dict[str, Any] = {
            "assignee": "assignee",
            "component": "portal",
            "importance": "high",
            "urgency": "low",
            "strategy": "Find the commit that broke it.",
            **RESOLUTION,
            "skip_reason": "community_solved",
            "waiting_for": "the survey committee",
            "resume_at": next_week(cast).isoformat(),
            "venue": "accounts",
        }
        if "duplicate_of" in step.asks:
            given["duplicate_of"] = another_issue(cast)
        return {name: given[name] for name in step.asks}

    def mend(self, step: Step, obj: Any, cast: Cast) -> Any:
        return self.mend_closing(obj, cast) if step.name == "close" else obj

    def mend_closing(self, issue: Issue, cast: Cast) -> Issue:
        """Settle the documentation."""
        return edit(issue, actor=cast.scientist, data={"documentation": "not_needed"})

    def break_guard(self, step: Step, obj: Any, cast: Cast) -> Any:
        return edit(obj, actor=cast.scientist, data={"documentation": "open", "major_change": True})

    def hide(self, obj: Any, cast: Cast) -> tuple[Any, User]:
        actor = cast.scientist if obj.visibility != "confidential" else cast.lead
        return edit(obj, actor=actor, data={"visibility": "confidential"}), cast.outsider


class AnnouncementFactory(Factory):
    """Announcements."""

    model = Announcement
    creator = "scientist"
    paths = {
        "draft": (),
        "approved": (("approve", "lead", {}),),
        "published": (("approve", "lead", {}), ("publish", "scientist", {})),
    }

    def data(self, cast: Cast) -> dict[str, Any]:
        return {"title": "New image service", "body": "It answers in half the time."}

    def answers(self, step: Step, cast: Cast) -> dict[str, Any]:
        return {}

    def hide(self, obj: Any, cast: Cast) -> tuple[Any, User]:
        return obj, cast.outsider


class WatchFactory(Factory):
    """Weeks on watch, each of them another one."""

    model = WatchWeek
    creator = "lead"
    paths = {
        "planned": (),
        "on_watch": (("begin", "scientist", {}),),
        "swept": (("begin", "scientist", {}), ("sweep", "scientist", {})),
        "handed_over": (
            ("begin", "scientist", {}),
            ("sweep", "scientist", {}),
            ("hand_over", "scientist", {"handover_note": "All quiet."}),
        ),
    }

    def data(self, cast: Cast) -> dict[str, Any]:
        latest = WatchWeek.objects.order_by("monday").last()
        monday = latest.monday + datetime.timedelta(days=7) if latest else datetime.date(2026, 1, 5)
        return {"monday": monday.isoformat(), "person": "scientist"}

    def answers(self, step: Step, cast: Cast) -> dict[str, Any]:
        given = {"person": "lead", "handover_note": "Two reports wait for the vendor."}
        return {name: given[name] for name in step.asks}

    def hide(self, obj: Any, cast: Cast) -> tuple[Any, User]:
        return obj, cast.outsider


FACTORIES: dict[str, Factory] = {
    "issue": IssueFactory(),
    "announcement": AnnouncementFactory(),
    "watch": WatchFactory(),
    **allocations.FACTORIES,
    **committees.FACTORIES,
    **acceptance.FACTORIES,
}


def issue_in(state: str, cast: Cast, **data: Any) -> Issue:
    """Make an issue in a state."""
    made: Issue = FACTORIES["issue"].in_state(state, cast, **data)
    return made


def eventually(condition: Callable[[], bool], seconds: float = 10) -> bool:
    """Wait until something is true; return whether it became so."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return condition()
