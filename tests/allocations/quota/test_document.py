"""The quota document: read strictly, added as the service adds, compared where it is ours."""

from __future__ import annotations

import json

import pytest

from ops.allocations.quota.document import (
    Document,
    NotADocument,
    Notebook,
    Quota,
    differences,
    parsed,
    written,
)

EXAMPLE = {
    "default": {
        "api": {"tap": 1000, "hips": 1000},
        "disk": {"/home": 42949672960},
        "notebook": {"cpu": 4.0, "memory": 32.0, "spawn": True},
        "tap": {"qserv": {"concurrent": 12}},
    },
    "groups": {
        "g_rac_2027a_012": {"notebook": {"cpu": 4.0, "memory": 32.0}, "tap": {"qserv": {"concurrent": 8}}}
    },
    "bypass": ["g_admins"],
}


def test_document_is_written_as_it_was_read() -> None:
    document = parsed(json.dumps(EXAMPLE))
    again = parsed(written(document))
    assert again == document
    assert json.loads(written(document))["default"] == EXAMPLE["default"]


def test_member_has_the_default_and_each_group_once() -> None:
    document = parsed(json.dumps(EXAMPLE))
    quota = document.of_member(["g_rac_2027a_012", "g_rac_2027a_012", "g_unknown"])
    assert quota.notebook == Notebook(8.0, 64.0)
    assert quota.tap == {"qserv": 20}
    assert quota.api == {"tap": 1000, "hips": 1000}


def test_spawn_holds_only_where_every_group_lets() -> None:
    assert (
        Quota(notebook=Notebook(1, 1)) + Quota(notebook=Notebook(1, 1, spawn=False))
    ).notebook == Notebook(2, 2, spawn=False)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"defaults": {}}, "the document.defaults is unknown"),
        ({"default": {"cpu": 1}}, "default.cpu is unknown"),
        ({"groups": {"g": {"notebook": {"cpu": 1, "memory": 1, "gpu": 1}}}}, "groups.g.notebook.gpu is unknown"),
        ({"groups": {"g": {"tap": {"qserv": {"concurrent": 1, "rows": 2}}}}}, "groups.g.tap.qserv.rows is unknown"),
        ({"groups": {"g": {"notebook": {"cpu": 1}}}}, "groups.g.notebook.memory must be a number"),
        ({"groups": {"g": {"tap": {"qserv": {}}}}}, "groups.g.tap.qserv.concurrent is missing"),
        ({"default": {"api": {"tap": -1}}}, "default.api.tap must be a whole number"),
        ({"default": {"api": {"tap": True}}}, "default.api.tap must be a whole number"),
        ({"default": {"disk": {"/home": 1.5}}}, "default.disk./home must be a whole number"),
        ({"groups": []}, "groups must be an object"),
        ({"bypass": "g_admins"}, "bypass must be a list"),
    ],
)  # fmt: skip
def test_what_the_service_would_refuse_is_refused_here(change: dict, sentence: str) -> None:
    with pytest.raises(NotADocument) as refused:
        parsed(json.dumps({**EXAMPLE, **change}))
    assert any(sentence in problem for problem in refused.value.problems)


@pytest.mark.parametrize(
    "text", ["", "{", '{"default": {"notebook": {"cpu": NaN, "memory": 1}}}', "[" * 100_000, '"text"', "null"]
)
def test_what_is_no_json_object_is_refused(text: str) -> None:
    with pytest.raises(NotADocument):
        parsed(text)


def test_differences_name_the_limit_and_leave_other_groups_alone() -> None:
    expected = parsed(json.dumps(EXAMPLE))
    served = Document(
        groups={
            "g_rac_2027a_012": Quota(notebook=Notebook(4, 16), tap={"qserv": 8}),
            "g_rac_2026b_001": Quota(tap={"qserv": 1}),
            "g_developers": Quota(tap={"qserv": 99}),
        }
    )
    found = {
        each.place: (each.expected, each.served) for each in differences(expected, served, ours="g_rac_")
    }
    assert found == {
        "groups.g_rac_2027a_012.notebook.memory": (32.0, 16.0),
        "groups.g_rac_2026b_001": (None, {"tap": {"qserv": {"concurrent": 1}}}),
    }
    assert differences(expected, expected, ours="g_rac_") == []
