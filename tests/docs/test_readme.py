"""What the front page tells a newcomer to type and to look at is there."""

from __future__ import annotations

import re

import pytest
from django.conf import settings

import dev
from ops.demonstration import script

ROOT = settings.BASE_DIR
README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_of_dev_exists(page) -> None:
    assert set(re.findall(r"dev\.py ([a-z]+)", page.read_text())) <= set(dev.COMMANDS)


def test_every_command_of_dev_is_told() -> None:
    told = "\n".join(page.read_text() for page in PAGES)
    assert [name for name in dev.COMMANDS if f"dev.py {name}" not in told] == []


def test_the_accounts_to_sign_in_with_are_in_the_demonstration() -> None:
    tour = README.partition("with the password `demo`")[2].partition("\n## ")[0]
    named = set(re.findall(r"`([a-z-]+)`", tour)) - {"demo"}
    assert {"member", "watcher", "staff", "scientist"} <= named
    assert named <= {person.username for person in script.people()}


def test_the_folders_in_the_table_are_there() -> None:
    table = README.partition("## What lies where")[2].partition("\n## ")[0]
    made_here = {".venv/", "node_modules/", "var/"}
    named = set(re.findall(r"`([\w./]+/)`", table)) - made_here
    assert {"ops/workflow/", "tests/", "docs/"} <= named
    assert [
        name for name in named if not any((root / name).is_dir() for root in (ROOT, ROOT / "tests"))
    ] == []
