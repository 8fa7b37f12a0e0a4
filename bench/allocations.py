#!/usr/bin/env python3
"""How long a large call takes: reviewers matched, scores compared, the line drawn, the panel's page shown.

    python bench/allocations.py [--requests 1500] [--reviewers 1500] [--reviews 10] [--line 300]

Works in a database of its own, which it makes and removes. The budgets are those of the issue; 1 when one is broken.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")

import django
from django.conf import settings

django.setup()
settings.DEBUG = False  # which would keep the text of every query in memory

from django.db import connection, connections  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_databases, teardown_databases  # noqa: E402

from bench.call import CHAIR, fill_call  # noqa: E402
from bench.garbage import look_for_garbage_as_the_web_does  # noqa: E402
from ops.allocations.line_setting import setting_of  # noqa: E402
from ops.allocations.lines import draw, what_if  # noqa: E402
from ops.allocations.matching import plan  # noqa: E402
from ops.allocations.models import Call, Pairing  # noqa: E402
from ops.allocations.ranking import latest_ranking, rank_call  # noqa: E402
from ops.people.models import User  # noqa: E402

SECONDS_TO_MATCH, SECONDS_TO_DRAW, GAP = 60, 30, 0.01
MILLISECONDS_OF_PAGE, QUERIES_OF_PAGE = 300, 25
LOOKS = 40


class Report:
    """Says each figure beside what it may be, and remembers whether all were kept."""

    def __init__(self) -> None:
        self.is_broken = False

    def say(self, what: str, figure: str, *, kept: bool = True) -> None:
        """Print one line."""
        self.is_broken |= not kept
        print(f"{what:<62}{figure}{'' if kept else '   BROKEN'}", flush=True)


def timed(task: Callable[[], object]) -> tuple[object, float, float]:
    """Return what a task returns, and its seconds by the wall and of the processor."""
    wall, processor = time.perf_counter(), time.process_time()
    found = task()
    return found, time.perf_counter() - wall, time.process_time() - processor


def matched(call: Call, options: argparse.Namespace, report: Report) -> None:
    """Match a whole call."""
    found, wall, processor = timed(lambda: plan(call))
    pairs = Pairing.objects.filter(call=call).count()
    wanted = options.requests * options.reviews
    report.say(
        f"{options.requests:,} requests, {options.reviews} reviews each, {options.reviewers:,} reviewers: matched",
        f"{wall:6.1f} s, processor {processor:.1f} s ({pairs:,} pairs; budget {SECONDS_TO_MATCH} s)",
        kept=wall <= SECONDS_TO_MATCH and pairs == wanted and not getattr(found, "limits", ()),
    )


def compared(call: Call, chair: User, report: Report) -> None:
    """Compare the scores of a whole call."""
    ranking, wall, processor = timed(lambda: rank_call(call, actor=chair))
    reviews = getattr(ranking, "reviews", 0)
    report.say(f"{reviews:,} reviews compared", f"{wall:6.1f} s, processor {processor:.1f} s")


def drawn(call: Call, chair: User, requests: int, report: Report) -> None:
    """Draw a line, and try another capacity."""
    rank_call(call, actor=chair)
    line, wall, processor = timed(lambda: draw(call, basis="ranked", actor=chair))
    gap = getattr(line, "gap", 1.0)
    slots = len(getattr(line, "capacities", ()))
    report.say(
        f"the line for {requests} requests and {slots} capacities, with 10 % more and less",
        f"{wall:6.1f} s, processor {processor:.1f} s, gap {100 * gap:.2f} % (budget {SECONDS_TO_DRAW} s, 1 %)",
        kept=wall <= SECONDS_TO_DRAW and gap <= GAP,
    )
    ranking = latest_ranking(call)
    if ranking is not None:
        setting = setting_of(call, ranking)
        _, wall, processor = timed(lambda: what_if(setting, {setting.slots[0].offer_id: 90}))
        report.say("another capacity tried", f"{wall:6.1f} s, processor {processor:.1f} s")


def shown(call: Call, chair: User, path: str, report: Report, *, most: float | None) -> None:
    """Look at a page again and again."""
    client = Client(HTTP_HOST="localhost")
    client.force_login(chair)
    address = f"/calls/{call.pk}/{path}/"
    page = client.get(address)
    queries: list[str] = []

    def count(execute: Any, sql: str, *rest: Any) -> Any:
        queries.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(count):
        client.get(address)
    look_for_garbage_as_the_web_does()
    times, processor = [], time.process_time()
    for _ in range(LOOKS):
        began = time.perf_counter()
        page = client.get(address)
        times.append(1_000 * (time.perf_counter() - began))
    each = 1_000 * (time.process_time() - processor) / LOOKS
    late = quantiles(times, n=20)[-1]
    budget = f"; budget {most:.0f} ms, {QUERIES_OF_PAGE} queries" if most else ""
    report.say(
        f"{address.replace(str(call.pk), '…')} of {call.requests.count():,} requests",
        f"best {min(times):.0f}, p50 {median(times):.0f}, p95 {late:.0f} ms, processor {each:.0f} ms, "
        f"{len(queries)} queries, {len(page.content) / 1000:.0f} kB{budget}",
        kept=page.status_code == 200 and (most is None or (late <= most and len(queries) <= QUERIES_OF_PAGE)),
    )


def main() -> int:
    """Report; 1 when a budget is broken."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, number in (("requests", 1_500), ("reviewers", 1_500), ("reviews", 10), ("line", 300)):
        parser.add_argument(f"--{name}", type=int, default=number)
    options = parser.parse_args()
    databases = setup_databases(verbosity=0, interactive=False, serialized_aliases=[])
    report = Report()
    try:
        size = {"requests": options.requests, "reviewers": options.reviewers, "reviews": options.reviews}
        fresh = fill_call(slug="fresh", review=False, **size)
        chair = User.objects.get(username=CHAIR)
        matched(fresh, options, report)
        for path in ("reviewers", "load", "conflicts", "panel/presence"):
            shown(fresh, chair, path, report, most=None)
        full = fill_call(slug="full", **size)
        compared(full, chair, report)
        shown(full, chair, "panel", report, most=MILLISECONDS_OF_PAGE)
        tight = fill_call(slug="tight", requests=options.line, reviewers=60, reviews=5)
        drawn(tight, chair, options.line, report)
        shown(tight, chair, "line", report, most=None)
    finally:
        connections.close_all()
        teardown_databases(databases, verbosity=0)
    return 1 if report.is_broken else 0


if __name__ == "__main__":
    sys.exit(main())
