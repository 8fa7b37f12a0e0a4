"""Which columns the lists of a person have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser

from ops.people.models import User
from ops.web.models import ChosenColumns
from ops.workflow.errors import InvalidInput


@dataclass(frozen=True)
class Column:
    """One column beside key, title and state, which every list has."""

    name: str
    label: str
    style: str = ""
    sort: str = ""


COLUMNS = {
    column.name: column
    for column in (
        Column("priority", "Priority", "row-rare", "priority"),
        Column("component", "Component", "row-rare row-component"),
        Column("assignee", "Assignee", "row-person"),
        Column("reporter", "Reporter", "row-rare row-person"),
        Column("clock", "Clock", "number", "clock"),
        Column("due", "Due", "row-rare number"),
        Column("reported", "Reported", "row-rare number", "reported"),
        Column("changed", "Changed", "number", "changed"),
    )
}
USUAL = ("priority", "component", "assignee", "clock", "changed")


def columns_of(person: User | AnonymousUser) -> list[Column]:
    """Return the columns that a person has chosen, or the usual ones; in the order of `COLUMNS`."""
    names: Sequence[str] = USUAL
    if person.is_authenticated:
        kept = ChosenColumns.objects.filter(user=person).first()
        names = kept.names if kept else USUAL
    return [column for column in COLUMNS.values() if column.name in names]


def choose(person: User, names: Iterable[str]) -> None:
    """Let the lists of a person have these columns from now on; raises `InvalidInput` for an unknown one."""
    wanted = list(dict.fromkeys(names))
    if unknown := [name for name in wanted if name not in COLUMNS]:
        sentence = f"There is no column “{unknown[0]}”; there are {', '.join(COLUMNS)}."
        raise InvalidInput(sentence, fields={"column": [sentence]})
    ChosenColumns.objects.update_or_create(user=person, defaults={"names": wanted})
