"""Where administrators look after accounts, teams, terms and the product tree."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest

from ops.people.models import SYSTEM_USERNAME, ApiToken, Membership, Product, Team, User
from ops.people.tokens import revoke

# Authority comes from terms; a list of groups that nothing asks would only mislead.
admin.site.unregister(Group)


class TermInline(admin.TabularInline):
    """Terms of one person, or of one team."""

    model = Membership
    extra = 0
    can_delete = False
    autocomplete_fields = ("person", "team")
    ordering = ("-starts_on",)


@admin.register(User)
class AccountAdmin(UserAdmin):
    """Accounts. Nobody is deleted, since the history names them: an account is closed."""

    list_display = ("username", "display_name", "institution", "email", "data_rights_until", "is_active")
    list_filter = ("is_active", "is_staff", "is_superuser")
    search_fields = ("username", "display_name", "email", "institution")
    ordering = ("username",)
    inlines = (TermInline,)
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("display_name", "email", "institution", "time_zone", "data_rights_until")}),
        ("Administration", {"fields": ("is_active", "is_staff", "is_superuser")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "display_name", "email", "institution", "password1", "password2")}),
    )
    readonly_fields = ("last_login", "date_joined")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_automation = isinstance(obj, User) and obj.username == SYSTEM_USERNAME
        return super().has_change_permission(request, obj) and not is_automation

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin):
    """Teams and committees with their terms."""

    list_display = ("name", "slug", "kind", "is_observatory")
    list_filter = ("kind", "is_observatory")
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (TermInline,)


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):
    """Terms: who holds which role from when to when. What is over stays, for the record; it is ended, not deleted."""

    list_display = ("person", "team", "role", "starts_on", "ends_on")
    list_filter = ("team", "role")
    search_fields = ("person__username", "person__display_name", "team__name")
    list_select_related = ("person", "team")
    autocomplete_fields = ("person", "team")
    date_hierarchy = "starts_on"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    """The product tree."""

    list_display = ("path", "name", "owner", "manager")
    search_fields = ("name", "slug", "path")
    list_select_related = ("owner", "manager")
    autocomplete_fields = ("parent", "owner", "manager")
    prepopulated_fields = {"slug": ("name",)}
    ordering = ("path",)


@admin.register(ApiToken)
class TokenAdmin(admin.ModelAdmin):
    """Tokens of the API, to be looked at and revoked; people make their own."""

    list_display = ("prefix", "person", "name", "created_at", "last_used_at", "expires_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    search_fields = ("prefix", "person__username", "name")
    list_select_related = ("person",)
    actions = ("revoke_tokens",)

    @admin.action(description="Revoke")
    def revoke_tokens(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        """Close the door that they open."""
        system = User.objects.system()
        count = sum(revoke(token, actor=system) for token in queryset.select_related("person"))
        self.message_user(request, f"{count} revoked.")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
