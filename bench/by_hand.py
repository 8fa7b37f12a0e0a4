"""The same, typed by hand: the statements that the desk cannot do without, through the driver, without Django.

Writing leaves the same rows behind as the desk does: the ticket, its issue, the event, the deadline, the messages.
"""

from __future__ import annotations

import itertools
import json
import os
import uuid
from collections.abc import Mapping
from typing import Any

import psycopg2

from bench.contenders import Deed
from bench.words import COMMONEST, RARE

_COLUMNS = """
    t.id, t.key, t.kind, t.state, t.state_since, t.version, t.title, t.component_id, t.importance, t.urgency,
    t.priority, t.visibility, t.labels, t.due_at, t.parent_id, t.external_key, t.created_at, t.updated_at,
    r.username, r.display_name, a.username, a.display_name
"""
_FROM = """
    FROM tickets_ticket t JOIN people_user r ON r.id = t.reporter_id LEFT JOIN people_user a ON a.id = t.assignee_id
"""
_READ = f"""
    SELECT {_COLUMNS}, t.description, i.* {_FROM} JOIN issues_issue i ON i.ticket_ptr_id = t.id WHERE t.key = %s
"""
_LIST = f"""
    SELECT {_COLUMNS} {_FROM} WHERE t.visibility <> 'confidential' ORDER BY t.updated_at DESC, t.id DESC LIMIT 50
"""
_SEARCH = f"""
    SELECT {_COLUMNS} {_FROM} WHERE t.visibility <> 'confidential' AND t.id IN (
        (SELECT id FROM tickets_ticket WHERE search @@ websearch_to_tsquery('english', %(words)s)
         ORDER BY id DESC LIMIT 1000)
        UNION ALL
        (SELECT ticket_id FROM tickets_comment WHERE search @@ websearch_to_tsquery('english', %(words)s)
         ORDER BY id DESC LIMIT 1000))
    ORDER BY t.updated_at DESC, t.id DESC LIMIT 50
"""
_LOCK = """
    SELECT t.id, t.reporter_id, t.kind, t.state, t.state_since, t.version, t.title, t.description, t.labels,
           t.updated_at, i.*, r.*, a.*, c.*, o.*
    FROM tickets_ticket t JOIN issues_issue i ON i.ticket_ptr_id = t.id JOIN people_user r ON r.id = t.reporter_id
         LEFT JOIN people_user a ON a.id = t.assignee_id LEFT JOIN people_product c ON c.id = t.component_id
         LEFT JOIN people_user o ON o.id = c.owner_id
    WHERE t.key = %(key)s AND (t.visibility IN ('public', 'community', 'staff') OR t.reporter_id = %(person)s
        OR t.assignee_id = %(person)s
        OR t.id IN (SELECT ticket_id FROM tickets_invitation WHERE person_id = %(person)s))
    FOR NO KEY UPDATE OF t
"""
_MOVE = """
    UPDATE tickets_ticket SET state = 'investigating', state_since = now(), updated_at = now(), version = version + 1
    WHERE id = %s
"""
_EVENT = """
    INSERT INTO workflow_event (content_type_id, object_id, actor_id, name, source, target, changes, reason,
        created_at)
    SELECT id, %s, %s, %s, %s, %s, %s, '', now() FROM django_content_type
    WHERE app_label = 'tickets' AND model = 'ticket' RETURNING id
"""
_DEADLINES = """
    SELECT d.* FROM clocks_deadline d JOIN django_content_type c ON c.id = d.content_type_id
    WHERE d.object_id = %s AND c.model = 'ticket' AND d.ended_at IS NULL
"""
_FOLLOWERS = """
    SELECT w.user_id, w.email, u.* FROM tickets_watcher w LEFT JOIN people_user u ON u.id = w.user_id
    WHERE w.ticket_id = %s
"""
_WISHES = "SELECT * FROM notify_correspondent WHERE person_id = ANY(%s)"
_MESSAGES = """
    INSERT INTO notify_message (message_id, kind, object_id, thread, channel, person_id, address, bundle, due_at,
        state, attempts, sent_as, reason, created_at)
    SELECT %(id)s || '-' || n, 'tickets.ticket.event', %(event)s, 'tickets.ticket:' || %(ticket)s,
           (ARRAY['email', 'in_app'])[1 + n %% 2], person, '', %(id)s || '-' || n, now(), 'pending', 0, '', '', now()
    FROM unnest(%(people)s::bigint[] || %(people)s::bigint[]) WITH ORDINALITY AS p(person, n)
"""
_TICKET = """
    INSERT INTO tickets_ticket (state, state_since, version, key, kind, title, description, importance, urgency,
        priority, visibility, labels, external_source, external_key, created_at, updated_at, reporter_id)
    VALUES ('reported', now(), 1, 'CST-' || nextval('ticket_number_cst'), 'issue', %s, %s, '', '', '', 'public', '{}',
        '', '', now(), now(), %s) RETURNING id
"""
_ISSUE = """
    INSERT INTO issues_issue (ticket_ptr_id, origin, forum_topic, threat_to_science, workaround, strategy,
        resolution_code, resolution_text, skip_reason, documentation, documentation_url, major_change, waiting_for,
        state_before_waiting, venue, rework_count, replan_count, reopen_count)
    VALUES (%s, 'staff', '', false, '', '', '', '', '', 'open', '', false, '', '', '', 0, 0, 0)
"""
_DEADLINE = """
    INSERT INTO clocks_deadline (content_type_id, object_id, clock, policy_id, state, started_at, due_at, pauses,
        ending, spent, round, next_step, failures, failure)
    SELECT c.id, %s, p.clock, p.id, 'running', now(), now() + interval '1 day', '[]', '', false, 0, '', 0, ''
    FROM django_content_type c, clocks_deadlinepolicy p
    WHERE c.app_label = 'tickets' AND c.model = 'ticket' AND p.slug = 'first-response'
"""


