"""The bar above a list or a board: every filter that it can be asked for, and what each is set to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.contrib.auth.models import AnonymousUser

from ops.people.models import User
from ops.tickets import queue
from ops.tickets.models import Level, Priority, Visibility
from ops.web.finding import ticket_models
from ops.workflow.registry import model_of

DATES = (
    ("created_after", "Reported from"),
    ("created_before", "Reported before"),
    ("updated_after", "Changed from"),
    ("updated_before", "Changed before"),
    ("due_before", "Due before"),
)


@dataclass(frozen=True)
class Choice:
    """One value that a filter can take."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class Filter:
    """One filter of the bar: what it is called, what it is set to, and what can be chosen."""

    name: str
    label: str
    value: str = ""
    choices: Sequence[Choice] = ()
    sort: str = "text"
    hint: str = ""

    @property
    def is_one_choice(self) -> bool:
        """Whether it is set to one of its choices, not to several."""
        return any(choice.value == self.value for choice in self.choices)

    @property
    def words(self) -> str:
        """What it is set to, in words."""
        return ", ".join(choice.label for choice in self.choices if choice.chosen) or self.value


@dataclass(frozen=True)
class Chip:
    """A filter that is set, and the same list without it."""

    label: str
    words: str
    without: str


class FilterBar:
    """The filters of one address, for one reader; `kind` is given where the list is of one process alone."""

    def __init__(self, address: Mapping[str, str], reader: User | AnonymousUser, kind: str = "") -> None:
        self.address, self.reader, self.kind = address, reader, kind

    @cached_property
    def main(self) -> list[Filter]:
        """What is asked for most."""
        return [
            self._chosen("state", "State", self._states()),
            self._chosen("priority", "Priority", Priority.choices),
            self._typed("assignee", "Assignee", "user", "Username, me, none"),
            self._typed("component", "Component", "product", "Any"),
        ]

    @cached_property
    def more(self) -> list[Filter]:
        """Everything else."""
        visibilities = [(each.value, each.label.partition(":")[0]) for each in Visibility]
        return [
            *self._kinds(),
            self._chosen("live", "Still open", [("yes", "Open"), ("no", "Ended")]),
            self._chosen("importance", "Importance", Level.choices),
            self._chosen("urgency", "Urgency", Level.choices),
            self._chosen("visibility", "Visibility", visibilities),
            self._typed("label", "Label", "label", "Any"),
            self._typed("reporter", "Reporter", "user", "Username, me"),
            *self._about_me(),
            self._chosen("sweep", "Weekly sweep", [("yes", "To be looked at")]),
            self._typed("parent", "Below", "ticket", "Key"),
            self._typed("external_key", "Key elsewhere", "text", ""),
            *(self._typed(name, label, "date", "") for name, label in DATES),
        ]

    @property
    def more_set(self) -> int:
        """How many of the rarer filters are set."""
        return sum(bool(each.value) for each in self.more)

    def chips(self, without: Callable[[str], str]) -> list[Chip]:
        """Return the filters that are set; `without` gives the address that leaves one of them out."""
        named = {each.name: each for each in [*self.main, *self.more]}
        named["search"] = Filter("search", "Words", self.address.get("search", ""))
        wanted = [name for name in self.address if name not in queue.PAGING and name in named]
        return [Chip(named[name].label, named[name].words, without(name)) for name in wanted]

    def _kinds(self) -> list[Filter]:
        kinds = [(model.workflow.kind, model.workflow.plural) for model in ticket_models()]
        return [self._chosen("kind", "Kind", kinds)] if not self.kind and len(kinds) > 1 else []

    def _about_me(self) -> list[Filter]:
        if not self.reader.is_authenticated:
            return []
        return [
            self._chosen("holder", "Waits for", [("me", "Me")]),
            self._chosen("watcher", "Followed", [("me", "By me")]),
        ]

    def _states(self) -> list[tuple[str, str]]:
        models = [model_of(self.kind)] if self.kind else ticket_models()
        return list(dict.fromkeys((s.value, str(s.label)) for m in models for s in m.workflow.State))

    def _chosen(self, name: str, label: str, choices: Sequence[tuple[str, str]]) -> Filter:
        value = self.address.get(name, "")
        chosen = value.split(",")
        made = [Choice(str(each), str(words), str(each) in chosen) for each, words in choices]
        return Filter(name, label, value, made, "choices")

    def _typed(self, name: str, label: str, sort: str, hint: str) -> Filter:
        return Filter(name, label, self.address.get(name, ""), sort=sort, hint=hint)
