"""What the pages of calls and requests say beside what every record's page says."""

from __future__ import annotations

from typing import Any

from django import template

from ops.web.allocations.panels import CallPanel, RequestPanel

register = template.Library()


@register.simple_tag(takes_context=True)
def request_panel(context: dict[str, Any], request: Any) -> RequestPanel:
    """Return what is particular to a request, for the one who reads the page."""
    return RequestPanel(request, context["user"])


@register.simple_tag(takes_context=True)
def call_panel(context: dict[str, Any], call: Any) -> CallPanel:
    """Return what is particular to a call, for the one who reads the page."""
    return CallPanel(call, context["user"])
