"""What the clocks ask of tickets, whatever their process; a process says only its policies and its actions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django.contrib.contenttypes.models import ContentType
from django.db.models import DateTimeField, Field

from ops.clocks.course import Happening
from ops.clocks.registry import ANY, Adapter, Label
from ops.people.authority import COMMUNITY_SCIENCE, holders_of
from ops.people.models import Role, User
from ops.tickets.letters import as_reader
from ops.tickets.models import Ticket
from ops.workflow.models import Event


class TicketAdapter(Adapter):
    """Tickets of one kind, as the clocks see them."""

    model = Ticket
    audiences = {"lead": "the lead community scientists", "team": "the community scientists"}

    concrete: ClassVar[type[Ticket]]

    def __init_subclass__(cls) -> None:
        """Read what policies may speak of from the declaration of the process."""
        workflow = cls.concrete.workflow
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
        """Who has the next move."""
        rows = self.concrete.objects.filter(pk__in=ids).select_related(*Ticket.lock_related)
        return {ticket.pk: ticket.holders for ticket in rows}

    def audience(self, name: str, ids: Collection[int]) -> Mapping[int, Sequence[User | str]]:
        """Who is told at an escalation step: the same people for every ticket."""
        roles = (Role.LEAD, Role.DEPUTY) if name == "lead" else ()
        people = list(holders_of(COMMUNITY_SCIENCE, *roles))
        return dict.fromkeys(ids, people)

    def thread(self, target_id: int) -> str:
        """Messages of deadlines belong to the thread of their ticket."""
        return Ticket(pk=target_id).thread

    def ids_in(self, states: Collection[str]) -> Iterable[int]:
        """Tickets of this kind in one of these states."""
        return self.concrete.objects.filter(state__in=states).values_list("pk", flat=True)

    def labels(self, ids: Collection[int], reader: User | str) -> Mapping[int, Label]:
        """Name the tickets that this reader may see."""
        rows = Ticket.objects.visible_to(as_reader(reader)).filter(pk__in=ids).defer("description")
        return {
            ticket.pk: Label(f"{ticket.key} {ticket.title}", ticket.get_absolute_url()) for ticket in rows
        }

    def history(self, ids: Collection[int]) -> Mapping[int, Iterable[Happening]]:
        """Fold the events of each ticket into the states and facts that it went through."""
        kind = ContentType.objects.get_for_model(Ticket)
        happenings: dict[int, list[Happening]] = defaultdict(list)
        facts: dict[int, dict[str, Any]] = defaultdict(lambda: dict.fromkeys(self.concrete.workflow.facts))
        for event in Event.objects.filter(content_type=kind, object_id__in=ids).order_by("pk"):
            known = facts[event.object_id]
            changed = known.keys() & event.changes.keys()
            known.update(
                {name: _column(self.concrete, name).to_python(event.changes[name]["new"]) for name in changed}
            )
            happenings[event.object_id].append(Happening(event.created_at, event.target, dict(known)))
        return happenings


def _column(model: type[Ticket], name: str) -> Field[Any, Any]:
    return next(field for field in model._meta.concrete_fields if field.name == name)
