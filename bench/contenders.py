"""Three ways to run a desk, each in a process of its own that does one thing when it is asked to and says how long.

Django reads its settings once per process; so the desk, the bare application and the driver each have their own.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

Deed = Callable[[], int]
"""Does a thing once and returns the number of bytes of the answer."""


@dataclass(frozen=True)
class Setting:
    """What a contender needs to know."""

    module: str
    settings: str
    database_url: str
    port: int | None = None


@dataclass(frozen=True)
class Measured:
    """One deed: seconds by the wall, seconds of the processor, queries, bytes."""

    seconds: float
    processor: float
    queries: int
    size: int


class Contender:
    """The end of the pipe at which things are asked for."""

    def __init__(self, name: str, setting: Setting) -> None:
        self.name = name
        start = multiprocessing.get_context("spawn")
        self._pipe, other = start.Pipe()
        self._process = start.Process(target=_serve, args=(setting, other), daemon=True)
        self._process.start()
        self.deeds: tuple[str, ...] = self._pipe.recv()

    def does(self, deed: str, times: int = 1) -> list[Measured]:
        """Have a deed done some times, one after the other."""
        self._pipe.send((deed, times))
        measured, problem = self._pipe.recv()
        if problem:
            raise SystemExit(f"{self.name} cannot {deed}: {problem}")
        return measured

    def end(self) -> None:
        """Let it go."""
        self._pipe.send(None)
        self._process.join()


def _serve(setting: Setting, pipe: Connection) -> None:
    os.environ["DATABASE_URL"] = setting.database_url
    os.environ["DJANGO_SETTINGS_MODULE"] = setting.settings
    deeds: Mapping[str, Deed] = importlib.import_module(setting.module).deeds(setting.port)
    pipe.send(tuple(deeds))
    while (asked := pipe.recv()) is not None:
        name, times = asked
        try:
            pipe.send(([_measured(deeds[name]) for _ in range(times)], ""))
        except Exception as problem:  # noqa: BLE001  # whatever it is, the other end says it
            pipe.send(([], f"{type(problem).__name__}: {problem}"))


def _measured(deed: Deed) -> Measured:
    counter = Counter()
    with counter.counting():
        wall, processor = time.perf_counter(), time.process_time()
        size = deed()
        return Measured(time.perf_counter() - wall, time.process_time() - processor, counter.queries, size)


class Counter:
    """Counts what is sent to the database in this process."""

    def __init__(self) -> None:
        self.queries = 0

    def counting(self) -> Any:
        """Count within; where Django is not set up, nothing is counted."""
        from django.conf import settings  # noqa: PLC0415  # reads the settings of this very process

        if not settings.configured:
            return nullcontext()
        from django.db import connection  # noqa: PLC0415

        return connection.execute_wrapper(self._count)

    def _count(self, execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        self.queries += 1
        return execute(sql, params, many, context)
