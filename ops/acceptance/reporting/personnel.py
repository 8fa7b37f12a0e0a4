"""The part of the report that tells of people: who was asked, who agreed, who tested what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ops.acceptance.models.plan import TesterGroup
from ops.acceptance.reporting.material import Material, Row
from ops.acceptance.verdicts import ENDED

ACTIVE = frozenset({"testing", "finished", "thanked"})


def personnel(material: Material) -> Mapping[str, Any]:
    """Who tested: participation by group, testers, and who was given and who ran each case."""
    done: dict[int, int] = {}
    for row in material.executions:
        if row["state"] in ENDED:
            done[row["tester_id"]] = done.get(row["tester_id"], 0) + 1
    testers = [
        {
            "name": each.person.name,
            "group": each.get_group_display(),
            "executions": done.get(each.person_id, 0),
        }
        for each in material.testers
        if each.state in ACTIVE or each.person_id in done
    ]
    return {
        "participation": [
            _participation(material, group, done) for group in TesterGroup if _asked(material, group)
        ],
        "testers": testers,
        "assignments": [_assignment(material, pin) for pin in material.pins],
    }


def _asked(material: Material, group: str) -> list[Any]:
    return [each for each in material.testers if each.group == group]


def _participation(material: Material, group: TesterGroup, done: Mapping[int, int]) -> Mapping[str, Any]:
    asked = _asked(material, group)
    consented = [each for each in asked if each.state in {"consented", *ACTIVE}]
    return {
        "group": str(group.label),
        "invited": len(asked),
        "consented": len(consented),
        "active": sum(each.person_id in done for each in asked),
        "executions": sum(done.get(each.person_id, 0) for each in asked),
    }


def _assignment(material: Material, pin: Any) -> Mapping[str, Any]:
    attempts = material.by_version.get(pin.version_id, ())
    return {
        "case": pin.case.identifier,
        "assigned": _people(material, attempts),
        "executed": _people(
            material, (row for row in attempts if row["state"] in ENDED and row["state"] != "waived")
        ),
    }


def _people(material: Material, rows: Iterable[Row]) -> list[str]:
    return list(dict.fromkeys(material.tester_of(row) for row in rows))
