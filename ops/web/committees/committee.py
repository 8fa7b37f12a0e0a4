"""A committee: what it is for, who sits in it on a day, when it meets next; and the versions of its charge."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from ops.committees.charges import may_charge, write_charge
from ops.committees.forms import ChargeForm
from ops.committees.models import Charge, Committee, Meeting, Seat
from ops.committees.rosters import Member, roster_on
from ops.committees.rules import committees_sat_on
from ops.committees.selectors import committee_named, meetings_missing, report_missing
from ops.tabular.numbers import whole_number
from ops.web.committees.places import tabs_of
from ops.web.doors import PageRequest
from ops.web.forms.desk_form import DeskForm
from ops.web.frame import toasts
from ops.web.teams import today
from ops.workflow.days import day_asked
from ops.workflow.errors import NotFound

MEETINGS_SHOWN = 4


class CommitteePage:
    """The page of one committee on one day, for one reader."""

    def __init__(self, request: HttpRequest, slug: str) -> None:
        self.request, self.reader = request, request.user
        self.committee = committee_named(slug)
        self.tabs = tabs_of(self.committee, request, "committee")
        self.day = day_asked(request.GET.get("on", ""))

    @property
    def is_today(self) -> bool:
        """Whether it is the present roster."""
        return self.day == today()

    @cached_property
    def members(self) -> list[Member]:
        """Who sat there on that day."""
        return roster_on(self.committee, self.day)

    @property
    def free_places(self) -> int:
        """How many seats nobody holds."""
        return max(0, self.committee.places - len(self.members))

    @property
    def limit_years(self) -> float:
        """How long somebody may sit in all."""
        return self.committee.limit_months / 12

    @cached_property
    def charge(self) -> Charge | None:
        """What it is for."""
        return self.committee.charge

    @cached_property
    def meetings_ahead(self) -> list[Meeting]:
        """The meetings to come, the next first."""
        rows = self.committee.meetings.visible_to(self.reader).ahead()
        return list(rows.select_related("committee")[:MEETINGS_SHOWN])

    @property
    def missing(self) -> list[str]:
        """What is said while too few meetings are planned, or nobody has begun the next report."""
        said = (meetings_missing(self.committee), report_missing(self.committee))
        return [sentence for sentence in said if sentence]

    @property
    def rules(self) -> Sequence[Any]:
        """The rules of composition."""
        return list(self.committee.rules.filter(in_force=True))

    @property
    def nominate_url(self) -> str:
        """Where somebody is nominated."""
        return f"{reverse('new', args=[Seat.workflow.kind])}?committee={self.committee.slug}"


@require_safe
def listing(request: PageRequest) -> HttpResponse:
    """List the committees; those in which the reader sits come first."""
    own = set(committees_sat_on(request.user)) if request.user.is_authenticated else set()
    rows = sorted(Committee.objects.select_related("parent"), key=lambda row: (row.slug not in own, row.name))
    ahead: dict[int, Meeting] = {}
    for meeting in Meeting.objects.visible_to(request.user).ahead().select_related("committee"):
        ahead.setdefault(meeting.committee_id, meeting)
    shown = [{"committee": row, "next": ahead.get(row.pk), "is_mine": row.slug in own} for row in rows]
    return render(request, "web/committees/list.html", {"committees": shown})


@require_safe
def committee(request: PageRequest, slug: str) -> HttpResponse:
    """Show a committee, today or on the day that `?on=` names."""
    return render(request, "web/committees/committee.html", {"page": CommitteePage(request, slug)})


@require_safe
def charge(request: PageRequest, slug: str, number: int | None = None) -> HttpResponse:
    """Show what a committee is for, in its newest version or in the one that is named, and every version."""
    found = committee_named(slug)
    versions = list(found.charges.select_related("author"))
    shown = next((each for each in versions if number in {None, each.number}), None)
    if shown is None and number is not None:
        raise NotFound
    context = {
        "committee": found,
        "tabs": tabs_of(found, request, "charge-of"),
        "shown": shown,
        "is_newest": shown is not None and shown == versions[0],
        "versions": versions,
        "may_write": request.user.is_authenticated and may_charge.test(request.user),
    }
    return render(request, "web/committees/charge.html", context)


class WriteCharge(DeskForm):
    """The charge, written anew."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Find the committee."""
        super().setup(request, *args, **kwargs)
        self.committee = committee_named(kwargs["slug"])

    @property
    def draft_key(self) -> str:
        """What is typed is kept."""
        return f"charge:{self.committee.slug}"

    def carry_out(self) -> Charge:
        """Keep the new version."""
        data = {name: self.request.POST.get(name, "") for name in ChargeForm.base_fields}
        version = whole_number(self.request.POST.get("version", ""))
        return write_charge(self.committee, actor=self.request.user, data=data, version=version)

    def answer(self, done: Charge) -> HttpResponse:
        """Show it."""
        toasts.say(self.request, f"Version {done.number} of the charge is in force.")
        return redirect("charge-of", slug=self.committee.slug)

    def context(self) -> dict[str, Any]:
        """The form."""
        current = self.committee.charge
        initial = {"text": current.text if current else "", **self.kept.fields}
        return {
            "heading": f"Charge of the {self.committee}",
            "form": ChargeForm(self.typed, initial=initial),
            "action": reverse("write-charge", args=[self.committee.slug]),
            "send": "Put into force",
            "back": reverse("charge-of", args=[self.committee.slug]),
            "version": current.number if current else 0,
            "can_send": may_charge.test(self.request.user),
        }
