"""The parts of the report that tell of cases, attempts and defects."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from ops.acceptance.figures import VERDICT_WORDS, Line, line
from ops.acceptance.order import each_in_order
from ops.acceptance.reporting.material import Material, Row
from ops.acceptance.verdicts import ENDED, NOT_RUN, disagreements
from ops.tickets.models import Priority

STEP_WORDS = {
    "passed": "Passed",
    "failed": "Failed",
    "blocked": "Blocked",
    "skipped": "Skipped",
    "": "Not run",
}
LEFT_OVER = ("failed", "blocked", "initial_pass", "waived", "passed_with_deviation")


def overview(material: Material) -> Mapping[str, Any]:
    """The summary of cases, what remains, what was repeated, where testers disagree, and the defects."""
    environments = {each.pk: each.name for each in material.facts.environments}
    identifiers = _identifiers(material)
    return {
        "figures": _figures(material),
        "summary": [_summary(material, pin) for pin in material.pins],
        "remainders": _remainders(material, identifiers),
        "repeated": [
            {
                "case": identifiers[row["case_version_id"]],
                "environment": environments[row["environment_id"]],
                "tester": material.tester_of(row),
                "number": row["number"],
                "verdict": row["state"],
                "label": VERDICT_WORDS[row["state"]],
                "ended": _day(row["ended_at"]),
            }
            for row in _failed_or_repeated(material)
        ],
        "disagreements": _disagreements(material, identifiers, environments),
        "defects": _defects(material, identifiers),
    }


def _identifiers(material: Material) -> Mapping[int, str]:
    return {pin.version_id: pin.case.identifier for pin in material.pins}


def _figures(material: Material) -> Mapping[str, Any]:
    facts = material.facts
    lines = [
        line("Cases", facts.verdicts.values()),
        line("Cases in environments", facts.cells.values()),
        line("Attempts", [each.verdict for each in facts.attempts]),
    ]
    return {"verdicts": list(VERDICT_WORDS.values()), "lines": [_counts(each) for each in lines]}


def _counts(counted: Line) -> Mapping[str, Any]:
    return {
        "name": counted.name,
        "counts": [number for _, _, number in counted.in_order],
        "total": counted.total,
    }


def _summary(material: Material, pin: Any) -> Mapping[str, Any]:
    attempts = material.by_version.get(pin.version_id, ())
    issues = [ticket for row in attempts for ticket in material.defects_of.get(row["pk"], ())]
    verdict = material.facts.verdicts[pin.version_id]
    return {
        "case": pin.case.identifier,
        "title": pin.version.title,
        "version": pin.version.number,
        "maturity": pin.version.maturity,
        "verdict": verdict,
        "label": VERDICT_WORDS[verdict],
        "comment": " ".join(
            dict.fromkeys(
                word
                for row in attempts
                if row["pk"] in material.current
                for word in _words(row, _waived_by(row))
            )
        ),
        "issues": material.names(issues),
        "attempts": sum(row["state"] in ENDED for row in attempts),
        "cells": len({row["environment_id"] for row in attempts}),
    }


def _waived_by(row: Row) -> str:
    return str(row["waived_by__display_name"] or row["waived_by__username"] or "")


def _words(row: Row, waived_by: str = "") -> list[str]:
    """What was said of an attempt as a whole, what its outcome demands first."""
    said = [
        f"What remains: {row['remains']}" if row["remains"] else "",
        f"Blocked by: {row['blocker']}" if row["blocker"] else "",
        f"Waived{f' by {waived_by}' if waived_by else ''}: {row['waived_because']}"
        if row["waived_because"]
        else "",
        row["comment"],
    ]
    return [words for words in said if words]


def _remainders(material: Material, identifiers: Mapping[int, str]) -> list[Mapping[str, Any]]:
    return [
        {
            "execution": row["pk"],
            "case": identifiers[row["case_version_id"]],
            "verdict": row["state"],
            "label": VERDICT_WORDS[row["state"]],
            "what": row["remains"] or next(iter(_words(row, _waived_by(row))), "As the issue says."),
            "goes_on_as": list(
                dict.fromkeys(
                    [
                        *material.names(material.defects_of.get(row["pk"], ())),
                        *material.carried.get(row["pk"], ()),
                    ]
                )
            ),
        }
        for row in material.executions
        if row["state"] in LEFT_OVER and row["pk"] in material.current
    ]


def _failed_or_repeated(material: Material) -> list[Row]:
    return [
        row
        for cell in material.by_cell.values()
        for row in cell
        if row["state"] in ENDED and (row["state"] in {"failed", "blocked"} or _was_repeated(row, cell))
    ]


def _was_repeated(row: Row, cell: Sequence[Row]) -> bool:
    return sum(each["tester_id"] == row["tester_id"] and each["state"] in ENDED for each in cell) > 1


def _disagreements(
    material: Material, identifiers: Mapping[int, str], environments: Mapping[int, str]
) -> list[Mapping[str, Any]]:
    rows = {row["pk"]: row for row in material.executions}
    return [
        {
            "case": identifiers[case],
            "environment": environments[environment],
            "outcomes": [
                f"{material.tester_of(rows[each.pk])}: {VERDICT_WORDS[each.state].lower()}"
                for each in attempts
            ],
        }
        for (case, environment), attempts in disagreements(material.facts.attempts).items()
    ]


def _defects(material: Material, identifiers: Mapping[int, str]) -> Mapping[str, Any]:
    cases: dict[int, dict[str, None]] = {}
    for row in material.executions:
        for ticket in material.defects_of.get(row["pk"], ()):
            cases.setdefault(ticket, {})[identifiers[row["case_version_id"]]] = None
    order = {value: rank for rank, value in enumerate(Priority.values)}
    found = sorted(
        material.tickets.values(), key=lambda each: (order.get(each.priority, len(order)), each.pk)
    )
    told = [each for each in found if material.may_be_named(each)]
    return {
        "by_severity": [_severity(found, value) for value in (*Priority.values, "")],
        "list": [
            {
                "key": each.key,
                "title": each.title,
                "severity": _severity_words(each.priority),
                "state": each.state_label,
                "cases": list(cases.get(each.pk, ())),
            }
            for each in told
        ],
        "not_named": len(found) - len(told),
    }


def _severity(found: Sequence[Any], value: str) -> Mapping[str, Any]:
    of_it = [each for each in found if each.priority == value]
    settled = sum(each.has_ended for each in of_it)
    return {
        "label": _severity_words(value), "open": len(of_it) - settled, "settled": settled, "total": len(of_it),
    }  # fmt: skip


def _severity_words(value: str) -> str:
    return str(Priority(value).label) if value else "Not set"


def details(material: Material) -> list[Mapping[str, Any]]:
    """Every case in every environment with all of its attempts, step by step."""
    found: list[Mapping[str, Any]] = []
    for environment in material.facts.environments:
        cases = [
            _case(material, pin, environment.pk)
            for pin in material.pins
            if (pin.version_id, environment.pk) in material.facts.cells
        ]
        if cases:
            found.append({"environment": environment.name, "cases": cases})
    return found


def _case(material: Material, pin: Any, environment: int) -> Mapping[str, Any]:
    version, verdict = pin.version, material.facts.cells[pin.version_id, environment]
    return {
        "case": pin.case.identifier,
        "title": version.title,
        "version": version.number,
        "maturity": version.maturity,
        "objective": version.objective,
        "preconditions": version.preconditions,
        "verdict": verdict,
        "label": VERDICT_WORDS[verdict],
        "attempts": [_attempt(material, row) for row in material.by_cell.get((version.pk, environment), ())],
    }


def _attempt(material: Material, row: Row) -> Mapping[str, Any]:
    verdict = row["state"] if row["state"] in ENDED else NOT_RUN
    return {
        "number": row["number"],
        "tester": material.tester_of(row),
        "verdict": verdict,
        "label": VERDICT_WORDS[verdict],
        "when": _when(row),
        "words": _words(row),
        "waived_by": _waived_by(row),
        "issues": material.names(material.defects_of.get(row["pk"], ())),
        "steps": [
            _step(material, row["pk"], step) for step in material.steps.get(row["case_version_id"], ())
        ],
    }


def _step(material: Material, execution: int, step: Row) -> Mapping[str, Any]:
    result = material.step_results.get((execution, step["pk"]), {"outcome": "", "actual": ""})
    return {
        "number": step["number"],
        "description": step["description"],
        "test_data": step["test_data"],
        "expected": step["expected"],
        "actual": result["actual"],
        "outcome": result["outcome"] or NOT_RUN,
        "label": STEP_WORDS[result["outcome"]],
        "issues": material.names(material.defects_of_step.get((execution, step["pk"]), ())),
    }


def traceability(material: Material) -> list[Mapping[str, Any]]:
    """Every case with the requirements that it verifies."""
    return [
        {
            "case": pin.case.identifier,
            "requirements": each_in_order(pin.version.requirements),
            "verdict": material.facts.verdicts[pin.version_id],
            "label": VERDICT_WORDS[material.facts.verdicts[pin.version_id]],
        }
        for pin in material.pins
        if pin.version.requirements
    ]


def _day(moment: datetime.datetime | None) -> str:
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%d") if moment else ""


def _when(row: Row) -> str:
    if not row["ended_at"]:
        return "Not ended."
    began = row["started_at"] or row["ended_at"]
    return f"{_minute(began)} to {_minute(row['ended_at'])} UTC"


def _minute(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%d %H:%M")
