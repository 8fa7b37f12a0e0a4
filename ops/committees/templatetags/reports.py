"""What the pages of reports and of feedback ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django import template
from django.contrib.auth.models import AnonymousUser

from ops.committees.models import Feedback, Item, Report, Tally
from ops.committees.reports.outline import may_write
from ops.committees.reports.rules import is_users_committee_member
from ops.committees.reports.selectors import Line, Standing, lines_of, standing_of
from ops.people.models import User

register = template.Library()
MOST_CANDIDATES = 200


@dataclass(frozen=True)
class ReportPart:
    """What the page of a report shows of its process."""

    lines: Sequence[Line]
    stands: Standing
    tally: Tally | None
    may_write: bool


@dataclass(frozen=True)
class FeedbackPart:
    """What the page of a piece of feedback shows of its process."""

    items: Sequence[Item]
    candidates: Sequence[Item]
    is_member: bool
    is_own: bool


@register.simple_tag
def report_part(report: Report, reader: User | AnonymousUser) -> ReportPart:
    """Return the outline of a report and, to the members, how the vote stands."""
    lines = lines_of(report)
    is_member = reader.is_authenticated and is_users_committee_member.test(reader)
    return ReportPart(
        lines=lines,
        stands=standing_of(lines),
        tally=report.tally() if is_member and not report.is_from_outside else None,
        may_write=reader.is_authenticated and report.is_draft and may_write.test(reader, report),
    )


@register.simple_tag
def feedback_part(feedback: Feedback, reader: User | AnonymousUser) -> FeedbackPart:
    """Return the items that rest on a piece of feedback, of those that the reader sees, and where it may go."""
    is_member = reader.is_authenticated and is_users_committee_member.test(reader)
    seen = Item.objects.visible_to(reader).select_related("report").order_by("-report_id", "position", "pk")
    used = seen.filter(feedback_uses__feedback=feedback)
    open_ones = seen.filter(report__source=Report.Source.COMMITTEE).exclude(report__state=Report.State.CLOSED)
    candidates = open_ones.exclude(feedback_uses__feedback=feedback)[:MOST_CANDIDATES] if is_member else ()
    is_own = reader.is_authenticated and feedback.source.person_id == reader.pk
    return FeedbackPart(list(used), list(candidates), is_member, is_own)
