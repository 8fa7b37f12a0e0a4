"""A token from the command line, for the first script or a machine without a browser."""

from __future__ import annotations

import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from ops.people import tokens
from ops.people.models import User

LONGEST_DAYS = 3650


class Command(BaseCommand):
    """Make a token that opens the API as a person."""

    help = "Make a token for the API. The token is the last word printed; it is shown this once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Who, what for, how long."""
        parser.add_argument("username")
        parser.add_argument("--name", default="from the command line", help="what it is for")
        parser.add_argument("--days", type=int, help="for how many days it is good (default: until revoked)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the token as the last word."""
        person = User.objects.filter(username=options["username"]).first()
        if person is None:
            raise CommandError(f"There is no account “{options['username']}”.")
        try:
            issued = tokens.issue(
                person,
                actor=User.objects.system(),
                name=options["name"],
                expires_at=_expiry(options["days"]),
            )
        except (PermissionDenied, ValidationError) as problem:
            sentences = problem.messages if isinstance(problem, ValidationError) else [str(problem)]
            raise CommandError(" ".join(sentences)) from None
        self.stdout.write(f"Send it as “Authorization: Bearer …”; it is shown this once: {issued.secret}")


def _expiry(days: int | None) -> datetime.datetime | None:
    if days is None:
        return None
    if not 1 <= days <= LONGEST_DAYS:
        raise CommandError(f"--days must be from 1 to {LONGEST_DAYS}.")
    return timezone.now() + datetime.timedelta(days=days)
