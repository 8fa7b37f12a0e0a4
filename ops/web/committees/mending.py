"""Where what holds a step of a seat, a meeting, a report or a word of feedback back is mended."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from ops.web.addresses import Places, part_of_page


def _items(report: Any) -> str:
    """Items are written in the outline until the report is delivered, and answered one by one after that."""
    return reverse("report-outline", args=[report.key]) if report.is_draft else part_of_page(report, "items")


PLACES: Places = {
    ("feedback", "items"): lambda feedback: part_of_page(feedback, "items"),
    ("seat", "slate"): lambda seat: part_of_page(seat, "slate"),
    ("seat", "terms"): lambda seat: reverse("committee", args=[seat.committee.slug]),
    ("meeting", "minutes"): lambda meeting: part_of_page(meeting, "minutes"),
    ("report", "items"): _items,
    ("report", "votes"): lambda report: reverse("report-votes", args=[report.key]),
}
