"""One step for many tickets: what can be taken with those chosen, and taking it with each of them by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.urls import reverse

from ops.notify.services import one_mail_each
from ops.web.finding import ticket_for
from ops.web.forms import declared
from ops.web.queue.bulk import MOST_AT_ONCE, Outcome
from ops.workflow.errors import BadQuery, InvalidInput, NotFound, Refusal
from ops.workflow.forms import DeclaredForm
from ops.workflow.selectors import Offer, offers
from ops.workflow.services import perform


@dataclass(frozen=True)
class Choice:
    """A step that can be taken with some of the tickets."""

    label: str
    help: str
    url: str
    ready: int


@dataclass(frozen=True)
class Place:
    """One of the tickets, and what holds the step back for it; nothing where nothing does."""

    ticket: Any
    why_not: str


class Together:
    """Several tickets of one kind, for one reader who means to take the same step with each."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.keys = list(dict.fromkeys(filter(None, request.GET.get("keys", "").upper().split(","))))
        if not self.keys:
            raise InvalidInput("Choose at least one ticket.")
        if len(self.keys) > MOST_AT_ONCE:
            raise BadQuery(f"At most {MOST_AT_ONCE} tickets are changed at once.")
        if len({ticket.kind for ticket in self.tickets}) > 1:
            raise BadQuery("Choose tickets of one kind: each kind has steps of its own.")

    @cached_property
    def tickets(self) -> list[Any]:
        """The tickets, in the order in which they were chosen."""
        return [ticket_for(self.request, key) for key in self.keys]

    @property
    def count(self) -> str:
        """How many, in words."""
        return f"{len(self.tickets)} ticket{'' if len(self.tickets) == 1 else 's'}"

    @cached_property
    def _offers(self) -> Mapping[str, Sequence[Offer]]:
        return {ticket.key: offers(ticket, self.request.user) for ticket in self.tickets}

    def _offer(self, ticket: Any, name: str) -> Offer | None:
        return next((offer for offer in self._offers[ticket.key] if offer.step.name == name), None)

    @property
    def choices(self) -> list[Choice]:
        """The steps that this reader may take with at least one of them, in the order of the declaration."""
        steps = {step.name: step for step in self.tickets[0].workflow.steps()}
        return [
            Choice(step.label, step.help, self.url(name), ready)
            for name, step in steps.items()
            if (ready := sum(not place.why_not for place in self.places(name)))
        ]

    def places(self, name: str) -> list[Place]:
        """For each ticket, whether a step can be taken, and if not, why."""
        return [Place(ticket, self._why_not(ticket, name)) for ticket in self.tickets]

    def _why_not(self, ticket: Any, name: str) -> str:
        offer = self._offer(ticket, name)
        if offer is None:
            return f"It is {ticket.state_label.lower()}; this step is not yours to take from there."
        return " ".join(guard.sentence for guard in offer.guards)

    def url(self, name: str = "") -> str:
        """The address of this page, or of a step on it."""
        query = {"keys": ",".join(self.keys), **({"step": name} if name else {})}
        return f"{reverse('together')}?{urlencode(query)}"

    def form(self, name: str, typed: QueryDict | None = None) -> DeclaredForm:
        """The form of a step, once for all of them: what any of them would be asked for."""
        steps = [offer.step for ticket in self.tickets if (offer := self._offer(ticket, name))]
        if not steps:
            raise NotFound(f"None of these tickets has a step called “{name}” that you may take.")
        return declared.drawn(
            type(self.tickets[0])(),
            asks=dict.fromkeys(field for step in steps for field in step.asks),
            offers=dict.fromkeys(field for step in steps for field in step.offers),
            actor=self.request.user,  # type: ignore[arg-type]  # the view lets nobody else in
            typed=typed,
            reason=any(step.reason for step in steps),
        )

    def take(self, name: str, typed: QueryDict) -> Outcome:
        """Take the step with each; what is refused for one does not stop the others, and nobody gets two mails.

        What was left empty stays as it is. Raises `InvalidInput` when the first of them shows that what was typed
        cannot be used; then nothing has been done.
        """
        form = self.form(name)
        given = {
            field: value for field, value in declared.read(form, typed).items() if value not in ("", None, [])
        }
        outcome = Outcome(self.tickets[0].workflow.steps_named(name)[0].label)
        with one_mail_each():
            for ticket in self.tickets:
                self._take_one(ticket, name, given, typed.get(declared.REASON, ""), outcome)
        return outcome

    def _take_one(
        self, ticket: Any, name: str, given: Mapping[str, Any], reason: str, outcome: Outcome
    ) -> None:
        offer = self._offer(ticket, name)
        wanted = offer.step.fields if offer else ()
        data = {field: value for field, value in given.items() if field in wanted}
        try:
            perform(ticket, name, actor=self.request.user, data=data, reason=reason)  # type: ignore[arg-type]
        except Refusal as refusal:
            if isinstance(refusal, InvalidInput) and not outcome.done and not outcome.refused:
                raise
            sentences = [sentence for of_field in refusal.fields.values() for sentence in of_field]
            outcome.refused.append((ticket.key, " ".join(sentences) or refusal.detail))
        else:
            outcome.done.append(ticket.key)
