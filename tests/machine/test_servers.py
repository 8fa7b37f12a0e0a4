"""The private servers of dev.py: only for those who know the password, and whole again after a kill."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest
import redis

from machine import servers
from machine.processes import answers
from machine.servers import Servers
from machine.shell import ROOT, comes_true

PARENT = """
import sys, time
from pathlib import Path
from machine import servers
servers.VAR = Path(sys.argv[1])
with servers.Servers("trial", "fsync=off").running():
    print("up", flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "VAR", tmp_path)


def trial() -> Servers:
    return Servers("trial", "fsync=off")


def test_data_outlive_a_killed_postgres() -> None:
    first = trial()
    with first.running() as (postgres, _):
        connection = psycopg2.connect(first.env()["DATABASE_URL"])
        connection.cursor().execute("CREATE TABLE kept AS SELECT 42 AS answer")
        connection.commit()
        os.kill(postgres.popen.pid, signal.SIGKILL)
    second = trial()
    with second.running():
        cursor = psycopg2.connect(second.env()["DATABASE_URL"]).cursor()
        cursor.execute("SELECT answer FROM kept")
        assert cursor.fetchone() == (42,)
    assert not answers(second.facts["postgres"])
    assert not answers(second.facts["broker"])


def test_nobody_comes_in_without_the_password() -> None:
    private = trial()
    with private.running():
        wrong = {name: url.replace(private.facts["password"], "x") for name, url in private.env().items()}
        with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
            psycopg2.connect(wrong["DATABASE_URL"])
        with pytest.raises(redis.AuthenticationError):
            redis.from_url(wrong["CACHE_URL"]).ping()
        assert redis.from_url(private.env()["CACHE_URL"]).ping()


def test_one_dev_py_at_a_time_has_them() -> None:
    with trial().running(), pytest.raises(SystemExit, match="in use by another"), trial().running():
        pass


def test_they_end_with_a_killed_parent(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        assert any(line == "up\n" for line in parent.stdout)
        facts = trial().facts
        assert answers(facts["postgres"])
        parent.kill()
    assert comes_true(lambda: not answers(facts["postgres"]) and not answers(facts["broker"]), within=10)


def test_a_port_taken_meanwhile_is_left_to_who_has_it() -> None:
    with trial().running():
        port = trial().facts["broker"]
    with socket.create_server(("127.0.0.1", port)):
        private = trial()
        with private.running():
            assert private.facts["broker"] != port
            assert redis.from_url(private.env()["CACHE_URL"]).ping()
