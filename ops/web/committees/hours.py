"""The hours that members give, by semester."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from ops.committees.forms import HoursForm
from ops.committees.models import HoursEntry
from ops.committees.rules import sits_on
from ops.committees.selectors import committee_named
from ops.committees.semesters import semester_asked, semester_of
from ops.committees.timesheets import (
    Sheet,
    entries,
    hours_meant,
    log_hours,
    refuse_unless_counted_here,
    sees_every_sheet,
    sheets,
    withdraw_hours,
)
from ops.people.hours import Work
from ops.web.committees.answers import lead_to
from ops.web.committees.places import tabs_of
from ops.web.doors import SignedInRequest, signed_in
from ops.web.forms.desk_form import DeskForm
from ops.web.frame import toasts
from ops.workflow.errors import NotFound


class HoursPage:
    """The hours of one semester, as far as the reader may know of them."""

    def __init__(self, request: SignedInRequest, slug: str) -> None:
        self.request, self.reader = request, request.user
        self.committee = committee_named(slug)
        refuse_unless_counted_here(self.reader, self.committee)
        self.tabs = tabs_of(self.committee, request, "hours-of")
        self.semester = semester_asked(request.GET.get("semester", ""))

    @cached_property
    def sheets(self) -> list[Sheet]:
        """What each member gave."""
        return sheets(self.committee, self.semester, self.reader)

    @cached_property
    def entries(self) -> list[HoursEntry]:
        """Each entry, the latest first."""
        return entries(self.committee, self.semester, self.reader)

    @property
    def meant(self) -> list[tuple[str, int]]:
        """What may be asked of a member, by kind of work."""
        return [(str(work.label), hours) for work, hours in hours_meant(self.committee).items()]

    @property
    def sees_all(self) -> bool:
        """Whether the hours of all members are shown."""
        return sees_every_sheet(self.reader, self.committee)

    @property
    def may_log(self) -> bool:
        """Whether the reader notes hours here."""
        return sits_on(self.reader, self.committee)


@signed_in
@require_safe
def hours(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show the hours of a semester."""
    return render(request, "web/committees/hours.html", {"page": HoursPage(request, slug)})


class LogHours(DeskForm):
    """Some time that was given, noted."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Find the committee."""
        super().setup(request, *args, **kwargs)
        self.committee = committee_named(kwargs["slug"])

    def carry_out(self) -> HoursEntry:
        """Note it."""
        data = {name: self.request.POST.get(name, "") for name in HoursForm.base_fields}
        return log_hours(self.committee, actor=self.request.user, data=data)

    def answer(self, done: HoursEntry) -> HttpResponse:
        """Show the semester in which it lies."""
        toasts.say(self.request, "Noted. Thank you.")
        address = reverse("hours-of", args=[self.committee.slug])
        return lead_to(self.request, f"{address}?semester={semester_of(done.day)}")

    def context(self) -> dict[str, Any]:
        """The form."""
        return {
            "heading": "Hours you gave",
            "help": "Meetings are noted for you when it is noted who came, tests when you run them.",
            "form": HoursForm(self.typed, initial={"day": timezone.localdate(), "work": Work.REPORT}),
            "action": self.request.path,
            "send": "Note them",
            "back": reverse("hours-of", args=[self.committee.slug]),
            "can_send": True,
        }


@signed_in
@require_POST
def withdraw(request: SignedInRequest, slug: str, entry_id: int) -> HttpResponse:
    """Take back hours that were a mistake."""
    entry = HoursEntry.objects.filter(pk=entry_id, committee=committee_named(slug).pk).first()
    if entry is None:
        raise NotFound
    withdraw_hours(entry, actor=request.user)
    toasts.say(request, "Taken back.")
    return redirect(f"{reverse('hours-of', args=[slug])}?semester={semester_of(entry.day)}")
