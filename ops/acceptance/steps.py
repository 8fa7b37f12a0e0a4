"""The steps of a case as people write them: numbered, with their data and what to expect below.

1. Open the Portal and choose “DP1”.
   Data: dp1.Object
   Expect: The form lists the tables.
2. Search around M87.
   Expect: A table and a plot within ten seconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

MOST_STEPS = 100
_BEGINS = re.compile(r" {0,2}\d{1,3}[.)](?:\s+(.*))?$")
_PART = re.compile(r"\s*(test data|data|expected result|expected|expect)\s*:\s*(.*)$", re.IGNORECASE)


class StepsUnreadable(ValueError):
    """The text of the steps cannot be read; the sentence names the line and says what would be right."""


@dataclass(frozen=True)
class WrittenStep:
    """One step."""

    description: str
    test_data: str = ""
    expected: str = ""

    def as_dict(self) -> dict[str, str]:
        """Return the parts by name."""
        return {"description": self.description, "test_data": self.test_data, "expected": self.expected}


@dataclass
class _Parts:
    description: list[str] = field(default_factory=list)
    test_data: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def done(self) -> WrittenStep:
        return WrittenStep(*("\n".join(part).strip() for part in vars(self).values()))


def read_steps(text: str) -> list[WrittenStep]:
    """Return the steps of a text, in their order; the numbers in the text only mark where each begins.

    Raises `StepsUnreadable` where a line belongs to no step, or a step says nothing.
    """
    steps: list[_Parts] = []
    part: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if begins := _BEGINS.match(line):
            steps.append(_Parts(description=[begins[1] or ""]))
            part = steps[-1].description
        elif not line.strip() and not steps:
            continue
        elif not steps:
            raise StepsUnreadable(
                f"Line {number}: begin each step with its number, like “1. Open the Portal”."
            )
        elif named := _PART.match(line):
            part = steps[-1].test_data if "data" in named[1].lower() else steps[-1].expected
            part.append(named[2])
        else:
            part.append(line.strip())
    return _checked([step.done() for step in steps])


def _checked(steps: list[WrittenStep]) -> list[WrittenStep]:
    if len(steps) > MOST_STEPS:
        raise StepsUnreadable(f"A case has at most {MOST_STEPS} steps; this text has {len(steps)}.")
    for number, step in enumerate(steps, 1):
        if not step.description:
            raise StepsUnreadable(f"Step {number} does not say what to do.")
    return steps


def write_steps(steps: Iterable[WrittenStep]) -> str:
    """Return steps as the text that `read_steps` reads back."""
    return "\n".join(line for number, step in enumerate(steps, 1) for line in _lines(number, step))


def _lines(number: int, step: WrittenStep) -> Iterable[str]:
    yield from _indented(f"{number}.", step.description)
    if step.test_data:
        yield from _indented("   Data:", step.test_data)
    if step.expected:
        yield from _indented("   Expect:", step.expected)


def _indented(head: str, text: str) -> Iterable[str]:
    first, *rest = text.splitlines() or [""]
    yield f"{head} {first}"
    yield from (f"   {line}" if line else "" for line in rest)
