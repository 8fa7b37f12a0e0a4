"""The clocks for operators: what runs, what is overdue, what the sweep could not deal with."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db.models import Count, Q
from django.utils import timezone

from ops.clocks.models import Deadline
from ops.clocks.recomputation import recompute
from ops.clocks.sweep import sweep
from ops.people.models import User


class Command(BaseCommand):
    """`manage.py deadlines [status | sweep | recompute | failing]`."""

    help = "Look after deadlines: counts (status), do what is due now (sweep), reckon anew (recompute), failures."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "what", nargs="?", choices=("status", "sweep", "recompute", "failing"), default="status"
        )
        parser.add_argument("--clock", help="Only this clock, for example resolution.")

    def handle(self, *args: Any, what: str, clock: str | None, **options: Any) -> None:
        deadlines = Deadline.objects.filter(clock=clock) if clock else Deadline.objects.all()
        match what:
            case "status":
                self._status(deadlines)
            case "sweep":
                done = ", ".join(f"{number} {name}" for name, number in sweep().items())
                self.stdout.write(done or "Nothing was due.")
            case "recompute":
                self.stdout.write(str(recompute(deadlines, actor=User.objects.system())))
            case "failing":
                self._failing(deadlines)

    def _status(self, deadlines: Any) -> None:
        now = timezone.now()
        rows = (
            deadlines.filter(ended_at=None)
            .values("clock")
            .annotate(
                running=Count("pk", filter=Q(state="running")),
                paused=Count("pk", filter=Q(state="paused")),
                overdue=Count("pk", filter=Q(due_at__lte=now)),
                waiting=Count("pk", filter=Q(next_at__lte=now)),
                failing=Count("pk", filter=~Q(failure="")),
            )
            .order_by("clock")
        )
        self.stdout.write(
            f"{'clock':<28}{'running':>9}{'paused':>9}{'overdue':>9}{'to sweep':>10}{'failing':>9}"
        )
        for row in rows:
            self.stdout.write(
                f"{row['clock']:<28}{row['running']:>9}{row['paused']:>9}{row['overdue']:>9}"
                f"{row['waiting']:>10}{row['failing']:>9}"
            )

    def _failing(self, deadlines: Any) -> None:
        rows = deadlines.exclude(failure="").filter(ended_at=None).order_by("next_at")
        for row in rows:
            again = f"tried {row.failures} times, again {row.next_at:%Y-%m-%d %H:%M} UTC"
            self.stdout.write(f"{row.pk}  {row.clock} of {row.object_id}  {again}  {row.failure}")
        if not rows:
            self.stdout.write("The sweep has dealt with every deadline.")
