"""How every form of the desk behaves, whatever it asks: one place, so that none behaves differently."""

from __future__ import annotations

import re
from functools import cached_property
from http import HTTPStatus
from typing import Any, ClassVar

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views import View
from django_htmx.http import reswap, retarget

from ops.tickets.timeline import changed_since
from ops.web.doors import SignedInRequest, signed_in
from ops.web.finding import record_for, ticket_for
from ops.web.forms import declared, drafts
from ops.web.records.story import Happening, Said, told
from ops.workflow.errors import NotFound, Refusal
from ops.workflow.forms import DeclaredForm

_PLACE = re.compile(r"[a-z][a-z0-9_-]{0,80}")


class DeskForm(View):
    """A form drawn in its place by htmx, or as a page of its own without.

    What the engine refuses is said on the form, with its status, and nothing that was typed is lost; only what
    may not be known to exist has no form to come back to.
    """

    page_template: ClassVar[str] = "web/form_page.html"
    part_template: ClassVar[str] = "web/_form_part.html"
    request: SignedInRequest
    refusal: Refusal | None = None

    @classmethod
    def as_view(cls, **options: Any) -> Any:
        """Let people with an account in, before anything is looked up."""
        return signed_in(super().as_view(**options))

    def get(self, request: SignedInRequest, **at: Any) -> HttpResponse:
        """Draw the form."""
        return self.draw()

    def post(self, request: SignedInRequest, **at: Any) -> HttpResponse:
        """Carry it out, or say on the form why not."""
        try:
            done = self.carry_out()
        except NotFound:
            raise
        except Refusal as refusal:
            drafts.keep_posted(request)
            return self.refused(refusal)
        drafts.discard_sent(request)
        return self.answer(done)

    def carry_out(self) -> Any:
        """Ask the services; raises what they refuse."""
        raise NotImplementedError

    def answer(self, done: Any) -> HttpResponse:
        """Say that it was done."""
        raise NotImplementedError

    def context(self) -> dict[str, Any]:
        """What the templates of the form are drawn with."""
        raise NotImplementedError

    def refused(self, refusal: Refusal) -> HttpResponse:
        """Draw the form again, with the sentence and with what was typed."""
        self.refusal = refusal
        return self.draw()

    def draw(self) -> HttpResponse:
        """Draw the form in its place, or as a page."""
        status = self.refusal.status if self.refusal else HTTPStatus.OK
        context = {
            "refusal": self.refusal,
            "place": self.place,
            "kept": self.kept,
            "draft_key": self.draft_key,
            **self.context(),
        }
        if not self.request.htmx:
            return render(self.request, self.page_template, {**context, "is_page": True}, status=status)
        _fit_in(context.get("form"), self.place)
        response = render(self.request, self.part_template, context, status=status)
        return reswap(retarget(response, f"#{self.place}"), "innerHTML")

    @property
    def typed(self) -> QueryDict | None:
        """What was sent, once something was."""
        return self.request.POST if self.request.method == "POST" else None

    @property
    def place(self) -> str:
        """The element in which htmx draws the form, and draws it again."""
        named = self.request.POST.get("place") or self.request.htmx.target or ""
        return named if _PLACE.fullmatch(named) else "sheet-body"

    @property
    def draft_key(self) -> str:
        """Under which name what is typed is kept; nothing for forms without text."""
        return ""

    @cached_property
    def kept(self) -> drafts.Kept:
        """What this person had typed before and not sent; nothing while a form is being answered."""
        if not self.draft_key or self.typed is not None:
            return drafts.Kept(self.draft_key)
        return drafts.kept_for(self.request.user, self.draft_key)

    def with_refusal(self, form: DeclaredForm) -> DeclaredForm:
        """Return the form with what the services said of what was typed."""
        return form.refused(self.refusal.fields) if self.refusal and self.typed is not None else form


def _fit_in(form: BaseForm | None, place: str) -> None:
    """Make a form part of a page that may hold others: its fields have their own names, and the first the focus."""
    if form is not None:
        form.auto_id = f"{place}-%s"
        for field in list(form.fields.values())[:1]:
            field.widget.attrs["data-focus"] = True


class RecordForm(DeskForm):
    """A form about one record. The second of two people is shown what the first has done meanwhile."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Find what it is about."""
        super().setup(request, *args, **kwargs)
        self.record = self._find()

    def _find(self) -> Any:
        if "key" in self.kwargs:
            return ticket_for(self.request, self.kwargs["key"])
        return record_for(self.request, self.kwargs["kind"], self.kwargs["pk"])

    def refused(self, refusal: Refusal) -> HttpResponse:
        """Draw the form again over the record as it now is."""
        self.record = self._find()
        return super().refused(refusal)

    @property
    def meanwhile(self) -> list[Happening | Said]:
        """What somebody else did since the form was drawn."""
        before = declared.version(self.typed) if self.typed is not None else None
        if before is None:
            return []
        reader = self.request.user
        return told(self.record, changed_since(self.record, before, reader), reader)

    def context(self) -> dict[str, Any]:
        """What every form about a record is drawn with."""
        return {
            "record": self.record,
            "ticket": self.record,
            "back": self.record.get_absolute_url(),
            "version": self.record.version,
            "since": self.meanwhile,
            "view": self.request.POST.get("view") or self.request.GET.get("view", ""),
            "can_send": True,
        }


class TicketForm(RecordForm):
    """A form about one ticket."""

    @property
    def ticket(self) -> Any:
        """The ticket."""
        return self.record
