"""What operators ask, and the answers when a part is away."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from ops.celery import app
from ops.health.parts import WORKER_KEY, note_that_a_worker_lives
from ops.periodic import SCHEDULE

NOWHERE = "redis://127.0.0.1:1/0"
SWEEP = "ops.clocks.tasks.sweep_deadlines"
DELIVERY = "ops.notify.tasks.deliver_email"


@pytest.fixture
def all_well(db: None) -> None:
    note_that_a_worker_lives()
    for task in SCHEDULE.values():
        task.beat()


def failing(client: Client) -> dict[str, str]:
    answer = client.get("/readyz")
    assert (answer.status_code == 200) == answer.json()["ready"] == (not answer.json()["failing"])
    assert answer.status_code in (200, 503)
    return answer.json()["failing"]


def test_alive_asks_nothing_of_the_database(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.usefixtures("all_well")
def test_ready_when_every_part_is_well(client: Client) -> None:
    assert failing(client) == {}


@pytest.mark.django_db
def test_a_desk_without_worker_is_not_ready_and_says_so(client: Client) -> None:
    answer = failing(client)
    assert answer["worker"] == "no worker has been heard of"
    assert answer[SWEEP].startswith("has never ended well; it is due every 30 s")
    assert DELIVERY in answer


@pytest.mark.usefixtures("all_well")
@pytest.mark.parametrize("name", [SWEEP, DELIVERY])
def test_a_sweep_that_stopped_is_named_and_nothing_else(client: Client, name: str) -> None:
    task = SCHEDULE[name]
    cache.set(task.heartbeat_key, timezone.now() - 3.1 * task.every)
    assert set(failing(client)) == {name}
    cache.set(task.heartbeat_key, timezone.now() - 2.9 * task.every)
    assert failing(client) == {}


@pytest.mark.usefixtures("all_well")
def test_a_silent_worker_is_named(client: Client) -> None:
    cache.set(WORKER_KEY, time.time() - timedelta(minutes=1).total_seconds())
    assert set(failing(client)) == {"worker"}


@pytest.mark.usefixtures("all_well")
def test_a_lost_broker_is_named_quickly_and_without_its_address(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.conf, "broker_url", NOWHERE)
    monkeypatch.setattr(app.conf, "broker_write_url", NOWHERE)
    started = time.monotonic()
    answer = failing(client)
    assert set(answer) == {"broker"}
    assert "127.0.0.1" not in answer["broker"]
    assert time.monotonic() - started < 3


@pytest.mark.django_db
def test_a_lost_cache_is_named(client: Client, settings) -> None:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": NOWHERE}}
    assert "cache" in failing(client)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("all_well")
def test_a_lost_database_is_named_without_its_address(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.close()
    with monkeypatch.context() as lost:
        lost.setitem(connection.settings_dict, "PORT", 1)
        assert failing(client) == {"database": "OperationalError"}
    assert failing(client) == {}


@pytest.mark.parametrize("given", [None, "Bearer wrong", "Bearer "])
def test_metrics_do_not_exist_without_the_token(client: Client, settings, given: str | None) -> None:
    headers = {"Authorization": given} if given else {}
    settings.METRICS_TOKEN = "a token"
    assert client.get("/metrics", headers=headers).status_code == 404
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers=headers).status_code == 404


@pytest.mark.usefixtures("all_well")
def test_metrics_tell_requests_by_route_and_what_waits(client: Client, settings) -> None:
    settings.METRICS_TOKEN = "a token"
    client.get("/healthz")
    client.generic("BREW", "/no/such/page")
    text = client.get("/metrics", headers={"Authorization": "Bearer a token"}).content.decode()
    assert 'ops_request_seconds_count{method="GET",route="healthz",status="200"}' in text
    assert 'ops_request_seconds_count{method="other",route="none",status="404"}' in text
    assert "/no/such/page" not in text
    assert 'ops_part_up{part="database"} 1.0' in text
    assert f'ops_periodic_age_seconds{{task="{SWEEP}"}} ' in text
    for figure in ("ops_events_total ", "ops_deadline_lag_seconds ", "ops_outbox_lag_seconds{"):
        assert f"\n{figure}" in text
