"""Where the lead edits calendars and policies, and operators look at deadlines."""

from __future__ import annotations

from typing import Any, cast

import rules
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ops.clocks import registry
from ops.clocks.forms import CalendarForm, PolicyForm
from ops.clocks.models import Calendar, CalendarDay, Deadline, DeadlinePolicy
from ops.clocks.recomputation import retime_calendar, save_policy
from ops.clocks.selectors import as_clock
from ops.people.authority import is_lead
from ops.people.models import User

for model in (Calendar, CalendarDay, DeadlinePolicy):
    for action in ("view", "add", "change", "delete"):
        rules.add_perm(f"clocks.{action}_{model._meta.model_name}", is_lead)
rules.add_perm("clocks.view_deadline", is_lead)
rules.add_perm("clocks", is_lead)


class CalendarDayInline(admin.TabularInline):
    """Days off of its own, and holidays that are worked."""

    model = CalendarDay
    extra = 1


@admin.register(Calendar)
class CalendarAdmin(admin.ModelAdmin):
    """Calendars; a change moves every open deadline that counts in it, and the page says how many."""

    form = CalendarForm
    inlines = (CalendarDayInline,)
    list_display = ("name", "time_zone", "country", "subdivision")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        """Save the days, then bring the deadlines into line with the whole."""
        super().save_related(request, form, formsets, change)
        if change and (form.has_changed() or any(days.has_changed() for days in formsets)):
            calendar = Calendar.objects.get(pk=form.instance.pk)
            messages.info(request, str(retime_calendar(calendar, actor=_actor(request))))


def _actor(request: HttpRequest) -> User:
    return cast("User", request.user)  # the admin lets nobody in who has not signed in


@admin.register(DeadlinePolicy)
class PolicyAdmin(admin.ModelAdmin):
    """Policies; a change brings every open deadline into line, and the page says how many moved."""

    form = PolicyForm
    list_display = ("name", "slug", "kind", "calendar", "active", "in_words")
    list_filter = ("kind", "active")
    list_select_related = ("calendar",)
    readonly_fields = ("in_words",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[DeadlinePolicy]:
        """Read the days of the calendars along: every row says what it does."""
        return super().get_queryset(request).prefetch_related("calendar__days")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """What identifies a policy stays: its deadlines refer to it. Only a kind that is gone can be mended."""
        if not isinstance(obj, DeadlinePolicy):
            return self.readonly_fields
        known = ("kind",) if obj.kind in registry.kinds() else ()
        return (*self.readonly_fields, "slug", "clock", *known)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """The sentences come first, once there are any."""
        return [*(["in_words"] if obj else []), *PolicyForm.Meta.fields]

    def save_model(self, request: HttpRequest, obj: DeadlinePolicy, form: Any, change: Any) -> None:
        """Save, and say what it did."""
        messages.info(request, str(save_policy(obj, actor=_actor(request))))


@admin.register(Deadline)
class DeadlineAdmin(admin.ModelAdmin):
    """Deadlines, to be looked at: what each did, and which ones the sweep could not deal with."""

    list_display = ("policy", "object_id", "state", "due_at", "breached_at", "next_at", "failures", "failure")
    list_filter = ("state", "policy", ("failure", admin.EmptyFieldListFilter))
    list_select_related = ("policy",)
    search_fields = ("=object_id",)
    show_full_result_count = False
    readonly_fields = ("explanation",)

    @admin.display(description="Explanation")
    def explanation(self, deadline: Deadline) -> SafeString:
        """The deadline, line by line."""
        try:
            clock = as_clock(deadline)
        except LookupError as problem:
            return format_html("{}", problem)
        lines = ((f"{line.moment:%Y-%m-%d %H:%M} UTC", line.words) for line in clock.lines)
        return format_html_join("", "<p>{}: {}</p>", lines)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
