"""What operators look at: the parts of the desk, the outbox, endpoints, addresses, deadlines that fail."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.db.models import Min, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from ops.clocks.models import Deadline
from ops.health.parts import failing_parts, parts
from ops.notify import selectors
from ops.notify.channels import WAYS_OUT
from ops.notify.models import Attempt, Correspondent, Endpoint, Message
from ops.notify.selectors import Shelf, ShelfCount
from ops.periodic import SCHEDULE
from ops.tabular.numbers import whole_number
from ops.workflow.errors import BadQuery, NotFound

ON_A_PAGE = 50


@dataclass(frozen=True)
class Part:
    """A part of the desk, why it is not well if it is not, and when a periodic one last ended well."""

    name: str
    reason: str
    last: datetime.datetime | None = None
    every: datetime.timedelta | None = None


class Desk:
    """How the installation is doing."""

    @cached_property
    def parts(self) -> list[Part]:
        """Every part, those that are not well first."""
        failing = failing_parts()
        cache_answers = "cache" not in failing
        made = []
        for name in parts():
            task = SCHEDULE.get(name)
            last = task.last_success() if task and cache_answers else None
            made.append(Part(name, failing.get(name, ""), last, task.every if task else None))
        return sorted(made, key=lambda part: not part.reason)

    @property
    def failing(self) -> int:
        """How many parts are not well."""
        return sum(bool(part.reason) for part in self.parts)

    @cached_property
    def shelves(self) -> Sequence[ShelfCount]:
        """What lies in the outbox."""
        return selectors.outbox_counts()

    @cached_property
    def endpoints(self) -> list[Endpoint]:
        """The other programs that are told."""
        return list(selectors.endpoints())

    @cached_property
    def bouncing(self) -> int:
        """How many addresses mail comes back from."""
        return bounced_addresses().count()

    @cached_property
    def waiting_since(self) -> datetime.datetime | None:
        """Since when the most overdue step of a deadline waits for the sweep; None where none does."""
        due = Deadline.objects.filter(next_at__lte=timezone.now())
        return due.aggregate(first=Min("next_at"))["first"]

    @cached_property
    def failing_deadlines(self) -> int:
        """How many deadlines the sweep could not deal with."""
        return failed_deadlines().count()


def bounced_addresses() -> QuerySet[Correspondent]:
    """Return those whose mail comes back, the latest first."""
    return Correspondent.objects.exclude(bounced_address="").select_related("person").order_by("-bounced_at")


def failed_deadlines() -> QuerySet[Deadline]:
    """Return the open deadlines that the sweep could not deal with, those that failed most often first."""
    rows = Deadline.objects.open().filter(failures__gt=0).select_related("policy")
    return rows.order_by("-failures", "pk")


class Before:
    """A list whose pages begin below a number: `?before=`."""

    def __init__(self, request: HttpRequest) -> None:
        asked = request.GET.get("before", "")
        self.before = whole_number(asked)
        if asked and self.before is None:
            raise BadQuery("“before” is the number of a row; start from the newest.")

    def page(self, rows: QuerySet) -> list:
        """Return the rows of this page and, if there are more, one beyond."""
        if self.before is not None:
            rows = rows.filter(pk__lt=self.before)
        return list(rows[: ON_A_PAGE + 1])


class Outbox(Before):
    """The messages on a shelf."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.shelf = self._one_of("shelf", request.GET.get("shelf") or Shelf.PENDING, Shelf.values)
        self.channel = self._one_of("channel", request.GET.get("channel", ""), ["", *WAYS_OUT])

    def _one_of(self, name: str, value: str, known: Sequence[str]) -> str:
        if value not in known:
            raise BadQuery(f"“{name}” can be {', '.join(filter(None, known))}, not “{value}”.")
        return value

    @cached_property
    def _rows(self) -> list[Message]:
        return self.page(selectors.outbox(Shelf(self.shelf), channel=self.channel))

    @property
    def rows(self) -> list[Message]:
        """The messages, newest first."""
        return self._rows[:ON_A_PAGE]

    @property
    def older(self) -> str:
        """Where the older ones are."""
        if len(self._rows) <= ON_A_PAGE:
            return ""
        return f"{self._address(self.shelf)}&before={self.rows[-1].pk}"

    @property
    def can_be_sent_again(self) -> bool:
        """Whether nobody sends them any more, unless an operator says so."""
        return self.shelf in {Shelf.PARKED, Shelf.BOUNCED}

    @property
    def tabs(self) -> list[dict[str, object]]:
        """The shelves, with what lies on each."""
        counts: dict[str, int] = {}
        for row in selectors.outbox_counts():
            if self.channel in {"", row.channel}:
                counts[row.shelf] = counts.get(row.shelf, 0) + row.count
        return [
            {
                "label": shelf.label,
                "url": self._address(shelf),
                "count": counts.get(shelf, 0),
                "current": shelf == self.shelf,
            }
            for shelf in Shelf
        ]

    def _address(self, shelf: str) -> str:
        query = {"shelf": str(shelf), **({"channel": self.channel} if self.channel else {})}
        return f"{reverse('outbox')}?{urlencode(query)}"


class EndpointLog(Before):
    """What an endpoint was sent, and what it answered."""

    def __init__(self, request: HttpRequest, endpoint_id: int) -> None:
        super().__init__(request)
        endpoint = selectors.endpoints().filter(pk=endpoint_id).first()
        if endpoint is None:
            raise NotFound
        self.endpoint = endpoint

    @cached_property
    def _rows(self) -> list[Attempt]:
        return self.page(selectors.attempts(self.endpoint))

    @property
    def rows(self) -> list[Attempt]:
        """The requests, newest first."""
        return self._rows[:ON_A_PAGE]

    @property
    def older(self) -> str:
        """Where the older ones are."""
        if len(self._rows) <= ON_A_PAGE:
            return ""
        return f"{reverse('endpoint-log', args=[self.endpoint.pk])}?before={self.rows[-1].pk}"
