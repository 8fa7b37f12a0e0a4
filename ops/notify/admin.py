"""The office of the operators: endpoints are made here; messages are looked at and never written by hand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from ops.notify import composers
from ops.notify.models import Attempt, Correspondent, Endpoint, Message
from ops.notify.network import validate_url
from ops.notify.services import replay, resend
from ops.people.models import User


class ReadOnly(admin.ModelAdmin):
    """Shows rows, and lets nobody write them."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class EndpointForm(forms.ModelForm):
    """An endpoint with an address that we would call, and kinds that exist."""

    url = forms.URLField(max_length=500, assume_scheme="https")
    kinds = forms.MultipleChoiceField(required=False, help_text="None chosen means all of them.")

    class Meta:
        model = Endpoint
        fields = ("name", "channel", "url", "secret", "reader", "kinds", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kinds"].choices = [(kind.name, kind.label) for kind in composers.kinds()]  # type: ignore[attr-defined]

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        validate_url(url)
        return url


@admin.register(Endpoint)
class EndpointAdmin(admin.ModelAdmin):
    """Chat rooms and webhooks."""

    form = EndpointForm
    list_display = ("name", "channel", "reader", "is_active")
    list_filter = ("channel", "is_active")
    raw_id_fields = ("reader",)


@admin.register(Correspondent)
class CorrespondentAdmin(ReadOnly):
    """What people wish, and whose address does not work."""

    list_display = ("__str__", "bounced_address", "bounced_at", "bounce_reason")
    list_filter = (("bounced_at", admin.EmptyFieldListFilter),)
    search_fields = ("person__username", "address", "bounced_address")
    list_select_related = ("person",)


@admin.register(Message)
class MessageAdmin(ReadOnly):
    """The outbox."""

    list_display = ("id", "state", "channel", "kind", "recipient_name", "attempts", "due_at", "reason")
    list_filter = ("state", "channel")
    list_select_related = ("person", "endpoint")
    # Whom it goes to is said by the name that may be shown, and by nothing else of the row.
    exclude = ("person", "address", "endpoint", "bundle")
    readonly_fields = ("recipient_name",)
    show_full_result_count = False
    actions = ("send_again", "play_again")

    @admin.action(description="Send parked and bounced messages again")
    def send_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        if isinstance(request.user, User):
            count = resend(queryset.values_list("pk", flat=True), actor=request.user)
            self.message_user(request, f"{count} to be sent again.")

    @admin.action(description="Call endpoints again")
    def play_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        if isinstance(request.user, User):
            count = replay(queryset.values_list("pk", flat=True), actor=request.user)
            self.message_user(request, f"{count} to be sent again.")


@admin.register(Attempt)
class AttemptAdmin(ReadOnly):
    """What endpoints answered."""

    list_display = ("at", "endpoint", "status", "outcome", "milliseconds", "message_id")
    list_filter = ("endpoint",)
    show_full_result_count = False
