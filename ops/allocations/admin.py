"""Where an administrator keeps the list of resources, and where the platform limits them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from ops.allocations.models import QuotaLimit, Resource


class QuotaLimitInline(admin.StackedInline):
    """Where the quota document keeps a limit; nothing for what is used up."""

    model = QuotaLimit
    extra = 0


@admin.register(Resource)
class ResourceAdmin(admin.ModelAdmin):
    """What can be allocated; calls put it on offer."""

    list_display = ("name", "unit", "basic_quota", "limit")
    list_select_related = ("limit",)
    prepopulated_fields = {"slug": ("name",)}
    search_fields = ("name", "slug")
    inlines = [QuotaLimitInline]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What calls and ledgers speak of stays."""
        return obj is None or not obj.offers.exists()
