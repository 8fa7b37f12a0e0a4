"""The tracker of recommendations: every item that asks for something, of every report that the reader sees."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, F, Q, QuerySet, When
from django.db.models.functions import TruncMonth
from django.utils import timezone

from ops.committees.models import Item, Report, Response, Work
from ops.people.models import User
from ops.workflow.errors import BadQuery

PAGE_SIZE = 50
# What a row of the table shows; the long texts of an item are for its page.
_SHOWN = ("number", "title", "text", "area", "report__key", "report__kind", "report__title", "report__semester",
          "report__label", "response__state", "work__state", "work__due_at")  # fmt: skip
_NAMED = ("key", "kind", "title", "semester", "label", "delivered_at")
LAST_PAGE = 10_000
MOST_REPORTS = 200
LIVE_WORK = tuple(Work.workflow.live_states())
DONE = (Work.State.CLAIMED_DONE, Work.State.VERIFIED, Work.State.CLOSED)
UNANSWERED = (Response.State.AWAITING, Response.State.CLARIFICATION_REQUESTED)
SORTS: Mapping[str, tuple[str, ...]] = {
    "": ("-report__delivered_at", "-report_id", "position", "pk"),
    "due": ("work__due_at", "pk"),
    "changed": ("-work__state_since", "-pk"),
}
FILTERS = ("report", "area", "kind", "response", "work", "overdue", "unanswered", "search", "source")


@dataclass(frozen=True)
class Query:
    """What is asked of the tracker; every value comes from a closed list or is compared as text."""

    values: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""
    page: int = 1

    @property
    def condition(self) -> Q:
        """The condition on items."""
        wanted = Q()
        for name, value in self.values.items():
            wanted &= _CONDITIONS[name](value)
        return wanted


def parsed(given: Mapping[str, str]) -> Query:
    """Read a query from an address. Raises `BadQuery` for what cannot be asked."""
    values = {name: value.strip() for name in FILTERS if (value := given.get(name, "")).strip()}
    for name, allowed in ALLOWED.items():
        if name in values and values[name] not in allowed:
            raise BadQuery(
                f"“{name}” is one of {', '.join(allowed)}.", fields={name: ["Choose one of the list."]}
            )
    sort, page = given.get("sort", ""), given.get("page", "1") or "1"
    if sort not in SORTS:
        raise BadQuery(f"The list is sorted by {', '.join(filter(None, SORTS))} or as the reports have it.")
    if not (page.isascii() and page.isdigit() and 0 < int(page[:9]) <= LAST_PAGE and len(page) < 6):
        raise BadQuery("Pages are counted from 1.")
    if any("\0" in value for value in values.values()):
        raise BadQuery("No text holds such a character.")
    return Query(values, sort, int(page))


def _overdue(_value: str) -> Q:
    return Q(work__state__in=("not_started", "in_progress"), work__due_at__lt=timezone.now())


ALLOWED: Mapping[str, Sequence[str]] = {
    "kind": Item.Kind.values,
    "response": [state.value for state in Response.State],
    "work": [*(state.value for state in Work.State), "open"],
    "overdue": ["yes"],
    "unanswered": ["yes"],
    "source": Report.Source.values,
}
_CONDITIONS: Mapping[str, Callable[[str], Q]] = {
    "report": lambda value: Q(report__key=value.upper()),
    "area": lambda value: Q(area__iexact=value),
    "kind": lambda value: Q(kind=value),
    "response": lambda value: Q(response__state=value),
    "work": lambda value: Q(work__state__in=LIVE_WORK) if value == "open" else Q(work__state=value),
    "overdue": _overdue,
    "unanswered": lambda _value: Q(response__state__in=UNANSWERED, work__state__in=LIVE_WORK),
    "search": lambda value: Q(title__icontains=value) | Q(text__icontains=value) | Q(number__iexact=value)
    | Q(external_key__iexact=value),
    "source": lambda value: Q(report__source=value),
}  # fmt: skip


class Alike(NamedTuple):
    """What of an item is counted."""

    report: int
    response: str
    work: str
    is_late: bool
    month: datetime.datetime


class Tracker:
    """The tracker for one reader and one query; the number of queries does not grow with its rows."""

    def __init__(self, query: Query, reader: User | AnonymousUser) -> None:
        self.query, self.reader = query, reader

    @cached_property
    def _readable(self) -> dict[int, Report]:
        """Every report that the reader sees, the newest first.

        Who sees what is asked once and for reports, of which there are few, and not for every item again.
        """
        rows = Report.objects.visible_to(self.reader).only(*_NAMED)
        return {row.pk: row for row in rows.order_by(F("delivered_at").desc(nulls_last=True), "-pk")}

    @cached_property
    def seen(self) -> QuerySet[Item]:
        """Every item that is followed at all, of reports that the reader sees."""
        return Item.objects.filter(report__in=list(self._readable), work__isnull=False)

    @property
    def wanted(self) -> QuerySet[Item]:
        """Those that the query asks for, in its order."""
        order = SORTS[self.query.sort]
        names = [F(name).asc(nulls_last=True) if name == "work__due_at" else name for name in order]
        return self.seen.filter(self.query.condition).order_by(*names)

    def rows(self) -> QuerySet[Item]:
        """All of them, in order, with what belongs to each."""
        return self.wanted.select_related("report", "response", "work__assignee")

    @cached_property
    def _found(self) -> list[tuple[int, Alike]]:
        """The number of every wanted item, with what the figures and the chart ask of it.

        Asked once: to look for words in thousands of texts takes longer than all the rest.
        """
        late = Case(When(_overdue(""), then=True), default=False)
        month = TruncMonth("work__state_since", tzinfo=datetime.UTC)
        names = ("pk", "report", "response__state", "work__state", "is_late", "month")
        rows = self.wanted.annotate(is_late=late, month=month).values_list(*names)
        return [(pk, Alike(*values)) for pk, *values in rows]

    @cached_property
    def page(self) -> list[Item]:
        """The rows of the page that is asked for; their texts are read for them alone."""
        first = (self.query.page - 1) * PAGE_SIZE
        numbers = [pk for pk, _ in self._found[first : first + PAGE_SIZE]]
        rows = Item.objects.select_related("report", "response", "work").only(*_SHOWN).in_bulk(numbers)
        return [rows[pk] for pk in numbers if pk in rows]

    @cached_property
    def _groups(self) -> list[tuple[Alike, int]]:
        """How many of the wanted items are alike in all that is counted."""
        return list(Counter(alike for _, alike in self._found).items())

    @property
    def count(self) -> int:
        """How many there are."""
        return self.figures["all"]

    @cached_property
    def figures(self) -> Mapping[str, int]:
        """How many of the wanted are open, overdue, without response, done."""
        return {
            "all": len(self._found),
            "open": self._count(lambda each: each.work in LIVE_WORK),
            "overdue": self._count(lambda each: each.is_late),
            "unanswered": self._count(lambda each: each.response in UNANSWERED and each.work in LIVE_WORK),
            "claimed": self._count(lambda each: each.work == Work.State.CLAIMED_DONE),
            "finished": self._count(lambda each: each.work in (Work.State.VERIFIED, Work.State.CLOSED)),
        }

    def _count(self, is_meant: Callable[[Alike], bool]) -> int:
        return sum(count for each, count in self._groups if is_meant(each))

    @property
    def reports(self) -> list[Report]:
        """The newest of the reports of which something may be followed."""
        return [row for row in self._readable.values() if row.delivered_at][:MOST_REPORTS]

    @cached_property
    def areas(self) -> list[str]:
        """The areas that are named."""
        rows = Item.objects.filter(report__in=list(self._readable)).exclude(area="")
        return list(rows.order_by("area").values_list("area", flat=True).distinct()[:200])

    @cached_property
    def months(self) -> list[Month]:
        """How many of the wanted were open and done at the end of each month, since the first."""
        came: Counter[datetime.date] = Counter()
        went: Counter[datetime.date] = Counter()
        for each, count in self._groups:
            if delivered := self._readable[each.report].delivered_at:
                came[_month_of(delivered)] += count
            if each.work in DONE:
                went[_month_of(each.month)] += count
        return list(_run(came, went))


def _month_of(moment: datetime.datetime) -> datetime.date:
    return moment.astimezone(datetime.UTC).date().replace(day=1)


@dataclass(frozen=True)
class Month:
    """One month of the chart."""

    first: datetime.date
    open: int
    done: int


def _run(came: Counter[datetime.date], went: Counter[datetime.date]) -> Sequence[Month]:
    """Count month by month; what was done before its report was delivered here counts from that delivery."""
    if not came:
        return ()
    month, last = min([*came, *went]), timezone.now().date().replace(day=1)
    total = done = 0
    run = []
    while month <= last:
        total, done = total + came[month], done + went[month]
        run.append(Month(month, max(total - done, 0), done))
        month = (month + datetime.timedelta(days=32)).replace(day=1)
    return run[-120:]
