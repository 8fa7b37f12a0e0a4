"""Lists: every filter and sort, pages that lose nothing, and addresses that make no sense."""

from __future__ import annotations

import base64
import datetime
import json
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as fuzzing
from hypothesis import strategies as st

from ops.issues.models import Issue
from ops.tickets import queue
from ops.tickets.models import Ticket
from ops.tickets.queue import FILTERS, SORTS, page_of, parsed
from ops.tickets.services import watch
from ops.workflow.errors import BadQuery
from ops.workflow.services import create, edit, perform
from tests.cast import Cast

NOW = timezone.now()
DAY = datetime.timedelta(days=1)
MANY = fuzzing(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def titles(address: dict[str, str], reader: Any) -> list[str]:
    return [ticket.title for ticket in page_of(parsed(address, reader), Ticket.objects.all(), reader).rows]


def report(cast: Cast, title: str, **data: Any) -> Issue:
    return create(Issue, actor=cast.reporter, data={"title": title, **data})


# Filters

# For each filter: what is asked, and which of the three tickets below are found by the scientist.
FOUND = [
    ({"kind": "issue"}, "new old other"),
    ({"state": "triaged"}, "old"),
    ({"state": "triaged,declined"}, "old other"),
    ({"live": "yes"}, "new old"),
    ({"live": "no"}, "other"),
    ({"priority": "critical"}, "old"),
    ({"importance": "high"}, "old"),
    ({"urgency": "high,low"}, "old other"),
    ({"visibility": "public"}, "old other"),
    ({"visibility": "staff,community"}, "new"),
    ({"component": "portal"}, "old"),
    ({"component": "rsp"}, "old other"),
    ({"assignee": "assignee"}, "old"),
    ({"assignee": "none"}, "new other"),
    ({"assignee": "me"}, ""),
    ({"reporter": "reporter"}, "new old"),
    ({"reporter": "me"}, "other"),
    ({"watcher": "me"}, "new"),
    ({"holder": "me"}, ""),
    ({"label": "plots"}, "new old"),
    ({"label": "plots,colour"}, "old"),
    ({"parent": "KEY"}, "new"),
    ({"external_key": "DM-1"}, "other"),
    ({"created_after": (NOW - 5 * DAY).date().isoformat()}, "new other"),
    ({"created_before": (NOW - 5 * DAY).isoformat()}, "old"),
    ({"updated_after": (NOW - 5 * DAY).isoformat()}, "new other"),
    ({"updated_before": (NOW - 5 * DAY).isoformat()}, "old"),
    ({"due_before": (NOW + 5 * DAY).date().isoformat()}, "other"),
    ({"live": "yes", "label": "plots", "component": "rsp"}, "old"),
    ({"state": "", "label": ""}, "new old other"),
]


@pytest.fixture
def three(cast: Cast) -> Issue:
    """Three tickets that differ in everything that can be asked for."""
    old = report(cast, "old", labels="plots, colour", component="portal", importance="high", urgency="high")
    perform(old, "triage", actor=cast.scientist, data={"assignee": "assignee"})
    other = create(Issue, actor=cast.scientist, data={"title": "other", "component": "rsp", "urgency": "low"})
    edit(other, actor=cast.scientist, data={"due_at": (NOW + DAY).isoformat()})
    perform(other, "decline", actor=cast.lead, reason="It works as described.")
    new = report(cast, "new", labels="plots", visibility="community", parent=old.key)
    watch(new, actor=cast.scientist)
    report(
        cast, "hidden", visibility="confidential", labels="plots, colour", component="portal", parent=old.key
    )
    Ticket.objects.filter(pk=old.pk).update(created_at=NOW - 10 * DAY, updated_at=NOW - 10 * DAY)
    Ticket.objects.filter(pk=other.pk).update(external_source="jira", external_key="DM-1")
    return old


@pytest.mark.parametrize(("address", "found"), FOUND, ids=[" ".join(address) for address, _ in FOUND])
def test_filter_finds_what_it_says(cast: Cast, three: Issue, address: dict[str, str], found: str) -> None:
    asked = {name: value.replace("KEY", three.key) for name, value in address.items()}
    assert set(titles(asked, cast.scientist)) == set(found.split())


def test_every_filter_is_tested_above() -> None:
    """Those that a process adds are tested with the process."""
    own = {name for name, condition in FILTERS.items() if condition.__module__ == queue.__name__}
    assert {name for address, _ in FOUND for name in address} == own


def test_a_hidden_parent_filters_like_one_that_does_not_exist(cast: Cast) -> None:
    hidden = report(cast, "hidden", visibility="confidential")
    report(cast, "child", parent=hidden.key)
    assert titles({"parent": hidden.key}, cast.reporter) == ["child"]
    assert titles({"parent": hidden.key}, cast.staff) == titles({"parent": "CST-999999"}, cast.staff) == []


def test_me_is_nobody_without_an_account(cast: Cast, three: Issue) -> None:
    assert titles({"reporter": "me"}, cast.anonymous) == []
    with pytest.raises(BadQuery, match="signed in"):
        parsed({"watcher": "me"}, cast.anonymous)


# Sorts

IN_ORDER = {
    "-updated": "abc",
    "updated": "cba",
    "-created": "cab",
    "created": "bac",
    "priority": "bca",
    "-priority": "acb",
    "due": "cba",
}


@pytest.mark.parametrize("sort", SORTS)
def test_sort_puts_tickets_in_order(cast: Cast, sort: str) -> None:
    made = {
        "a": (NOW - 1 * DAY, NOW - 5 * DAY, None),
        "b": (NOW - 2 * DAY, NOW - 6 * DAY, NOW + 2 * DAY),
        "c": (NOW - 3 * DAY, NOW - 4 * DAY, NOW + 1 * DAY),
    }
    urgent = {"b": "high", "c": "low"}
    for title, (updated, created, due) in made.items():
        levels = {"importance": "high", "urgency": urgent[title]} if title in urgent else {}
        issue = report(cast, title, **levels)
        Ticket.objects.filter(pk=issue.pk).update(updated_at=updated, created_at=created, due_at=due)
    assert "".join(titles({"sort": sort}, cast.anonymous)) == IN_ORDER[sort]


# Pages


def rows(cast: Cast, number: int) -> list[Ticket]:
    """Tickets without a history: a list reads the common table only."""
    return Ticket.objects.bulk_create(
        Ticket(key=f"X-{uuid4().hex[:12]}", kind="issue", title="T", reporter=cast.reporter, state="reported")
        for _ in range(number)
    )


@pytest.fixture
def dozen(cast: Cast) -> list[int]:
    """Twelve tickets."""
    return [ticket.pk for ticket in rows(cast, 12)]


def turned(sort: str, size: int, cast: Cast, between: Any = None) -> tuple[list[list[int]], str | None]:
    """Turn the pages to the end; return the ids of each, and the way back from the last."""
    found: list[list[int]] = []
    address = {"sort": sort, "page_size": str(size)}
    while True:
        page = page_of(parsed(address, cast.staff), Ticket.objects.all(), cast.staff)
        found.append([ticket.pk for ticket in page.rows])
        if page.next_cursor is None:
            return found, page.previous_cursor
        address["cursor"] = page.next_cursor
        if between:
            between()


@MANY
@given(
    sort=st.sampled_from(sorted(SORTS)),
    size=st.integers(1, 13),
    ties=st.lists(st.integers(0, 3), min_size=12, max_size=12),
    arrivals=st.integers(0, 5),  # an end there must be: some orders put what is new on the last page
)
def test_pages_hold_every_ticket_once_whatever_is_reported_meanwhile(
    cast: Cast, dozen: list[int], sort: str, size: int, ties: list[int], arrivals: int
) -> None:
    """Tickets of one moment, one priority, one due date: a page ends among them and loses none."""
    for pk, tie in zip(dozen, ties, strict=True):
        moment = NOW - tie * DAY
        Ticket.objects.filter(pk=pk).update(
            updated_at=moment,
            created_at=moment,
            due_at=moment if tie else None,
            priority=["", "critical", "high", "low"][tie],
        )
    reported = (rows(cast, 1) for _ in range(arrivals))
    found, _ = turned(sort, size, cast, between=lambda: next(reported, None))

    walked = [pk for page in found for pk in page]
    assert len(walked) == len(set(walked))
    assert [pk for pk in walked if pk in dozen] == [pk for pk in in_order(sort) if pk in dozen]
    Ticket.objects.exclude(pk__in=dozen).delete()


def in_order(sort: str) -> list[int]:
    return list(Ticket.objects.order_by(*SORTS[sort]).values_list("pk", flat=True))


@MANY
@given(sort=st.sampled_from(sorted(SORTS)), size=st.integers(1, 13))
def test_pages_turned_back_are_the_same_pages(cast: Cast, dozen: list[int], sort: str, size: int) -> None:
    forwards, cursor = turned(sort, size, cast)
    backwards = [forwards[-1]]
    while cursor:
        address = {"sort": sort, "page_size": str(size), "cursor": cursor}
        page = page_of(parsed(address, cast.staff), Ticket.objects.all(), cast.staff)
        assert page.next_cursor is not None, "where one comes from is still there"
        backwards.insert(0, [ticket.pk for ticket in page.rows])
        cursor = page.previous_cursor
    assert [pk for page in backwards for pk in page] == [pk for page in forwards for pk in page]


def test_a_page_costs_the_same_with_one_row_and_with_many(
    cast: Cast, dozen: list[int], django_assert_num_queries
) -> None:
    for size in ("1", "12"):
        query = parsed({"page_size": size}, cast.anonymous)
        with django_assert_num_queries(2 if size == "1" else 1):
            page = page_of(query, Ticket.objects.all(), cast.anonymous)
            for ticket in page.rows:
                assert ticket.reporter.name
                assert ticket.state_label


def test_the_count_is_of_what_the_reader_sees_and_exact_up_to_a_limit(
    cast: Cast, dozen: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    report(cast, "hidden", visibility="confidential")
    query = parsed({"page_size": "5"}, cast.staff)
    page = page_of(query, Ticket.objects.all(), cast.staff)
    assert (page.total, page.total_is_exact) == (12, True)

    monkeypatch.setattr(queue, "COUNTED_EXACTLY", 7)
    page = page_of(query, Ticket.objects.all(), cast.staff)
    assert page.total >= 7
    assert not page.total_is_exact


# Addresses that make no sense

BAD = [
    ({"colour": "red"}, "colour", "known are assignee, component"),
    ({"state__in": "reported"}, "state__in", "Unknown filter"),
    ({"reporter__password": "x"}, "reporter__password", "Unknown filter"),
    ({"sort": "password"}, "sort", "known are -updated, updated"),
    ({"sort": "-due"}, "sort", "known are"),
    ({"page_size": "0"}, "page_size", "from 1 to 100"),
    ({"page_size": "-1"}, "page_size", "from 1 to 100"),
    ({"page_size": "101"}, "page_size", "from 1 to 100"),
    ({"page_size": "ten"}, "page_size", "from 1 to 100"),
    ({"page_size": "٣"}, "page_size", "from 1 to 100"),
    ({"page_size": "9" * 400}, "page_size", "from 1 to 100"),
    ({"state": "flying"}, "state", "knows reported, triaged"),
    ({"kind": "announcement"}, "kind", "knows issue"),
    ({"live": "maybe"}, "live", "knows yes, no"),
    ({"priority": "urgent"}, "priority", "knows critical, high, medium, low"),
    ({"assignee": "nobody-of-this-name"}, "assignee", "names nobody"),
    ({"component": "atlantis"}, "component", "names no product"),
    ({"watcher": "reporter"}, "watcher", "can only be “me”"),
    ({"created_after": "10000-01-01"}, "created_after", "between 1990 and 2100"),
    ({"created_after": "9999-12-31"}, "created_after", "between 1990 and 2100"),
    ({"updated_before": "yesterday"}, "updated_before", "like 2026-11-20"),
    ({"due_before": "2026-02-30"}, "due_before", "like 2026-11-20"),
    ({"search": "x" * 301}, "search", "at most 300"),
    ({"search": "a\x00b"}, "search", "not text"),
    ({"label": "\ud800"}, "label", "not text"),
]


@pytest.mark.parametrize(("address", "field", "sentence"), BAD, ids=[f"{a}"[:40] for a, *_ in BAD])
def test_address_that_makes_no_sense_is_refused_by_name(
    cast: Cast, address: dict[str, str], field: str, sentence: str
) -> None:
    with pytest.raises(BadQuery) as refused:
        parsed(address, cast.staff)
    assert (refused.value.status, list(refused.value.fields)) == (400, [field])
    assert sentence in refused.value.detail


def forged(*values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "x", "!!!", "é", "\x00", "\ud800", "=" * 9, forged(), forged("after"), forged("sideways", "2026-01-01", 1),
        forged("after", "2026-01-01", 1, 2), forged("after", 1, "2026-01-01"), forged("after", None, None),
        forged("after", "2026-01-01T00:00:00Z", -1), forged("after", "2026-01-01T00:00:00Z", 10**30),
        forged("after", [1], {}), forged("after", "2026-01-01T00:00:00Z", float("inf")), "W10" * 4000,
    ],
)  # fmt: skip
def test_what_is_no_cursor_of_this_list_is_refused(cast: Cast, cursor: str) -> None:
    with pytest.raises(BadQuery, match="begin again without it"):
        page_of(parsed({"cursor": cursor}, cast.staff), Ticket.objects.all(), cast.staff)


@fuzzing(parent=MANY, max_examples=80)
@given(
    address=st.dictionaries(
        st.sampled_from([*FILTERS, "sort", "cursor", "page_size", "search", "colour"]),
        st.one_of(
            st.text(max_size=12),
            st.sampled_from(["me", "none", "yes", "issue", "portal", "reported", "2026-11-20", "0001-01-01"]),
            st.dates().map(str),
            st.datetimes(timezones=st.timezones()).map(str),
            st.lists(st.one_of(st.text(max_size=5), st.integers(), st.floats(), st.none()), max_size=4)
            .map(lambda values: forged("after", *values)),
        ),
        max_size=4,
    )
)  # fmt: skip
def test_no_address_is_a_fault_of_ours(cast: Cast, address: dict[str, str]) -> None:
    try:
        page = page_of(parsed(address, cast.staff), Ticket.objects.all(), cast.staff)
    except BadQuery as refused:
        assert refused.fields, refused.detail  # noqa: PT017
    else:
        assert page.total == len(page.rows) == 0