def deeds(port: int | None) -> Mapping[str, Deed]:
    """Return what is typed by hand; there is no server to send it to but the database's own."""
    desk = _Desk(psycopg2.connect(os.environ["DATABASE_URL"]))
    return {
        "create": desk.create,
        "read": lambda: desk.ask(_READ, [next(desk.keys)]),
        "list": lambda: desk.ask(_LIST, []),
        "search, a rare word": lambda: desk.ask(_SEARCH, {"words": RARE}),
        "search, a common word": lambda: desk.ask(_SEARCH, {"words": COMMONEST}),
        "search, two words": lambda: desk.ask(_SEARCH, {"words": "detector pipeline"}),
        "transition": desk.move,
    }


class _Desk:
    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.cursor = connection.cursor()
        self.keys = itertools.cycle(self._keys("t.state = 'closed'", 200))
        self.triaged = iter(self._keys("t.state = 'triaged'", 400))
        self.cursor.execute("SELECT id FROM people_user WHERE username = 'person-4'")
        (self.person,) = self.cursor.fetchone()
        self.cursor.execute("SELECT id FROM people_user WHERE username = 'person-2'")
        self.watcher = self.cursor.fetchone()
        connection.commit()

    def _keys(self, condition: str, most: int) -> list[str]:
        self.cursor.execute(
            f"SELECT key FROM tickets_ticket t WHERE {condition} AND visibility = 'community' ORDER BY id LIMIT %s",
            [most],
        )
        return [key for (key,) in self.cursor.fetchall()]

    def ask(self, sql: str, values: Any) -> int:
        self.cursor.execute(sql, values)
        rows = self.cursor.fetchall()
        self.connection.commit()
        return len(json.dumps(rows, default=str))

    def move(self) -> int:
        self.cursor.execute(_LOCK, {"key": next(self.triaged), "person": self.person})
        ticket, reporter = self.cursor.fetchone()[:2]
        self.cursor.execute(_MOVE, [ticket])
        event = self._event(ticket, "investigate", "triaged", "investigating", {})
        self.cursor.execute(_DEADLINES, [ticket])
        self.cursor.fetchall()
        self.cursor.execute(_FOLLOWERS, [ticket])
        self._tell(ticket, event, [reporter, *(person for person, *_ in self.cursor.fetchall())])
        self.connection.commit()
        return 0

    def create(self) -> int:
        title, text = "The cut-out of visit 4711 is empty", "Nothing appears where the galaxy should be. " * 5
        self.cursor.execute(_TICKET, [title, text, self.person])
        (ticket,) = self.cursor.fetchone()
        self.cursor.execute(_ISSUE, [ticket])
        changes = {"title": {"old": None, "new": title}, "description": {"old": None, "new": text}}
        event = self._event(ticket, "create", "", "reported", changes)
        self.cursor.execute(_DEADLINE, [ticket])
        self._tell(ticket, event, list(self.watcher))
        self.connection.commit()
        return 0

    def _event(self, ticket: int, name: str, source: str, target: str, changes: dict[str, Any]) -> int:
        self.cursor.execute(_EVENT, [ticket, self.person, name, source, target, json.dumps(changes)])
        (event,) = self.cursor.fetchone()
        return int(event)

    def _tell(self, ticket: int, event: int, people: list[int]) -> None:
        self.cursor.execute(_WISHES, [people])
        self.cursor.fetchall()
        given = {"id": str(uuid.uuid4()), "event": event, "ticket": ticket, "people": people}
        self.cursor.execute(_MESSAGES, given)
