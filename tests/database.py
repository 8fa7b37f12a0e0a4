"""Tests with real transactions, without paying for every table each time.

Django empties all tables after such a test and loads again what migrations had put there, row by row. Here only
what the test has written is taken away, and a table that began with rows gets them back only if it has changed.
"""

from __future__ import annotations

import io
import time
from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS, connections
from django.test import TransactionTestCase


@dataclass(frozen=True)
class Seed:
    """What a table held before the first test."""

    digest: str
    rows: str


_seeds: dict[str, Seed] = {}
_tables: list[str] = []


def take_over() -> None:
    """Let every test with real transactions leave the database as it found it."""
    TransactionTestCase._fixture_setup = classmethod(lambda _: remember())
    TransactionTestCase._fixture_teardown = lambda _: restore()


def remember() -> None:
    """Before the first such test of a process: keep what migrations have made."""
    if _tables:
        return
    connection = connections[DEFAULT_DB_ALIAS]
    with connection.cursor() as cursor:
        _tables.extend(sorted(connection.introspection.table_names(cursor)))
        for table in _filled(cursor, _tables):
            rows = io.StringIO()
            cursor.copy_expert(f'COPY "{table}" TO STDOUT', rows)
            _seeds[table] = Seed(_digests(cursor, [table])[table], rows.getvalue())


def restore() -> None:
    """After each: take away what was written, in one statement and without asking triggers or foreign keys."""
    connection = connections[DEFAULT_DB_ALIAS]
    with connection.cursor() as cursor:
        digests = _digests(cursor, list(_seeds))
        changed = [table for table, seed in _seeds.items() if digests[table] != seed.digest]
        written = _filled(cursor, [table for table in _tables if table not in _seeds])
        if not changed and not written:
            return
        deletions = "".join(f'DELETE FROM "{table}";' for table in [*changed, *written])
        cursor.execute(f"SET session_replication_role = replica; {deletions}")
        for table in changed:
            cursor.copy_expert(f'COPY "{table}" FROM STDIN', io.StringIO(_seeds[table].rows))
        cursor.execute("SET session_replication_role = DEFAULT")


def _filled(cursor, tables: list[str]) -> list[str]:
    cursor.execute(
        " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM \"{table}\")" for table in tables)
    )
    return [table for (table,) in cursor.fetchall()]


def _digests(cursor, tables: list[str]) -> dict[str, str]:
    cursor.execute(
        " UNION ALL ".join(
            f"SELECT '{table}', md5(string_agg(r::text, '' ORDER BY r::text)) FROM \"{table}\" r"
            for table in tables
        )
    )
    return dict(cursor.fetchall())


def until_somebody_waits() -> None:
    """Return once another connection to this database waits for a lock; fails where nobody comes to wait."""
    deadline = time.monotonic() + 20
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(
                "SELECT pg_stat_clear_snapshot(), count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[1]:
                return
    raise AssertionError("Nobody waited.")
