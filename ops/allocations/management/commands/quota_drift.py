"""`manage.py quota_drift [FILE]`: is what the platform serves what the awards say?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ops.allocations import enforcement
from ops.allocations.models import Award
from ops.allocations.quota.document import differences
from ops.allocations.quota.grouping import OURS
from ops.allocations.quota.service import ServiceProblem
from ops.workflow.errors import InvalidInput


class Command(BaseCommand):
    """Compares our groups in what is served with what should be there; fails where they differ."""

    help = (
        "Compare our groups (g_rac_…) in a served quota document with what the awards say. With FILE, a base "
        "configuration as JSON; without, the override document of the service at QUOTA_SERVICE_URL."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what can be asked for."""
        parser.add_argument("file", type=Path, metavar="FILE", nargs="?")

    def handle(self, *, file: Path | None, **options: Any) -> None:
        """Compare, list the differences, fail where there are any."""
        found = self._with_file(file) if file else self._with_service()
        for each in found:
            self.stdout.write(str(each))
        if found:
            raise CommandError(f"{len(found)} place{'s differ' if len(found) > 1 else ' differs'}.")
        self.stdout.write("What is served is what the awards say.")

    def _with_file(self, file: Path) -> list[Any]:
        try:
            return enforcement.drift(enforcement.read_document(file.read_bytes()))
        except OSError as problem:
            raise CommandError(f"{file} cannot be read: {problem.strerror}.") from None
        except InvalidInput as refusal:
            raise CommandError("; ".join(refusal.fields["document"])) from None

    def _with_service(self) -> list[Any]:
        there = enforcement.service()
        if there is None:
            raise CommandError("Name a FILE, or set QUOTA_SERVICE_URL.")
        try:
            served = there.overrides()
        except ServiceProblem as problem:
            raise CommandError(str(problem)) from None
        return differences(enforcement.plan(Award.Way.URGENT).document, served, ours=OURS)
