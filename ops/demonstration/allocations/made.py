"""What the acts of the allocations share: the time, the people, and what has been made so far."""

from __future__ import annotations

import datetime
import zlib
from dataclasses import dataclass, field

from ops.allocations.models import Call, Request
from ops.people.models import User

DAY = datetime.timedelta(days=1)


@dataclass
class Allocations:
    """What has been made so far."""

    now: datetime.datetime
    people: dict[str, User]
    calls: dict[str, Call] = field(default_factory=dict)
    requests: dict[str, Request] = field(default_factory=dict)

    def at(self, days: float) -> datetime.datetime:
        """The moment so many days from now."""
        return self.now + days * DAY

    def on(self, days: int) -> datetime.date:
        """The day so many days from now."""
        return self.at(days).date()

    def who(self, username: str) -> User:
        """Somebody by username."""
        return self.people[username]

    @property
    def chair(self) -> User:
        """The chair of the committee."""
        return self.people["rac-chair"]

    def chair_of(self, request: Request) -> User:
        """Who chairs what happens to a request."""
        chairs = (self.chair, self.who("brigid"), self.director)
        return next(person for person in chairs if person.pk in request.chair_ids)

    def decider_of(self, request: Request) -> User:
        """Who decides on a request."""
        return next(
            person for person in (self.director, self.who("director")) if person.pk in request.decider_ids
        )

    @property
    def director(self) -> User:
        """The Operations Director."""
        return self.people["ops-director"]

    @property
    def assessor(self) -> User:
        """A technical assessor."""
        return self.people["assessor"]


def chance(*of: str) -> int:
    """A number from 0 to 99 that is always the same for the same words."""
    return zlib.crc32("/".join(of).encode()) % 100
