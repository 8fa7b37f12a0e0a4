"""What went wrong is said in the same frame, with the right status, to people and to programs."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import include, path

from ops.web.errors import previous_page, server_error
from ops.web.forms import drafts
from ops.workflow import errors

BY_NAME = {problem.__name__: problem for problem in errors.CATALOGUE}


def refuse(request: HttpRequest, name: str) -> HttpResponse:
    """Refuse in the way that is asked for."""
    problem = BY_NAME[name]
    if problem is errors.InvalidInput:
        raise problem("Two fields do not fit.", fields={"due_at": ["Write a date like 2026-03-12."]})
    raise problem("The sentence of the refusal.")


def deny(request: HttpRequest) -> HttpResponse:
    """Deny as Django does."""
    raise PermissionDenied("Only the lead may open this.")


def suspect(request: HttpRequest) -> HttpResponse:
    """Suspect as Django does."""
    raise SuspiciousOperation("odd")


urlpatterns = [
    path("refuse/<name>/", refuse),
    path("deny/", deny),
    path("suspect/", suspect),
    path("", include("ops.web.urls")),
]
handler400 = "ops.web.errors.bad_request"
handler403 = "ops.web.errors.permission_denied"
handler404 = "ops.web.errors.page_not_found"


@pytest.fixture(autouse=True)
def refusing_pages(settings):
    settings.ROOT_URLCONF = __name__


@pytest.mark.django_db
@pytest.mark.parametrize("name", BY_NAME)
def test_a_refusal_is_a_page_with_its_status_and_sentence(client, mara, name):
    client.force_login(mara)
    page = client.get(f"/refuse/{name}/")
    assert page.status_code == BY_NAME[name].status
    sentence = "Two fields do not fit." if name == "InvalidInput" else "The sentence of the refusal."
    assert sentence in page.content.decode()
    assert "Mara Okonkwo: your account" in page.content.decode()
    assert ("Something changed in between" in page.content.decode()) is (name == "Stale")


@pytest.mark.django_db
def test_a_refusal_names_the_fields(client):
    assert "Write a date like 2026-03-12." in client.get("/refuse/InvalidInput/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("headers", [{"accept": "application/json"}, {"hx-request": "true"}])
def test_programs_are_answered_in_json(client, headers):
    answer = client.get("/refuse/InvalidInput/", headers=headers)
    assert answer.status_code == 422
    assert answer.json() == {
        "code": "invalid_input",
        "detail": "Two fields do not fit.",
        "fields": {"due_at": ["Write a date like 2026-03-12."]},
    }


@pytest.mark.django_db
def test_a_refusal_keeps_what_was_typed(client, mara):
    client.force_login(mara)
    client.post("/refuse/Stale/", {drafts.FIELD: drafts.token_for(mara, "comment:CST-7"), "body": "Seen"})
    assert drafts.kept_for(mara, "comment:CST-7").fields == {"body": "Seen"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "status", "sentence"),
    [
        ("/nowhere/", 404, "There is nothing here"),
        ("/deny/", 403, "Only the lead may open this."),
        ("/suspect/", 400, "could not be read"),
    ],
)
def test_the_refusals_of_django_look_the_same(client, address, status, sentence):
    page = client.get(address)
    assert page.status_code == status
    assert sentence in page.content.decode()
    assert f'href="/login/?next={address}"' in page.content.decode()


def test_a_fault_is_said_without_database_and_frame():
    page = server_error(RequestFactory().get("/"))  # no database in this test: a query would fail it
    assert page.status_code == 500
    assert "Something broke here" in page.content.decode()


@pytest.mark.parametrize(
    ("referer", "method", "back"),
    [
        ("http://testserver/help/", "get", "http://testserver/help/"),
        ("http://testserver/here/", "get", ""),
        ("http://testserver/here/", "post", "http://testserver/here/"),
        ("https://evil.example/", "get", ""),
        ("//evil.example/", "post", ""),
        ("", "get", ""),
    ],
)
def test_the_way_back_is_a_page_of_ours(referer, method, back):
    request = getattr(RequestFactory(), method)("/here/", headers={"referer": referer})
    assert previous_page(request) == back


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/filters/", "/login/", "/report/", "/tickets/columns/"])
def test_a_form_with_a_zero_byte_is_refused_at_every_door(client, mara, address):
    client.force_login(mara)
    page = client.post(address, {"na\x00me": "a", "address": "/tickets/\x00"})
    assert (page.status_code, "zero byte" in page.content.decode()) == (422, True)
