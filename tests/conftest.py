"""What every test may ask for."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings as django_settings

from tests import database
from tests.cast import Cast, assemble


def pytest_configure() -> None:
    """Hash passwords quickly, and put the database back quickly: either would be most of the run."""
    database.take_over()
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


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
