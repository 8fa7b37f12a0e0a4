"""One announcement to ten thousand people: how fast it is published and mailed by one worker, in how much memory."""

from __future__ import annotations

import multiprocessing
import os
import socketserver
import time
from datetime import timedelta
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

WARM = 500
"""So many letters are sent before the memory is looked at first."""


class _Mailbox(socketserver.StreamRequestHandler):
    """Takes every letter and keeps none; the benchmark measures the desk, not a mail server."""

    def handle(self) -> None:
        self._say("220 here")
        for line in self.rfile:
            word = line[:4].upper()
            if word == b"EHLO":
                self._say("250-here\r\n250 8BITMIME")
            elif word == b"DATA":
                self._say("354 go on")
                while self.rfile.readline() != b".\r\n":
                    pass
                self._say("250 taken")
            elif word == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


def _receive(ports: Any) -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Mailbox) as server:
        ports.put(server.server_address[1])
        server.serve_forever()


def measure(url: str) -> list[str]:
    """Publish and deliver; return what to say of it."""
    start = multiprocessing.get_context("spawn")
    ports: Any = start.Queue()
    mailbox = start.Process(target=_receive, args=(ports,), daemon=True)
    mailbox.start()
    said: Any = start.Queue()
    worker = start.Process(target=_send, args=(url, ports.get(), said))
    worker.start()
    published, told, seconds, processor, early, late = said.get()
    worker.join()
    mailbox.terminate()
    rate, effort = told / seconds, told / processor
    return [
        f"An announcement to {told:,} people was published in {published:.2f} s.",
        f"One worker mailed it in {seconds:.1f} s: {rate:.0f} letters a second, {effort:.0f} a second of processor.",
        f"Memory of the worker: {early:.0f} MB after {WARM} letters, {late:.0f} MB at the end.",
    ]


def _send(url: str, port: int, said: Any) -> None:
    os.environ["DATABASE_URL"], os.environ["DJANGO_SETTINGS_MODULE"] = url, "bench.settings"
    os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{port}"
    import django  # noqa: PLC0415  # its settings are read once per process

    django.setup()
    from django.utils import timezone  # noqa: PLC0415

    from bench.observatory import announcement  # noqa: PLC0415
    from ops.notify.delivery import deliver  # noqa: PLC0415
    from ops.notify.models import Message  # noqa: PLC0415
    from ops.people.models import User  # noqa: PLC0415
    from ops.workflow.services import perform  # noqa: PLC0415

    draft = announcement()
    before = Message.objects.order_by("pk").values_list("pk", flat=True).last() or 0
    began = time.perf_counter()
    perform(draft, "publish", actor=User.objects.get(username="person-4"))
    published = time.perf_counter() - began
    mail = Message.objects.filter(kind="issues.announcement.event", channel="email", pk__gt=before)
    told = mail.filter(state="pending").count()
    sizes: Queue[float] = Queue()
    Thread(target=_watch, args=(sizes,), daemon=True).start()
    began, processor = time.perf_counter(), time.process_time()
    deliver("email", moment=timezone.now() + timedelta(minutes=30))  # when no bundle waits any longer
    seconds, processor = time.perf_counter() - began, time.process_time() - processor
    if (delivered := mail.filter(state="delivered").count()) != told:
        raise SystemExit(f"Only {delivered} of {told} letters were delivered.")
    seen = list(sizes.queue)
    early = seen[min(len(seen) - 1, int(len(seen) * WARM / told) + 1)]
    said.put((published, told, seconds, processor, early, size()))


def _watch(sizes: Queue[float]) -> None:
    while True:
        sizes.put(size())
        time.sleep(0.2)


def size() -> float:
    """Return the memory that this process has now, in MB."""
    return int(Path("/proc/self/status").read_text(encoding="ascii").split("VmRSS:")[1].split()[0]) / 1024
