"""The watch of the demonstration has a past, a present and a future."""

from __future__ import annotations

import pytest

from ops.people.authority import COMMUNITY_SCIENCE, holders_of
from ops.people.models import Role
from ops.watch.models import WatchWeek


@pytest.mark.django_db
def test_the_watch_has_a_past_a_present_and_a_future(observatory) -> None:
    states = list(WatchWeek.objects.order_by("monday").values_list("state", flat=True))
    assert states[:4] == ["handed_over"] * 4
    assert states[4] == "on_watch"
    assert states[5:] == ["planned"] * 7
    assert [person.username for person in holders_of(COMMUNITY_SCIENCE, Role.WATCHER)] == ["watcher"]
