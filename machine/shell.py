"""Where things lie, and how commands are run and told about."""

import ctypes
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
VENV = ROOT / ".venv"
PYTHON = str(VENV / "bin" / "python")

LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
PR_SET_PDEATHSIG = 1


def say(text: str) -> None:
    print(text, flush=True)


def fail(text: str) -> NoReturn:
    sys.exit(f"dev.py: {text}")


def ends_with_us(by: signal.Signals = signal.SIGTERM) -> Callable[[], None]:
    """What a child runs before its program, so that Linux stops it even when dev.py is killed outright."""

    def die_with_parent() -> None:
        if LIBC:
            LIBC.prctl(PR_SET_PDEATHSIG, by)

    return die_with_parent


def step(title: str, command: Sequence[str], env: Mapping[str, str] | None = None, **options: Any) -> str:
    """Run a command with its output held back: shown when it fails, returned when it does not."""
    return begin(title, command, env, **options)()


def begin(
    title: str,
    command: Sequence[str],
    env: Mapping[str, str] | None = None,
    *,
    input: str = "",  # noqa: A002  # as subprocess calls it
    **options: Any,
) -> Callable[[], str]:
    """The same beside others: what comes back waits for its end."""
    started = time.monotonic()
    typed, output = tempfile.TemporaryFile("w+"), tempfile.TemporaryFile("w+")  # noqa: SIM115  # a pipe could fill up
    typed.write(input)
    typed.seek(0)
    options = {
        "cwd": ROOT,
        "env": env,
        "stdin": typed,
        "stdout": output,
        "stderr": subprocess.STDOUT,
        **options,
    }
    child = subprocess.Popen(command, text=True, preexec_fn=ends_with_us(), **options)  # noqa: PLW1509  # no threads

    def finish() -> str:
        failed = child.wait()
        with typed, output:
            output.seek(0)
            said = output.read()
        if failed:
            fail(f"{title} failed.\n{said}")
        say(f"  {title} ({time.monotonic() - started:.0f} s)")
        return said

    return finish


def succeeds(command: Sequence[str], **options: Any) -> bool:
    return subprocess.run(command, check=False, capture_output=True, **options).returncode == 0


def comes_true(question: Callable[[], bool], *, within: float) -> bool:
    deadline = time.monotonic() + within
    while not question():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
