"""Reporting a problem, and making whatever else has a workflow."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from ops.tickets.models import Ticket, Visibility
from ops.tickets.search import similar
from ops.web.doors import PageRequest, SignedInRequest
from ops.web.finding import model_called
from ops.web.forms import declared
from ops.web.forms.desk_form import DeskForm
from ops.web.forms.making import REPORT_KIND, make
from ops.web.frame import toasts
from ops.workflow.errors import NotAllowed
from ops.workflow.forms import DeclaredForm
from ops.workflow.words import who_may

# What everybody can say of a problem; the rest is for those who know more.
FIRST = ("title", "description", "component", "visibility", "watchers")


class MakeNew(DeskForm):
    """The form by which something comes into the world."""

    page_template = "web/new.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Find what is to be made."""
        super().setup(request, *args, **kwargs)
        self.model = model_called(kwargs["kind"])
        self.creation = self.model.workflow.creation

    @property
    def draft_key(self) -> str:
        """What is typed is kept."""
        return f"new:{self.model.workflow.kind}"

    def get(self, request: SignedInRequest, **at: Any) -> HttpResponse:
        """Draw the form, or say who may make one."""
        if not self.creation.by.test(request.user, None):
            raise NotAllowed(
                f"Only {who_may(self.creation.by)} may make {self.model.workflow.plural.lower()}."
            )
        return self.draw()

    def carry_out(self) -> Any:
        """Make it, with its files."""
        form = self._drawn()
        return make(
            self.model,
            actor=self.request.user,
            data=declared.read(form, self.request.POST),
            uploads=self.request.FILES.getlist("files"),
        )

    def answer(self, done: Any) -> HttpResponse:
        """Lead to what was made."""
        toasts.say(
            self.request, f"{done} is {done.state_label.lower()}. You can follow here what becomes of it."
        )
        return redirect(done)

    def _drawn(self) -> DeclaredForm:
        given = {name: self.request.GET[name] for name in self.creation.fields if name in self.request.GET}
        form = declared.drawn(
            self.model(),
            asks=self.creation.asks,
            offers=self.creation.offers,
            actor=self.request.user,
            typed=self.typed,
            initial={**self._first_values, **self.kept.fields, **given},
        )
        if "visibility" in form.fields:
            form.fields["visibility"].widget = forms.RadioSelect(choices=Visibility.offered())
        return form

    @property
    def _first_values(self) -> dict[str, str]:
        return {"visibility": self.model.first_visibility} if issubclass(self.model, Ticket) else {}

    def context(self) -> dict[str, Any]:
        """The form in two parts, and what helps to fill it in."""
        workflow, form = self.model.workflow, self.with_refusal(self._drawn())
        at_the_door = self.request.path == reverse("report")
        is_ticket, is_report = issubclass(self.model, Ticket), workflow.kind == REPORT_KIND
        first = [name for name in form.fields if not is_report or name in FIRST]
        return {
            "heading": "Report a problem" if at_the_door else f"New {workflow.title.lower()}",
            "is_report": is_report,
            "form": form,
            "first": [form[name] for name in first],
            "rest": [form[name] for name in form.fields if name not in first],
            "rest_is_open": any(
                name in form.errors or name in self.request.GET for name in form.fields if name not in first
            ),
            "fields": [(field, field.errors) for field in form],
            "errors": form.non_field_errors(),
            "takes_files": is_ticket,
            "largest_file": settings.ATTACHMENT_MAX_BYTES // 1024**2,
            "action": self.request.path,
            "back": reverse(f"queue-{workflow.kind}") if is_ticket else "/",
        }


@require_GET
def similar_tickets(request: PageRequest) -> HttpResponse:
    """Show the tickets that look like the title being typed."""
    title = request.GET.get("title", "")[:200].replace("\x00", "")
    return render(
        request, "web/_similar.html", {"found": similar(title, request.user) if len(title) > 3 else []}
    )
