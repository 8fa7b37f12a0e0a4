"""The shape of the source: what a reader may rely on without looking."""

from __future__ import annotations

import ast
import re
from pathlib import PurePosixPath

from ops.workflow import errors, registry
from tests.architecture.source import below, modules

SAYS_NOTHING = {
    "utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "handle", "handler", "handlers",
    "process", "data2", "signals", "constants", "base", "core",
}  # fmt: skip


def test_names_of_files_say_what_is_in_them() -> None:
    found = [module.path for module in modules() if PurePosixPath(module.path).stem in SAYS_NOTHING]
    assert found == []


def test_nothing_is_imported_inside_a_function() -> None:
    found = [
        module.at(node)
        for module in modules()
        for function in module.functions()
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert found == []


def test_no_signals_of_our_own() -> None:
    """Nothing happens behind the back of who reads a service: a save does no more than it says."""
    made = [
        module.at(call)
        for module in modules()
        for call in module.calls()
        if ast.unparse(call.func).split(".")[-1] in {"Signal", "receiver"}
    ]
    heard = [
        module.at(node)
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.db.models.signals"
    ]
    assert made + heard == []


def test_every_file_says_what_it_is_for() -> None:
    silent = [
        module.path
        for module in modules()
        if not module.path.endswith(("__init__.py", "apps.py")) and not ast.get_docstring(module.tree)
    ]
    assert silent == []


def test_every_refusal_is_in_the_catalogue_with_a_code_of_its_own() -> None:
    assert set(errors.Refusal.__subclasses__()) == set(errors.CATALOGUE)
    codes = [refusal.code for refusal in errors.CATALOGUE]
    assert len(set(codes)) == len(codes)
    assert all(400 <= refusal.status < 500 for refusal in errors.CATALOGUE)


def test_no_setting_that_nothing_reads() -> None:
    """Ours are those that `ops/settings.py` makes and Django, or an app of somebody else's, does not know."""
    tree = next(module.tree for module in modules() if module.path == "ops/settings.py")
    made = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
        and target.id.startswith(("NOTIFY_", "CLOCKS_", "ATTACHMENT_", "TOKEN_"))
    }
    read = {
        node.attr
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "settings"
    }
    assert made
    assert made - read == set()


# Pages that tell something that one process alone has; everything else is made from the registry.
ABOUT_ONE_PROCESS = {
    "announcements", "feeds", "front", "transparency", "watch",
}  # fmt: skip


# A wing of the pages, or a module of the API, that is about one process and knows no other.
ROOM_OF_ONE_PROCESS = re.compile(
    r"ops/web/(allocations|committees|acceptance)/|ops/api/(allocations|committees|acceptance)(\.py|/)"
)


def test_doors_are_made_from_the_registry_and_know_no_process() -> None:
    processes = {model.__module__.split(".")[1] for model in registry.models()}
    found = {
        module.path
        for module in below("web", "api", "health")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith(tuple(f"ops.{process}" for process in processes))
    }
    elsewhere = {path for path in found if not ROOM_OF_ONE_PROCESS.match(path)}
    assert {path for path in elsewhere if not path.startswith("ops/web/")} == set()
    assert {PurePosixPath(path).stem for path in elsewhere} <= ABOUT_ONE_PROCESS
