"""Who hears of a week on watch."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Q

from ops.people import authority
from ops.people.models import Role, User
from ops.workflow.declaration import Party


def _next(week: Any) -> list[User]:
    following = (
        type(week).objects.filter(monday=week.monday + datetime.timedelta(days=7)).select_related("person")
    )
    return [other.person for other in following]


watcher = Party(
    "watcher", "the one on watch", lambda week: [week.person], whose=lambda person: Q(person=person)
)
next_watcher = Party("next_watcher", "the next one on watch", _next)
leads = Party(
    "leads",
    "the lead community scientists",
    lambda _week: authority.holders_of(authority.COMMUNITY_SCIENCE, Role.LEAD, Role.DEPUTY),
)
