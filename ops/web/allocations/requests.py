"""Requests as their proposers write, check and send them, and where they follow what becomes of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from ops.allocations.completeness import SCIENCE
from ops.allocations.models import Call, Request
from ops.allocations.parties import proposer, the_clock
from ops.allocations.selectors import calls_taking_requests, requests_of
from ops.allocations.versions import changes_between
from ops.clocks.explanation import Clock, Look
from ops.clocks.selectors import next_deadlines
from ops.tickets.differences import Difference
from ops.web.doors import SignedInRequest, signed_in
from ops.web.finding import ticket_for
from ops.web.forms import declared
from ops.web.forms.desk_form import DeskForm
from ops.web.frame import toasts
from ops.workflow.errors import NotFound
from ops.workflow.services import create


@dataclass(frozen=True)
class Mine:
    """One request of somebody, with where it is, who holds it, and until when."""

    request: Request
    clock: Clock | None
    is_own: bool

    @property
    def is_draft(self) -> bool:
        """Whether it was never sent."""
        return self.request.state == Request.State.DRAFT

    @property
    def takes_requests(self) -> bool:
        """Whether its call takes requests now."""
        return self.request.call.takes_requests(timezone.now())

    @property
    def waits_for(self) -> str:
        """Who has the next move, by office: a proposer need not know by whom it is held this year."""
        party = self.request.workflow.held_by.get(self.request.state)
        if party is proposer and self.is_own:
            return "you"
        return party.words if party and party is not the_clock else ""

    @property
    def until(self) -> str:
        """The day on which it is due; how late it is, or why it does not count, where that is so."""
        due = self.clock.course.due_at if self.clock else None
        if self.clock is None or due is None or self.clock.look not in {Look.COUNTING, Look.SOON}:
            return self.clock.words if self.clock else ""
        return f"by {timezone.localtime(due):%a %-d %b %Y}"

    @property
    def next_page(self) -> tuple[str, str] | None:
        """Where its proposer goes on from here, and what is done there."""
        state, key = self.request.state, [self.request.key]
        if state in {Request.State.DRAFT, Request.State.RETURNED}:
            return (reverse("check-request", args=key), "Go on writing") if self.is_own else None
        if state in {Request.State.AWARDED, Request.State.DECLINED}:
            return reverse("result-letter", args=key), "Read the decision"
        if state in {Request.State.ACTIVE, Request.State.GRACE}:
            return reverse("award", args=key), "See the award"
        return None


class MyRequests:
    """Everything that somebody asks for."""

    def __init__(self, request: SignedInRequest) -> None:
        self.reader = request.user

    @cached_property
    def rows(self) -> list[Mine]:
        """The requests, the latest first."""
        requests = list(requests_of(self.reader))
        clocks = next_deadlines([request.anchor for request in requests])
        own = self.reader.pk
        return [Mine(request, clocks.get(request.pk), request.reporter_id == own) for request in requests]

    @property
    def live(self) -> list[Mine]:
        """What still goes on."""
        return [row for row in self.rows if row.request.phase.is_live]

    @property
    def over(self) -> list[Mine]:
        """What has ended."""
        return [row for row in self.rows if not row.request.phase.is_live]

    @cached_property
    def calls(self) -> list[Call]:
        """The calls that take requests now."""
        return list(calls_taking_requests(self.reader))


@signed_in
@require_safe
def mine(request: SignedInRequest) -> HttpResponse:
    """Show what somebody asks for, and where it stands."""
    return render(request, "allocations/my_requests.html", {"page": MyRequests(request)})


class NewRequest(DeskForm):
    """A draft, begun with its call and its title."""

    page_template = "allocations/new_request.html"

    def carry_out(self) -> Request:
        """Make the draft."""
        data = declared.read(self._drawn(), self.request.POST)
        standing = Call.objects.filter(slug=data.get("call", ""), is_standing=True)
        if standing.exists():  # there is one kind in it, so that nobody is asked for it
            data["purpose"] = Request.Purpose.URGENT.value
        return create(Request, actor=self.request.user, data=data)

    def answer(self, done: Request) -> HttpResponse:
        """Go on with its sections."""
        toasts.say(self.request, f"{done.key} is a draft. It is kept as you go, and seen by nobody else.")
        return redirect("write-request", done.key, SCIENCE)

    def _drawn(self) -> Any:
        given = {"call": self.request.GET["call"]} if "call" in self.request.GET else {}
        form = declared.drawn(
            Request(),
            asks=("call", "title"),
            offers=("purpose",),
            actor=self.request.user,
            typed=self.typed,
            initial=given,
        )
        kinds = [
            (value, label) for value, label in Request.Purpose.choices if value != Request.Purpose.URGENT
        ]
        form.fields["purpose"].widget = forms.Select(choices=kinds)
        form.fields["purpose"].help_text = "Of a periodic call; in the standing call every request is urgent."
        form.fields["title"].help_text = "What you want to find out, in one line."
        form.fields["title"].error_messages["required"] = "Write in a line what you want to find out."
        form.fields["call"].error_messages["required"] = "Choose the call in which you ask."
        return form

    def context(self) -> dict[str, Any]:
        """The calls that take requests, and the first words."""
        form = self.with_refusal(self._drawn())
        calls = list(calls_taking_requests(self.request.user))
        return {
            "heading": "Ask for resources",
            "help": "More than the basic quota, which every account has without asking.",
            "form": form,
            "calls": [(call, self.request.user.has_data_rights(call.award_ends_on)) for call in calls],
            "asks_kind": any(not call.is_standing for call in calls),
            "is_closed": form["call"].value() not in {None, "", *(call.slug for call in calls)},
            "chosen": form["call"].value() or (calls[0].slug if len(calls) == 1 else ""),
            "action": reverse("new-request"),
            "send": "Begin the request",
            "back": reverse("my-requests"),
            "can_send": True,
        }


def fetched(files: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the files of a content with where they are fetched, for readers of the circle."""
    return [{**file, "url": reverse("attachment", args=[file["id"]])} for file in files]


class Version:
    """A request as it was sent once, for one reader of its circle."""

    def __init__(self, request: Request, number: int) -> None:
        around = {
            row.number: row for row in request.snapshots.filter(number__in=[number - 1, number, number + 1])
        }
        if number not in around:
            raise NotFound
        snapshot = self.snapshot = around[number]
        self.request, self.before, self.after = request, around.get(number - 1), around.get(number + 1)
        self.files = fetched(snapshot.content["files"])

    @property
    def changes(self) -> list[Difference]:
        """What is different from the version before."""
        return changes_between(self.before.content, self.snapshot.content) if self.before else []


@signed_in
@require_safe
def version(request: SignedInRequest, key: str, number: int) -> HttpResponse:
    """Show a request as it was sent, under the number that it was kept under."""
    page = Version(request_for(request, key), number)
    return render(request, "allocations/version.html", {"page": page, "ticket": page.request})


def request_for(request: HttpRequest, key: str) -> Request:
    """Return the request of a key, as far as this reader may know of it; raises `NotFound`."""
    found = ticket_for(request, key)
    if not isinstance(found, Request):
        raise NotFound
    return found
