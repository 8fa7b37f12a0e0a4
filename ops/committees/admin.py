"""Committees and their rules, for the administrator; what happens in them is for the pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from ops.committees.models import Committee, CompositionRule


class RuleInline(admin.TabularInline):
    """Rules of composition. One that was in force stays on record: take it out of force."""

    model = CompositionRule
    extra = 0
    can_delete = False


@admin.register(Committee)
class CommitteeAdmin(admin.ModelAdmin):
    """Committees: seats, terms, limits, and who advises on them."""

    list_display = ("name", "slug", "parent", "places", "term_months", "limit_months")
    list_select_related = ("parent",)
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}
    exclude = ("kind", "is_observatory")
    inlines = (RuleInline,)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
