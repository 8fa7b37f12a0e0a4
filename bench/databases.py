"""Databases of their own for the benchmarks, beside the one that is configured; made, filled, and dropped again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql


def url_of(name: str) -> str:
    """Return the address of a database on the configured server."""
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


@contextmanager
def filled(tickets: int, *, keep: bool) -> Iterator[str]:
    """Give the address of a database with so many tickets; one that was kept before is used again as it is."""
    name = f"ops_bench_{tickets}"
    if not _exists(name):
        say(f"Filling a database with {tickets:,} tickets …")
        _maintain("CREATE DATABASE {}", name)
        _in_a_process_of_its_own(_fill, url_of(name), tickets)
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


def _in_a_process_of_its_own(task: object, *args: object) -> None:
    import multiprocessing  # noqa: PLC0415

    process = multiprocessing.get_context("spawn").Process(target=task, args=args)  # type: ignore[arg-type]
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(f"The database could not be filled (exit {process.exitcode}).")


def _fill(url: str, tickets: int) -> None:
    # Here, because Django reads its settings once: this process knows the desk, the next one the bare application.
    os.environ["DATABASE_URL"], os.environ["DJANGO_SETTINGS_MODULE"] = url, "bench.settings"
    import django  # noqa: PLC0415

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    from bench.observatory import fill  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    fill(tickets)
