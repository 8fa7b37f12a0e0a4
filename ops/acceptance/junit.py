"""Results of outside automation, read from a JUnit XML file that nobody here has written.

The format has no one definition; what is read is what pytest, JUnit, Surefire, Jenkins and GitLab agree on:
`testsuite` elements, at any depth, with `testcase` elements whose children say `failure`, `error` or `skipped`.
A testcase names the test case of ours that it is about in a property `case`, or anywhere in its name or class name
(`test_login[RSP-12]`, `Portal.RSP_12`), and, if it wants, one of its steps in a property `step`.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from ops.workflow.errors import InvalidInput

MOST_CASES = 50_000
LONGEST_TEXT = 4_000
LONGEST_NAME = 300
LONGEST_IDENTIFIER_PARTS = 6
_BAD = frozenset({"failure", "error"})
_SEPARATORS = re.compile(r"[^A-Z0-9]+")


class Verdict(enum.Enum):
    """What a testcase of a file says of itself."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class JUnitCase:
    """One testcase of a file; `words` say what went wrong, shortened where they are long."""

    suite: str
    name: str
    class_name: str
    verdict: Verdict
    words: str = ""
    seconds: float | None = None
    properties: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.class_name}.{self.name}" if self.class_name else self.name

    @property
    def step(self) -> int | None:
        """The number of the step that it is about, where it says so."""
        said = self.properties.get("step", "")
        return (
            int(said) if said.isascii() and said.isdigit() and len(said) <= LONGEST_IDENTIFIER_PARTS else None
        )

    def named_in(self, known: Mapping[str, Any]) -> Any:
        """Return what stands in `known` under an identifier that this testcase names; None where it names none.

        The keys of `known` are `plain` identifiers. The property counts before the name, the name before the class.
        """
        for text in (self.properties.get("case", ""), self.name, self.class_name):
            for candidate in _identifiers_in(text):
                if candidate in known:
                    return known[candidate]
        return None


def plain(identifier: str) -> str:
    """Return an identifier as it is compared: neither case nor the sort of separator matters."""
    return "-".join(part for part in _SEPARATORS.split(identifier.upper()) if part)


def _identifiers_in(text: str) -> Iterator[str]:
    parts = [part for part in _SEPARATORS.split(text[:LONGEST_NAME].upper()) if part]
    for length in range(
        min(LONGEST_IDENTIFIER_PARTS, len(parts)), 0, -1
    ):  # the longest match is the meant one
        for start in range(len(parts) - length + 1):
            yield "-".join(parts[start : start + length])


def read_junit(source: IO[bytes]) -> Iterator[JUnitCase]:
    """Yield the testcases of a file, one after the other: the file is never held as a tree.

    Raises `InvalidInput`, in a sentence that says where, for what is no XML, no JUnit file, declares entities, or
    holds more than `MOST_CASES` testcases.
    """
    has_any = False
    try:
        for count, found in enumerate(_testcases(source), 1):
            if count > MOST_CASES:
                raise _refused(f"The file holds more than {MOST_CASES:,} testcases; upload it in parts.")
            has_any = True
            yield found
    except DefusedXmlException:
        raise _refused(
            "The file declares a document type or entities, which a JUnit file has no need of; nothing of it is used."
        ) from None
    except (ParseError, ValueError, LookupError) as problem:
        raise _refused(f"The file is not XML that can be read: {_place(problem)}.") from None
    if not has_any:
        raise _refused("The file is XML, but it holds no testcase as a JUnit file does.")


def _testcases(source: IO[bytes]) -> Iterator[JUnitCase]:
    suites: list[str] = []
    for event, element in iterparse(source, events=("start", "end"), forbid_dtd=True):
        kind = _kind(element)
        if event == "start" and kind == "testsuite":
            suites.append(_attribute(element, "name"))
        elif event == "end" and kind == "testcase":
            yield _read(element, suites[-1] if suites else "")
            element.clear()
        elif event == "end" and kind == "testsuite":
            suites.pop()
            element.clear()


def _read(element: Element, suite: str) -> JUnitCase:
    bad = [child for child in element if _kind(child) in _BAD]
    skipped = [child for child in element if _kind(child) == "skipped"]
    verdict = Verdict.FAILED if bad else Verdict.SKIPPED if skipped else Verdict.PASSED
    return JUnitCase(
        suite=suite,
        name=_attribute(element, "name"),
        class_name=_attribute(element, "classname"),
        verdict=verdict,
        words="\n\n".join(_words(child) for child in bad or skipped)[:LONGEST_TEXT],
        seconds=_seconds(element.get("time", "")),
        properties={
            _attribute(child, "name"): _attribute(child, "value")
            for each in element
            if _kind(each) == "properties"
            for child in each
        },
    )


def _words(element: Element) -> str:
    message, text = element.get("message", "").strip(), (element.text or "").strip()
    return "\n".join(dict.fromkeys(part for part in (message, text) if part)) or _kind(element)


def _kind(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _attribute(element: Element, name: str) -> str:
    return element.get(name, "").strip()[:LONGEST_NAME]


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text.replace(",", ""))
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None


def _place(problem: Exception) -> str:
    if isinstance(problem, ParseError):
        line, column = problem.position
        return f"line {line}, column {column + 1}, {str(problem).partition(':')[0]}"
    return str(problem) or "its encoding is unknown"


def _refused(sentence: str) -> InvalidInput:
    return InvalidInput(sentence, fields={"file": [sentence]})
