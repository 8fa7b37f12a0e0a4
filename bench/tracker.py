#!/usr/bin/env python3
"""How long the tracker of recommendations takes with 5,000 items in 100 reports, and how many queries.

    python bench/tracker.py [--items 5000] [--rounds 40]

Works in a database of its own, which it makes and removes. The budget: p95 under 200 ms, and as many queries as with
fifty items.
"""

from __future__ import annotations

import argparse
import datetime
import os
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ops.settings")

import django
from django.conf import settings

django.setup()
settings.DEBUG = False  # which would keep the text of every query in memory
settings.ALLOWED_HOSTS = ["testserver"]
settings.STORAGES = {
    **settings.STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_databases, teardown_databases  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench.garbage import look_for_garbage_as_the_web_does  # noqa: E402
from ops.committees.models import Item, Report, Response, Work  # noqa: E402
from ops.people.models import Membership, Role, Team, User  # noqa: E402
from ops.tickets.models import Visibility  # noqa: E402
from ops.workflow.services import create  # noqa: E402

MILLISECONDS = 200
IN_A_REPORT = 50
DAY = datetime.timedelta(days=1)
WORDS = "Say in one sentence why a query failed, and what the user can do about it. " * 8
AREAS = ("Portal", "Queries", "Images", "Alerts", "Documentation", "Community", "Data access")
VIEWS = (
    ("first page", "/recommendations/"),
    ("last page", "/recommendations/?page={last}"),
    ("overdue", "/recommendations/?overdue=yes&sort=due"),
    ("without response, one area", "/recommendations/?unanswered=yes&area=Portal"),
    ("words", "/recommendations/?search=recommendation+17+about"),
    ("a word of every item", "/recommendations/?search=query"),
)


def fill(items: int, chair: User) -> None:
    """Write so many items, with both tracks, into published reports."""
    now = timezone.now()
    for number in range(items // IN_A_REPORT):
        report = create(Report, actor=chair, data={"title": f"Report {number}", "semester": "2026A"})
        came = now - (number % 60) * 30 * DAY
        Report.objects.filter(pk=report.pk).update(
            state=Report.State.PUBLISHED, visibility=Visibility.PUBLIC, delivered_at=came, published_at=came
        )
        made = Item.objects.bulk_create(_items(report))
        rows = list(enumerate(made))
        responses, works = Response.State.values, Work.State.values
        Response.objects.bulk_create(
            Response(item=item, state=responses[at % len(responses)], text=WORDS) for at, item in rows
        )
        Work.objects.bulk_create(
            Work(item=item, state=works[at % len(works)], status_text=WORDS, due_at=now + (at - 25) * DAY,
                 state_since=came + at * DAY)
            for at, item in rows
        )  # fmt: skip


def _items(report: Report) -> Iterator[Item]:
    for at in range(IN_A_REPORT):
        yield Item(
            report=report,
            position=at + 1,
            number=str(at + 1),
            title=f"Recommendation {at + 1} about column {report.pk}",
            text=WORDS,
            area=AREAS[at % len(AREAS)],
        )


def measure(person: User, items: int, rounds: int) -> list[tuple[str, float, int]]:
    """Return the 95th percentile in milliseconds and the queries of each view."""
    client = Client()
    client.force_login(person)
    client.get("/recommendations/")
    look_for_garbage_as_the_web_does()
    found = []
    for name, path in VIEWS:
        address = path.format(last=max(items // 50, 1))
        client.get(address)
        took = []
        for _ in range(rounds):
            began = time.perf_counter()
            assert client.get(address).status_code == 200, address
            took.append((time.perf_counter() - began) * 1000)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        found.append((name, statistics.quantiles(took, n=20)[-1], len(queries)))
    return found


def _people() -> tuple[User, User]:
    long_ago = datetime.date(2020, 1, 1)
    made = []
    for username, team, role in (
        ("bench-chair", "users-committee", Role.CHAIR),
        ("bench-director", "directorate", Role.DIRECTOR),
    ):
        person = User.objects.create(username=username)
        Membership.objects.create(
            person=person, team=Team.objects.get(slug=team), role=role, starts_on=long_ago
        )
        made.append(person)
    return made[0], made[1]


def main() -> int:
    """Measure twice, small and large; 1 when the budget is broken."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        chair, director = _people()
        fill(IN_A_REPORT, chair)
        small = {name: queries for name, _, queries in measure(director, IN_A_REPORT, 3)}
        fill(options.items - IN_A_REPORT, chair)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        broken = False
        print(f"{Item.objects.count():,} items in {Report.objects.count()} reports")
        for name, p95, queries in measure(director, options.items, options.rounds):
            broken |= p95 > MILLISECONDS or queries > small[name]
            print(
                f"  {name:<28} p95 {p95:6.1f} ms   {queries} queries, with {IN_A_REPORT} items {small[name]}"
            )
        return int(broken)
    finally:
        teardown_databases(databases, verbosity=0)


if __name__ == "__main__":
    sys.exit(main())
