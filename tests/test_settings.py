"""A desk that starts is a desk that is set up: what is missing, unknown or unsafe stops it with a sentence."""

from __future__ import annotations

import runpy
from typing import Any

import pytest
from django.conf import settings as running
from django.core.exceptions import ImproperlyConfigured

PRODUCTION = {
    "DEBUG": "false",
    "DEMO": "false",
    "PUBLIC_URL": "https://desk.example.org",
    "SECRET_KEY": "vG7-2kq9LxR4tWz8Yb1Nc6Jd3Hf5Ms0Pa-Qe7Ug2Io9Kx4Lv8Tn1Rw6Zj3Xc",
    "DATABASE_URL": "postgres://ops:secret@db.example.org/ops",
    "CELERY_BROKER_URL": "redis://broker.example.org/0",
    "CACHE_URL": "redis://cache.example.org/0",
    "EMAIL_URL": "smtp+tls://desk:secret@mail.example.org:587",
}
DEMONSTRATION = {**PRODUCTION, "DEMO": "true", "PUBLIC_URL": "http://localhost:8000", "EMAIL_URL": ""}
# What the machine that runs the tests may have set; an empty value counts as none, and dev.env does not fill it.
OTHERS = ("ALLOWED_HOSTS", "SECRET_KEY_FALLBACKS", "MAIL_FROM", "LOG_LEVEL", "LOG_FORMAT", "METRICS_TOKEN",
          "MAIL_BOUNCES", "WEBHOOK_ALLOWED_NETWORKS", "NOTIFY_KEEP_DAYS", "TRUSTED_PROXIES")  # fmt: skip


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Any:
    def settings_with(values: dict[str, str], **changes: str) -> dict[str, Any]:
        for name in OTHERS:
            monkeypatch.delenv(name, raising=False)
        for name, value in {**values, **changes}.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(running.BASE_DIR / "ops" / "settings.py"))

    return settings_with


@pytest.mark.parametrize("name", sorted(set(PRODUCTION) - {"DEBUG", "DEMO"}))
def test_production_names_what_is_missing(load, name: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"^{name} "):
        load(PRODUCTION, **{name: ""})


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DEBUG", "ture", "DEBUG is 'ture'; it can be true, false"),
        ("LOG_LEVEL", "loud", "LOG_LEVEL is 'loud'; it can be debug, info"),
        ("LOG_FORMAT", "xml", "LOG_FORMAT is 'xml'"),
        (
            "DATABASE_URL",
            "sqlite:///desk.sqlite3",
            "DATABASE_URL must be an address starting with postgres://",
        ),
        ("CELERY_BROKER_URL", "memory://", "CELERY_BROKER_URL must be"),
        ("CACHE_URL", "locmemcache://", "CACHE_URL must be"),
        ("EMAIL_URL", "consolemail://", "EMAIL_URL must be an address starting with smtp://"),
        ("PUBLIC_URL", "http://desk.example.org", "PUBLIC_URL must be an address starting with https://"),
        (
            "ATTACHMENT_MAX_MEGABYTES",
            "plenty",
            "ATTACHMENT_MAX_MEGABYTES is 'plenty'; it must be a whole number",
        ),
        ("TRUSTED_PROXIES", "-1", "TRUSTED_PROXIES is '-1'; it must be a whole number from 0 up"),
        ("SECRET_KEY", "short", "SECRET_KEY must be at least 50"),
        ("SECRET_KEY", "a" * 60, "SECRET_KEY must be at least 50"),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS must name the hosts"),
        ("ALLOWED_HOSTS", "https://desk.example.org", "ALLOWED_HOSTS must name hosts such as"),
        ("SECRET_KEY_FALLBACKS", "former", "as must each of SECRET_KEY_FALLBACKS"),
        ("PUBLIC_URL", "https:///desk", "PUBLIC_URL must be like https://desk.example.org"),
        ("PUBLIC_URL", "https://desk.example.org/desk", "with nothing behind the host"),
        ("PUBLIC_URL", "https://me:secret@desk.example.org", "with nothing behind the host"),
        (
            "PUBLIC_URL",
            "https://desk.example.org:https",
            "PUBLIC_URL is not an address: its port is no number",
        ),
        ("PUBLIC_URL", "https://[::1", "PUBLIC_URL is not an address: its host cannot be read"),
        ("DATABASE_URL", "postgres://ops:secret@db:port/ops", "DATABASE_URL is not an address: its port"),
        ("EMAIL_URL", "smtp://mail.example.org:post", "EMAIL_URL is not an address: its port is no number"),
        ("CACHE_URL", "redis://cache:99999", "CACHE_URL is not an address: its port is no number"),
        ("MAIL_FROM", "desk", "MAIL_FROM is 'desk'; it must contain a mail address"),
        ("MAIL_FROM", "desk@example.org\nBcc: all@example.org", "MAIL_FROM is "),
        ("MAIL_BOUNCES", "nobody", "MAIL_BOUNCES is 'nobody'; it must contain a mail address"),
        (
            "WEBHOOK_ALLOWED_NETWORKS",
            "10.0.0.1/8",
            "must name networks such as 10.20.0.0/16, not '10.0.0.1/8'",
        ),
        ("TRUSTED_PROXIES", "9" * 5_000, "TRUSTED_PROXIES is '999"),
        (
            "NOTIFY_KEEP_DAYS",
            "99999999",
            "NOTIFY_KEEP_DAYS is '99999999'; it must be a whole number from 1 up, to",
        ),
    ],
)
def test_production_refuses_unknown_and_unsafe_values(load, name: str, value: str, sentence: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=sentence.replace("(", r"\(")):
        load(PRODUCTION, **{name: value})


