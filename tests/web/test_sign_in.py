"""Who may try a password, how often, from where; what stands on the sign-in page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.hashers import make_password
from django.test import Client, RequestFactory
from django.utils import timezone

from ops.demonstration import script, stage
from ops.people.models import SYSTEM_USERNAME, User
from ops.web import sign_in
from tests.web.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def attempt(username: str, password: str, address: str = "192.0.2.1", door: str = "/login/") -> int:
    """Try to sign in from an address, and return the status of the answer."""
    data = {"username": username, "password": password}
    return Client(REMOTE_ADDR=address).post(door, data).status_code


def test_the_right_password_opens(mara):
    assert attempt("mara", PASSWORD) == 302


def test_the_sixth_attempt_is_not_even_looked_at(mara):
    assert [attempt("mara", "wrong") for _ in range(5)] == [200, 200, 200, 200, 429]
    assert attempt("mara", PASSWORD) == 429


def test_the_locked_page_says_how_long_and_keeps_the_name(mara, client):
    for _ in range(5):
        page = client.post("/login/", {"username": "mara", "password": "wrong"})
    assert "Wait 15 minutes" in page.content.decode()
    assert 'value="mara"' in page.content.decode()


def test_the_lock_opens_by_itself(mara):
    for _ in range(5):
        attempt("mara", "wrong")
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert attempt("mara", PASSWORD) == 302


def test_trying_while_locked_does_not_lengthen_the_lock(mara):
    for _ in range(5):
        attempt("mara", "wrong")
    begun = AccessAttempt.objects.get().attempt_time
    attempt("mara", "wrong")
    assert AccessAttempt.objects.get().attempt_time == begun


def test_others_and_other_addresses_are_not_locked_with_them(mara, teo):
    for _ in range(5):
        attempt("mara", "wrong")
    assert attempt("teo", PASSWORD) == 302
    assert attempt("mara", PASSWORD, address="192.0.2.2") == 302


def test_success_forgets_the_failures(mara):
    for _ in range(4):
        attempt("mara", "wrong")
    attempt("mara", PASSWORD)
    assert attempt("mara", "wrong") == 200


@pytest.fixture
def quick_hashes(settings):
    """Fifty attempts take a while with a hash that is slow on purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def test_one_name_tried_from_everywhere_is_locked(mara, quick_hashes):
    User.objects.update(password=make_password(PASSWORD))
    for host in range(50):
        attempt("mara", "wrong", address=f"198.51.100.{host}")
    assert attempt("mara", PASSWORD, address="203.0.113.9") == 429


def test_one_address_trying_everybody_is_locked(mara, quick_hashes):
    User.objects.update(password=make_password(PASSWORD))
    for n in range(50):
        attempt(f"name{n}", "demo")
    assert attempt("mara", PASSWORD) == 429
    assert attempt("mara", PASSWORD, address="192.0.2.2") == 302


def test_the_administration_has_the_same_lock(mara):
    for _ in range(5):
        attempt("mara", "wrong", door="/admin/login/")
    assert attempt("mara", PASSWORD) == 429


@pytest.mark.parametrize(
    ("proxies", "claimed", "address"),
    [
        (0, "203.0.113.5", "192.0.2.1"),
        (1, "203.0.113.5", "203.0.113.5"),
        (1, "6.6.6.6, 203.0.113.5", "203.0.113.5"),
        (2, "6.6.6.6, 203.0.113.5, 10.0.0.2", "203.0.113.5"),
        (2, "203.0.113.5", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "203.0.113.5:5678", "203.0.113.5"),
        (1, "[2001:db8::5]:443", "2001:db8::5"),
        (1, "2001:db8::5", "2001:db8::5"),
        (1, "unknown", None),
    ],
)
def test_an_address_is_believed_from_our_own_proxies_only(settings, proxies, claimed, address):
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=claimed)
    assert sign_in.address_of(request) == address


def test_whoever_cannot_sign_in_is_led_on(client, settings):
    settings.ACCOUNT_HELP_URL = "https://help.example.org/accounts"
    for page in (client.get("/login/"), client.get("/report/", follow=True)):
        assert 'href="https://help.example.org/accounts"' in page.content.decode()


def test_the_automation_cannot_sign_in():
    assert not User.objects.get(username=SYSTEM_USERNAME).has_usable_password()


def test_demonstration_accounts_are_listed_in_demonstrations_only(client, settings):
    User.objects.create_user("lead", display_name="Ngaire")
    settings.DEMO = True
    assert "Demonstration accounts" in client.get("/login/").content.decode()
    settings.DEMO = False
    assert "Demonstration accounts" not in client.get("/login/").content.decode()


def test_the_accounts_listed_are_those_of_the_demonstration():
    named = [person.username for person in script.people()]
    assert list(sign_in.DEMONSTRATION_ACCOUNTS) == named[: len(sign_in.DEMONSTRATION_ACCOUNTS)]
    assert sign_in.DEMONSTRATION_PASSWORD == stage.PASSWORD


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_signing_in_never_leads_elsewhere(mara, client, elsewhere):
    answer = client.post("/login/", {"username": "mara", "password": PASSWORD, "next": elsewhere})
    assert answer.url == "/"


def test_signing_out_needs_a_form_and_works(mara, client):
    client.force_login(mara)
    assert client.get("/logout/").status_code == 405
    client.post("/logout/")
    assert client.get("/profile/").status_code == 302
