"""The database goes away in the middle of a request, or between two: nothing half-done, and the next one works.

A request is held where it waits for the lock of its ticket; there its connection is cut, as a restart would.
"""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import psycopg2
import pytest
from django.db import connection, transaction
from django.test import Client

from ops.issues.models import Issue
from ops.notify.models import Message
from ops.people import tokens
from ops.people.models import User
from ops.tickets.models import Ticket
from ops.workflow.models import Event
from tests.cast import Cast
from tests.factories import eventually, issue_in

pytestmark = pytest.mark.django_db(transaction=True)

WAITING = "pid <> pg_backend_pid() AND datname = current_database() AND wait_event_type = 'Lock'"
IDLE = "pid <> pg_backend_pid() AND datname = current_database() AND state = 'idle' AND application_name <> 'judge'"


@dataclass
class Wire:
    """One connection to the desk that stays open: every request on it is answered by the same thread."""

    address: str
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._http = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=30)

    def send(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, dict[str, str], str]:
        """Return status, headers and body of the answer."""
        self._http.request(method, path, body or None, {**self.headers, **headers})
        answer = self._http.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()

    def close(self) -> None:
        """Hang up."""
        self._http.close()


@pytest.fixture
def judge() -> Iterator[Any]:
    """A connection of its own, that cuts others."""
    given = connection.get_connection_params()
    wanted = {name: given[name] for name in ("dbname", "user", "password", "host", "port") if name in given}
    with closing(psycopg2.connect(**wanted, application_name="judge")) as made:
        made.autocommit = True
        yield made.cursor()


@pytest.fixture
def caller(cast: Cast, live_server: Any) -> Iterator[Callable[[User], Wire]]:
    """Somebody at the API: `caller(cast.scientist)`."""
    wires = []

    def at_the_api(person: User) -> Wire:
        secret = tokens.issue(person, actor=person, name="tests").secret
        wire = Wire(
            live_server.url, {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
        )
        wires.append(wire)
        return wire

    yield at_the_api
    for wire in wires:
        wire.close()


def cut(judge: Any, which: str) -> int:
    """Cut the connections of a kind; return how many there were."""
    judge.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {which}")
    return len(judge.fetchall())


def waiting(judge: Any) -> int:
    """Count the connections that wait for a lock."""
    judge.execute(f"SELECT count(*) FROM pg_stat_activity WHERE {WAITING}")
    return int(judge.fetchone()[0])


def cut_while_it_waits(issue: Issue, judge: Any, request: Callable[[], Any]) -> Any:
    """Hold the lock of a ticket, let a request run into it, and cut its connection there."""
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        Ticket.objects.select_for_update().get(pk=issue.pk)
        answer: Future[Any] = pool.submit(request)
        assert eventually(lambda: cut(judge, WAITING) == 1), "the request never waited for the ticket"
        return answer.result(30)


def decline(wire: Wire, issue: Issue) -> tuple[int, dict[str, str], str]:
    return wire.send(
        "POST",
        f"/api/v1/issues/{issue.key}/transitions/decline/",
        json.dumps({"reason": "It works as described."}),
    )


def untouched(issue: Issue) -> bool:
    """Whether nothing of a decline was done."""
    return (
        Issue.objects.get(pk=issue.pk).state == "reported"
        and not Event.objects.of(issue).exclude(name="create").exists()
        and not Message.objects.filter(person=issue.reporter).exists()
    )


def test_a_call_whose_connection_is_cut_fails_cleanly_and_can_be_repeated(
    cast: Cast, caller: Callable[[User], Wire], judge: Any
) -> None:
    issue, wire = issue_in("reported", cast), caller(cast.scientist)

    status, headers, body = cut_while_it_waits(issue, judge, lambda: decline(wire, issue))

    assert status == 503
    assert json.loads(body)["code"] == "unavailable"
    assert int(headers["Retry-After"]) > 0
    assert untouched(issue)

    status, _, body = decline(wire, issue)
    assert (status, json.loads(body)["state"]) == (200, "declined")
    assert Event.objects.of(issue).filter(name="decline").count() == 1
    assert Message.objects.filter(person=cast.reporter).exists()


def test_a_page_whose_connection_is_cut_says_so_and_the_form_can_be_sent_again(
    cast: Cast, live_server: Any, judge: Any
) -> None:
    issue = issue_in("reported", cast)
    browser = Client()
    browser.force_login(cast.scientist)
    session = browser.cookies["sessionid"].value
    path = f"/tickets/{issue.key}/do/decline/"
    wire = Wire(live_server.url, {"Cookie": f"sessionid={session}", "Accept": "text/html"})
    with closing(wire):
        _, headers, page = wire.send("GET", path)
        csrf = re.search(r"csrftoken=\w+", headers["Set-Cookie"])
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        version = re.search(r'name="version" value="(\d+)"', page)
        assert csrf and token and version  # noqa: PT018
        wire.headers["Cookie"] += f"; {csrf[0]}"
        typed = urlencode(
            {"csrfmiddlewaretoken": token[1], "version": version[1], "reason": "It works as described."}
        )

        def send() -> tuple[int, dict[str, str], str]:
            return wire.send(
                "POST",
                path,
                typed,
                **{"Content-Type": "application/x-www-form-urlencoded", "Referer": live_server.url},
            )

        status, _, body = cut_while_it_waits(issue, judge, send)
        assert status in {500, 503}
        assert "Traceback" not in body
        assert "<html" in body
        assert untouched(issue)

        status, _, _ = send()
        assert status == 302
    assert Issue.objects.get(pk=issue.pk).state == "declined"


def test_connections_that_were_cut_between_two_requests_are_made_anew(
    cast: Cast, caller: Callable[[User], Wire], judge: Any
) -> None:
    """A restart of the database costs whoever comes after it nothing."""
    issue, wire = issue_in("reported", cast), caller(cast.scientist)
    address = f"/api/v1/issues/{issue.key}/"
    assert wire.send("GET", address)[0] == 200
    assert cut(judge, IDLE) >= 1
    status, _, body = wire.send("GET", address)
    assert (status, json.loads(body)["key"]) == (200, issue.key)
    connection.close()


def test_two_at_once_on_one_ticket_and_the_second_hears_what_happened(
    cast: Cast, caller: Callable[[User], Wire], judge: Any
) -> None:
    issue = issue_in("reported", cast)
    wires = [caller(person) for person in (cast.scientist, cast.watcher)]
    body = json.dumps({"reason": "It works as described.", "version": issue.version})
    address = f"/api/v1/issues/{issue.key}/transitions/decline/"
    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            Ticket.objects.select_for_update().get(pk=issue.pk)
            sent = [pool.submit(wire.send, "POST", address, body) for wire in wires]
            assert eventually(lambda: waiting(judge) == 2), "both wait for the ticket"
        answers = [answer.result(30) for answer in sent]
    assert sorted(status for status, *_ in answers) == [200, 409]
    refused = next(json.loads(body) for status, _, body in answers if status == 409)
    assert refused["code"] == "stale"
    assert "somebody else" in refused["detail"]
    assert Event.objects.of(issue).filter(name="decline").count() == 1
