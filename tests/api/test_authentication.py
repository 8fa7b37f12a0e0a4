"""Who gets in, as whom, and what those hear who do not."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from ops.issues.models import Issue
from ops.people import tokens
from ops.people.models import ApiToken
from ops.tickets.models import Comment
from tests.api.conftest import V1
from tests.cast import Cast
from tests.factories import issue_in


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


def test_token_opens_as_its_person(cast: Cast, call: Callable) -> None:
    made = call(cast.outsider).post("issues/", {"title": "Empty plot"}).json()
    assert made["reporter"] == "outsider"
    assert ApiToken.objects.get().last_used_at is not None


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ("Bearer desk_wrong", "This token is not known"),
        ("Bearer", "Send the token as"),
        ("Bearer ", "Send the token as"),
        ("Basic c3RhZmY6ZGVtbw==", "Send the token as"),
        ("Token abc", "Send the token as"),
        ("Bearer \xff\xfe", "This token is not known"),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_no_token_is_401_in_a_sentence(cast: Cast, header: str, sentence: str, method: str) -> None:
    response = getattr(Client(), method)(V1 + "issues/", headers={"authorization": header})
    assert response.status_code == 401
    assert response.json()["code"] == "authentication_failed"
    assert sentence in response.json()["detail"]
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="api"'


def test_tokens_that_open_nothing_any_more_are_401(cast: Cast) -> None:
    issued = tokens.issue(cast.staff, actor=cast.staff, name="export")
    address = V1 + "issues/"
    assert Client().get(address, headers=bearer(issued.secret)).status_code == 200
    ApiToken.objects.update(expires_at=timezone.now() - datetime.timedelta(seconds=1))
    assert "expired" in Client().get(address, headers=bearer(issued.secret)).json()["detail"]
    ApiToken.objects.update(expires_at=None)
    cast.staff.is_active = False
    cast.staff.save()
    assert "closed" in Client().get(address, headers=bearer(issued.secret)).json()["detail"]
    cast.staff.is_active = True
    cast.staff.save()
    tokens.revoke(issued.token, actor=cast.staff)
    refused = Client().get(address, headers=bearer(issued.secret))
    assert refused.status_code == 401
    assert "revoked" in refused.json()["detail"]


@pytest.mark.parametrize(
    "rest", ["", "transitions/triage/", "comments/", "links/", "watchers/", "attachments/"]
)
def test_anonymous_reads_what_is_public_and_writes_nothing(cast: Cast, call: Callable, rest: str) -> None:
    issue = issue_in("reported", cast)
    nobody = call(cast.anonymous)
    assert nobody.get(f"issues/{issue.key}/").json()["title"] == issue.title
    write = nobody.post if rest else nobody.patch
    response = write(f"issues/{issue.key}/{rest}", {"title": "Mine"})
    assert response.status_code == 401
    assert response.json() == {
        "code": "not_authenticated",
        "detail": "Sign in, or send a token of yours as “Authorization: Bearer …”.",
        "fields": {},
    }
    assert Issue.objects.get(pk=issue.pk).version == 1
    assert not Comment.objects.exists()


def test_session_opens_too_and_needs_its_csrf_token(cast: Cast) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.outsider)
    body = {"title": "Empty plot"}
    assert browser.get(V1 + "issues/").status_code == 200
    refused = browser.post(V1 + "issues/", body, content_type="application/json")
    assert refused.status_code == 403
    assert refused.json()["code"] == "permission_denied"
    assert "CSRF" in refused.json()["detail"]
    browser.get("/api/docs/")
    csrf = browser.cookies["csrftoken"].value
    headers = {"x-csrftoken": csrf}
    made = browser.post(V1 + "issues/", body, content_type="application/json", headers=headers)
    assert made.status_code == 201
    assert made.json()["reporter"] == "outsider"


def test_moments_without_a_zone_are_utc_whoever_is_signed_in(cast: Cast) -> None:
    cast.scientist.time_zone = "America/Santiago"
    cast.scientist.save()
    browser = Client()
    browser.force_login(cast.scientist)
    issue = issue_in("triaged", cast)
    body = {"due_at": "2027-01-10T12:00:00"}
    edited = browser.patch(f"{V1}issues/{issue.key}/", body, content_type="application/json")
    assert edited.json()["due_at"] == "2027-01-10T12:00:00Z"
