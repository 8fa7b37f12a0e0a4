"""What has one legitimate writer has no other: the wrong way fails here, not in a review."""

from __future__ import annotations

import ast

from ops.tickets.models import Ticket
from ops.workflow import registry
from tests.architecture.source import below, modules, root_of

WRITES = {
    "save", "update", "delete", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "asave",
}  # fmt: skip
ENGINE = "ops/workflow/services.py"
# A comment lifts its ticket in the lists without making anybody's open form stale.
BESIDE_THE_ENGINE = {("ops/tickets/services.py", "Ticket", "update")}
# Rows that the pages keep for one person, and accounts that people change themselves.
WRITTEN_BY_PAGES = {
    ("ops/web/forms/drafts.py", "Draft"),
    ("ops/web/queue/columns.py", "ChosenColumns"),
    ("ops/web/queue/saved.py", "SavedFilter"),
    ("ops/web/queue/saved.py", "found"),
    ("ops/web/visits.py", "Visit"),
    ("ops/web/visits.py", "visit"),
    ("ops/web/views/lists.py", "saved"),
    ("ops/web/views/accounts.py", "form"),
    ("ops/web/forms/personal.py", "super"),
    ("ops/web/forms/personal.py", "user"),
}


def test_whatever_has_a_life_is_written_by_the_engine_alone() -> None:
    with_a_life = {model.__name__ for model in registry.models()} | {Ticket.__name__}
    found = {
        (module.path, root_of(call.func.value), call.func.attr)
        for module in modules()
        for call in module.calls()
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in WRITES
        and root_of(call.func.value) in with_a_life
    }
    assert found == BESIDE_THE_ENGINE


def test_only_the_engine_writes_history() -> None:
    found = {
        module.path
        for module in modules()
        for call in module.calls()
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in WRITES
        and root_of(call.func.value) == "Event"
    }
    assert found == {ENGINE}


def test_doors_write_nothing_but_what_is_theirs() -> None:
    found = {
        (module.path, root_of(call.func.value))
        for module in below("web", "api", "health")
        for call in module.calls()
        if isinstance(call.func, ast.Attribute) and call.func.attr in WRITES - {"update", "create"}
    }
    assert found <= WRITTEN_BY_PAGES, f"Let a service do it: {found - WRITTEN_BY_PAGES}"
    queries = {
        module.at(call)
        for module in below("web", "api", "health")
        for call in module.calls()
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in {"update", "create"}
        and "objects" in ast.unparse(call.func.value)
    }
    assert queries == set()


def test_no_door_says_when_something_happened() -> None:
    """`moment` is for loading history; by page and API everything happens now."""
    found = [
        module.at(call)
        for module in below("web", "api")
        for call in module.calls()
        if any(keyword.arg == "moment" for keyword in call.keywords)
        and ast.unparse(call.func).split(".")[-1]
        in {"create", "edit", "perform", "record", "comment", "link", "invite", "announce", "meet", "follow"}
    ]
    assert found == []


def test_who_acts_is_always_said() -> None:
    """Every transaction of a service names its actor, as a keyword and without a default."""
    missing = [
        f"{module.at(function)} {function.name}"
        for module in below("workflow", "tickets")
        if module.path.endswith("/services.py")
        for function in module.functions()
        if any(ast.unparse(decorator) == "transaction.atomic" for decorator in function.decorator_list)
        and "actor" not in _required_keywords(function)
    ]
    assert missing == []


def _required_keywords(function: ast.FunctionDef) -> set[str]:
    given = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
    return {argument.arg for argument, default in given if default is None}
