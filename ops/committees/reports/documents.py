"""A report as a document: Markdown to keep, and what the typesetter and the page to read are given."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django.conf import settings

from ops.committees.models import Report
from ops.committees.reports.selectors import Line, lines_of, standing_of
from ops.printing.markup import content
from ops.printing.typesetting import typeset

TEMPLATE = "committees/report.typ"


def as_markdown(report: Report) -> str:
    """Return the report with its responses, as a text that can be kept and read anywhere."""
    parts = [f"# {report.title}", f"{_line_of(report)}\n", report.description]
    for line in lines_of(report):
        item = line.item
        parts.append(f"{'#' * min(line.depth + 2, 6)} {f'{item.number} {item.title}'.strip()}")
        parts.append(f"*{item.get_kind_display()}*")
        parts.append(item.text)
        parts += _answered(line)
    return "\n\n".join(part.strip() for part in parts if part.strip()) + "\n"


def _line_of(report: Report) -> str:
    facts = [report.key, report.semester, report.state_label]
    if report.delivered_at:
        facts.append(f"delivered {report.delivered_at:%-d %B %Y}")
    return ", ".join(fact for fact in facts if fact)


def _answered(line: Line) -> Sequence[str]:
    response: Any = line.response
    if response is None:
        return ()
    work: Any = line.work
    stands = f"**Response:** {response.state_label.lower()}. **Work:** {work.state_label.lower()}."
    return (stands, *(f"> {row}" if row else ">" for row in response.text.splitlines()))


def as_pdf(report: Report, *, moment: datetime.datetime) -> bytes:
    """Return the report as PDF, as of a moment."""
    return typeset(TEMPLATE, printed(report, moment=moment), moment=moment)


def printed(report: Report, *, moment: datetime.datetime) -> dict[str, Any]:
    """Return what the printed report is made of."""
    lines = lines_of(report)
    stands = standing_of(lines)
    facts = [
        ("Report", f"{report.key} {report.semester}".strip()),
        ("State", report.state_label),
        ("Adopted", _day(report.adopted_at)),
        ("Delivered", _day(report.delivered_at)),
        ("Response due", _day(report.response_due_at)),
    ]
    return {
        "title": report.title,
        "subtitle": "Report of the Users Committee" if not report.is_from_outside else "Review from outside",
        "date": f"{moment:%-d %B %Y}",
        "source": settings.PUBLIC_URL + report.public_url,
        "facts": [pair for pair in facts if pair[1]],
        "summary": {"asked": stands.asked, "answered": stands.answered, "done": stands.done},
        "preface": content(report.description, wrapped=True),
        "items": [_printed(line) for line in lines],
    }


def _printed(line: Line) -> dict[str, Any]:
    item, response, work = line.item, line.response, line.work
    made: dict[str, Any] = {
        "depth": line.depth,
        "number": item.number,
        "kind": item.get_kind_display(),
        "title": item.title,
        "text": content(item.text, wrapped=True),
        "raised_by": item.raised_by,
        "response": None,
    }
    if response is not None and work is not None:
        answered: Any = response
        made["response"] = {
            "state": answered.state_label,
            "good": answered.phase.value,
            "disposition": answered.get_disposition_display() if answered.disposition else "",
            "timescale": answered.timescale,
            "text": content(answered.text, wrapped=True),
            "work": work.state_label,
        }
    return made


def _day(moment: datetime.datetime | None) -> str:
    return f"{moment:%-d %B %Y}" if moment else ""
