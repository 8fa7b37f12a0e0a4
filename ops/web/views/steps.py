"""The steps of a record's life, and its fields changed in place."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db import models
from django.http import HttpResponse
from django.urls import reverse

from ops.web import declared
from ops.web.answers import on_the_card, on_the_ticket
from ops.web.desk_form import RecordForm
from ops.web.doors import SignedInRequest
from ops.web.facts import Facts
from ops.workflow.declaration import Step
from ops.workflow.errors import GuardUnmet, NotAllowed, NotFound, Refusal
from ops.workflow.services import edit, perform, permitted_step, refuse_unless_editable


class TakeStep(RecordForm):
    """The form of a step, from the page of a record, a card of the board, or the list of what waits."""

    @property
    def step(self) -> Step:
        """The step of this name from where the record stands; otherwise one that it could not take."""
        steps = self.record.workflow.steps_named(self.kwargs["name"])
        if not steps:
            raise NotFound(f"{self.record.workflow.plural} know no step called “{self.kwargs['name']}”.")
        return next((step for step in steps if self.record.state in step.sources), steps[0])

    def get(self, request: SignedInRequest, **at: Any) -> HttpResponse:
        """Draw the form, or say why the step cannot be taken now."""
        step = permitted_step(self.record, self.step.name, actor=request.user)
        if sentences := step.unmet(self.record):
            self.refusal = GuardUnmet(" ".join(sentences))
        return self.draw()

    def carry_out(self) -> Any:
        """Take the step with what was typed."""
        form = declared.drawn_for(self.step, self.record, actor=self.request.user)
        return perform(
            self.record,
            self.step.name,
            actor=self.request.user,
            data=declared.read(form, self.request.POST),
            reason=self.request.POST.get(declared.REASON, ""),
            version=declared.version(self.request.POST),
        )

    def answer(self, done: Any) -> HttpResponse:
        """Show where the ticket stands now, on its page or on its card."""
        words = f"{done.key} is {done.state_label.lower()}."
        if self.request.POST.get("view") == "board" and self.request.htmx:
            return on_the_card(self.request, done, words)
        return on_the_ticket(self.request, done.key, words, focus="ticket-title")

    @property
    def can_send(self) -> bool:
        """Whether it makes sense to send the form, perhaps again."""
        try:
            return not permitted_step(self.record, self.step.name, actor=self.request.user).unmet(self.record)
        except Refusal:
            return False

    @property
    def draft_key(self) -> str:
        """A step that asks something keeps what was typed."""
        return f"{self.step.name}:{self.record.key}" if self.step.fields or self.step.reason else ""

    def context(self) -> dict[str, Any]:
        """The form of the step."""
        step = self.step
        form = declared.drawn_for(
            step, self.record, actor=self.request.user, typed=self.typed, initial=self.kept.fields
        )
        return {
            **super().context(),
            "heading": f"{step.label}: {self.record.key}",
            "help": step.help,
            "form": self.with_refusal(form),
            "action": reverse("do", args=[self.record.key, step.name]),
            "send": step.label,
            "can_send": self.can_send,
        }


class EditRecord(RecordForm):
    """Some fields of a record in their place, or all that this person may change on a page."""

    @cached_property
    def names(self) -> list[str]:
        """The fields of the form: those asked for, as far as this person may change them."""
        facts = Facts(self.record, self.request.user)
        wanted = self.request.GET.getlist("field") or facts.editable
        return [name for name in dict.fromkeys(wanted) if facts.may_change(name)]

    def get(self, request: SignedInRequest, **at: Any) -> HttpResponse:
        """Draw the form; where nothing may be changed, say who may."""
        refuse_unless_editable(self.record, request.GET.getlist("field") or ["title"], actor=request.user)
        if not self.names:
            raise NotFound
        return self.draw()

    def carry_out(self) -> Any:
        """Change what was typed."""
        form = declared.drawn(self.record, offers=self.names, actor=self.request.user)
        data = declared.read(form, self.request.POST)
        version = declared.version(self.request.POST)
        return edit(self.record, actor=self.request.user, data=data, version=version)

    def answer(self, done: Any) -> HttpResponse:
        """Show the ticket as it is now; the keyboard goes on from the field."""
        field = (self.request.GET.getlist("field") or ["title"])[0]
        place = {"importance": "priority"}.get(field, field)
        return on_the_ticket(self.request, done.key, "Saved.", focus=f"fact-{place}")

    @property
    def draft_key(self) -> str:
        """Text is kept; a choice in the column of facts is made again."""
        is_text = any(isinstance(self.record._meta.get_field(name), models.TextField) for name in self.names)
        return f"edit:{self.record.key}:{','.join(self.names)}"[:200] if is_text else ""

    def context(self) -> dict[str, Any]:
        """The form over the fields."""
        form = declared.drawn(
            self.record,
            offers=self.names,
            actor=self.request.user,
            typed=self.typed,
            initial=self.kept.fields,
        )
        query = self.request.GET.urlencode()
        return {
            **super().context(),
            "heading": f"Edit {self.record.key}",
            "form": self.with_refusal(form),
            "action": reverse("edit-ticket", args=[self.record.key]) + (f"?{query}" if query else ""),
            "send": "Save",
            "can_send": not isinstance(self.refusal, NotAllowed),
        }
