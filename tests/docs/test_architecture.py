"""The tables of folders against the folders."""

from __future__ import annotations

import re

import pytest
from django.conf import settings

ROOMS = {folder.parent.name for folder in (settings.BASE_DIR / "ops").glob("*/__init__.py")}


@pytest.mark.parametrize("page", ["docs/architecture.md", "README.md"])
def test_every_room_is_named_in_the_table_and_no_other(page: str) -> None:
    rows = re.findall(r"^\|(.+?)\|", (settings.BASE_DIR / page).read_text(), re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`ops/(\w+)/?`", row)} == ROOMS
