"""Makes the records of the Users Committee in every state."""

from __future__ import annotations

from tests.committees import reports
from tests.committees.seats import MeetingFactory, SeatFactory
from tests.factory import Factory

FACTORIES: dict[str, Factory] = {"seat": SeatFactory(), "meeting": MeetingFactory(), **reports.FACTORIES}
