"""Databases of their own for the benchmarks, beside the one that is configured; made, filled, and dropped again."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql


def url_of(name: str) -> str:
    """Return the address of a database on the configured server."""
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


@contextmanager
def filled(tickets: int, *, keep: bool) -> Iterator[str]:
    """Give the address of a database with so many tickets; one that was kept is used again, brought up to date."""
    name = f"ops_bench_{tickets}"
    if not _exists(name):
        say(f"Filling a database with {tickets:,} tickets …")
        _maintain("CREATE DATABASE {}", name)
    alone(_prepare, url_of(name), tickets)
    try:
        yield url_of(name)
    finally:
        if not keep:
            _maintain("DROP DATABASE {} WITH (FORCE)", name)


def say(sentence: str) -> None:
    """Say what is going on."""
    print(sentence, flush=True)


def _exists(name: str) -> bool:
    with _server() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return cursor.fetchone() is not None


def _maintain(statement: str, name: str) -> None:
    with _server() as cursor:
        cursor.execute(sql.SQL(statement).format(sql.Identifier(name)))


@contextmanager
def _server() -> Iterator[psycopg2.extensions.cursor]:
    connection = psycopg2.connect(url_of("postgres"))
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def alone(task: Callable[..., None], *args: object) -> None:
    """Do something in a process of its own: Django reads its settings once per process."""
    process = multiprocessing.get_context("spawn").Process(target=task, args=args)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(f"{task.__module__} failed (exit {process.exitcode}).")


def _prepare(url: str, tickets: int) -> None:
    os.environ["DATABASE_URL"], os.environ["DJANGO_SETTINGS_MODULE"] = url, "bench.settings"
    import django  # noqa: PLC0415

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    from bench.observatory import fill  # noqa: PLC0415
    from ops.tickets.models import Ticket  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    if not Ticket.objects.exists():
        fill(tickets)
