"""What the page of an execution shows besides what every record has."""

from __future__ import annotations

from typing import Any

from django import template

from ops.web.acceptance.run_page import Run

register = template.Library()


@register.simple_tag(takes_context=True)
def run_of(context: dict[str, Any], execution: Any) -> Run:
    """Return a test with its steps as the reader finds them."""
    return Run(context["request"], execution)
