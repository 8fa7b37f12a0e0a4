"""What every test may ask for."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.db import DEFAULT_DB_ALIAS, connections

from tests.cast import Cast, assemble


def pytest_configure() -> None:
    """Hash passwords quickly: ten people a test, each with a slow hash, would be most of the run."""
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give every test with real transactions what migrations had put into the tables.

    Such a test empties all of them at its end; if only some tests put the rows back, the others would find either
    nothing or everything twice.
    """
    for item in items:
        marker = item.get_closest_marker("django_db")
        if (marker and marker.kwargs.get("transaction")) or "live_server" in getattr(
            item, "fixturenames", ()
        ):
            item.add_marker(pytest.mark.django_db(transaction=True, serialized_rollback=True), append=False)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """Let every connection know what migrations made: a browser test runs in a context of its own, and so on another.

    Django keeps the rows on the connection that made the test database; one that was opened later has none.
    """
    own = connections[DEFAULT_DB_ALIAS]
    if hasattr(own, "_test_serialized_contents"):
        type(own)._test_serialized_contents = own._test_serialized_contents


@pytest.fixture
def cast(db: None) -> Cast:
    """The fixed cast, in the database."""
    return assemble()


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path: Path) -> None:
    """Uploaded files of a test go with it."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True)
def _own_cache(settings) -> None:
    """No test finds what another has counted, in this process or in one beside it."""
    settings.CACHES = {"default": {**settings.CACHES["default"], "KEY_PREFIX": uuid4().hex}}
