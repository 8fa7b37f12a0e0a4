"""An observatory of any size, written by the database itself: people, issues, comments, histories, deadlines.

What matters for speed is like in a desk that has been used for years: most issues are closed, the open ones are
mostly young, one in a hundred is confidential, words are as unevenly common as in a language.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from bench.words import RARE, SENTENCES, sentences
from ops.issues.models import Announcement, Issue
from ops.people.models import Membership, Product, Team, User
from ops.tickets.models import Ticket
from ops.workflow.services import create, perform

PEOPLE = 10_000
STAFF = 200
SCIENTISTS = 10
COMMENTS_EACH = 3
PRODUCTS = 40

# In the order of their frequency; the number is the share among a hundred thousand closed or open ones.
_ENDED = {"closed": 84, "resolved": 4, "declined": 5, "duplicate": 4, "redirected": 3}
_LIVE = {
    "reported": 20, "triaged": 25, "investigating": 15, "planned": 15,
    "in_progress": 12, "in_review": 5, "waiting": 8,
}  # fmt: skip
_MAIN_WAY = ("triage", "investigate", "plan", "start", "submit_for_review", "accept", "close")
_MAIN_STATES = (
    "reported", "triaged", "investigating", "planned", "in_progress", "in_review", "resolved", "closed",
)  # fmt: skip
_ASIDE = {"waiting": "wait", "declined": "decline", "duplicate": "mark_duplicate", "redirected": "redirect"}

Step = tuple[str, int, str, str, str]
"""A state, and one event on the way to it: which, its name, from where, to where."""


def ways() -> Iterator[Step]:
    """Yield, for each state, the events that lead to it."""
    for number, state in enumerate(_MAIN_STATES):
        yield state, 0, "create", "", "reported"
        for step in range(number):
            yield state, step + 1, _MAIN_WAY[step], _MAIN_STATES[step], _MAIN_STATES[step + 1]
    for state, name in _ASIDE.items():
        yield state, 0, "create", "", "reported"
        yield state, 1, "triage", "reported", "triaged"
        yield state, 2, name, "triaged", state


def fill(tickets: int) -> None:
    """Put an observatory with so many issues into an empty, migrated database."""
    with transaction.atomic(), connection.cursor() as cursor:
        # Foreign keys need not be checked one by one: every number below is made to exist.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        cursor.execute("SELECT setseed(0.5)")
        _people(cursor)
        _tables(cursor)
        with _indexes_made_afterwards(cursor):
            _issues(cursor, tickets)
            _beside(cursor, tickets)
            _histories(cursor)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _people(cursor: CursorWrapper) -> None:
    cursor.execute(
        """
        INSERT INTO people_user (username, email, password, first_name, last_name, is_superuser, is_staff, is_active,
                                 date_joined, display_name, institution, time_zone, theme)
        SELECT 'person-' || n, 'person-' || n || '@example.org', '!', '', '', false, false, true, now(),
               'Person ' || n, 'Institute ' || n %% 300, 'UTC', 'system'
        FROM generate_series(1, %s) n ORDER BY n
        """,
        [PEOPLE],
    )
    first = User.objects.get(username="person-1").pk
    teams = {
        slug: Team.objects.get_or_create(slug=slug, defaults={"name": slug, "is_observatory": True})[0]
        for slug in ("staff", "community-science")
    }
    members = [(n, "staff", "member") for n in range(STAFF)]
    members += [(n, "community-science", "member") for n in range(2, SCIENTISTS)]
    members += [(0, "community-science", "lead"), (1, "community-science", "watcher")]
    Membership.objects.bulk_create(
        Membership(person_id=first + n, team=teams[team], role=role, starts_on="2020-01-01")
        for n, team, role in members
    )
    root = Product.objects.create(slug="platform", name="Platform", owner_id=first + 20)
    for number in range(1, PRODUCTS):
        Product.objects.create(slug=f"product-{number}", name=f"Product {number}", parent=root)


def _tables(cursor: CursorWrapper) -> None:
    cursor.execute("CREATE TEMP TABLE sentence (n int PRIMARY KEY, words text) ON COMMIT DROP")
    cursor.execute(
        "INSERT INTO sentence SELECT ordinality, words FROM unnest(%s) WITH ORDINALITY AS s(words)",
        [sentences()],
    )
    cursor.execute(
        "CREATE TEMP TABLE way (state text, n int, name text, source text, target text) ON COMMIT DROP"
    )
    cursor.execute(
        "INSERT INTO way SELECT * FROM unnest(%s::text[], %s::int[], %s::text[], %s::text[], %s::text[])",
        [list(column) for column in zip(*ways(), strict=True)],
    )
    cursor.execute("ANALYZE sentence")
    cursor.execute("ANALYZE way")


@contextmanager
def _indexes_made_afterwards(cursor: CursorWrapper) -> Iterator[None]:
    """Filling a table with a full-text index row by row takes longer than making the index at the end."""
    cursor.execute(
        """
        SELECT indexrelid::regclass, pg_get_indexdef(indexrelid) FROM pg_index
        JOIN pg_class ON pg_class.oid = indrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE nspname = 'public' AND NOT indisunique AND relname ~ '^(tickets|workflow|clocks|notify|issues)_'
        """
    )
    made = cursor.fetchall()
    for name, _ in made:
        cursor.execute(f"DROP INDEX {name}")
    yield
    for _, definition in made:
        cursor.execute(definition)


def _issues(cursor: CursorWrapper, tickets: int) -> None:
    first = User.objects.get(username="person-1").pk
    products = list(Product.objects.order_by("pk").values_list("pk", flat=True))
    # The newer an issue, the likelier it is still open; the oldest is three years old.
    cursor.execute(
        f"""
        CREATE TEMP TABLE made ON COMMIT DROP AS
        WITH drawn AS (
            SELECT id, random() AS a, random() AS b, random() AS c, random() AS d, random() AS e, random() AS f,
                   random() < 0.02 + 0.6 * (id::float / %(tickets)s) ^ 12 AS is_live,
                   now() - interval '3 years' * (1 - id::float / %(tickets)s) - interval '1 hour' AS created_at
            FROM generate_series(1, %(tickets)s::bigint) id)
        SELECT id, created_at, is_live,
               CASE WHEN is_live THEN {_drawn("a", _LIVE)} ELSE {_drawn("a", _ENDED)} END AS state,
               least(created_at + interval '60 days' * b * b,
                     now() - interval '1 minute' * (1 + 50 * c)) AS updated_at,
               %(first)s + floor({PEOPLE} * c * c)::int AS reporter_id,
               %(first)s + floor({STAFF} * d * d)::int AS assignee_id,
               (%(products)s::bigint[])[1 + floor(e * {PRODUCTS})::int] AS component_id,
               CASE WHEN f < 0.70 THEN 'public' WHEN f < 0.95 THEN 'community'
                    WHEN f < 0.99 THEN 'staff' ELSE 'confidential' END AS visibility,
               (ARRAY['high', 'medium', 'medium', 'low'])[1 + floor(4 * b)::int] AS importance,
               (ARRAY['high', 'medium', 'low', 'low'])[1 + floor(4 * e)::int] AS urgency,
               1 + floor({SENTENCES} * a)::int AS s1, 1 + floor({SENTENCES} * b)::int AS s2,
               1 + floor({SENTENCES} * c)::int AS s3, 1 + floor({SENTENCES} * d)::int AS s4
        FROM drawn
        """,
        {"tickets": tickets, "first": first, "products": products},
    )
    cursor.execute("ANALYZE made")
    cursor.execute(
        f"""
        INSERT INTO tickets_ticket (id, state, state_since, version, key, kind, title, description,
            importance, urgency, priority, visibility, labels, due_at, external_source, external_key, created_at,
            updated_at, assignee_id, component_id, reporter_id)
        SELECT id, state, updated_at, 3, 'CST-' || id, 'issue', rtrim(left(s1.words, 90), '. '),
               concat_ws(' ', s2.words, s3.words, s4.words, 'run' || left(md5(id::text), 7),
                         CASE WHEN id % {max(tickets // 20, 1)} = 7 THEN '{RARE}' END),
               importance, urgency,
               CASE importance || urgency
                    WHEN 'highhigh' THEN 'critical' WHEN 'highmedium' THEN 'high' WHEN 'mediumhigh' THEN 'high'
                    WHEN 'highlow' THEN 'medium' WHEN 'mediummedium' THEN 'medium' WHEN 'lowhigh' THEN 'medium'
                    ELSE 'low' END,
               visibility, CASE WHEN id % 4 = 0 THEN ARRAY['label-' || id % 97] ELSE '{{}}' END,
               CASE WHEN id % 5 = 0 THEN created_at + interval '90 days' END, '', '', created_at, updated_at,
               CASE WHEN state <> 'reported' THEN assignee_id END, component_id, reporter_id
        FROM made JOIN sentence s1 ON s1.n = made.s1 JOIN sentence s2 ON s2.n = made.s2
                  JOIN sentence s3 ON s3.n = made.s3 JOIN sentence s4 ON s4.n = made.s4
        ORDER BY id
        """
    )
    cursor.execute(
        """
        INSERT INTO issues_issue (ticket_ptr_id, origin, forum_topic, threat_to_science, workaround, strategy,
            resolution_code, resolution_text, skip_reason, documentation, documentation_url, major_change,
            waiting_for, resume_at, state_before_waiting, venue, rework_count, replan_count, reopen_count,
            resolved_at)
        SELECT id, 'forum', '', id % 20 = 0, '', 'Look at the logs, then at the code.',
               CASE WHEN is_live THEN '' ELSE 'fixed' END, CASE WHEN is_live THEN '' ELSE 'It works again.' END, '',
               'not_needed', '', false, CASE WHEN state = 'waiting' THEN 'the vendor' ELSE '' END,
               CASE WHEN state = 'waiting' THEN now() + interval '9 days' END,
               CASE WHEN state = 'waiting' THEN 'triaged' ELSE '' END, '', 0, 0, 0,
               CASE WHEN state IN ('resolved', 'closed') THEN updated_at END
        FROM made ORDER BY id
        """
    )
    cursor.execute("SELECT setval('ticket_number_cst', %s)", [tickets])
    cursor.execute("SELECT setval(pg_get_serial_sequence('tickets_ticket', 'id'), %s)", [tickets])


def _drawn(chance: str, shares: dict[str, int]) -> str:
    """Return SQL that turns a number between 0 and 1 into one of some states, by their shares in percent."""
    total, cases = 0, []
    for state, share in shares.items():
        total += share
        cases.append(f"WHEN {chance} < {total / 100} THEN '{state}'")
    return f"(CASE {' '.join(cases)} ELSE '{next(iter(shares))}' END)"


def _beside(cursor: CursorWrapper, tickets: int) -> None:
    first = User.objects.get(username="person-1").pk
    cursor.execute(
        f"""
        INSERT INTO tickets_comment (ticket_id, author_id, body, visibility, created_at)
        SELECT id, CASE WHEN nth = 1 THEN reporter_id ELSE assignee_id END,
               concat_ws(' ', a.words, b.words, CASE WHEN id %% {max(tickets // 20, 1)} = nth THEN '{RARE}' END),
               CASE (id + nth) %% 20 WHEN 0 THEN 'staff' WHEN 1 THEN 'participants' ELSE 'public' END,
               created_at + (updated_at - created_at) * nth / %s
        FROM made CROSS JOIN generate_series(1, %s) AS said(nth)
             JOIN sentence a ON a.n = 1 + (s1 + nth * 977) %% {SENTENCES}
             JOIN sentence b ON b.n = 1 + (s2 + nth * 331) %% {SENTENCES}
        ORDER BY created_at + (updated_at - created_at) * nth / %s
        """,
        [COMMENTS_EACH + 1, COMMENTS_EACH, COMMENTS_EACH + 1],
    )
    cursor.execute(
        f"""
        INSERT INTO tickets_watcher (ticket_id, user_id, email, created_at)
        SELECT id, %s + (id * 31 + n * 4999) %% {PEOPLE}, '', created_at FROM made CROSS JOIN generate_series(1, 2) n
        """,
        [first],
    )
    cursor.execute(
        f"""
        INSERT INTO tickets_invitation (ticket_id, person_id, invited_by_id, created_at)
        SELECT id, %s + (id * 17) %% {PEOPLE}, reporter_id, created_at FROM made WHERE visibility = 'confidential'
        """,
        [first],
    )
    cursor.execute(
        """
        INSERT INTO tickets_link (source_id, target_id, kind, created_by_id, created_at)
        SELECT id, 1 + (id * 7919) %% %s, 'relates', reporter_id, created_at FROM made
        WHERE id %% 10 = 0 AND id <> 1 + (id * 7919) %% %s
        """,
        [tickets, tickets],
    )


def _histories(cursor: CursorWrapper) -> None:
    ticket_type = ContentType.objects.get_for_model(Ticket).pk
    cursor.execute(
        """
        INSERT INTO workflow_event (content_type_id, object_id, actor_id, name, source, target, changes, reason,
            created_at)
        SELECT %s, id, CASE WHEN n = 0 THEN reporter_id ELSE assignee_id END, name, source, target,
               CASE n WHEN 0 THEN jsonb_build_object('title', jsonb_build_object('old', null, 'new', 'A title'))
                      WHEN 1 THEN jsonb_build_object(
                          'assignee', jsonb_build_object('old', null, 'new', assignee_id),
                          'importance', jsonb_build_object('old', '', 'new', importance))
                      ELSE '{}' END, '',
               created_at + (updated_at - created_at) * n / 7
        FROM made JOIN way USING (state) ORDER BY created_at + (updated_at - created_at) * n / 7, id, n
        """,
        [ticket_type],
    )
    cursor.execute(
        """
        INSERT INTO clocks_deadline (content_type_id, object_id, clock, policy_id, state, started_at, due_at, pauses,
            ended_at, ending, spent, round, next_step, next_at, failures, failure)
        SELECT %s, made.id, p.clock, p.id, CASE WHEN is_open THEN 'running' ELSE 'met' END, created_at,
               created_at + allowed, '[]', CASE WHEN is_open THEN NULL ELSE updated_at END,
               CASE WHEN is_open THEN '' ELSE 'state' END, false, 0, '', NULL, 0, ''
        FROM made CROSS JOIN LATERAL (VALUES
            ('first-response', interval '1 day', state = 'reported'),
            ('resolution-' || CASE WHEN importance || urgency = 'highhigh' THEN 'critical' ELSE 'medium' END,
             interval '90 days', is_live AND state <> 'waiting')) AS v(slug, allowed, is_open)
            JOIN clocks_deadlinepolicy p ON p.slug = v.slug
        """,
        [ticket_type],
    )
    cursor.execute(
        """
        INSERT INTO notify_message (message_id, kind, object_id, thread, channel, person_id, address, bundle, due_at,
            state, attempts, sent_as, reason, created_at, settled_at)
        SELECT 'made-' || id, 'tickets.ticket.event', id, 'tickets.ticket:' || id, 'in_app', assignee_id, '',
               'made-' || id, created_at, 'delivered', 1, '', '', created_at, created_at
        FROM made
        """
    )


def announcement() -> Announcement:
    """Make an announcement that is approved and about two issues, ready to go out."""
    author = User.objects.get(username="person-3")
    about = [issue.key for issue in Issue.objects.filter(visibility="public")[:2]]
    data = {"title": "A new image service", "body": "It answers **sooner**.", "tickets": about}
    draft = create(Announcement, actor=author, data=data)
    return perform(draft, "approve", actor=User.objects.get(username="person-1"))
