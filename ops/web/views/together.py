"""The page on which one step is taken with many tickets."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from ops.web.doors import SignedInRequest, signed_in
from ops.web.forms.desk_form import DeskForm
from ops.web.frame import toasts
from ops.web.queue.bulk import Outcome
from ops.web.queue.together import Together


@signed_in
@require_POST
def choose(request: SignedInRequest) -> HttpResponse:
    """Go on with the tickets chosen in a list, at an address that can be shared and come back to."""
    query = urlencode({"keys": ",".join(request.POST.getlist("key"))})
    return redirect(f"{reverse('together')}?{query}")


class TakeTogether(DeskForm):
    """Choose a step, see for which of the tickets it can be taken, take it."""

    page_template = "web/together.html"

    @cached_property
    def together(self) -> Together:
        """The tickets."""
        return Together(self.request)

    @property
    def name(self) -> str:
        """The step that was chosen; nothing before one was."""
        return self.request.GET.get("step", "")

    def carry_out(self) -> Outcome:
        """Take the step with each."""
        return self.together.take(self.name, self.request.POST)

    def answer(self, done: Outcome) -> HttpResponse:
        """Back to the list, or say which were refused."""
        back = reverse(f"queue-{self.together.tickets[0].kind}")
        if done.refused:
            return render(self.request, "web/bulk.html", {"outcome": done, "back": back}, status=409)
        toasts.say(self.request, done.sentence)
        return redirect(back)

    def context(self) -> dict[str, Any]:
        """The steps to choose from, or the form of the one chosen."""
        together, name = self.together, self.name
        found = {"together": together, "back": together.url(), "can_send": True}
        if not name:
            return {**found, "heading": f"One step for {together.count}"}
        form, step = together.form(name, self.typed), together.tickets[0].workflow.steps_named(name)[0]
        places = together.places(name)
        return {
            **found,
            "heading": f"{step.label}: {together.count}",
            "help": step.help,
            "form": self.with_refusal(form),
            "places": places,
            "action": together.url(name),
            "send": step.label,
            "can_send": any(not place.why_not for place in places),
        }
