"""Prometheus figures: how long requests take, and how long ago each periodic task ended well."""

import os
import time
from collections.abc import Callable, Iterator

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import REGISTRY, Collector

from ops.periodic import SCHEDULE

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


class PeriodicTasks(Collector):
    def collect(self) -> Iterator[GaugeMetricFamily]:
        age = GaugeMetricFamily(
            "ops_periodic_age_seconds", "Time since the task last ended well.", labels=["task"]
        )
        for name, task in SCHEDULE.items():
            if last := task.last_success():
                age.add_metric([name], (timezone.now() - last).total_seconds())
        yield age


def exposition() -> bytes:
    """All figures of this installation's web processes, in Prometheus' text format."""
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:  # set by gunicorn.conf.py: several processes, one answer
        MultiProcessCollector(registry)
    else:
        registry.register(REGISTRY)
    registry.register(PeriodicTasks())
    return generate_latest(registry)
