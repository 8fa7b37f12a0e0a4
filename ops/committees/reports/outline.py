"""The items of a report while it is being written: added, changed, arranged, removed. Nobody else writes them.

Each locks the report first, so that two who write at once are served one after the other, and looks again.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q

from ops.committees.feedback.services import let_go_of_items
from ops.committees.models import Item, Report
from ops.committees.reports.forms import ItemForm
from ops.committees.reports.rules import is_chair_or_secretary, is_review_facilitator
from ops.people.models import User
from ops.tickets.forms import cleaned
from ops.workflow import errors
from ops.workflow.services import record
from ops.workflow.words import who_may

DEEPEST = 2
may_write = is_chair_or_secretary | is_review_facilitator


@dataclass(frozen=True)
class Place:
    """Where an item stands in an outline: below how many others."""

    item: int
    depth: int


@transaction.atomic
def add_item(
    report: Report,
    *,
    actor: User,
    data: Mapping[str, Any],
    parent: Item | None = None,
    moment: datetime.datetime | None = None,
    **given: Any,
) -> Item:
    """Add an item at the end of the report, or of the items below `parent`.

    `moment` is for loading history; `given` are values that an import sets and nobody types. Raises what
    `drafted` raises, `InvalidInput` (also for a level too many), and `NotFound` for a parent that is not there.
    """
    locked = drafted(report, actor=actor)
    outline = locked.outline()
    if parent is not None:
        _refuse_unless_above(parent, outline)
    item = cleaned_item(Item(report=locked, **given), data)
    item.position = _end_of(outline, parent)
    if parent is not None:
        item.parent_id = parent.pk
    item.save()
    _number(locked)
    item.refresh_from_db()
    changes = {"item": {"old": None, "new": item.heading}}
    record(locked, "add_item", actor=actor, changes=changes, moment=moment)
    return item


def _refuse_unless_above(parent: Item, outline: Sequence[Item]) -> None:
    depth = depths_of(outline).get(parent.pk)
    if depth is None:
        raise errors.NotFound
    if depth >= DEEPEST:
        sentence = f"Nothing stands below {parent.number}: items have at most {DEEPEST + 1} levels."
        raise errors.InvalidInput(sentence, fields={"parent": [sentence]})


@transaction.atomic
def change_item(item: Item, *, actor: User, data: Mapping[str, Any], version: int | None = None) -> Item:
    """Change the words of an item. Raises `Stale` where somebody else changed it since it was read."""
    report = drafted(item.report, actor=actor, item=item)
    found = Item.objects.get(pk=item.pk)
    if version is not None and version != found.version:
        raise errors.Stale(
            f"Item {found.number} was changed by somebody else in the meantime; look at it again."
        )
    before = {name: getattr(found, name) for name in ItemForm.Meta.fields}
    found = cleaned_item(found, data)
    changed = [name for name in before if getattr(found, name) != before[name]]
    if changed:
        found.version += 1
        found.save(update_fields=[*changed, "version"])
        changes = {
            "item": {
                "old": f"{found.number} {before['title']}".strip(),
                "new": f"{found.number} {found.heading}",
            }
        }
        record(report, "change_item", actor=actor, changes=changes)
    return found


@transaction.atomic
def remove_item(item: Item, *, actor: User) -> None:
    """Take an item and what lies below it out of a draft; what was delivered stays for good.

    Feedback that rested on it alone is the committee's to read again.
    """
    report = drafted(item.report, actor=actor, item=item)
    gone = f"{item.number} {item.heading}".strip()
    going = Item.objects.filter(Q(pk=item.pk) | Q(parent=item.pk) | Q(parent__parent=item.pk))
    let_go_of_items(list(going.select_for_update(of=("self",))), actor=actor)
    item.delete()
    _number(report)
    record(report, "remove_item", actor=actor, changes={"item": {"old": gone, "new": None}})


@transaction.atomic
def arrange(report: Report, *, actor: User, places: Sequence[Place]) -> list[Item]:
    """Put the items of a draft into another order; return the outline as it now is.

    Raises `Stale` where the places are not those of the items that are there: somebody added or removed one.
    """
    locked = drafted(report, actor=actor)
    items = {item.pk: item for item in locked.outline()}
    if {place.item for place in places} != set(items) or len(places) != len(items):
        raise errors.Stale("An item was added or removed in the meantime. Look at the outline again.")
    above: list[Item] = []
    for position, place in enumerate(places, start=1):
        item = items[place.item]
        depth = min(max(place.depth, 0), len(above), DEEPEST)
        above = above[:depth]
        item.position, item.parent = position, above[-1] if above else None
        above.append(item)
    Item.objects.bulk_update(items.values(), ["position", "parent"])
    return _number(locked)


def moved(outline: Sequence[Item], item: Item, direction: str) -> list[Place]:
    """Return the places of an outline after one item, with what lies below it, went `up`, `down`, `in` or `out`."""
    depths = depths_of(outline)
    at = next(index for index, each in enumerate(outline) if each.pk == item.pk)
    rows = [Place(each.pk, depths[each.pk]) for each in outline]
    stop = _end_of_block(rows, at)
    block = rows[at:stop]
    if direction in {"in", "out"}:
        step = 1 if direction == "in" else -1
        return [*rows[:at], *(Place(row.item, row.depth + step) for row in block), *rows[stop:]]
    if direction == "up":
        before = next((index for index in range(at - 1, -1, -1) if rows[index].depth <= rows[at].depth), None)
        if before is None or rows[before].depth < rows[at].depth:
            return rows
        return [*rows[:before], *block, *rows[before:at], *rows[stop:]]
    if stop == len(rows) or rows[stop].depth < rows[at].depth:
        return rows
    after = _end_of_block(rows, stop)
    return [*rows[:at], *rows[stop:after], *block, *rows[after:]]


def depths_of(outline: Iterable[Item]) -> dict[int, int]:
    """Return below how many others each item of an outline lies."""
    depths: dict[int, int] = {}
    for item in outline:
        depths[item.pk] = depths[item.parent_id] + 1 if item.parent_id in depths else 0
    return depths


def drafted(report: Report, *, actor: User, item: Item | None = None) -> Report:
    """Lock a report that this person may write in. Raises `NotFound`, `NotAllowed`, and `IllegalTransition` where
    it is no draft any more."""
    try:
        locked: Report = Report.objects.visible_to(actor).locked().get(pk=report.pk)
    except Report.DoesNotExist:
        raise errors.NotFound from None
    refuse_unless_draft(locked, actor=actor, item=item)
    return locked


def refuse_unless_draft(report: Report, *, actor: User, item: Item | None = None) -> None:
    """Raise what `drafted` raises of a report as it was read, before anybody types."""
    if not may_write.test(actor, report):
        raise errors.NotAllowed(f"Only {who_may(may_write)} may write in {report}.")
    if not report.is_draft:
        raise errors.IllegalTransition(_why_not(report, item))


def _why_not(report: Report, item: Item | None) -> str:
    if report.state == Report.State.ADOPTED:
        return f"{report} is adopted; take it back to drafting to change it."
    named = f"Item {item.number}" if item is not None else f"{report}"
    return f"{named} was delivered and stays as it was sent; an item is closed as withdrawn instead."


def cleaned_item(item: Item, data: Mapping[str, Any]) -> Item:
    """Put what was typed into an item. Raises `InvalidInput` naming every field."""
    known = {name: getattr(item, name) for name in ItemForm.Meta.fields}
    form = ItemForm(data={**known, **data}, instance=item)
    cleaned(form)
    made: Item = form.instance
    return made


def _end_of(outline: Sequence[Item], parent: Item | None) -> int:
    """Return the position after everything that lies below a parent; halves are closed by numbering."""
    if parent is None:
        return len(outline) + 1
    depths = depths_of(outline)
    rows = [Place(each.pk, depths[each.pk]) for each in outline]
    at = next(index for index, row in enumerate(rows) if row.item == parent.pk)
    stop = _end_of_block(rows, at)
    later = [each.pk for each in outline[stop:]]
    for position, pk in enumerate(later, start=stop + 2):
        Item.objects.filter(pk=pk).update(position=position)
    return stop + 1


def _end_of_block(rows: Sequence[Place], at: int) -> int:
    stop = at + 1
    while stop < len(rows) and rows[stop].depth > rows[at].depth:
        stop += 1
    return stop


def _number(report: Report) -> list[Item]:
    """Count the items: 1, 2, 2.1; a review from outside has given its own numbers."""
    outline = report.outline()
    numbers: dict[int | None, str] = {None: ""}
    count: dict[int | None, int] = {}
    for position, item in enumerate(outline, start=1):
        above = item.parent_id
        count[above] = count.get(above, 0) + 1
        numbers[item.pk] = f"{numbers[above]}.{count[above]}".lstrip(".")
        item.position = position
        if not report.is_from_outside:
            item.number = numbers[item.pk]
    Item.objects.bulk_update(outline, ["position", "number"])
    return outline