@pytest.mark.parametrize("mode", ["DEMO", "DEBUG"])
@pytest.mark.parametrize(
    "door",
    [{"PUBLIC_URL": "http://desk.example.org"}, {"ALLOWED_HOSTS": "10.0.0.7"}, {"ALLOWED_HOSTS": ".org"}],
)
def test_known_passwords_and_error_pages_stay_on_this_machine(load, mode: str, door: dict[str, str]) -> None:
    with pytest.raises(ImproperlyConfigured, match="serve this machine only"):
        load(DEMONSTRATION, **{"DEMO": "false", mode: "true", **door})


def test_production_locks_its_doors(load) -> None:
    settings = load(PRODUCTION)
    assert settings["ALLOWED_HOSTS"] == ["desk.example.org", "localhost", "127.0.0.1", "[::1]"]
    assert settings["CSRF_TRUSTED_ORIGINS"] == ["https://desk.example.org"]
    assert settings["SECURE_SSL_REDIRECT"]
    assert settings["SESSION_COOKIE_SECURE"]
    assert settings["CSRF_COOKIE_SECURE"]
    assert settings["SECURE_HSTS_SECONDS"] > 0
    assert (settings["EMAIL_HOST"], settings["EMAIL_PORT"], settings["EMAIL_USE_TLS"]) == (
        "mail.example.org",
        587,
        True,
    )


def test_demonstration_needs_no_certificate_and_writes_mail_to_files(load) -> None:
    settings = load(DEMONSTRATION)
    assert not settings["SECURE_SSL_REDIRECT"]
    assert not settings["SESSION_COOKIE_SECURE"]
    assert settings["EMAIL_BACKEND"].endswith("filebased.EmailBackend")
    assert settings["EMAIL_FILE_PATH"] == str(running.BASE_DIR / "var" / "mail")


def test_nothing_inline_and_nothing_foreign_is_allowed_in_pages(load) -> None:
    directives = load(PRODUCTION)["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]
    assert directives["default-src"] == ["'none'"]
    allowed = {source for sources in directives.values() for source in sources}
    assert allowed <= {"'none'", "'self'", "data:"}
    assert "data:" not in directives["script-src"] + directives["style-src"]
