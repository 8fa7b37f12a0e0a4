"""How the web process is served; gunicorn reads this file by itself. Values come from the environment."""

import gc
import os
import tempfile

from django.urls import resolve
from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker
from prometheus_client import multiprocess

bind = ":".join((os.environ.get("BIND", "127.0.0.1"), os.environ.get("PORT", "8000")))
# Threads, because a request waits for PostgreSQL most of its time, and each keeps its connection open.
worker_class = "gthread"
workers = int(os.environ.get("WEB_PROCESSES", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
timeout = 60
keepalive = 30
graceful_timeout = 20
# A slow leak in any library ends here; the jitter keeps the processes from restarting together.
max_requests = 20_000
max_requests_jitter = 2_000
accesslog = "-"

# Each process counts in a file of its own here, and /metrics adds them up. A fresh folder for each start:
# the figures of dead processes would otherwise be counted for ever.
os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="ops-metrics-")


def child_exit(server: Arbiter, worker: Worker) -> None:
    """Forget the gauges of a process that has ended; its counters stay."""
    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def post_worker_init(worker: Worker) -> None:
    """Let the collector of garbage leave alone what was there before the first request, and look less often.

    Looking through all of it again held up one page in twenty for a quarter of a second.
    """
    resolve("/healthz")  # every page is imported now
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)
