"""The library of test cases: what it holds, found by words, maturity, aspect, priority, product, requirement."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from ops.acceptance.models import Aspect, CasePriority, CaseVersion, TestCase
from ops.acceptance.models.cases import CaseQuerySet
from ops.people.models import Product, User
from ops.tickets.differences import Difference, Piece, pieces_of
from ops.workflow.errors import BadQuery
from ops.workflow.forms import is_text

FILTERS = ("search", "maturity", "aspect", "priority", "product", "requirement")
CHOICES: Mapping[str, Sequence[tuple[str, str]]] = {
    "maturity": [(state.value, str(state.label)) for state in TestCase.State],
    "aspect": Aspect.choices,
    "priority": CasePriority.choices,
}
_COLUMNS = {"maturity": "state", "aspect": "aspect", "priority": "priority"}
LONGEST = 200


def found_cases(wanted: Mapping[str, str], reader: User | AnonymousUser) -> CaseQuerySet:
    """Return the cases that fit, by identifier; retired ones only where they are asked for.

    Raises `BadQuery` for a filter that nobody knows, or a value that it cannot have.
    """
    unknown = [name for name in wanted if name not in FILTERS]
    if unknown:
        raise BadQuery(f"Cases cannot be filtered by {', '.join(unknown)}; {', '.join(FILTERS)} can.")
    rows: CaseQuerySet = TestCase.objects.visible_to(reader).select_related("component", "author")
    if not wanted.get("maturity"):
        rows = rows.exclude(state=TestCase.State.RETIRED)
    for name, value in wanted.items():
        if value:
            rows = rows.filter(_condition(name, value))
    return rows.order_by("in_order")


def _condition(name: str, value: str) -> Q:
    if len(value) > LONGEST or not is_text(value):
        raise BadQuery(f"“{name}” is too long, or no text.")
    if name in CHOICES:
        values = value.split(",")
        known = [choice for choice, _ in CHOICES[name]]
        if wrong := [each for each in values if each not in known]:
            raise BadQuery(f"“{name}” is one of {', '.join(known)}, not {', '.join(wrong)}.")
        return Q(**{f"{_COLUMNS[name]}__in": values})
    if name == "product":
        node = Product.objects.filter(slug=value).first()
        if node is None:
            raise BadQuery(f"There is no product called “{value}”.")
        return Q(component__path=node.path) | Q(component__path__startswith=f"{node.path}/")
    if name == "requirement":
        return Q(requirements__contains=[value])
    words = Q()
    for word in value.split():
        words &= (
            Q(identifier__icontains=word)
            | Q(title__icontains=word)
            | Q(objective__icontains=word)
            | Q(steps_text__icontains=word)
            | Q(requirements__icontains=word)
        )
    return words


_PARTS = {
    "title": "Title",
    "objective": "Objective",
    "aspect": "Aspect",
    "priority": "Priority",
    "preconditions": "Preconditions",
    "minutes": "Expected minutes",
}


def differences(before: CaseVersion, after: CaseVersion) -> list[Difference]:
    """Return the parts of two versions of one case, each with what was taken away and what was added."""
    parts = [
        Difference(
            label,
            pieces_of(_shown(before, name), _shown(after, name)),
        )
        for name, label in _PARTS.items()
    ]
    parts.append(
        Difference("Requirements", pieces_of(", ".join(before.requirements), ", ".join(after.requirements)))
    )
    return [*parts, *_steps(before, after)]


def _shown(version: CaseVersion, name: str) -> str:
    display = getattr(version, f"get_{name}_display", None)
    return str(display() if display else getattr(version, name))


def _steps(before: CaseVersion, after: CaseVersion) -> Iterable[Difference]:
    """Steps are matched by what they say, so that one put in between does not change all that follow."""
    old, new = _texts(before), _texts(after)
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    for sort, start, end, begin, stop in matcher.get_opcodes():
        for offset in range(max(end - start, stop - begin)):
            was = old[start + offset] if start + offset < end else ""
            now = new[begin + offset] if begin + offset < stop else ""
            number = begin + offset + 1 if now else start + offset + 1
            label = f"Step {number}" if now else f"Step {number} of before"
            yield Difference(label, [Piece("kept", now)] if sort == "equal" else pieces_of(was, now))


def _texts(version: CaseVersion) -> list[str]:
    return [
        "\n".join(
            part
            for part in (
                step.description,
                f"Data: {step.test_data}" if step.test_data else "",
                f"Expect: {step.expected}" if step.expected else "",
            )
            if part
        )
        for step in version.steps.all()
    ]
