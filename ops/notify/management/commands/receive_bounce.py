"""Hand over a mail that came back, as a mail server's pipe does: `manage.py receive_bounce < mail`."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from ops.notify.bounces import receive_bounce


class Command(BaseCommand):
    help = (
        "Read a mail to the bounce address from standard input and mark the address that it came back from."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        known = receive_bounce(sys.stdin.buffer.read())
        self.stdout.write("Noted." if known else "Not a report about a letter of ours; nothing done.")
