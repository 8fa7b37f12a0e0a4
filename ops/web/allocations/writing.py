"""The sections of a request as its proposer writes them, and the page on which it is checked and sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from ops.allocations.attached import files_of, sent_files, take_off
from ops.allocations.completeness import (
    BASICS,
    FILES,
    PEOPLE,
    QUESTIONS,
    RESOURCES,
    SCIENCE,
    SECTIONS,
    Missing,
)
from ops.allocations.content import content_of
from ops.allocations.models import Request
from ops.allocations.selectors import last_return
from ops.tickets.models import Attachment
from ops.tickets.services import attach_all
from ops.web.addresses import step_url
from ops.web.allocations.requests import fetched, request_for
from ops.web.allocations.section_forms import AnswersForm, ResourcesForm, in_plain_words
from ops.web.doors import SignedInRequest, signed_in
from ops.web.forms import declared
from ops.web.forms.desk_form import RecordForm
from ops.web.frame import toasts
from ops.workflow.errors import NotFound
from ops.workflow.models import Event
from ops.workflow.services import edit, permitted_step, refuse_unless_editable

FIELDS = {
    BASICS: ("title", "purpose", "earlier", "is_thesis", "keywords"),
    SCIENCE: ("abstract", "methods"),
    PEOPLE: ("co_investigators",),
}
HELP = {
    BASICS: "A title that says what it is about, and what it goes on from.",
    SCIENCE: "Written for astronomers of another field.",
    PEOPLE: "Everybody who asks together with you.",
    RESOURCES: (
        "Amounts per quarter, and the least that would still be of use: less than that is not awarded. "
        "Leave empty what you do not need."
    ),
    QUESTIONS: "What this call wants to know beside.",
    FILES: "Figures, a reference list, a test run: as PDF. What is there when you send the request belongs to it.",
}


@dataclass(frozen=True)
class Section:
    """One section of the form: how far it is, and where it is written."""

    slug: str
    title: str
    url: str
    missing: int
    is_current: bool


def sections_of(request: Request, current: str = "") -> list[Section]:
    """Return the sections of a request with what is missing in each; one without questions has no such section."""
    asks = request.call.questions.exists()
    missing = [each.section for each in request.missing]
    return [
        Section(
            slug,
            title,
            reverse("write-request", args=[request.key, slug]),
            missing.count(slug),
            slug == current,
        )
        for slug, title in SECTIONS.items()
        if slug != QUESTIONS or asks
    ]


class WriteSection(RecordForm):
    """One section of a request, as long as its proposer has it before them."""

    page_template = "allocations/write.html"
    part_template = "allocations/write.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Find the request and the section."""
        super().setup(request, *args, **kwargs)
        if not isinstance(self.record, Request) or self.section not in SECTIONS:
            raise NotFound
        if self.section == QUESTIONS and not self.record.call.questions.exists():
            raise NotFound

    @property
    def section(self) -> str:
        """Which section is written."""
        return str(self.kwargs["section"])

    @property
    def place(self) -> str:
        """The form stands on a page of its own."""
        return "write"

    def get(self, request: SignedInRequest, **at: Any) -> HttpResponse:
        """Draw the section, or say who may write it."""
        refuse_unless_editable(self.record, ["title"], actor=request.user)
        return self.draw()

    @property
    def draft_key(self) -> str:
        """What is typed is kept until it is saved."""
        return "" if self.section == FILES else f"write:{self.record.key}:{self.section}"

    @cached_property
    def form(self) -> Any:
        """The form of the section."""
        reader = self.request.user
        if self.section == RESOURCES:
            return ResourcesForm(self.record, reader, self.typed, self.kept.fields)
        if self.section == QUESTIONS:
            return AnswersForm(self.record, reader, self.typed, self.kept.fields)
        names = FIELDS.get(self.section, ())
        made = declared.drawn(
            self.record, offers=names, actor=reader, typed=self.typed, initial=self.kept.fields
        )
        return in_plain_words(made, self.record)

    def carry_out(self) -> Any:
        """Save what was typed, or take in the files."""
        actor = self.request.user
        if self.section == FILES:
            refuse_unless_editable(self.record, ["title"], actor=actor)
            attach_all(self.record, actor=actor, uploads=self.request.FILES.getlist("files"))
            return self.record
        is_rows = isinstance(self.form, ResourcesForm | AnswersForm)
        read = self.form.read(self.request.POST) if is_rows else declared.read(self.form, self.request.POST)
        return edit(self.record, actor=actor, data=read, version=declared.version(self.request.POST))

    def answer(self, done: Any) -> HttpResponse:
        """Go on with the section that was asked for, or with the next one."""
        slugs = [section.slug for section in sections_of(done)]
        following = slugs[slugs.index(self.section) + 1 :]
        if "stay" in self.request.POST or self.section == FILES:
            toasts.say(self.request, "Saved.")
            return redirect("write-request", done.key, self.section)
        return (
            redirect("write-request", done.key, following[0])
            if following
            else redirect("check-request", done.key)
        )

    @property
    def _files(self) -> list[tuple[Attachment, bool]]:
        """The files, each with whether it may still be taken off."""
        sent = sent_files(self.record)
        return [(file, file.pk not in sent) for file in files_of(self.record)]

    def context(self) -> dict[str, Any]:
        """The section among the others."""
        form = self.form
        if self.refusal and self.typed is not None and self.section != FILES:
            say = getattr(form, "say", None)
            form = say(self.refusal.fields) if say else self.with_refusal(form)
        return {
            **super().context(),
            "returned": last_return(self.record) if self.record.state == Request.State.RETURNED else None,
            "is_too_late": self.record.state == Request.State.DRAFT
            and not self.record.call.takes_requests(timezone.now()),
            "heading": SECTIONS[self.section],
            "help": HELP[self.section],
            "section": self.section,
            "sections": sections_of(self.record, self.section),
            "form": form,
            "missing": [each for each in self.record.missing if each.section == self.section],
            "files": self._files if self.section == FILES else (),
            "action": reverse("write-request", args=[self.record.key, self.section]),
        }


