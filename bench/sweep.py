#!/usr/bin/env python3
"""How long the sweep takes: 100,000 open deadlines, 10,000 of them due, one worker.

    python bench/sweep.py [--open 100000] [--due 10000] [--workers 1]

Works in a database of its own, which it makes and removes. The budget: under 10 s and under 200 MB.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ops.settings")

import django
from django.conf import settings

django.setup()
settings.DEBUG = False  # which would keep the text of every query in memory

from django.contrib.contenttypes.models import ContentType  # noqa: E402
from django.db import connection, connections  # noqa: E402
from django.test.utils import setup_databases, teardown_databases  # noqa: E402
from django.utils import timezone  # noqa: E402

from ops.clocks import registry  # noqa: E402
from ops.clocks.course import Course  # noqa: E402
from ops.clocks.models import Calendar, Deadline, DeadlineEntry, DeadlinePolicy  # noqa: E402
from ops.clocks.policies import rulebook  # noqa: E402
from ops.clocks.rows import put_course  # noqa: E402
from ops.clocks.sweep import sweep  # noqa: E402
from ops.notify.models import Message  # noqa: E402
from ops.people.models import Team, User  # noqa: E402

KIND = "benchmark"
SECONDS, MEGABYTES = 10, 200
WARNED = ("warn 50 %", "warn 80 %")
Outcome = tuple[float, float, float, Counter[str]]
"""Seconds by the wall, seconds of the processor, megabytes, and what was done."""


class Errands(registry.Adapter):
    """A target is a number; who holds it is found by one query for a batch."""

    model = Team

    def holders(self, ids: Collection[int]) -> Mapping[int, Sequence[User]]:
        people = list(User.objects.filter(username__startswith="bench-"))
        return {target_id: [people[target_id % len(people)]] for target_id in ids}

    def thread(self, target_id: int) -> str:
        return f"{KIND}:{target_id}"


registry.register(KIND, Errands())


def fill(total: int, due: int) -> None:
    """Make people, a policy and deadlines: some whose time runs out this minute, the others far from it."""
    people = [User(username=f"bench-{n}", email=f"bench-{n}@example.org") for n in range(100)]
    User.objects.bulk_create(people)
    policy = DeadlinePolicy.objects.create(
        slug=KIND,
        kind=KIND,
        name="Benchmark",
        calendar=Calendar.objects.get(slug="pacific"),
        starts_in=["open"],
        duration="5 days",
        warnings=["50 %", "80 %"],
        escalations=[{"after": "1 day", "to": "lead"}],
    )
    rule, now = rulebook().by_id[policy.pk], timezone.now()
    content_type = ContentType.objects.get_for_model(Team)
    rows = []
    for number in range(total):
        started = rule.hours.add(now, -5 * rule.hours.day_length) if number < due else now
        deadline = Deadline(content_type=content_type, object_id=number + 1, clock=KIND, started_at=started)
        put_course(deadline, Course(rule, started), done=WARNED if number < due else ())
        rows.append(deadline)
    rows = Deadline.objects.bulk_create(rows, batch_size=5000)
    common = {"what": "warned", "at": now, "actor": User.objects.system()}
    warned = [DeadlineEntry(deadline=row, step=step, **common) for row in rows[:due] for step in WARNED]
    DeadlineEntry.objects.bulk_create(warned, batch_size=5000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def work(database: str, results: multiprocessing.Queue[Outcome]) -> None:
    """Be one worker, in a process that holds nothing of what filled the database: sweep once and report."""
    connections["default"].settings_dict["NAME"] = database
    wall, processor = time.perf_counter(), time.process_time()
    done = sweep(moment=timezone.now() + timedelta(minutes=1))
    results.put((time.perf_counter() - wall, time.process_time() - processor, largest_size(), done))


def largest_size() -> float:
    """The most memory that this process ever had, in MB; `getrusage` would count that of its parent too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def measure(total: int, due: int, workers: int) -> tuple[list[Outcome], int]:
    """Fill a database, let the workers at it, and return what each reports and how many people were told."""
    databases = setup_databases(verbosity=0, interactive=False, serialized_aliases=[])
    try:
        fill(total, due)
        start = multiprocessing.get_context("spawn")
        results: multiprocessing.Queue[Outcome] = start.Queue()
        name = connections["default"].settings_dict["NAME"]
        processes = [start.Process(target=work, args=(name, results)) for _ in range(workers)]
        for process in processes:
            process.start()
        outcomes = [results.get() for _ in processes]
        for process in processes:
            process.join()
        return outcomes, Message.objects.filter(channel="in_app").count()
    finally:
        connections.close_all()
        teardown_databases(databases, verbosity=0)


def main() -> int:
    """Report; 1 when the budget is broken or something was not done."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--open", type=int, default=100_000)
    parser.add_argument("--due", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    outcomes, told = measure(options.open, options.due, options.workers)
    seconds, processor, megabytes = (max(outcome[index] for outcome in outcomes) for index in range(3))
    done = sum((outcome[3] for outcome in outcomes), Counter())
    counts = ", ".join(f"{number} {name}" for name, number in done.items())
    print(
        f"{options.open} open, {options.due} due, {options.workers} worker(s): {counts}; {told} people told"
    )
    print(f"{seconds:.1f} s (budget {SECONDS}), of the processor {processor:.1f} s")
    print(f"{megabytes:.0f} MB (budget {MEGABYTES})")
    return 0 if seconds < SECONDS and megabytes < MEGABYTES and done["breached"] == options.due else 1


if __name__ == "__main__":
    sys.exit(main())
