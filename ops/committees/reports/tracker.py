"""The tracker of recommendations: every item that asks for something, of every report that the reader sees."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

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
        """Those that the query asks for."""
        return self.seen.filter(self.query.condition)

    def rows(self) -> QuerySet[Item]:
        """All of them, in order, with what belongs to each."""
        return self._ordered.select_related("report", "response", "work__assignee")

    @property
    def _ordered(self) -> QuerySet[Item]:
        order = SORTS[self.query.sort]
        names = [F(name).asc(nulls_last=True) if name == "work__due_at" else name for name in order]
        return self.wanted.order_by(*names)

    @cached_property
    def _found(self) -> Found:
        """The wanted items in their order; words, which cost most, are looked for once for page and figures."""
        late = Case(When(_overdue(""), then=True), default=False)
        month = TruncMonth("work__state_since", tzinfo=datetime.UTC)
        rows = self._ordered.annotate(is_late=late, month=month)
        found = Found()
        alike: Counter[tuple[Any, ...]] = Counter()
        names = ("report", "response__state", "work__state", "is_late", "month")
        for pk, *values in rows.values_list("pk", *names).iterator():
            found.numbers.append(pk)
            alike[tuple(values)] += 1
        found.groups.extend(Group(*(*like, count)) for like, count in alike.items())
        return found

    @cached_property
    def page(self) -> list[Item]:
        """The rows of the page that is asked for; only their texts are read."""
        first = (self.query.page - 1) * PAGE_SIZE
        numbers = self._found.numbers[first : first + PAGE_SIZE]
        rows = Item.objects.select_related("report", "response", "work").only(*_SHOWN).in_bulk(numbers)
        return [rows[pk] for pk in numbers]

    @property
    def count(self) -> int:
        """How many there are."""
        return self.figures["all"]

    @cached_property
    def figures(self) -> Mapping[str, int]:
        """How many of the wanted are open, overdue, without response, done."""
        groups = self._found.groups
        return {
            "all": _sum(groups),
            "open": _sum(each for each in groups if each.work in LIVE_WORK),
            "overdue": _sum(each for each in groups if each.is_late),
            "unanswered": _sum(
                each for each in groups if each.response in UNANSWERED and each.work in LIVE_WORK
            ),
            "claimed": _sum(each for each in groups if each.work == Work.State.CLAIMED_DONE),
            "finished": _sum(
                each for each in groups if each.work in (Work.State.VERIFIED, Work.State.CLOSED)
            ),
        }

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
        for group in self._found.groups:
            if delivered := self._readable[group.report].delivered_at:
                came[_month_of(delivered)] += group.count
            if group.work in DONE:
                went[_month_of(group.month)] += group.count
        return list(_run(came, went))


@dataclass(frozen=True)
class Group:
    """How many items are alike in all that is counted."""

    report: int
    response: str
    work: str
    is_late: bool
    month: datetime.datetime
    count: int


@dataclass
class Found:
    """What a query finds: the numbers of the items in their order, and how many are alike."""

    numbers: list[int] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)


def _sum(groups: Iterable[Group]) -> int:
    return sum(group.count for group in groups)


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
