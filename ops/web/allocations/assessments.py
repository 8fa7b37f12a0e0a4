"""The page of the technical assessor: the request beside the verdict."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from ops.allocations.models import Request
from ops.allocations.selectors import last_return
from ops.web.allocations.requests import Version
from ops.web.doors import SignedInRequest
from ops.web.forms import declared
from ops.web.forms.desk_form import RecordForm
from ops.web.frame.answers import on_the_ticket
from ops.workflow.declaration import Step
from ops.workflow.errors import NotFound, Refusal
from ops.workflow.services import perform, permitted_step


class AssessRequest(RecordForm):
    """The verdict on a request, and the two notes; typed text is kept until it is sent."""

    page_template = "allocations/assess.html"
    part_template = "allocations/assess.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Find the request."""
        super().setup(request, *args, **kwargs)
        if not isinstance(self.record, Request):
            raise NotFound

    @property
    def name(self) -> str:
        """Which step is taken: an assessment that is there is corrected."""
        return "reassess" if self.record.state == Request.State.ASSESSED else "assess"

    @property
    def step(self) -> Step:
        """The step."""
        return self.record.workflow.steps_named(self.name)[0]

    @property
    def place(self) -> str:
        """The form stands on a page of its own."""
        return "assess"

    @property
    def draft_key(self) -> str:
        """What is typed is kept."""
        return f"assess:{self.record.key}"

    def get(self, request: SignedInRequest, **at: Any) -> HttpResponse:
        """Draw the page, or say who assesses and when."""
        permitted_step(self.record, self.name, actor=request.user)
        return self.draw()

    def carry_out(self) -> Request:
        """Assess it."""
        form = declared.drawn_for(self.step, self.record, actor=self.request.user)
        return perform(
            self.record,
            self.name,
            actor=self.request.user,
            data=declared.read(form, self.request.POST),
            reason=self.request.POST.get(declared.REASON, ""),
            version=declared.version(self.request.POST),
        )

    def answer(self, done: Request) -> HttpResponse:
        """Show the request as it is now."""
        verdict = done.latest_assessment
        words = f"{done.key} is assessed: {verdict.get_verdict_display().lower()}." if verdict else ""
        return on_the_ticket(self.request, done.key, words)

    @property
    def may_return(self) -> bool:
        """Whether the request may go back to its proposer instead."""
        try:
            permitted_step(self.record, "return_for_revision", actor=self.request.user)
        except Refusal:
            return False
        return True

    def context(self) -> dict[str, Any]:
        """The version that is judged, beside the form."""
        form = declared.drawn_for(
            self.step, self.record, actor=self.request.user, typed=self.typed, initial=self.kept.fields
        )
        snapshot = self.record.latest_snapshot
        return {
            **super().context(),
            "heading": f"Assess {self.record.key}",
            "form": self.with_refusal(form),
            "asked": Version(self.record, snapshot.number) if snapshot else None,
            "returned": last_return(self.record) if snapshot and snapshot.number > 1 else None,
            "action": reverse("assess-request", args=[self.record.key]),
            "send": self.step.label,
            "may_return": self.may_return,
        }
