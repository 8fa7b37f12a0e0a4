"""`{{ text|markdown }}`."""

from __future__ import annotations

from django import template

from ops.tickets.markdown import rendered

register = template.Library()
register.filter("markdown", rendered)
