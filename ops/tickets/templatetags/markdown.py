"""`{{ text|markdown }}` on pages, `{{ text|markdown_afar }}` in letters, `{{ text|document }}` in reports."""

from __future__ import annotations

from django import template
from django.conf import settings
from django.utils.safestring import SafeString

from ops.tickets.markdown import rendered

register = template.Library()
register.filter("markdown", rendered)


@register.filter
def markdown_afar(text: str) -> SafeString:
    """Return Markdown as HTML that is read away from the desk, so that links to it need its address."""
    return rendered(text, site=settings.PUBLIC_URL)


@register.filter
def document(text: str) -> SafeString:
    """Return Markdown as HTML, of a text written like a file: its lines are as long as an editor made them."""
    return rendered(text, wrapped=True)
