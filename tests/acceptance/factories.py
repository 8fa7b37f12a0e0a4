"""Makes the records of acceptance testing in every state."""

from __future__ import annotations

from tests.factory import Factory

FACTORIES: dict[str, Factory] = {}
