"""The outbox on the terminal: `manage.py outbox`, `outbox parked`, `outbox resend 12 13`, `outbox deliver`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.timesince import timesince

from ops.notify.channels import WAYS_OUT
from ops.notify.delivery import deliver
from ops.notify.models import Message
from ops.notify.selectors import Shelf, outbox, outbox_counts
from ops.notify.services import resend
from ops.people.models import User


class Command(BaseCommand):
    help = "Show what waits in the outbox and why; send parked and bounced messages again."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", metavar="action")
        for shelf in Shelf:
            listing = actions.add_parser(shelf.value, help=f"list: {shelf.label.lower()}")
            listing.add_argument("--channel", choices=list(WAYS_OUT), default="")
            listing.add_argument("--limit", type=int, default=50)
        again = actions.add_parser("resend", help="send parked or bounced messages again")
        again.add_argument("ids", nargs="*", type=int, metavar="ID")
        again.add_argument("--parked", action="store_true", help="all that are parked")
        actions.add_parser("deliver", help="send what is due now, in this process")

    def handle(self, *args: Any, **options: Any) -> None:
        match options["action"]:
            case None:
                self._summary()
            case "resend":
                self._resend(options["ids"], parked=options["parked"])
            case "deliver":
                for channel in WAYS_OUT:
                    deliver(channel)
                self._summary()
            case shelf:
                self._list(Shelf(shelf), options["channel"], options["limit"])

    def _summary(self) -> None:
        counts = outbox_counts()
        for row in counts:
            age = timesince(row.oldest, timezone.now(), depth=1)
            self.stdout.write(f"{row.shelf.value:<8} {row.channel:<8} {row.count:>8}   oldest: {age} ago")
        if not counts:
            self.stdout.write("The outbox is empty.")

    def _list(self, shelf: Shelf, channel: str, limit: int) -> None:
        messages = outbox(shelf, channel=channel)
        for message in messages[:limit]:
            self.stdout.write(self._line(message))
        if (total := messages.count()) > limit:
            self.stdout.write(f"… and {total - limit} more; see --limit.")
        if not total:
            self.stdout.write("None.")

    def _line(self, message: Message) -> str:
        when = f"due {message.due_at:%Y-%m-%d %H:%M:%S}Z"
        tries = f"{message.attempts} attempts" if message.attempts != 1 else "1 attempt"
        return (
            f"{message.pk} {message.channel} {message.kind} {message.object_id} to {message.recipient_name}: "
            f"{when}, {tries}. {message.reason}".rstrip()
        )

    def _resend(self, ids: list[int], *, parked: bool) -> None:
        if bool(ids) == parked:
            raise CommandError("Say which: the numbers of messages, or --parked.")
        if parked:
            ids = list(outbox(Shelf.PARKED).values_list("pk", flat=True))
        count = resend(ids, actor=User.objects.system())
        self.stdout.write(f"{count} to be sent again.")
