"""A new desk knows the teams that authority is read from."""

from __future__ import annotations

import pytest

from ops.people import authority
from ops.people.models import Team


@pytest.mark.django_db
def test_every_team_that_permissions_name_is_there_from_the_start() -> None:
    named = {
        authority.STAFF, authority.COMMUNITY_SCIENCE, authority.LIAISONS, authority.TECHNICAL_ASSESSORS,
        authority.ALLOCATION_COMMITTEE, authority.OPERATIONS, authority.DIRECTORATE, authority.USERS_COMMITTEE,
        authority.ACCEPTANCE,
    }  # fmt: skip
    advisers = {"science-advisory"}  # found by the committee that they advise, not by name
    assert named | advisers == set(Team.objects.values_list("slug", flat=True))
