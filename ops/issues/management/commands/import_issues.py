"""`manage.py import_issues FILE.csv`: a Jira export becomes issues, as often as it is asked."""

from __future__ import annotations

import argparse
import difflib
import re
import zoneinfo
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ops.issues import jira_csv
from ops.issues.importing import Difference, Fate, Outcome, Settings, import_records
from ops.people.models import SYSTEM_USERNAME, Product, User
from ops.tabular.tolerant_csv import NoHeader, excerpt
from ops.tickets.models import Ticket, Visibility

LINES_NAMED = 12
ONE_LINE = 60
WIDEST = 160


class Command(BaseCommand):
    """Imports a CSV export; a repeated import changes only what has changed in the file."""

    help = (
        "Make issues of a Jira CSV export, or of a list of recommendations. Known by their outside key, they are "
        "made once; a later import brings over what has changed there since. Columns without a field of their "
        "own stay in the description. What cannot be read is listed with its line numbers."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what can be asked for."""
        parser.formatter_class = argparse.ArgumentDefaultsHelpFormatter
        parser.add_argument("file", type=Path, metavar="FILE.csv")
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="COLUMN=FIELD",
            help=f"what a column is, if it is not known; fields: {', '.join(jira_csv.FIELDS)}. Can be repeated",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="print what would change, and change nothing"
        )
        parser.add_argument(
            "--actor",
            default=SYSTEM_USERNAME,
            metavar="USERNAME",
            help="who imports. The system account leaves issues that are done there reported, with a label; a "
            "lead community scientist may close them",
        )
        parser.add_argument(
            "--source", default="jira", help="the name of the other tracker; keys are unique in it"
        )
        parser.add_argument(
            "--visibility",
            default=Visibility.STAFF.value,
            choices=dict(Visibility.offered()),
            help="of new issues",
        )
        parser.add_argument(
            "--component",
            default="",
            metavar="SLUG",
            help="product of issues that name none that is known here",
        )
        parser.add_argument(
            "--time-zone",
            default="UTC",
            metavar="NAME",
            help="zone of the times in the file, which do not say",
        )

    def handle(self, *, file: Path, **options: Any) -> None:
        """Read the file, import its records, tell what became of them."""
        settings = _settings(options)
        reading = _read(file, options)
        self._tell_columns(reading)
        counts: Counter[Fate] = Counter()
        closable = 0
        for number, outcome in enumerate(import_records(reading.records, settings), start=1):
            counts[outcome.fate] += 1
            closable += bool(outcome.remarks) and outcome.fate is not Fate.REFUSED
            self._tell_outcome(outcome, options)
            self._tell_progress(number, len(reading.records))
        self._tell_notes(reading)
        self._tell_counts(counts, settings, closable)
        if counts[Fate.REFUSED]:
            raise CommandError(f"{counts[Fate.REFUSED]} records were not imported; the reasons stand above.")

    def _tell_columns(self, reading: jira_csv.Reading) -> None:
        known = [f"{column} → {name}" for column, name in reading.columns.items() if name != jira_csv.KEPT]
        kept = [column for column, name in reading.columns.items() if name == jira_csv.KEPT]
        self.stdout.write(f"Columns: {', '.join(known)}.")
        if kept:
            self.stdout.write(f"Kept in the description: {', '.join(kept)}.")

    def _tell_outcome(self, outcome: Outcome, options: dict[str, Any]) -> None:
        key = f"{outcome.record.key} ({_lines(outcome.record.lines)})"
        if outcome.fate is Fate.REFUSED:
            self.stdout.write(self.style.ERROR(f"{key}: not imported. {' '.join(outcome.remarks)}"))
            return
        told = outcome.fate is Fate.CHANGED or options["dry_run"] or options["verbosity"] > 1
        if told and outcome.fate is not Fate.UNCHANGED:
            would = "would be " if options["dry_run"] else ""
            here = f" {outcome.issue}" if outcome.issue else ""
            self.stdout.write(f"{key}{here}: {would}{outcome.fate.value}")
            for difference in outcome.differences:
                for line in _told(difference, is_new=outcome.fate is Fate.CREATED):
                    self.stdout.write(f"    {line}")
        if options["verbosity"] > 1:
            for remark in outcome.remarks:
                self.stdout.write(f"{key}: {remark}")

    def _tell_progress(self, number: int, total: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{number} of {total}", ending="\n" if number == total else "")
        elif number % 500 == 0 or number == total:
            self.stderr.write(f"{number} of {total}")

    def _tell_notes(self, reading: jira_csv.Reading) -> None:
        for repair in reading.repairs:
            self.stdout.write(f"{_lines(repair.lines)}: {repair.problem}; {excerpt(repair.read_as, WIDEST)}")
        for note in reading.unreadable:
            text = f"{_lines(note.lines)} could not be read: {note.reason}:"
            self.stdout.write(self.style.WARNING(text))
            self.stdout.write("\n".join(f"    {line}" for line in note.text.split("\n")))

    def _tell_counts(self, counts: Counter[Fate], settings: Settings, closable: int) -> None:
        said = ", ".join(f"{counts[fate]} {fate.value}" for fate in Fate)
        self.stdout.write(self.style.SUCCESS(f"{'Dry run: ' if settings.dry_run else ''}{said}."))
        if counts[Fate.CREATED]:
            self.stdout.write(f"New issues are visible to: {Visibility(settings.visibility).label}.")
        if closable:
            self.stdout.write(
                f"{closable} are finished in {settings.source} and stay reported here, with a label that says so "
                "(-v2 says why for each). A community scientist can go through them on the board."
            )


def _settings(options: dict[str, Any]) -> Settings:
    actor = User.objects.filter(username=options["actor"], is_active=True).first()
    if actor is None:
        raise CommandError(f"There is no account “{options['actor']}” that could import.")
    if options["component"] and not Product.objects.filter(slug=options["component"]).exists():
        raise CommandError(f"There is no product “{options['component']}”.")
    longest = Ticket._meta.get_field("external_source").max_length or 40
    if not 0 < len(options["source"]) <= longest // 2:
        raise CommandError(f"The name of the source must have 1 to {longest // 2} characters.")
    return Settings(
        actor=actor,
        source=options["source"],
        visibility=options["visibility"],
        component=options["component"],
        dry_run=options["dry_run"],
    )


def _read(file: Path, options: dict[str, Any]) -> jira_csv.Reading:
    try:
        zone = zoneinfo.ZoneInfo(options["time_zone"])
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        raise CommandError(f"There is no time zone “{options['time_zone']}”.") from None
    try:
        return jira_csv.read(file.read_bytes(), _mapping(options["map"]), zone=zone)
    except OSError as problem:
        raise CommandError(f"{file} cannot be read: {problem.strerror}.") from None
    except (NoHeader, jira_csv.UnknownMapping) as problem:
        raise CommandError(f"{file}: {problem}") from None


def _mapping(pairs: Iterable[str]) -> dict[str, str]:
    mapping = {}
    for pair in pairs:
        column, separator, name = pair.rpartition("=")
        if not separator:
            raise CommandError(f"--map wants COLUMN=FIELD, not “{pair}”.")
        mapping[column.strip()] = name.strip()
    return mapping


def _lines(numbers: Sequence[int]) -> str:
    """Line numbers in words, neighbours as a range."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][1] + 1 == number:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    named = [f"{first}\u2013{last}" if last > first else str(first) for first, last in runs[:LINES_NAMED]]
    more = f" and {len(runs) - LINES_NAMED} more" if len(runs) > LINES_NAMED else ""
    word = "line" if len(numbers) == 1 else "lines"
    return f"{word} {', '.join(named)}{more}"


def _told(difference: Difference, *, is_new: bool) -> Iterable[str]:
    """A difference in a line; of a long text the lines that are gone and that are new."""
    old, new = difference.old, difference.new
    if is_new:
        return [f"{difference.name}: {_shown(new)}"]
    if not isinstance(old, str) or len(old) <= ONE_LINE:
        return [f"{difference.name}: {_shown(old)} → {_shown(new)}"]
    lines = difflib.ndiff(old.split("\n"), new.split("\n"))
    return [f"{difference.name}:", *(excerpt(line, WIDEST) for line in lines if re.match(r"[-+] .*\S", line))]


def _shown(value: Any) -> str:
    if value in (None, "", []):
        return "(nothing)"
    return excerpt(", ".join(value) if isinstance(value, list) else str(value))
