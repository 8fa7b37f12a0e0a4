"""What the tests of committees have in common."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from ops.committees.models import Committee, Meeting
from ops.people.authority import USERS_COMMITTEE
from ops.people.models import Membership, Team, User
from ops.workflow.services import create, perform
from tests.cast import LONG_AGO, Cast

HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def users_committee(cast: Cast) -> Committee:
    """The Users Committee with its first rules; the cast's chair and member sit there."""
    return Committee.objects.get(slug=USERS_COMMITTEE)


@pytest.fixture
def advisor(cast: Cast) -> User:
    """Somebody of the Science Advisory Committee."""
    team = Team.objects.get(slug="science-advisory")
    Membership.objects.create(person=cast.outsider, team=team, starts_on=LONG_AGO)
    return cast.outsider


@pytest.fixture
def held(cast: Cast) -> Meeting:
    """A meeting of the Users Committee that took place an hour ago."""
    data = {
        "committee": USERS_COMMITTEE,
        "starts_at": (timezone.now() - HOUR).isoformat(),
        "minutes_long": 90,
    }
    return perform(create(Meeting, actor=cast.uc_chair, data=data), "hold", actor=cast.uc_chair)


@pytest.fixture
def planned(cast: Cast) -> Meeting:
    """A meeting of the Users Committee tomorrow."""
    tomorrow = timezone.now() + 24 * HOUR
    return create(
        Meeting,
        actor=cast.uc_chair,
        data={
            "committee": USERS_COMMITTEE,
            "starts_at": tomorrow.isoformat(),
            "listening_at": tomorrow.isoformat(),
        },
    )
