"""`manage.py import_recommendations FILE.csv`: the list of a review becomes items, as often as it comes."""

from __future__ import annotations

import argparse
import datetime
import re
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ops.clocks.words import counted
from ops.committees.importing.bringing import Fate, Outcome, Settings, bring_in, tell
from ops.committees.importing.reading import Reading, read
from ops.people.models import SYSTEM_USERNAME, User
from ops.tabular.dates import read_moment
from ops.tabular.tolerant_csv import NoHeader, excerpt
from ops.workflow.errors import Refusal

WIDEST = 160


class Command(BaseCommand):
    """Imports a list of recommendations; a repeated import changes only what has changed in the list."""

    help = (
        "Make items of the list of a review from outside. Known by review and key, they are made once; a newer list "
        "brings over status, response and due date as history and touches nothing else. What was wrong in the "
        "file and how it was read, and what could not be read, is told with its line numbers."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what can be asked for."""
        parser.formatter_class = argparse.ArgumentDefaultsHelpFormatter
        parser.add_argument("file", type=Path, metavar="FILE.csv")
        parser.add_argument(
            "--dry-run", action="store_true", help="print the differences, and change nothing"
        )
        parser.add_argument("--actor", default=SYSTEM_USERNAME, metavar="USERNAME", help="who imports")
        parser.add_argument("--report", default="", metavar="NAME", help="review of records that name none")
        parser.add_argument(
            "--as-of",
            default="",
            metavar="DATE",
            help="the day that the list describes; else that of its last line or of its name, else today",
        )

    def handle(self, *, file: Path, **options: Any) -> None:
        """Read the file, bring its records in, tell what became of every line."""
        actor = User.objects.filter(username=options["actor"], is_active=True).first()
        if actor is None:
            raise CommandError(f"There is no account “{options['actor']}” that could import.")
        reading = self._read(file, options["report"])
        as_of = _as_of(options["as_of"], reading, file.name)
        try:
            outcomes = bring_in(reading.records, Settings(actor, as_of, dry_run=options["dry_run"]))
        except Refusal as refusal:
            raise CommandError(refusal.detail) from None
        self._tell_file(reading, as_of)
        for outcome in outcomes:
            self._tell_outcome(outcome, options)
        self._tell_counts(reading, outcomes, dry_run=options["dry_run"])

    def _read(self, file: Path, report: str) -> Reading:
        try:
            return read(file.read_bytes(), report=report)
        except OSError as problem:
            raise CommandError(f"{file} cannot be read: {problem.strerror}.") from None
        except NoHeader as problem:
            raise CommandError(f"{file}: {problem}") from None

    def _tell_file(self, reading: Reading, as_of: datetime.datetime | None) -> None:
        known = [f"{column} → {name}" for column, name in reading.columns.items() if name]
        kept = [column for column, name in reading.columns.items() if not name]
        self.stdout.write(f"Columns: {', '.join(known)}.")
        if kept:
            self.stdout.write(f"Kept with each row: {', '.join(kept)}.")
        if reading.missing:
            self.stdout.write(self.style.WARNING(f"Missing: {', '.join(reading.missing)}."))
        self.stdout.write(f"As of {as_of:%Y-%m-%d %H:%M} UTC." if as_of else "As of now.")
        for repair in reading.repairs:
            self.stdout.write(f"{_lines(repair.lines)}: {repair.problem}; {excerpt(repair.read_as, WIDEST)}")
        for note in reading.unreadable:
            self.stdout.write(self.style.WARNING(f"{_lines(note.lines)}: no record, {note.reason}:"))
            self.stdout.write("\n".join(f"    {line}" for line in note.text.split("\n")))

    def _tell_outcome(self, outcome: Outcome, options: dict[str, Any]) -> None:
        wanted = options["dry_run"] or options["verbosity"] > 1 or outcome.remarks
        if not wanted and outcome.fate not in {Fate.CHANGED, Fate.REFUSED}:
            return
        if outcome.fate is Fate.UNCHANGED and not outcome.remarks and options["verbosity"] < 2:
            return
        read_from = f"{outcome.record.report} {outcome.record.key} ({_lines(outcome.record.lines)})"
        self.stdout.write(f"{read_from}: {outcome.fate.value}")
        for difference in outcome.differences if outcome.fate is Fate.CHANGED or options["dry_run"] else ():
            was, becomes = excerpt(difference.was, WIDEST), excerpt(difference.becomes, WIDEST)
            change = becomes if difference.old is None else f"{was} → {becomes}"
            self.stdout.write(f"    {difference.column}: {change}")
        for remark in outcome.remarks:
            self.stdout.write(f"    {remark}")

    def _tell_counts(self, reading: Reading, outcomes: list[Outcome], *, dry_run: bool) -> None:
        counts = ", ".join(f"{count} {fate.value}" for fate, count in tell(outcomes))
        said = f"{reading.summary}. {counts}."
        self.stdout.write(self.style.SUCCESS(f"{'Dry run: ' if dry_run else ''}{said}"))
        if refused := sum(outcome.fate is Fate.REFUSED for outcome in outcomes):
            raise CommandError(f"Not imported: {counted(refused, 'record')}; the reasons stand above.")


def _as_of(said: str, reading: Reading, name: str) -> datetime.datetime | None:
    if said:
        moment = read_moment(said)
        if moment is None:
            raise CommandError(f"“{said}” is not a date; write one like 2024-01-30.")
        return moment
    named = re.search(r"\d{4}-\d\d-\d\d", name)
    return reading.written_at or (read_moment(named[0]) if named else None)


def _lines(numbers: Any) -> str:
    first, last = numbers[0], numbers[-1]
    return f"line {first}" if first == last else f"lines {first}\u2013{last}"
