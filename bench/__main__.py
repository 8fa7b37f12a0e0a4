"""How fast the desk is, as ratios measured in one run: against SQL typed by hand and against a bare application.

    python3 dev.py bench                        ratios and budgets at 100,000 tickets
    python3 dev.py bench growth                 the desk at 10,000 and at 1,000,000 tickets, side by side
    python3 dev.py bench fan-out                an announcement to 10,000 people
    python3 dev.py bench sweep                  100,000 deadlines, 10,000 of them due
    python3 dev.py bench tracker                5,000 recommendations
    python3 dev.py bench allocations            a call of 1,500 requests: match, ranking, line, the panel's page
    python3 dev.py bench acceptance             a campaign of 1,000 executions: report, results by API, dashboard

docs/performance.md says what is measured and what came out.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench import databases, fan_out
from bench.bare import filling
from bench.contenders import Contender, Setting
from bench.databases import say
from bench.report import compared, grown

ROOT = Path(__file__).resolve().parent.parent
DESK = ("bench.desk", "bench.settings", "bench.wsgi")
BARE = ("bench.bare.deeds", "bench.bare.settings", "bench.bare.wsgi")
GROWTH = (
    "list", "search, a rare word", "search, a common word", "search, two words", "queue page", "ticket page", "board",
    "queue page, member", "queue page, public", "board, member",
)  # fmt: skip


def ratios(options: argparse.Namespace) -> int:
    """Compare the desk with SQL and with the bare application; 1 when a budget is broken."""
    with ExitStack() as stack:
        url = stack.enter_context(databases.filled(options.tickets, keep=options.keep))
        databases.alone(filling.fill, url)
        ours = stack.enter_context(_contender("desk", url, DESK, server=options.server))
        bare = stack.enter_context(_contender("bare", url, BARE, server=options.server))
        sql = stack.enter_context(_ended(Contender("sql", Setting("bench.by_hand", "", url))))
        return compared(ours, bare, sql, rounds=options.rounds, only=options.only)


def growth(options: argparse.Namespace) -> int:
    """Compare the desk with itself, a hundred times larger."""
    with ExitStack() as stack:
        urls = [
            stack.enter_context(databases.filled(n, keep=options.keep))
            for n in (options.small, options.large)
        ]
        small, large = (stack.enter_context(_contender("desk", url, DESK)) for url in urls)
        return grown(small, large, GROWTH, rounds=options.rounds, only=options.only)


def announced(options: argparse.Namespace) -> int:
    """Send an announcement."""
    with databases.filled(options.small, keep=options.keep) as url:
        for sentence in fan_out.measure(url):
            say(sentence)
    return 0


def swept(options: argparse.Namespace) -> int:
    """Sweep deadlines."""
    return subprocess.call([sys.executable, "bench/sweep.py"], cwd=ROOT)


def tracked(options: argparse.Namespace) -> int:
    """Look at the tracker of recommendations."""
    return subprocess.call([sys.executable, "bench/tracker.py"], cwd=ROOT)


def judged(options: argparse.Namespace) -> int:
    """Match, compare and draw the line of a large call."""
    return subprocess.call([sys.executable, "bench/allocations.py"], cwd=ROOT)


def tested(options: argparse.Namespace) -> int:
    """Write the report of a large campaign, send it results, look at its dashboard."""
    return subprocess.call([sys.executable, "bench/acceptance.py"], cwd=ROOT)


COMMANDS = {
    "ratios": ratios,
    "growth": growth,
    "fan-out": announced,
    "sweep": swept,
    "allocations": judged,
    "tracker": tracked,
    "acceptance": tested,
}


@contextmanager
def _contender(name: str, url: str, of: tuple[str, str, str], *, server: bool = False) -> Iterator[Contender]:
    module, settings, application = of
    with ExitStack() as stack:
        port = stack.enter_context(_served(application, url)) if server else None
        yield stack.enter_context(_ended(Contender(name, Setting(module, settings, url, port))))


@contextmanager
def _ended(contender: Contender) -> Iterator[Contender]:
    try:
        yield contender
    finally:
        contender.end()


@contextmanager
def _served(application: str, url: str) -> Iterator[int]:
    """Serve an application by gunicorn, one process with four threads, and give its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = [
        "--config",
        "/dev/null",
        "--bind",
        f"127.0.0.1:{port}",
        "--worker-class",
        "gthread",
        "--threads",
        "4",
    ]
    environment = {**os.environ, "DATABASE_URL": url}
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", *options, application], cwd=ROOT, env=environment
    )
    try:
        _wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait()


def _wait_for(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise SystemExit("gunicorn did not start.")


def main(arguments: Sequence[str]) -> int:
    """Do what is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="?", choices=COMMANDS, default="ratios")
    parser.add_argument("--tickets", type=int, default=100_000, help="for the ratios")
    parser.add_argument("--small", type=int, default=10_000, help="for growth and fan-out")
    parser.add_argument("--large", type=int, default=1_000_000, help="for growth")
    parser.add_argument("--rounds", type=int, default=12, help="rounds of five; contenders take turns")
    parser.add_argument("--only", default="", help="only what has this in its name")
    parser.add_argument("--server", action="store_true", help="through gunicorn and HTTP, not in the process")
    parser.add_argument("--keep", action="store_true", help="keep the databases for the next time")
    options = parser.parse_args(arguments)
    return COMMANDS[options.what](options)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
