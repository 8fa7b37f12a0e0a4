"""What the tests of the pages have in common."""

from typing import Any

import pytest

from ops.people.models import User

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def plain_file_names(settings: Any) -> None:
    """Name static files as they lie, without the manifest of a deployment."""
    backend = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": backend}}


@pytest.fixture
def mara(db: None) -> User:
    """Somebody with an account and no role."""
    return User.objects.create_user(
        "mara", password=PASSWORD, display_name="Mara Okonkwo", time_zone="America/Santiago"
    )


@pytest.fixture
def teo(db: None) -> User:
    """Somebody else."""
    return User.objects.create_user("teo", password=PASSWORD, display_name="Teo Baptiste")
