"""What every test may ask for."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings as django_settings

from ops.people.models import SYSTEM_USERNAME, User
from tests.cast import Cast, assemble
from tests.seeds import sow


def pytest_configure() -> None:
    """Hash passwords quickly: ten people a test, each with a slow hash, would be most of the run."""
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def cast(db: None) -> Cast:
    """The fixed cast, in the database."""
    # A test with real transactions has emptied every table at its end, also those that migrations had filled.
    if not User.objects.filter(username=SYSTEM_USERNAME).exists():
        sow()
    return assemble()


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path: Path) -> None:
    """Uploaded files of a test go with it."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True)
def _own_cache(settings) -> None:
    """No test finds what another has counted, in this process or in one beside it."""
    settings.CACHES = {"default": {**settings.CACHES["default"], "KEY_PREFIX": uuid4().hex}}
