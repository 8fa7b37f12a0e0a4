"""Prometheus figures: how long requests take, what waits in the database, which part is not well."""

import os
import time
from collections.abc import Callable, Collection, Iterator

from django.db.models import Max, Min
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import REGISTRY, Collector

from ops.clocks.models import Deadline
from ops.health.parts import failing_parts, parts
from ops.notify.figures import OutboxFigures
from ops.periodic import SCHEDULE
from ops.workflow.models import Event

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
REQUEST_SECONDS = Histogram(
    "ops_request_seconds",
    "Time to answer a request.",
    ["method", "route", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10),
)


class RequestMetricsMiddleware:
    """Time every request under its route, not its address: series must not grow with the tickets."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        start = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        REQUEST_SECONDS.labels(
            method=request.method if request.method in METHODS else "other",
            route=match.route if match else "none",
            status=response.status_code,
        ).observe(time.perf_counter() - start)
        return response


class PartFigures(Collector):
    """The answer of /readyz, for an alert that names the part."""

    def __init__(self, failing: Collection[str]) -> None:
        self.failing = failing

    def collect(self) -> Iterator[Metric]:
        """Yield 1 for each part that is well, 0 for the others."""
        up = GaugeMetricFamily("ops_part_up", "Whether this part of the desk is well.", labels=["part"])
        for part in parts():
            up.add_metric([part], part not in self.failing)
        yield up


class PeriodicFigures(Collector):
    """How the periodic tasks keep their time."""

    def collect(self) -> Iterator[Metric]:
        """Yield the age of each task's last success; nothing for one that has had none."""
        age = GaugeMetricFamily(
            "ops_periodic_age_seconds", "Time since the task last ended well.", labels=["task"]
        )
        for name, task in SCHEDULE.items():
            if last := task.last_success():
                age.add_metric([name], (timezone.now() - last).total_seconds())
        yield age


class WorkFigures(Collector):
    """What the engine and the clocks have done and have to do; read from the end of an index, at any size."""

    def collect(self) -> Iterator[Metric]:
        """Yield how far the history has grown and how far the clocks lag behind."""
        newest = Event.objects.aggregate(newest=Max("pk"))["newest"] or 0
        yield CounterMetricFamily("ops_events", "Creations, edits and transitions, by number.", value=newest)
        now = timezone.now()
        due = Deadline.objects.filter(next_at__lte=now).aggregate(first=Min("next_at"))["first"]
        yield GaugeMetricFamily(
            "ops_deadline_lag_seconds",
            "How long the most overdue step of a deadline waits for the sweep.",
            value=(now - due).total_seconds() if due else 0,
        )


def exposition() -> bytes:
    """All figures of this installation, in Prometheus' text format.

    A part that is not well takes its own figures with it, and no others.
    """
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:  # set by gunicorn.conf.py: several processes, one answer
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(REGISTRY)
    failing = failing_parts()
    registry.register(PartFigures(failing))
    if "cache" not in failing:
        registry.register(PeriodicFigures())
    if "database" not in failing:
        registry.register(WorkFigures())
        registry.register(OutboxFigures())
    return generate_latest(registry)
