"""Who gets into the administration, and what they find."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.cast import Cast

POLICIES = "/admin/clocks/deadlinepolicy/"


@pytest.mark.parametrize(
    ("who", "status"), [("lead", 200), ("scientist", 302), ("staff", 302), ("outsider", 302)]
)
def test_the_lead_looks_after_deadlines_without_being_an_administrator(
    cast: Cast, client: Client, who: str, status: int
) -> None:
    client.force_login(getattr(cast, who))
    assert client.get(POLICIES).status_code == status


def test_the_lead_finds_no_accounts_there(cast: Cast, client: Client) -> None:
    client.force_login(cast.lead)
    assert client.get("/admin/people/user/").status_code == 403


def test_a_password_is_changed_by_its_owner_and_ends_other_sessions(cast: Cast, client: Client) -> None:
    elsewhere = Client()
    for one in (client, elsewhere):
        one.force_login(cast.outsider)
    wrong = {
        "old_password": "not this",
        "new_password1": "a long sentence 17",
        "new_password2": "a long sentence 17",
    }
    assert client.post("/profile/password/", wrong).status_code == 422
    right = {**wrong, "old_password": "demo"}
    assert client.post("/profile/password/", right).status_code == 302
    cast.outsider.refresh_from_db()
    assert cast.outsider.check_password("a long sentence 17")
    assert client.get("/profile/").status_code == 200
    assert elsewhere.get("/profile/").status_code == 302
