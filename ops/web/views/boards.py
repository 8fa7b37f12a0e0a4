"""The board, and cards moved on it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET
from django_htmx.http import trigger_client_event

from ops.web.doors import PageRequest, SignedInRequest, signed_in
from ops.web.finding import ticket_for
from ops.web.forms import declared
from ops.web.frame.answers import on_the_card
from ops.web.queue.board import Board
from ops.web.records.actions import actions
from ops.web.views.steps import TakeStep
from ops.workflow.declaration import Step
from ops.workflow.errors import GuardUnmet, IllegalTransition, Refusal
from ops.workflow.selectors import offers
from ops.workflow.services import permitted_step


@require_GET
def board(request: PageRequest) -> HttpResponse:
    """Show the tickets of a process in columns."""
    return render(request, "web/board.html", {"board": Board(request)})


@signed_in
@require_GET
def moves(request: SignedInRequest, key: str) -> HttpResponse:
    """List where a card can go; asked when its menu is opened, so that a board asks for nobody's permissions."""
    ticket = ticket_for(request, key)
    if not request.htmx:
        return redirect(f"{ticket.get_absolute_url()}#actions")
    return render(request, "web/_moves.html", {"ticket": ticket, "actions": actions(ticket, request.user)})


class MoveCard(TakeStep):
    """A card dropped on a column: the step that leads there, and its form first where it asks something."""

    http_method_names = ("post",)

    @property
    def typed(self) -> None:
        """A card that is dropped has typed nothing yet."""
        return

    @property
    def place(self) -> str:
        """Its form opens above the board."""
        return "sheet-body"

    @cached_property
    def step(self) -> Step:
        """The step to the column, one that this person may take before any other."""
        to = self.request.POST.get("to", "")
        ways = [step for step in self.record.workflow.steps_from(self.record.state) if to in step.targets]
        if not ways:
            raise IllegalTransition(self._no_way(to))
        offered = [offer.step for offer in offers(self.record, self.request.user)]
        return next((step for step in ways if step in offered), ways[0])

    def _no_way(self, to: str) -> str:
        workflow = self.record.workflow
        if to == self.record.state:
            return (
                f"{self.record.key} is {self.record.state_label.lower()} already: somebody else has moved it."
            )
        steps = workflow.steps_from(self.record.state)
        targets = dict.fromkeys(str(workflow.State(t).label) for step in steps for t in step.targets)
        name = workflow.State(to).label if to in workflow.State.values else to
        here = f"{self.record.key} is {self.record.state_label.lower()}"
        return f"{here}; from there it goes to {', '.join(targets) or 'nowhere'}, not to {name}."

    def carry_out(self) -> Any:
        """Take the step."""
        version = declared.version(self.request.POST)
        step = permitted_step(self.record, self.step.name, actor=self.request.user, version=version)
        if sentences := step.unmet(self.record):
            raise GuardUnmet(" ".join(sentences))
        return None if step.fields or step.reason else super().carry_out()

    def answer(self, done: Any) -> HttpResponse:
        """Show the card in its new column, or the form of a step that asks something."""
        if done is None:
            return self.draw()
        return on_the_card(self.request, done, f"{done.key} is {done.state_label.lower()}.")

    def refused(self, refusal: Refusal) -> HttpResponse:
        """Let the card slide to where the ticket really is, and say why."""
        response = on_the_card(self.request, ticket_for(self.request, self.record.key))
        response.status_code = refusal.status
        return trigger_client_event(response, "toast", {"words": refusal.detail, "level": "error"})

    def context(self) -> dict[str, Any]:
        """The form of the step; sent, it changes the card."""
        return {**super().context(), "view": "board"}
