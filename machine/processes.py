"""Processes that end with dev.py, however it ends."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from machine.shell import ROOT, comes_true, ends_with_us, fail


@dataclass
class Process:
    """A child in a session of its own: Ctrl-C reaches dev.py only, which then stops things in order."""

    name: str
    command: Sequence[str]
    log: Path
    env: Mapping[str, str] | None = None
    stop_by: signal.Signals = signal.SIGTERM
    options: Mapping[str, Any] = field(default_factory=dict)

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            self.popen = subprocess.Popen(
                self.command,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=ends_with_us(self.stop_by),  # noqa: PLW1509  # there are no threads
                **{"cwd": ROOT, "env": self.env, "stdin": subprocess.DEVNULL, **self.options},
            )

    def is_running(self) -> bool:
        return self.popen.poll() is None

    def stop(self) -> None:
        if self.is_running():
            self.popen.send_signal(self.stop_by)
        with suppress(subprocess.TimeoutExpired):
            self.popen.wait(timeout=15)
        with suppress(ProcessLookupError):  # what it started in turn, and itself if it would not listen
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()

    def last_words(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-25:])

    def wait_for(self, is_up: Callable[[], bool], *, restarts_for: float = 0) -> None:
        """Wait until it answers. One that ends before that is started again for a while: after a kill, its
        predecessor may still hold the shared memory or the data."""
        give_up = time.monotonic() + restarts_for
        while not comes_true(lambda: is_up() or not self.is_running(), within=60) or not self.is_running():
            if self.is_running() or time.monotonic() > give_up:
                fail(f"{self.name} does not start.\n{self.last_words()}")
            time.sleep(0.5)
            self.start()


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port(remembered: int | None) -> int:
    """The port of last time if nobody else has taken it, so that addresses in var/dev.env stay the same."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", remembered or 0))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
