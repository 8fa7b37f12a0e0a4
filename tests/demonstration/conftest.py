"""The demonstration observatory, played once for everybody who looks at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.utils import timezone

from ops.demonstration import stage
from ops.demonstration.stage import Stage


@pytest.fixture(scope="package")
def observatory(django_db_setup, django_db_blocker) -> Iterator[Stage]:
    """All tests here only look at it; each is marked, so that a test database is made."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield stage.play(timezone.now())
        transaction.set_rollback(True)
