"""Lists of tickets for pages and API: filters from a whitelist, sorting from a whitelist, pages by keyset.

A page costs the same wherever it lies: it is found by the values of its first row, never by counting rows.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db.models import GeneratedField, Q
from django.utils.dateparse import parse_date, parse_datetime

from ops.people.models import Product, User
from ops.tickets.holding import held_by
from ops.tickets.models import Level, Priority, Ticket, TicketQuerySet, Visibility, Watcher
from ops.tickets.search import matching
from ops.workflow import registry
from ops.workflow.errors import BadQuery

PAGE_SIZE = 50
LARGEST_PAGE = 100
COUNTED_EXACTLY = 1_000

SORTS: dict[str, tuple[str, ...]] = {
    "-updated": ("-updated_at", "-id"),
    "updated": ("updated_at", "id"),
    "-created": ("-created_at", "-id"),
    "created": ("created_at", "id"),
    "priority": ("priority_rank", "-updated_at", "-id"),
    "-priority": ("-priority_rank", "updated_at", "id"),
    "due": ("due_order", "-id"),
}
DEFAULT_SORT = "-updated"
PAGING = frozenset({"sort", "cursor", "page_size"})

# What a column holds; a generated one does not read values itself.
_columns: dict[str, Any] = {
    field.name: field.output_field if isinstance(field, GeneratedField) else field
    for field in Ticket._meta.concrete_fields
}
Condition = Callable[[str, "User | AnonymousUser"], Q]


@dataclass(frozen=True)
class Page:
    """Some rows of a list, and where its neighbours begin."""

    rows: list[Ticket]
    next_cursor: str | None
    previous_cursor: str | None
    total: int
    total_is_exact: bool


@dataclass(frozen=True)
class Query:
    """A list as its address describes it, checked."""

    conditions: tuple[Q, ...] = ()
    text: str = ""
    sort: str = DEFAULT_SORT
    cursor: str = ""
    page_size: int = PAGE_SIZE

    def rows(self, rows: TicketQuerySet, reader: User | AnonymousUser) -> TicketQuerySet:
        """Return what of these rows the reader may see and the conditions let through, in order."""
        found = rows.visible_to(reader).filter(*self.conditions)
        if self.text:
            found = matching(found, self.text, reader)
        return found.order_by(*SORTS[self.sort])


def parsed(address: Mapping[str, str], reader: User | AnonymousUser) -> Query:
    """Read the parameters of an address; raises `BadQuery` naming what is unknown or wrong, and what is known."""
    unknown = [name for name in address if name not in FILTERS and name not in PAGING and name != "search"]
    if unknown:
        known = ", ".join(sorted({*FILTERS, *PAGING, "search"}))
        raise BadQuery(
            f"Unknown filter {', '.join(unknown)}; known are {known}.", fields={unknown[0]: ["Unknown."]}
        )
    sort = address.get("sort") or DEFAULT_SORT
    if sort not in SORTS:
        raise BadQuery(f"Unknown sort “{sort}”; known are {', '.join(SORTS)}.", fields={"sort": ["Unknown."]})
    conditions = tuple(
        FILTERS[name](value, reader) for name, value in address.items() if name in FILTERS and value
    )
    text = _text("search", address.get("search", ""))
    return Query(conditions, text, sort, address.get("cursor", ""), _page_size(address.get("page_size")))


def page_of(
    query: Query, rows: TicketQuerySet, reader: User | AnonymousUser, *, counted: bool = True
) -> Page:
    """Return one page of a list. Costs one query, and one for the number of all rows when it is wanted."""
    found = query.rows(rows, reader)
    columns = SORTS[query.sort]
    backwards, after = _read_cursor(query.cursor, columns)
    order = _reversed(columns) if backwards else columns
    wanted = found.order_by(*order).filter(_beyond(order, after)) if after else found
    taken = list(
        wanted.select_related("assignee", "reporter", "component").defer("description")[: query.page_size + 1]
    )
    more, taken = len(taken) > query.page_size, taken[: query.page_size]
    if backwards:
        taken.reverse()
    has_next, has_previous = (bool(taken), more) if backwards else (more, bool(after and taken))
    total, exact = (
        _count(found, len(taken) if not after and not more else None) if counted else (len(taken), False)
    )
    return Page(
        rows=taken,
        next_cursor=_write_cursor("after", taken[-1], columns) if has_next else None,
        previous_cursor=_write_cursor("before", taken[0], columns) if has_previous else None,
        total=total,
        total_is_exact=exact,
    )


def _count(found: TicketQuerySet, known: int | None) -> tuple[int, bool]:
    """Count exactly up to a thousand, beyond that as the database estimates."""
    if known is not None:
        return known, True
    exact = found.order_by()[: COUNTED_EXACTLY + 1].count()
    if exact <= COUNTED_EXACTLY:
        return exact, True
    plan = json.loads(found.order_by().values("pk").explain(format="json"))
    return max(int(plan[0]["Plan"]["Plan Rows"]), COUNTED_EXACTLY), False


def _reversed(columns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(column[1:] if column.startswith("-") else f"-{column}" for column in columns)


def _beyond(columns: tuple[str, ...], values: list[Any]) -> Q:
    names = [column.lstrip("-") for column in columns]
    beyond = ["lt" if column.startswith("-") else "gt" for column in columns]
    rows = Q()
    for depth, name in enumerate(names):
        equal = {names[n]: values[n] for n in range(depth)}
        rows |= Q(**equal, **{f"{name}__{beyond[depth]}": values[depth]})
    # Says nothing new, but lets the database start in the index where the page begins.
    return Q(**{f"{names[0]}__{beyond[0]}e": values[0]}) & rows


def _write_cursor(side: str, row: Ticket, columns: tuple[str, ...]) -> str:
    values = [getattr(row, column.lstrip("-")) for column in columns]
    text = json.dumps([side, *values], default=lambda moment: moment.isoformat())
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_cursor(cursor: str, columns: tuple[str, ...]) -> tuple[bool, list[Any]]:
    if not cursor:
        return False, []
    try:
        side, *values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        named = zip(columns, values, strict=True)
        read = [_columns[column.lstrip("-")].to_python(value) for column, value in named]
    except (ValueError, TypeError, OverflowError, binascii.Error, RecursionError, ValidationError):
        raise _bad("cursor", "is not a cursor of this list; begin again without it") from None
    if side not in ("before", "after") or not all(_is_storable(value) for value in read):
        raise _bad("cursor", "is not a cursor of this list; begin again without it")
    return side == "before", read


def _is_storable(value: Any) -> bool:
    return isinstance(value, datetime.datetime) or (isinstance(value, int) and 0 <= value < 2**31)


def _page_size(value: str | None) -> int:
    if not value:
        return PAGE_SIZE
    if not value.isascii() or not value.isdigit() or len(value) > 6 or not 1 <= int(value) <= LARGEST_PAGE:
        raise _bad("page_size", f"must be a whole number from 1 to {LARGEST_PAGE}")
    return int(value)


def _bad(name: str, sentence: str) -> BadQuery:
    return BadQuery(f"“{name}” {sentence}.", fields={name: [f"It {sentence}."]})


def _text(name: str, value: str) -> str:
    if "\x00" in value or any(0xD800 <= ord(char) <= 0xDFFF for char in value):
        raise _bad(name, "holds characters that are not text")
    if len(value) > 300:
        raise _bad(name, "must have at most 300 characters")
    return value.strip()


def words_of(name: str, value: str, known: list[str]) -> list[str]:
    """Read the words of a filter, with commas between them; raises `BadQuery` naming the known ones."""
    words = [word for word in _text(name, value).split(",") if word]
    wrong = [word for word in words if word not in known]
    if wrong:
        raise _bad(name, f"knows {', '.join(known)}, not {', '.join(wrong)}")
    return words


def _choice(field: str, known: list[str]) -> Condition:
    return lambda value, _reader: Q(**{f"{field}__in": words_of(field, value, known)})


def _priority(value: str, reader: User | AnonymousUser) -> Q:
    # By rank, which is what the index is over; the word says the same.
    ranks = [Priority.values.index(word) + 1 for word in words_of("priority", value, Priority.values)]
    return Q(priority_rank__in=ranks)


def _state(value: str, reader: User | AnonymousUser) -> Q:
    known = list(dict.fromkeys(state for model in registry.models() for state in model.workflow.State.values))
    return Q(state__in=words_of("state", value, known))


def _kind(value: str, reader: User | AnonymousUser) -> Q:
    return Q(
        kind__in=words_of(
            "kind", value, [m.workflow.kind for m in registry.models() if issubclass(m, Ticket)]
        )
    )


def _live(value: str, reader: User | AnonymousUser) -> Q:
    wanted = words_of("live", value, ["yes", "no"]) == ["yes"]
    live = Q()
    for model in registry.models():
        if issubclass(model, Ticket):
            live |= Q(kind=model.workflow.kind, state__in=model.workflow.live_states())
    return live if wanted else ~live


def _person(name: str, path: str) -> Condition:
    def condition(value: str, reader: User | AnonymousUser) -> Q:
        value = _text(name, value)
        if value == "none":
            return Q(**{f"{path}__isnull": True})
        if value == "me":
            return Q(**{path: reader.pk}) if reader.is_authenticated else Q(pk__in=[])
        found = User.objects.filter(username=value).values_list("pk", flat=True).first()
        if found is None:
            raise _bad(name, f"names nobody: there is no username “{value}” (“me” and “none” work too)")
        return Q(**{path: found})

    return condition


def _followed(value: str, reader: User | AnonymousUser) -> Q:
    if _text("watcher", value) != "me" or not reader.is_authenticated:
        raise _bad("watcher", "can only be “me”, signed in")
    return Q(pk__in=Watcher.objects.filter(user=reader).values("ticket"))


def _held(value: str, reader: User | AnonymousUser) -> Q:
    if _text("holder", value) != "me" or not reader.is_authenticated:
        raise _bad("holder", "can only be “me”, signed in")
    # As a list, and not as a subquery: what one person holds is little against the table, which the planner cannot
    # know beforehand and would read as a whole.
    return Q(pk__in=list(held_by(reader).values_list("pk", flat=True)))


def _component(value: str, reader: User | AnonymousUser) -> Q:
    node = Product.objects.filter(slug=_text("component", value)).first()
    if node is None:
        raise _bad("component", f"names no product: there is no “{value}”")
    below = Product.objects.filter(Q(path=node.path) | Q(path__startswith=f"{node.path}/"))
    return Q(component__in=below.values_list("pk", flat=True))


def _label(value: str, reader: User | AnonymousUser) -> Q:
    return Q(labels__contains=[word for word in _text("label", value).split(",") if word])


def _parent(value: str, reader: User | AnonymousUser) -> Q:
    return Q(parent__in=Ticket.objects.visible_to(reader).filter(key=_text("parent", value).upper()))


def _exactly(name: str, field: str) -> Condition:
    return lambda value, _reader: Q(**{field: _text(name, value)})


def _moment(name: str, lookup: str) -> Condition:
    def condition(value: str, reader: User | AnonymousUser) -> Q:
        try:
            moment = parse_datetime(value) or parse_date(value)
        except ValueError:
            moment = None
        if moment is None or not 1990 <= moment.year <= 2100:
            raise _bad(name, "must be a date like 2026-11-20 between 1990 and 2100")
        if not isinstance(moment, datetime.datetime):
            moment = datetime.datetime.combine(moment, datetime.time.min)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=datetime.UTC)
        return Q(**{lookup: moment})

    return condition


FILTERS: dict[str, Condition] = {
    "kind": _kind,
    "state": _state,
    "live": _live,
    "priority": _priority,
    "importance": _choice("importance", Level.values),
    "urgency": _choice("urgency", Level.values),
    "visibility": _choice("visibility", Visibility.values),
    "component": _component,
    "assignee": _person("assignee", "assignee"),
    "reporter": _person("reporter", "reporter"),
    "watcher": _followed,
    "holder": _held,
    "label": _label,
    "parent": _parent,
    "external_key": _exactly("external_key", "external_key"),
    "created_after": _moment("created_after", "created_at__gte"),
    "created_before": _moment("created_before", "created_at__lt"),
    "updated_after": _moment("updated_after", "updated_at__gte"),
    "updated_before": _moment("updated_before", "updated_at__lt"),
    "due_before": _moment("due_before", "due_at__lt"),
}
