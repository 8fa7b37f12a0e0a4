"""The forum watch: the week, its checklist, the rotation, leave."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from ops.people.authority import is_staff
from ops.tickets.forms import cleaned
from ops.watch.forms import LeaveForm, SwapForm
from ops.watch.leave import cancel_leave, refuse_leave_to_others, take_leave, weeks_during
from ops.watch.models import Leave, WatchWeek
from ops.watch.rotation import plan_ahead, swap
from ops.web.doors import SignedInRequest, only_for
from ops.web.finding import record_for
from ops.web.forms.desk_form import DeskForm, RecordForm
from ops.web.frame import toasts
from ops.web.frame.answers import on_the_list
from ops.web.watch import Watch
from ops.workflow.errors import NotFound
from ops.workflow.services import edit, permitted_step

staff_only = only_for(is_staff, "see the forum watch")


@staff_only
@require_safe
def watch(request: SignedInRequest) -> HttpResponse:
    """Show whose week it is, what it asks for, and who comes next."""
    return render(request, "web/watch.html", {"watch": Watch(request)})


@staff_only
@require_POST
def tick(request: SignedInRequest, pk: int) -> HttpResponse:
    """Keep which duties of a week are done."""
    week = record_for(request, WatchWeek.workflow.kind, pk)
    edit(week, actor=request.user, data={"ticked": request.POST.getlist("ticked")})
    if request.htmx:
        return render(request, "web/_watch_checklist.html", {"watch": Watch(request)})
    return on_the_list(request, "list-watch", "The checklist is saved.")


@staff_only
@require_POST
def plan(request: SignedInRequest) -> HttpResponse:
    """Fill the coming weeks that nobody has yet."""
    count = len(plan_ahead(actor=request.user))
    words = (
        f"{count} week{'' if count == 1 else 's'} planned." if count else "Every coming week has somebody."
    )
    return on_the_list(request, "list-watch", words)


class SwapWeek(RecordForm):
    """Two weeks exchanged."""

    def get(self, request: SignedInRequest, **at: Any) -> HttpResponse:
        """Draw the form, or say who may swap."""
        permitted_step(self.record, "give", actor=request.user)
        return super().get(request, **at)

    def carry_out(self) -> None:
        """Exchange them."""
        other = cleaned(SwapForm(self.request.POST, mine=self.record))["week"]
        swap(self.record, other, actor=self.request.user)

    def answer(self, done: Any) -> HttpResponse:
        """Show the rotation as it is now."""
        return on_the_list(self.request, "list-watch", "Swapped. Both of you are told.")

    def context(self) -> dict[str, Any]:
        """The form."""
        form = SwapForm(self.typed, mine=self.record)
        return {
            **super().context(),
            "heading": f"Swap the week of {self.record.person.name}, {self.record.days}",
            "help": "The two of you exchange your weeks; ask the other one first.",
            "form": form,
            "action": reverse("swap-week", args=[self.record.pk]),
            "send": "Swap",
            "back": reverse("list-watch"),
        }


class TakeLeave(DeskForm):
    """Days away, noted."""

    def get(self, request: SignedInRequest, **at: Any) -> HttpResponse:
        """Draw the form, or say whose days away are noted."""
        refuse_leave_to_others(request.user)
        return super().get(request, **at)

    def carry_out(self) -> Leave:
        """Note them."""
        data = {name: self.request.POST.get(name, "") for name in LeaveForm.Meta.fields}
        return take_leave(actor=self.request.user, data=data)

    def answer(self, done: Leave) -> HttpResponse:
        """Say which weeks have to be given away."""
        weeks = [week.days for week in weeks_during(done)]
        todo = f" You are on watch {' and '.join(weeks)}: give it to somebody, or swap." if weeks else ""
        return on_the_list(self.request, "list-watch", f"Your leave is noted.{todo}")

    def context(self) -> dict[str, Any]:
        """The form."""
        form = LeaveForm(self.typed)
        return {
            "heading": "Days away",
            "form": form,
            "action": reverse("take-leave"),
            "send": "Note it",
            "back": reverse("list-watch"),
            "can_send": True,
        }


@staff_only
@require_POST
def drop_leave(request: SignedInRequest, leave_id: int) -> HttpResponse:
    """Take back that somebody is away."""
    leave = Leave.objects.filter(pk=leave_id).select_related("person").first()
    if leave is None:
        raise NotFound
    cancel_leave(leave, actor=request.user)
    toasts.say(request, f"{leave.person.name} is not away then.")
    return redirect("list-watch")
