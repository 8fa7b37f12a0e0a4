"""`manage.py import_usage FILE`: what machines have counted becomes lines of the ledger, as often as it is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ops.allocations.usage import take_usage
from ops.allocations.usage_reading import Unreadable, read
from ops.people.models import User


class Command(BaseCommand):
    """Enters a report of usage; a row whose source id is known counts no second time."""

    help = (
        "Enter a report of usage, CSV or JSON, with the columns source_id, award, resource, amount, unit, used_on. "
        "Rows that cannot be taken are listed with the reason; all others are entered."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what can be asked for."""
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *, file: Path, **options: Any) -> None:
        """Read the file, enter its rows, tell what became of them."""
        try:
            rows = read(file.read_bytes(), name=file.name)
        except OSError as problem:
            raise CommandError(f"{file} cannot be read: {problem.strerror}.") from None
        except Unreadable as problem:
            raise CommandError(str(problem)) from None
        taken = take_usage(rows, actor=User.objects.system())
        self.stdout.write(f"{taken.new} entered, {taken.known} known before, {taken.alerts} alerts raised.")
        for row in taken.bad:
            name = f" ({row.source_id})" if row.source_id else ""
            self.stdout.write(self.style.ERROR(f"Row {row.row}{name}: {row.reason}"))
        if taken.bad:
            count = "1 row was" if len(taken.bad) == 1 else f"{len(taken.bad)} rows were"
            raise CommandError(f"{count} not taken; the reasons stand above.")
