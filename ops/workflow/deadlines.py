"""What the clocks ask of anything that has a workflow; a process says only its audiences and its actions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.models import ContentType
from django.db.models import DateTimeField, Field

from ops.clocks.course import Happening
from ops.clocks.registry import ANY, Adapter, Label
from ops.people.models import User
from ops.workflow.declaration import Party
from ops.workflow.models import Event, Stateful, thread_of


class StatefulAdapter(Adapter):
    """Objects of one kind, as the clocks see them; what policies may speak of is read from the declaration."""

    concrete: ClassVar[type[Stateful]]

    def __init_subclass__(cls) -> None:
        """Read states and facts from the workflow of the model that the adapter is for."""
        if not hasattr(cls, "concrete"):
            return
        workflow = cls.concrete.workflow
        cls.model = cls.concrete.anchor_model()
        cls.states = {state.value: str(state.label) for state in workflow.State}
        cls.final_states = tuple(str(state) for state in workflow.final)
        fields = {name: _column(cls.concrete, name) for name in workflow.facts}
        cls.moments = {
            name: str(field.verbose_name)
            for name, field in fields.items()
            if isinstance(field, DateTimeField)
        }
        cls.facts = {
            name: [value for value, _ in field.flatchoices] or ANY
            for name, field in fields.items()
            if name not in cls.moments
        }

    def holders(self, ids: Collection[int]) -> Mapping[int, Sequence[User | str]]:
        """Who has the next move and sees it; for many that wait for the forum watcher, they are looked up once."""
        rows = self.concrete._default_manager.filter(pk__in=ids).select_related(*self.concrete.lock_related)
        known: dict[tuple[Party, Hashable], list[User | str]] = {}
        found = {}
        for row in rows:
            party = row.workflow.held_by.get(row.state)
            if party is None or party.alike is None:
                people = row.holders
            else:
                key = party, party.alike(row)
                people = known[key] if key in known else known.setdefault(key, row.holders)
            found[row.pk] = row.readers_among(people)
        return found

    def thread(self, target_id: int) -> str:
        """Messages of deadlines belong to the thread of their target."""
        return thread_of(self.model, target_id)

    def ids_in(self, states: Collection[str]) -> Iterable[int]:
        """Those in one of these states."""
        return self.concrete._default_manager.filter(state__in=states).values_list("pk", flat=True)

    def labels(self, ids: Collection[int], reader: User | str) -> Mapping[int, Label]:
        """Name those that this reader may see; a plain address sees what the public sees."""
        eyes = reader if isinstance(reader, User) else AnonymousUser()
        rows = self.concrete._default_manager.all().visible_to(eyes).filter(pk__in=ids)  # type: ignore[attr-defined]
        return {row.pk: Label(self.title(row), row.get_absolute_url()) for row in rows}

    def title(self, row: Any) -> str:
        """What one of them is called."""
        return str(row)

    def history(self, ids: Collection[int]) -> Mapping[int, Iterable[Happening]]:
        """Fold the events of each target into the states and facts that it went through."""
        kind = ContentType.objects.get_for_model(self.model)
        happenings: dict[int, list[Happening]] = defaultdict(list)
        facts: dict[int, dict[str, Any]] = defaultdict(lambda: dict.fromkeys(self.concrete.workflow.facts))
        for event in Event.objects.filter(content_type=kind, object_id__in=ids).order_by("pk"):
            known = facts[event.object_id]
            for name in known.keys() & event.changes.keys():
                known[name] = _column(self.concrete, name).to_python(event.changes[name]["new"])
            happenings[event.object_id].append(Happening(event.created_at, event.target, dict(known)))
        return happenings


def _column(model: type[Stateful], name: str) -> Field[Any, Any]:
    return next(field for field in model._meta.concrete_fields if field.name == name)
