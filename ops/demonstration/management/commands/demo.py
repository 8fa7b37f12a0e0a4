"""`manage.py demo`: fill an empty desk with the demonstration observatory."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from ops.demonstration import script, stage
from ops.people.models import SYSTEM_USERNAME, User
from ops.tickets.models import Ticket


class Command(BaseCommand):
    """Loads the demonstration observatory; does nothing where it is loaded already."""

    help = (
        "Fill an empty desk with an invented observatory: people for every role (password “demo”), products, and "
        "half a year of issues. Refused unless DEMO is set, and where other data are."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """One start of Django does both where they follow each other."""
        parser.add_argument(
            "--migrate", action="store_true", help="bring the database schema up to date first"
        )

    def handle(self, **options: Any) -> None:
        """Load it if the desk is empty, and list the accounts."""
        if not settings.DEMO:
            raise CommandError(
                "This desk is not in demonstration mode: the accounts have a known password. "
                "Set DEMO=true for a desk that holds nothing else."
            )
        if options["migrate"]:
            call_command("migrate", interactive=False, verbosity=0)
        accounts = [person.username for person in script.people()]
        there = User.objects.exclude(username=SYSTEM_USERNAME).values_list("username", flat=True)
        if set(accounts) <= set(there):
            self.stdout.write("The demonstration observatory is there already.")
        elif there or Ticket.objects.exists():
            raise CommandError("This desk is not empty; the demonstration needs a database of its own.")
        else:
            played = stage.play(timezone.now())
            self.stdout.write(f"{len(played.issues)} issues of an invented observatory are on the desk.")
        roles = accounts[: accounts.index("admin") + 1]
        self.stdout.write(f"Accounts, all with the password “{stage.PASSWORD}”: {', '.join(roles)}.")
