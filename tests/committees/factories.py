"""Makes the records of the Users Committee in every state."""

from __future__ import annotations

from tests.factory import Factory

FACTORIES: dict[str, Factory] = {}
