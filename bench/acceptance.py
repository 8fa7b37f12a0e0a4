#!/usr/bin/env python3
"""A large campaign: its report on paper, results by API, and the dashboard.

    python bench/acceptance.py [--executions 1000] [--steps 10] [--results 300] [--looks 40]

Works in a database of its own, which it makes and removes. The budgets: the report under 10 s, more than 12 results
a second in one process (45,000 an hour), the dashboard under 300 ms for 95 of 100 looks.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")

import django
from django.conf import settings

django.setup()
settings.DEBUG = False  # which would keep the text of every query in memory
settings.ALLOWED_HOSTS = ["*"]

from django.contrib.contenttypes.models import ContentType  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import (  # noqa: E402
    setup_databases,
    setup_test_environment,
    teardown_databases,
)
from django.utils import timezone  # noqa: E402

from ops.acceptance.models import (  # noqa: E402
    Campaign,
    CaseStep,
    CaseVersion,
    Environment,
    Execution,
    PinnedCase,
    StepResult,
    TestCase,
    Tester,
)
from ops.acceptance.planning import MOST_ENVIRONMENTS  # noqa: E402
from ops.acceptance.reporting.document import ReportDocument  # noqa: E402
from ops.people import authority, tokens  # noqa: E402
from ops.people.models import Membership, Role, Team, User  # noqa: E402
from ops.workflow.services import create  # noqa: E402

REPORT_SECONDS, RESULTS_A_SECOND, DASHBOARD_MS = 10, 12, 300
TESTERS = 20
PLACES = min(5, MOST_ENVIRONMENTS)


def _people() -> tuple[User, list[User]]:
    coordinator = User.objects.create(username="bench-coordinator")
    team = Team.objects.get(slug=authority.ACCEPTANCE)
    Membership.objects.create(
        person=coordinator, team=team, role=Role.COORDINATOR, starts_on=timezone.now().date()
    )
    people = User.objects.bulk_create(User(username=f"bench-{n}") for n in range(TESTERS))
    return coordinator, list(people)


def _versions(cases: int, steps: int, author: User) -> list[CaseVersion]:
    made = TestCase.objects.bulk_create(
        TestCase(identifier=f"BENCH-{n}", title=f"Case {n}", author=author, state="approved", number=1)
        for n in range(cases)
    )
    versions = CaseVersion.objects.bulk_create(
        CaseVersion(case=case, number=1, title=case.title, author=author, objective="It works. " * 10)
        for case in made
    )
    CaseStep.objects.bulk_create(
        CaseStep(version=version, number=n, description=f"Do the {n}th thing. " * 3, expected="It happens.")
        for version in versions
        for n in range(1, steps + 1)
    )
    return list(versions)


def fill(executions: int, steps: int) -> tuple[Campaign, User, list[User]]:
    """Make a campaign that runs, with so many attempts that have ended and all of their steps."""
    coordinator, people = _people()
    versions = _versions(executions // PLACES, steps, coordinator)
    campaign = create(Campaign, actor=coordinator, data={"title": "A large campaign"})
    Campaign.objects.filter(pk=campaign.pk).update(state="running")
    places = Environment.objects.bulk_create(
        Environment(campaign=campaign, name=f"Place {n}") for n in range(PLACES)
    )
    PinnedCase.objects.bulk_create(
        PinnedCase(campaign=campaign, case_id=version.case_id, version=version) for version in versions
    )
    Tester.objects.bulk_create(
        Tester(campaign=campaign, person=person, state="testing", agrees=True) for person in people
    )
    began = timezone.now() - timedelta(days=14)
    rows = Execution.objects.bulk_create(
        Execution(
            campaign=campaign, case_version=version, environment=place, number=1, comment="Went well.",
            tester=people[(at + n) % TESTERS], state="failed" if at % 20 == 0 else "passed",
            started_at=began, ended_at=began + timedelta(minutes=10 * at),
        )
        for at, version in enumerate(versions)
        for n, place in enumerate(places)
    )  # fmt: skip
    of_version: dict[int, list[CaseStep]] = {}
    for step in CaseStep.objects.all():
        of_version.setdefault(step.version_id, []).append(step)
    StepResult.objects.bulk_create(
        StepResult(
            execution=row, step=step, outcome="passed", actual="It took 4 s.", saved_by_id=row.tester_id
        )
        for row in rows
        for step in of_version[row.case_version_id]
    )
    return Campaign.objects.get(pk=campaign.pk), coordinator, people


def report(campaign: Campaign) -> float:
    """Make the report; return the seconds that it took."""
    began, processor = time.perf_counter(), time.process_time()
    made = ReportDocument(campaign).as_pdf()
    seconds, processor = time.perf_counter() - began, time.process_time() - processor
    effort = f"{processor:.1f} s of processor, {len(made) / 1e6:.1f} MB"
    print(f"Report: {seconds:.1f} s, {effort}; budget {REPORT_SECONDS} s.")
    return seconds


def results(campaign: Campaign, people: list[User], count: int, steps: int) -> float:
    """Send results by API, one in twenty of them failed; return how many a second."""
    secret = tokens.issue(people[0], actor=people[0], name="bench").secret
    client, headers = Client(), {"authorization": f"Bearer {secret}"}
    cases = list(campaign.pins.values_list("case__identifier", flat=True))
    began, processor = time.perf_counter(), time.process_time()
    for n in range(count):
        said = [{"number": k, "outcome": "passed"} for k in range(1, steps + 1)]
        said[-1]["outcome"] = "failed" if n % 20 == 0 else "passed"
        body = {
            "case": cases[n % len(cases)],
            "environment": "Place 0",
            "steps": said,
            "reference": f"bench {n}",
        }
        address = f"/api/v1/campaigns/{campaign.key}/results/"
        answer = client.post(address, body, content_type="application/json", headers=headers)
        if answer.status_code != 201:
            raise SystemExit(answer.content.decode())
    rate, effort = count / (time.perf_counter() - began), count / (time.process_time() - processor)
    said_of_it = f"{rate:.1f} a second in one process, {effort:.0f} a second of its processor"
    print(f"Results by API: {said_of_it}; budget {RESULTS_A_SECOND}.")
    return rate


def dashboard(campaign: Campaign, coordinator: User, looks: int) -> float:
    """Look at the dashboard again and again; return the milliseconds within which 95 of 100 looks are answered."""
    client = Client()
    client.force_login(coordinator)
    address = f"/campaigns/{campaign.key}/dashboard/"
    client.get(address)
    asked: list[str] = []
    with connection.execute_wrapper(lambda run, sql, *rest: (asked.append(sql), run(sql, *rest))[1]):
        page = client.get(address)
    processor = time.process_time()
    taken = sorted(_timed(client, address) for _ in range(looks))
    processor = 1000 * (time.process_time() - processor) / looks
    late = 1000 * taken[int(0.95 * (looks - 1))]
    size = f"{processor:.0f} ms of processor, {len(asked)} queries, {len(page.content) // 1000} kB"
    print(f"Dashboard: p95 {late:.0f} ms, {size}; budget {DASHBOARD_MS} ms.")
    return late


def _timed(client: Client, address: str) -> float:
    began = time.perf_counter()
    client.get(address)
    return time.perf_counter() - began


def main() -> int:
    """Fill, measure, and say whether the budgets hold."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--executions", type=int, default=1_000)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--results", type=int, default=300)
    parser.add_argument("--looks", type=int, default=40)
    options = parser.parse_args()
    setup_test_environment(debug=False)
    known = setup_databases(verbosity=0, interactive=False)
    try:
        ContentType.objects.clear_cache()
        campaign, coordinator, people = fill(options.executions, options.steps)
        late = dashboard(campaign, coordinator, options.looks)
        seconds = report(campaign)
        rate = results(campaign, people, options.results, options.steps)
    finally:
        teardown_databases(known, verbosity=0)
    return int(seconds > REPORT_SECONDS or rate < RESULTS_A_SECOND or late > DASHBOARD_MS)


if __name__ == "__main__":
    sys.exit(main())
