#!/usr/bin/env python3
"""Everything that a developer's machine does, from a bare clone and nothing but Python 3.11.

    python3 dev.py run            the desk at http://localhost:8000 (or PORT), with demonstration data
    python3 dev.py test [ARGS]    every test, the browser included; ARGS go to pytest
    python3 dev.py check          style, types, imports, migrations, deployment settings, documentation
    python3 dev.py bench [ARGS]   the benchmarks
    python3 dev.py manage ARGS    manage.py, with the private servers started if they are not running
    python3 dev.py lock           lock what requirements*.in and package.json want (--upgrade: newer)

What it makes lies in .venv/, node_modules/ and var/; deleting those starts afresh. PostgreSQL and Valkey are
private to this clone: they listen on 127.0.0.1 only, want a password, and end with this script however it ends.
"""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from machine.packages import install, npm
from machine.processes import Process, answers
from machine.servers import Servers
from machine.shell import PYTHON, ROOT, VAR, VENV, begin, comes_true, fail, say, step

MANAGE = [PYTHON, "manage.py"]


def environment(servers: Servers, **more: str) -> dict[str, str]:
    """The shell's environment, but never its database: what is private to this clone stays so."""
    # Compiled once and kept, whatever the shell says: otherwise each start compiles every package again.
    shell = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**shell, "DEMO": os.environ.get("DEMO", "true"), **servers.env(), **more}


def run(_: Sequence[str]) -> int:
    port = os.environ.get("PORT", "8000")
    if not port.isdigit():
        fail(f"PORT is {port!r}; it must be a number.")
    install(development=False)
    if not comes_true(lambda: not answers(int(port)), within=10):  # a desk just killed needs a moment to end
        fail(f"port {port} is taken; `PORT=8001 python3 dev.py run` uses another.")
    servers = Servers("desk")
    with servers.running() as private, ExitStack() as stack:
        address = f"http://localhost:{port}"
        env = environment(servers, PORT=port, PUBLIC_URL=address)
        leave_environment_for_manage_py(servers, PUBLIC_URL=address, DEMO=env["DEMO"])
        browser_files = begin("browser files", [*MANAGE, "collectstatic", "--no-input"], env)
        accounts = fill_database(env)
        browser_files()
        desk = desk_processes(env)
        for process in desk:
            process.start()
            stack.callback(process.stop)
        desk[0].wait_for(lambda: is_alive(f"http://127.0.0.1:{port}/healthz"))
        say(f"\n{accounts}\nThe desk is at {address}\nLogs are in {VAR / 'log'}. Ctrl-C stops everything.")
        watch([*private, *desk])
    return 0


def fill_database(env: Mapping[str, str]) -> str:
    """Bring the schema up to date, with the demonstration in it if that is wanted; say who can sign in."""
    if env["DEMO"] == "true":
        return step("database and demonstration", [*MANAGE, "demo", "--migrate"], env)
    step("database schema", [*MANAGE, "migrate", "--no-input"], env)
    return ""


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
            ("types", [str(tools / "mypy")], development),
            ("documentation", [PYTHON, "-m", "pytest", "-q", "tests/docs"], development),
            ("style", [str(tools / "ruff"), "check", "."], development),
            ("format", [str(tools / "ruff"), "format", "--check", "."], development),
            ("imports", [str(tools / "lint-imports"), "--no-cache"], development),
            ("migrations", [*MANAGE, "makemigrations", "--check", "--dry-run"], development),
            ("deployment", [*MANAGE, "check", "--deploy", "--fail-level", "WARNING"], production),
        ]
        with ThreadPoolExecutor(os.cpu_count()) as side_by_side:
            passed = list(side_by_side.map(lambda each: passes(*each), checks))
    failed = [title for (title, *_), is_well in zip(checks, passed, strict=True) if not is_well]
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
    install(development=False)
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
    for name in ("requirements", "requirements-desk", "requirements-dev"):
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
