"""Where operators look after long work."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from ops.jobs.models import Job


@admin.register(Job)
class JobAdmin(admin.ModelAdmin):
    """Long work: to be looked at, not to be changed by hand."""

    list_display = ("kind", "status", "percent", "said", "asked_by", "attempts", "created_at", "ended_at")
    list_filter = ("status", "kind")
    list_select_related = ("asked_by",)
    date_hierarchy = "created_at"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Work is asked for on the page that needs it."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        """What a worker wrote stays."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        """It is forgotten by itself after a while."""
        return False
