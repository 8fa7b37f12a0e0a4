"""A request for another host is refused, and not in a way that breaks."""

from __future__ import annotations

import pytest
from django.test import Client


@pytest.mark.parametrize("path", ["/", "/login/", "/api/v1/issues/", "/healthz"])
def test_a_forged_host_is_400(path: str) -> None:
    response = Client(raise_request_exception=False).get(path, headers={"host": "evil.example"})
    assert response.status_code == 400
    assert "evil" not in response.content.decode()
