"""Accounts: names, zones, data rights, and the one that no person holds."""

from __future__ import annotations

import datetime

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from ops.people.models import User
from tests.cast import Cast

TODAY = timezone.localdate(timezone=datetime.UTC)
DAY = datetime.timedelta(days=1)


@pytest.mark.parametrize("password", ["", "!", "demo", "system"])
def test_system_account_cannot_sign_in(cast: Cast, password: str) -> None:
    client = Client()
    assert not cast.system.has_usable_password()
    assert authenticate(client.post("/login/").wsgi_request, username="system", password=password) is None
    client.post("/login/", {"username": "system", "password": password})
    assert "_auth_user_id" not in client.session


def test_system_account_is_never_a_superuser(cast: Cast) -> None:
    cast.system.is_superuser = True
    with pytest.raises(IntegrityError), transaction.atomic():
        cast.system.save()


def test_system_account_and_closed_ones_cannot_be_named(cast: Cast) -> None:
    cast.outsider.is_active = False
    cast.outsider.save()
    named = User.objects.visible_to(cast.reporter)
    assert cast.reporter in named
    assert not {cast.system, cast.outsider} & set(named)


@pytest.mark.parametrize(
    ("until", "holds"),
    [(None, False), (TODAY - DAY, False), (TODAY, True), (TODAY + DAY, True)],
    ids=["none", "over", "last-day", "still"],
)
def test_data_rights_hold_through_their_last_day(until: datetime.date | None, holds: bool) -> None:
    assert User(data_rights_until=until).has_data_rights() is holds


def test_data_rights_are_asked_for_a_day() -> None:
    person = User(data_rights_until=TODAY)
    assert person.has_data_rights(on=TODAY)
    assert not person.has_data_rights(on=TODAY + DAY)


def test_name_falls_back_to_the_username() -> None:
    assert User(username="vera").name == "vera"
    assert User(username="vera", display_name="Vera C.").name == "Vera C."


@pytest.mark.parametrize("zone", ["Pacific Time", "America/Atlantis", "../etc/passwd", ""])
def test_time_zone_that_nobody_knows_is_refused(db: None, zone: str) -> None:
    with pytest.raises(ValidationError) as caught:
        User(username="vera", password="x", time_zone=zone).full_clean()
    assert "time_zone" in caught.value.message_dict
