"""How much one caller may ask; and what happens when a part of the desk is away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client

from ops.api.throttles import PerMinute
from ops.api.viewsets.stateful import StatefulViewSet
from tests.api.conftest import V1
from tests.cast import Cast
from tests.factories import issue_in


@pytest.fixture(autouse=True)
def cache_is_asked() -> Iterator[None]:
    """No test pauses the counting of another."""
    PerMinute._asks_again_at = 0.0
    yield
    PerMinute._asks_again_at = 0.0


def test_who_has_run_wild_is_told_when_to_go_on(cast: Cast, call: Callable, settings: Any) -> None:
    settings.API_REQUESTS_PER_MINUTE, settings.API_ANONYMOUS_REQUESTS_PER_MINUTE = 3, 1
    for person, limit in ((cast.staff, 3), (cast.anonymous, 1)):
        answers = [call(person).get("issues/") for _ in range(limit + 1)]
        assert [answer.status_code for answer in answers] == [200] * limit + [429]
        assert answers[-1].json()["code"] == "throttled"
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
        assert answers[-1].headers["Retry-After"] in answers[-1].json()["detail"]
    assert call(cast.reporter).get("issues/").status_code == 200, "others are not held up"


def test_zero_is_no_limit(cast: Cast, call: Callable, settings: Any) -> None:
    settings.API_ANONYMOUS_REQUESTS_PER_MINUTE = 0
    assert {call(cast.anonymous).get("issues/").status_code for _ in range(5)} == {200}


def test_a_busy_script_is_not_held_up(cast: Cast, call: Callable) -> None:
    assert {call(cast.staff).get("").status_code for _ in range(150)} == {200}


def test_addresses_are_told_apart_only_as_trusted_proxies_name_them(cast: Cast, settings: Any) -> None:
    settings.API_ANONYMOUS_REQUESTS_PER_MINUTE = 1
    codes = [
        Client(REMOTE_ADDR="192.0.2.1").get(V1, headers={"x-forwarded-for": f"198.51.100.{n}"}).status_code
        for n in range(2)
    ]
    assert codes == [200, 429], "without a trusted proxy everybody could claim to be somebody else"


def test_without_the_cache_requests_are_answered_and_not_counted(
    cast: Cast, call: Callable, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    issue = issue_in("reported", cast)
    settings.API_REQUESTS_PER_MINUTE = 1
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:9/0"}}
    answers = [call(cast.reporter).get(f"issues/{issue.key}/").status_code for _ in range(3)]
    made = call(cast.reporter).post("issues/", {"title": "Empty plot"})
    assert answers == [200, 200, 200]
    assert made.status_code == 201
    assert sum("are not counted" in line for line in caplog.messages) == 1, (
        "said once, not with every request"
    )


def test_a_lost_database_is_503_in_the_same_shape(
    cast: Cast, call: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*args: object, **names: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(StatefulViewSet, "found", lost)
    response = call(cast.staff).get("issues/CST-1/")
    assert response.status_code == 503
    assert response.json()["code"] == "unavailable"
    assert int(response.headers["Retry-After"]) > 0


def test_a_fault_of_ours_is_500_in_the_same_shape_and_is_reported(
    cast: Cast, call: Callable, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*args: object, **names: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(StatefulViewSet, "found", broken)
    caller = call(cast.staff)
    with pytest.raises(ZeroDivisionError):
        caller.get("issues/CST-1/")
    caller.client.raise_request_exception = False
    response = caller.get("issues/CST-1/")
    assert (response.status_code, response.json()["code"]) == (500, "server_error")
    assert "secret" not in response.content.decode()
    assert any("ZeroDivisionError" in line for line in caplog.messages)


def test_the_counter_goes_by_itself(cast: Cast, call: Callable, settings: Any) -> None:
    call(cast.staff).get("issues/")
    redis = cache._cache.get_client()
    (key,) = redis.keys(f"{settings.CACHES['default']['KEY_PREFIX']}:*:api:person:*")
    assert 0 < redis.ttl(key) <= 120
