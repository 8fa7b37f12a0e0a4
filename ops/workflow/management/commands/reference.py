"""The reference pages, from the command line."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from ops.workflow.reference import pages

FOLDER = settings.BASE_DIR / "docs" / "reference"


class Command(BaseCommand):
    """Write the reference pages of the documentation."""

    help = "Write docs/reference/ from the declared workflows: states, transitions, permissions, refusals."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Write what differs, take away what is no longer declared, and say so."""
        FOLDER.mkdir(parents=True, exist_ok=True)
        wanted = pages()
        for file in FOLDER.iterdir():
            if file.name not in wanted:
                file.unlink()
                self.stdout.write(f"removed {file.name}")
        for name, text in wanted.items():
            file = FOLDER / name
            if not file.exists() or file.read_text() != text:
                file.write_text(text)
                self.stdout.write(f"wrote {name}")
