"""The page of an item: what it says, what was answered, what is done, and how it came about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from ops.clocks.explanation import Clock, ordered
from ops.clocks.selectors import deadline_history
from ops.committees.feedback.services import attach_feedback, detach_feedback
from ops.committees.models import Feedback, FeedbackUse, Item
from ops.committees.reports import around, outline
from ops.committees.reports.rules import is_users_committee_member
from ops.committees.reports.selectors import finished, item_named, tickets_of
from ops.tabular.numbers import whole_number
from ops.tickets.models import Ticket
from ops.tickets.timeline import Entry, comments_of, described
from ops.web.addresses import edit_url
from ops.web.doors import SignedInRequest, signed_in
from ops.web.finding import record_for, ticket_named
from ops.web.forms import declared
from ops.web.forms.desk_form import DeskForm
from ops.web.frame import toasts
from ops.web.records.actions import Actions, actions
from ops.web.records.standing import Standing, standing
from ops.web.records.story import Happening, Said, told
from ops.web.records.ticket_page import TicketPage
from ops.workflow import registry
from ops.workflow.models import Event
from ops.workflow.services import editable_fields

TICKET_ASKS, TICKET_OFFERS = ("title",), ("description", "component", "visibility", "origin")


@dataclass(frozen=True)
class TrackPart:
    """One track of an item for one reader."""

    record: Any
    standing: Standing
    actions: Actions
    edit_url: str


class ItemPage:
    """The page of an item for one reader; each part is asked for once."""

    def __init__(self, request: HttpRequest, item: Item) -> None:
        self.request, self.item, self.reader = request, item, request.user

    @cached_property
    def response(self) -> TrackPart | None:
        """The response, once the report was delivered."""
        return self._track("response")

    @cached_property
    def work(self) -> TrackPart | None:
        """The work, once the report was delivered."""
        return self._track("work")

    def _track(self, name: str) -> TrackPart | None:
        record = getattr(self.item, name, None)
        if record is None:
            return None
        record.item = self.item
        clocks: list[Clock] = ordered([clock for clock in deadline_history(record) if clock.deadline.is_open])
        may_edit = self.reader.is_authenticated and editable_fields(record, self.reader)
        return TrackPart(
            record=record,
            standing=standing(record, self.reader, clocks),
            actions=actions(record, self.reader),
            edit_url=edit_url(record) if may_edit else "",
        )

    @cached_property
    def tickets(self) -> Sequence[Ticket]:
        """What was opened for it, of that which the reader may know."""
        return list(tickets_of(self.item, self.reader))

    @property
    def tickets_done(self) -> int:
        """How many of these are finished."""
        return finished(self.tickets)

    @cached_property
    def may_open(self) -> bool:
        """Whether the reader may open tickets for it."""
        return self.reader.is_authenticated and around.may_open(self.item, self.reader)

    @property
    def may_write(self) -> bool:
        """Whether the reader may change its words."""
        report = self.item.report
        return (
            self.reader.is_authenticated and report.is_draft and outline.may_write.test(self.reader, report)
        )

    @property
    def children(self) -> Sequence[Item]:
        """The items below it."""
        return list(self.item.children.order_by("position", "pk"))

    @cached_property
    def neighbours(self) -> Mapping[str, Item]:
        """The items before and after it: a report is answered, and judged, one item after the other."""
        order = list(self.item.report.items.order_by("position", "pk").values_list("pk", flat=True))
        at = order.index(self.item.pk)
        places = {"previous": order[at - 1 : at], "next": order[at + 1 : at + 2]}
        found = Item.objects.in_bulk([pk for pks in places.values() for pk in pks])
        return {name: found[pk] for name, pks in places.items() for pk in pks}

    @cached_property
    def follows(self) -> bool:
        """Whether the reader follows it."""
        return self.reader.is_authenticated and self.item.followings.filter(person=self.reader).exists()

    @cached_property
    def reads_feedback(self) -> bool:
        """Whether the reader sees what the item rests on."""
        return self.reader.is_authenticated and is_users_committee_member.test(self.reader)

    @cached_property
    def feedback(self) -> Sequence[FeedbackUse]:
        """The feedback that it rests on, for the members."""
        uses = self.item.feedback_uses.exclude(feedback__state=Feedback.State.WITHDRAWN)
        return list(uses.select_related("feedback__source__person")) if self.reads_feedback else []

    @cached_property
    def talk(self) -> list[Happening | Said]:
        """What was said about it, oldest first, of that which the reader may read."""
        said = comments_of(self.item.report, self.reader).filter(about=self.item.part_name)
        entries = [Entry(comment.created_at, comment=comment) for comment in said]
        return told(self.item.report, entries, self.reader)

    @cached_property
    def composer(self) -> TicketPage | None:
        """The composer of the report, for those who may say something on it."""
        page = TicketPage(self.request, self.item.report)
        return page if page.audiences else None

    @cached_property
    def history(self) -> list[Happening | Said]:
        """What became of it on both tracks, oldest first: every status text, response and due date."""
        entries = []
        for part in (self.response, self.work):
            if part is None:
                continue
            events = list(Event.objects.of(part.record).select_related("actor"))
            entries += [
                (event.moment, part, event)
                for event in told(part.record, described(part.record, events, self.reader), self.reader)
                if isinstance(event, Happening) and event.words != "wrote it"
            ]
        return [event for _, _, event in sorted(entries, key=lambda entry: entry[0])]


@require_safe
def item_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an item."""
    item = item_named(pk, request.user)
    return render(request, "committees/item.html", {"page": ItemPage(request, item), "item": item})


