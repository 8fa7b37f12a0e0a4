"""Where things lie, and how commands are run and told about."""

import ctypes
import signal
import subprocess
import sys
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
    started = time.monotonic()
    options = {"cwd": ROOT, "env": env, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, **options}
    options["preexec_fn"] = ends_with_us()
    done: subprocess.CompletedProcess[str] = subprocess.run(command, check=False, text=True, **options)
    if done.returncode:
        fail(f"{title} failed.\n{done.stdout}")
    say(f"  {title} ({time.monotonic() - started:.0f} s)")
    return done.stdout


def succeeds(command: Sequence[str], **options: Any) -> bool:
    return subprocess.run(command, check=False, capture_output=True, **options).returncode == 0


def comes_true(question: Callable[[], bool], *, within: float) -> bool:
    deadline = time.monotonic() + within
    while not question():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
