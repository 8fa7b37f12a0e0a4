"""What a record of another tracker means on this desk: its words for people, products, priority and state."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from ops.issues.jira_csv import Record, Remark
from ops.issues.models import Issue
from ops.people.models import Product, User
from ops.tabular.tolerant_csv import excerpt
from ops.tickets.models import Level, Ticket

MATTERS: Mapping[str, tuple[Level, Level]] = {
    "blocker": (Level.HIGH, Level.HIGH),
    "highest": (Level.HIGH, Level.HIGH),
    "critical": (Level.HIGH, Level.HIGH),
    "high": (Level.HIGH, Level.MEDIUM),
    "major": (Level.HIGH, Level.MEDIUM),
    "medium": (Level.MEDIUM, Level.MEDIUM),
    "normal": (Level.MEDIUM, Level.MEDIUM),
    "minor": (Level.MEDIUM, Level.LOW),
    "low": (Level.MEDIUM, Level.LOW),
    "trivial": (Level.LOW, Level.LOW),
    "lowest": (Level.LOW, Level.LOW),
}
"""Importance and urgency, from which our priority follows, for the usual words for a priority."""

DONE = frozenset({"done", "closed", "resolved", "fixed", "implemented", "complete", "completed"})
DECLINED = frozenset({"won't do", "won't fix", "wont fix", "rejected", "declined", "cancelled", "canceled"})
RESOLUTIONS: Mapping[str, Issue.Resolution] = {
    "won't fix": Issue.Resolution.WONT_FIX,
    "won't do": Issue.Resolution.WONT_FIX,
    "cannot reproduce": Issue.Resolution.NOT_REPRODUCIBLE,
    "not a bug": Issue.Resolution.NOT_AN_ISSUE,
    "works as designed": Issue.Resolution.NOT_AN_ISSUE,
    "answered": Issue.Resolution.ANSWERED,
    "workaround": Issue.Resolution.WORKAROUND,
}

LONGEST_TITLE = Ticket._meta.get_field("title").max_length or 200
LONGEST_LABEL = 40
LONGEST_PIECE = 49_000  # of a description or comment, which take 50,000
LONGEST_WORKAROUND = 20_000
ONE_LINE = 120


class Directory:
    """Finds people and products by the names under which another tracker knows them."""

    def __init__(self) -> None:
        self._people: dict[str, User | None] = {}
        for user in User.objects.visible_to(None):
            names = {name.casefold() for name in (user.username, user.email, user.display_name)}
            for name in names - {""}:
                # A name that two people share is nobody's.
                self._people[name] = None if name in self._people else user
        self._products: dict[str, Product] = {}
        for product in Product.objects.select_related("owner", "manager"):
            self._products |= {product.slug.casefold(): product, product.name.casefold(): product}

    def person(self, name: str) -> User | None:
        """Whose name, user name or address this is."""
        return self._people.get(name.casefold())

    def product(self, name: str) -> Product | None:
        """Which product is called so."""
        return self._products.get(name.casefold())


@dataclass(frozen=True)
class Meaning:
    """A record in the words of this desk. What has no place of its own here is in the description."""

    values: dict[str, Any]
    """Fields of an issue, as forms take them: people and products by name, moments as moments."""
    reporter: User | None
    watchers: tuple[str, ...]
    created_at: datetime.datetime | None
    settled_at: datetime.datetime | None
    comments: tuple[Remark, ...]
    status: str
    resolution: str

    @property
    def is_done(self) -> bool:
        """Whether the other tracker calls it finished."""
        return self.status.casefold() in DONE

    @property
    def is_declined(self) -> bool:
        """Whether the other tracker will do nothing about it."""
        words = {self.status.casefold(), self.resolution.casefold()}
        return bool(words & DECLINED)


@dataclass
class _Sorting:
    """The record while it is sorted: what found its field, and what is kept as text."""

    record: Record
    values: dict[str, Any] = field(default_factory=dict)
    kept: list[tuple[str, str]] = field(default_factory=list)

    def keep(self, column: str, text: str) -> None:
        if text:
            self.kept.append((column, text))


def meaning_of(record: Record, *, source: str, directory: Directory, component: str = "") -> Meaning:
    """Say what a record means here. `component` is the slug of the product for those that name none."""
    sorting = _Sorting(record)
    reporter = _sort_people(sorting, directory)
    _sort_component(sorting, directory, component)
    _sort_words(sorting, source)
    watchers = [name for name in record.watchers if directory.person(name)]
    sorting.keep("Watchers", ", ".join(name for name in record.watchers if not directory.person(name)))
    _sort_texts(sorting)
    sorting.kept += record.kept
    pieces = in_pieces(_described(record, sorting.kept, source))
    sorting.values["description"] = pieces[0]
    rest = (Remark(piece) for piece in pieces[1:])
    return Meaning(
        values=sorting.values,
        reporter=reporter,
        watchers=tuple(person.username for name in watchers if (person := directory.person(name))),
        created_at=record.created,
        settled_at=record.updated or record.created,
        comments=(*rest, *record.comments),
        status=record.status,
        resolution=record.resolution,
    )


def in_pieces(text: str) -> list[str]:
    """A text in pieces that each fit into a description or a comment."""
    return [text[at : at + LONGEST_PIECE] for at in range(0, max(len(text), 1), LONGEST_PIECE)]


def comment_texts(remark: Remark, source: str) -> list[str]:
    """The comments that tell what was said in the other tracker, by whom and when."""
    if not (remark.author or remark.written_at):
        return in_pieces(remark.body)
    when = f", {remark.written_at:%Y-%m-%d %H:%M}" if remark.written_at else ""
    said = f"*{remark.author or 'somebody'}{when}, in {source}:*\n\n{remark.body}"
    return in_pieces(said)


def _sort_people(sorting: _Sorting, directory: Directory) -> User | None:
    record = sorting.record
    reporter, assignee = directory.person(record.reporter), directory.person(record.assignee)
    if assignee:
        sorting.values["assignee"] = assignee.username
    else:
        sorting.keep("Assignee", record.assignee)
    if not reporter:
        sorting.keep("Reporter", record.reporter)
    return reporter


def _sort_component(sorting: _Sorting, directory: Directory, fallback: str) -> None:
    names = sorting.record.components
    known = [product for name in names if (product := directory.product(name))]
    if known:
        sorting.values["component"] = known[0].slug
    elif fallback:
        sorting.values["component"] = fallback
    if len(known) != len(names) or len(known) > 1:
        sorting.keep("Components", ", ".join(names))


def _sort_words(sorting: _Sorting, source: str) -> None:
    record = sorting.record
    levels = MATTERS.get(record.priority.casefold())
    if levels:
        sorting.values["importance"], sorting.values["urgency"] = levels
    sorting.keep("Priority", record.priority)
    sorting.keep("Status", record.status)
    sorting.keep("Resolution", record.resolution)
    if record.updated:
        sorting.keep("Updated", record.updated.isoformat(" ", "minutes"))
    labels = [*(label.lower() for label in record.labels), status_label(source, record.status)]
    sorting.values["labels"] = [label for label in labels if 0 < len(label) <= LONGEST_LABEL]
    sorting.keep("Labels", ", ".join(label for label in record.labels if len(label) > LONGEST_LABEL))


def status_label(source: str, status: str) -> str:
    """The label under which issues with a state of the other tracker are found, such as `jira-in-progress`."""
    word = "-".join(re.findall(r"[^\W_]+", status.casefold()))
    return f"{source}-{word}"[:LONGEST_LABEL] if word else ""


def _sort_texts(sorting: _Sorting) -> None:
    record = sorting.record
    sorting.values["title"] = excerpt(record.title, LONGEST_TITLE)
    if sorting.values["title"] != record.title:
        sorting.keep("Summary", record.title)
    sorting.values["due_at"] = record.due
    fits = len(record.workaround) <= LONGEST_WORKAROUND
    sorting.values["workaround"] = record.workaround if fits else ""
    sorting.keep("Workaround", "" if fits else record.workaround)
    for name, column, text in (
        ("forum_topic", "Forum topic", record.forum_topic),
        ("documentation_url", "Documentation", record.documentation),
    ):
        good = _is_url(text)
        sorting.values[name] = text if good else ""
        sorting.keep(column, "" if good else text)


def _is_url(text: str) -> bool:
    try:
        URLValidator(schemes=["http", "https"])(text)
    except ValidationError:
        return False
    return len(text) <= 500


def _described(record: Record, kept: Iterable[tuple[str, str]], source: str) -> str:
    """The description, and below it under the names of their columns what has no field here."""
    facts, sections = [], []
    for column, text in kept:
        if "\n" in text or len(text) > ONE_LINE:
            sections.append(f"### {column}\n\n{text}")
        else:
            facts.append(f"* **{column}:** {text}")
    told = [f"### {record.key} in {source}\n\n" + "\n".join(facts)] if facts else []
    return "\n\n".join(part for part in (record.description, *sections, *told) if part)