@signed_in
@require_POST
def follow(request: SignedInRequest, pk: int) -> HttpResponse:
    """Hear from now on what becomes of it, or hear no more."""
    item = item_named(pk, request.user)
    if request.POST.get("stop"):
        around.unfollow_item(item, actor=request.user)
        toasts.say(request, "You follow it no longer.")
    else:
        around.follow_item(item, actor=request.user)
        toasts.say(request, "You hear what becomes of it.")
    return redirect(item)


class OpenTicket(DeskForm):
    """A ticket opened from an item, with what is known filled in."""

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Find the item."""
        super().setup(request, *args, **kwargs)
        self.item = item_named(kwargs["pk"], request.user)

    def get(self, request: SignedInRequest, **at: Any) -> HttpResponse:
        """Draw the form, or say who opens tickets."""
        around.refuse_unless_working(self.item, request.user)
        return super().get(request, **at)

    @cached_property
    def form(self) -> Any:
        """The form of what is opened, as its own kind declares it."""
        model = registry.model_of(around.OPENED_KIND)
        return declared.drawn(
            model(), asks=TICKET_ASKS, offers=TICKET_OFFERS, actor=self.request.user, typed=self.typed,
            initial=around.prefilled(self.item),
        )  # fmt: skip

    def carry_out(self) -> Ticket:
        """Open it, linked both ways."""
        data = declared.read(self.form, self.request.POST)
        return around.open_ticket(self.item, actor=self.request.user, data=data)

    def answer(self, done: Ticket) -> HttpResponse:
        """Show the item again, with its ticket."""
        toasts.say(self.request, f"{done.key} is opened and counts for this item.")
        return redirect(self.item)

    def context(self) -> dict[str, Any]:
        """The form."""
        return {
            "heading": f"Open a ticket for {self.item}",
            "help": "It is linked both ways, and its progress shows on the item.",
            "form": self.with_refusal(self.form),
            "action": reverse("open-item-ticket", args=[self.item.pk]),
            "send": "Open the ticket",
            "back": self.item.get_absolute_url(),
            "can_send": True,
        }


@signed_in
@require_POST
def link_ticket(request: SignedInRequest, pk: int) -> HttpResponse:
    """Let a ticket that is there already count for an item."""
    item = item_named(pk, request.user)
    ticket = ticket_named(request.POST.get("ticket", "").strip(), request.user)
    around.link_ticket(item, ticket, actor=request.user)
    toasts.say(request, f"{ticket.key} counts for this item.")
    return redirect(item)


@signed_in
@require_POST
def attach(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say that an item rests on a piece of feedback, or no longer."""
    feedback = record_for(request, Feedback.workflow.kind, pk)
    item = item_named(whole_number(request.POST.get("item", "")) or 0, request.user)
    if request.POST.get("stop"):
        for use in FeedbackUse.objects.filter(feedback=feedback, item=item):
            detach_feedback(use, actor=request.user)
        toasts.say(request, f"{item} does not rest on it any more.")
    else:
        attach_feedback(feedback, item, actor=request.user)
        toasts.say(request, f"{item} rests on it. Whoever gave it hears what becomes of the item.")
    return redirect((request.POST.get("back") == "item" and item) or feedback)
