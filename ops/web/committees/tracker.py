"""The pages of the tracker: a table to work with, a page to publish, files for other programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from ops.committees.importing.bringing import may_import
from ops.committees.models import Item, Report, Response, Work
from ops.committees.reports.export import ROWS_AT_ONCE, csv_lines, rst_lines
from ops.committees.reports.tracker import PAGE_SIZE, Tracker, parsed


class TrackerPage:
    """The tracker as a page for one reader."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.asked: Mapping[str, str] = request.GET.dict()
        self.tracker = Tracker(parsed(self.asked), request.user)

    def _at(self, view: str = "recommendations", **changed: Any) -> str:
        wanted = {**self.tracker.query.values, "sort": self.tracker.query.sort, **changed}
        told = urlencode({name: value for name, value in wanted.items() if value})
        return reverse(view) + (f"?{told}" if told else "")

    @property
    def range(self) -> str:
        """Which rows are shown, of how many."""
        first = (self.tracker.query.page - 1) * PAGE_SIZE
        rows, count = len(self.tracker.page), self.tracker.count
        return f"{first + 1:,}\u2013{first + rows:,} of {count:,}" if rows else f"0 of {count:,}"

    @property
    def previous(self) -> str:
        """The page before."""
        page = self.tracker.query.page - 1
        return self._at(page="" if page == 1 else page) if page else ""

    @property
    def next(self) -> str:
        """The page after."""
        page = self.tracker.query.page
        return self._at(page=page + 1) if page * PAGE_SIZE < self.tracker.count else ""

    @property
    def csv_url(self) -> str:
        """The same as CSV."""
        return self._at("recommendations-csv")

    @property
    def rst_url(self) -> str:
        """The same as reStructuredText."""
        return self._at("recommendations-rst")

    @property
    def page_url(self) -> str:
        """The same as a page to publish."""
        return self._at("recommendations-page")

    @property
    def import_url(self) -> str:
        """Where lists are imported, for those who may."""
        may = self.request.user.is_authenticated and may_import.test(self.request.user)
        return reverse("import-recommendations") if may else ""

    @property
    def tabs(self) -> list[dict[str, Any]]:
        """Views for every day."""
        figures, values = self.tracker.figures, self.tracker.query.values
        path = reverse("recommendations")
        return [
            {"label": "All", "url": path, "count": None, "current": not values},
            *(
                {
                    "label": label,
                    "url": f"{path}?{asked}",
                    "count": count,
                    "current": urlencode(values) == asked,
                }
                for label, asked, count in (
                    ("Open", "work=open", figures["open"]),
                    ("Overdue", "overdue=yes", figures["overdue"]),
                    ("Without response", "unanswered=yes", figures["unanswered"]),
                    ("Claimed done", "work=claimed_done", figures["claimed"]),
                )
            ),
        ]

    @property
    def filters(self) -> list[dict[str, Any]]:
        """What the table can be narrowed to."""
        reports = [(report.key, f"{report.key} {report.name}") for report in self.tracker.reports]
        areas = [(area, area) for area in self.tracker.areas]
        return [
            self._filter("report", "Report", reports),
            self._filter("area", "Area", areas),
            self._filter("work", "Work", [("open", "Open"), *_named(Work.State)]),
            self._filter("response", "Response", _named(Response.State)),
            self._filter("kind", "Kind", Item.Kind.choices),
            self._filter("source", "From", Report.Source.choices),
        ]

    def _filter(self, name: str, label: str, choices: Any) -> dict[str, Any]:
        chosen = self.tracker.query.values.get(name, "")
        return {"name": name, "label": label, "value": chosen, "choices": choices}

    @property
    def chips(self) -> list[dict[str, str]]:
        """The filters that are set, each with the way to do without it."""
        labels = {each["name"]: each["label"] for each in self.filters}
        words = {(each["name"], value): label for each in self.filters for value, label in each["choices"]}
        return [
            {
                "label": labels.get(name, name.capitalize()),
                "words": str(words.get((name, value), value)),
                "without": self._at(**{name: ""}),
            }
            for name, value in self.tracker.query.values.items()
        ]

    @property
    def now(self) -> Any:
        """The moment by which something is overdue."""
        return timezone.now()

    def sort_url(self, name: str) -> str:
        """The same in another order."""
        return self._at(sort=name)

    @property
    def due_url(self) -> str:
        """The same, what is due first above."""
        return self.sort_url("" if self.tracker.query.sort == "due" else "due")


@require_safe
def tracker(request: HttpRequest) -> HttpResponse:
    """Show the table."""
    return render(request, "committees/tracker.html", {"page": TrackerPage(request)})


@require_safe
def as_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Give the table out as CSV, with the columns of the real lists."""
    wanted = Tracker(parsed(request.GET.dict()), request.user)
    with_assignees = wanted.wanted.filter(work__assignee__isnull=False).exists()
    rows = wanted.rows().iterator(chunk_size=ROWS_AT_ONCE)
    name = f'attachment; filename="recommendations-{timezone.now():%Y-%m-%d}.csv"'
    return StreamingHttpResponse(
        csv_lines(rows, with_assignees=with_assignees),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": name},
    )


@require_safe
def as_rst(request: HttpRequest) -> StreamingHttpResponse:
    """Give out a table in reStructuredText, as the public sees it: it is meant to be published."""
    wanted = Tracker(parsed(request.GET.dict()), AnonymousUser())
    rows = wanted.rows().iterator(chunk_size=ROWS_AT_ONCE)
    return StreamingHttpResponse(
        rst_lines(rows, title=_title(wanted)),
        content_type="text/x-rst; charset=utf-8",
        headers={"Content-Disposition": 'inline; filename="recommendations.rst"'},
    )


@require_safe
def public_page(request: HttpRequest) -> HttpResponse:
    """Show a page that can be published: what the public sees, whoever asks, without the frame of the desk."""
    wanted = Tracker(parsed(request.GET.dict()), AnonymousUser())
    context = {"tracker": wanted, "title": _title(wanted), "rows": list(wanted.rows()[:MOST_PUBLISHED])}
    return render(request, "committees/tracker_page.html", context)


MOST_PUBLISHED = 2_000


def _named(states: Iterable[Any]) -> list[tuple[str, str]]:
    return [(state.value, str(state.label)) for state in states]


def _title(wanted: Tracker) -> str:
    key = wanted.query.values.get("report", "").upper()
    named = next((report.title for report in wanted.reports if report.key == key), "")
    return f"Recommendations: {named}" if named else "Recommendations"