@signed_in
@require_POST
def remove_file(request: SignedInRequest, key: str, file_id: int) -> HttpResponse:
    """Take a file off a request that is being written."""
    found = request_for(request, key)
    name = take_off(found, file_id, actor=request.user)
    toasts.say(request, f"“{name}” is taken off.")
    return redirect("write-request", found.key, FILES)


@dataclass(frozen=True)
class ToMend:
    """Something that keeps a request from being sent, and where it is mended."""

    words: str
    url: str


class Check:
    """What is still missing before a request can be sent, and the request as the committee will read it."""

    def __init__(self, reader: Any, request: Request) -> None:
        self.reader, self.request = reader, request
        self.step = permitted_step(request, "submit", actor=reader)

    @property
    def returned(self) -> Event | None:
        """Why it came back, where it did."""
        return last_return(self.request) if self.request.state == Request.State.RETURNED else None

    @cached_property
    def missing(self) -> Sequence[Missing]:
        """What the form lacks."""
        return self.request.missing

    @property
    def to_mend(self) -> list[ToMend]:
        """Everything in the way: first what can be mended here, nothing twice."""
        said = {"check", *("asks" for each in self.missing if each.field == "amounts")}
        return [
            *(ToMend(each.words, self._section_url(each)) for each in self.missing),
            *(
                ToMend(guard.sentence, self._mended_at(guard.about))
                for guard in self.step.unmet_guards(self.request)
                if guard.about not in said
            ),
        ]

    def _section_url(self, missing: Missing) -> str:
        address = reverse("write-request", args=[self.request.key, missing.section])
        return f"{address}#field-{missing.field}"

    def _mended_at(self, about: str) -> str:
        section = {"asks": RESOURCES, "purpose": BASICS}.get(about)
        return reverse("write-request", args=[self.request.key, section]) if section else ""

    @property
    def can_be_sent(self) -> bool:
        """Whether nothing is in the way."""
        return not self.to_mend

    @cached_property
    def content(self) -> dict[str, Any]:
        """The request as it reads now."""
        return content_of(self.request)

    @property
    def files(self) -> list[dict[str, Any]]:
        """What is attached, with where it is fetched."""
        return fetched(self.content["files"])

    @property
    def send_url(self) -> str:
        """Where it is sent."""
        return step_url(self.request, "submit")

    @property
    def sections(self) -> list[Section]:
        """The sections with what is missing in each."""
        return sections_of(self.request)


@signed_in
@require_safe
def check(request: SignedInRequest, key: str) -> HttpResponse:
    """Show what is missing and where it is written; and the request as it would be sent."""
    found = request_for(request, key)
    page = Check(request.user, found)
    return render(request, "allocations/check.html", {"page": page, "request_": found, "ticket": found})
