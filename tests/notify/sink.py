"""A mail server in a process of its own that only counts: `python -m tests.notify.sink` prints its port."""

from __future__ import annotations

import sys
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.notify.mailbox import free_port


class Counter:
    """Takes every letter and keeps none."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        return "250 OK"


if __name__ == "__main__":
    controller = Controller(Counter(), hostname="127.0.0.1", port=free_port())
    controller.start()
    sys.stdout.write(f"{controller.port}\n")
    sys.stdout.flush()
    threading.Event().wait()
