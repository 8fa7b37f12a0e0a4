"""Copies the desk's tickets and comments into the tables of the bare application."""

from __future__ import annotations

import os

_COPY = """
    INSERT INTO bare.auth_user (id, username, password, is_superuser, first_name, last_name, email, is_staff,
        is_active, date_joined)
    SELECT id, username, '!', false, '', '', email, false, true, now() FROM public.people_user;
    INSERT INTO bare.bare_ticket (id, title, description, state, priority, reporter_id, assignee_id, created_at,
        updated_at)
    SELECT id, title, description, state, priority, reporter_id, assignee_id, created_at, updated_at
    FROM public.tickets_ticket ORDER BY id;
    INSERT INTO bare.bare_comment (id, ticket_id, author_id, body, created_at)
    SELECT id, ticket_id, author_id, body, created_at FROM public.tickets_comment ORDER BY id;
    SELECT setval(pg_get_serial_sequence('bare.bare_ticket', 'id'), (SELECT max(id) FROM bare.bare_ticket));
    ANALYZE bare.bare_ticket;
    ANALYZE bare.bare_comment;
"""


def fill(url: str) -> None:
    """Make the schema and the tables, and copy into them; nothing happens where they are."""
    os.environ["DATABASE_URL"], os.environ["DJANGO_SETTINGS_MODULE"] = url, "bench.bare.settings"
    import django  # noqa: PLC0415  # its settings are read once per process

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA IF NOT EXISTS bare")
        if "bare_ticket" in connection.introspection.table_names(cursor):
            return
    call_command("migrate", verbosity=0)  # the accounts first: tickets refer to them
    call_command("migrate", run_syncdb=True, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(_COPY)
