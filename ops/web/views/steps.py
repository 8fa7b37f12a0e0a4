"""The steps of a record's life, and its fields changed in place."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db import models
from django.http import HttpResponse

from ops.web.addresses import address_words, called, edit_url, step_url
from ops.web.doors import SignedInRequest
from ops.web.forms import declared
from ops.web.forms.desk_form import RecordForm
from ops.web.frame.answers import LISTS, on_its_page, on_the_card, on_the_list
from ops.web.records.facts import Facts
from ops.web.records.mending import mends_of
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
        """Show where the record stands now: on its page, its card, or the list from which the step was taken."""
        words, view = f"{called(done)} is {done.state_label.lower()}.", self.request.POST.get("view", "")
        if view == "board" and self.request.htmx:
            return on_the_card(self.request, done, words)
        if view in LISTS:
            return on_the_list(self.request, view, words)
        return on_its_page(self.request, done, words, focus="page-title")

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
        step = self.step
        return f"{step.name}:{address_words(self.record)}" if step.fields or step.reason else ""

    def context(self) -> dict[str, Any]:
        """The form of the step."""
        step, is_held_back = self.step, isinstance(self.refusal, GuardUnmet)
        form = declared.drawn_for(
            step, self.record, actor=self.request.user, typed=self.typed, initial=self.kept.fields
        )
        return {
            **super().context(),
            "heading": f"{step.label}: {called(self.record)}",
            "help": step.help,
            "form": self.with_refusal(form),
            "action": step_url(self.record, step.name),
            "send": step.label,
            "can_send": self.can_send,
            "mends": mends_of(self.record, step, self.request.user) if is_held_back else (),
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
        self._refuse_what_is_not_theirs()
        return self.draw()

    def _refuse_what_is_not_theirs(self) -> None:
        declared_first = [name for _, names in self.record.workflow.edits for name in names][:1]
        wanted = self.request.GET.getlist("field") or self.names or declared_first
        refuse_unless_editable(self.record, wanted, actor=self.request.user)
        if not self.names:
            raise NotFound

    def carry_out(self) -> Any:
        """Change what was typed."""
        self._refuse_what_is_not_theirs()
        form = declared.drawn(self.record, offers=self.names, actor=self.request.user)
        data = declared.read(form, self.request.POST)
        version = declared.version(self.request.POST)
        return edit(self.record, actor=self.request.user, data=data, version=version)

    def answer(self, done: Any) -> HttpResponse:
        """Show the record as it is now; the keyboard goes on from the field."""
        field = (self.request.GET.getlist("field") or ["title"])[0]
        place = {"importance": "priority"}.get(field, field)
        return on_its_page(self.request, done, "Saved.", focus=f"fact-{place}")

    @property
    def draft_key(self) -> str:
        """Text is kept; a choice in the column of facts is made again."""
        texts = {
            field.name for field in self.record._meta.get_fields() if isinstance(field, models.TextField)
        }
        is_text = not texts.isdisjoint(self.names)
        return f"edit:{address_words(self.record)}:{','.join(self.names)}"[:200] if is_text else ""

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
            "heading": f"Edit {called(self.record)}",
            "form": self.with_refusal(form),
            "action": edit_url(self.record) + (f"?{query}" if query else ""),
            "send": "Save",
            "can_send": not isinstance(self.refusal, NotAllowed),
        }
