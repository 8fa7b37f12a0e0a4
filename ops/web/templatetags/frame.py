"""The words that templates are written in: icons, people, dates, states, clocks, priorities."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ops.people.models import SYSTEM_USERNAME, User
from ops.web.forms import drafts
from ops.web.frame import dates, icons

register = template.Library()

CLOCK_ICONS = {
    "counting": "clock",
    "soon": "clock-exclamation",
    "overdue": "alarm",
    "paused": "clock-pause",
    "met": "check",
}

register.simple_tag(icons.icon, name="icon")


@register.simple_tag
def card_symbols() -> SafeString:
    """Put the drawings of the icons on cards into a page that shows cards."""
    return icons.symbols("dots", *CLOCK_ICONS.values())


@register.simple_tag
def when(moment: datetime | date | None, form: str = "spoken") -> str | SafeString:
    """Say a moment in the reader's zone, the full date on hover; `form` is `spoken`, `short` or `full`."""
    if moment is None:
        return ""
    words = {"spoken": dates.spoken, "short": dates.short, "full": dates.in_full}[form](moment)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', moment.isoformat(), dates.in_full(moment), words
    )


@register.simple_tag
def since(moment: datetime, fresh: str = "just now") -> SafeString:
    """Say since when something has been so, the full date on hover; `fresh` within the first minute."""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        dates.in_full(moment),
        dates.since(moment, fresh=fresh),
    )


@register.simple_tag
def lasted(length: timedelta | None, nothing: str = "not yet known") -> str:
    """Say how long something took."""
    return nothing if length is None else dates.lasted(length)


@register.simple_tag
def age(moment: datetime) -> SafeString:
    """Say how old something is, when it began on hover."""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        dates.in_full(moment),
        dates.lasted(timezone.now() - moment),
    )


@register.simple_tag
def state(label: str, phase: str) -> SafeString:
    """Show a state: its word, and the mark of its phase (open, active, waiting, good_end, bad_end)."""
    return format_html(
        '<span class="state" data-phase="{}">{}{}</span>', phase, icons.phase_mark(phase), label
    )


@register.simple_tag
def priority(value: str, label: str = "", *, bare: bool = False) -> SafeString:
    """Show a priority (critical, high, medium, low, or empty); `bare` hides the word from the eye only."""
    words = label or (value.capitalize() if value else "No priority")
    return format_html(
        '<span class="priority" data-priority="{}"{}>{}<span{}>{}</span></span>',
        value or "none",
        format_html(' title="{} priority"', words) if bare and value else "",
        icons.priority_mark(value),
        format_html(' class="{}"', "visually-hidden") if bare else "",
        words,
    )


@register.simple_tag
def clock(status: str, words: str, explanation: str = "", *, shared: bool = False) -> SafeString:
    """Show a clock (counting, soon, overdue, paused, met) with its words; the explanation is on hover."""
    return format_html(
        '<span class="clock" data-status="{}"{}>{}{}</span>',
        status,
        format_html(' title="{}"', explanation) if explanation else "",
        icons.icon(CLOCK_ICONS[status], shared=shared),
        words,
    )


def initials(name: str) -> str:
    """Return the first letters of the first and last word of a name."""
    words = [word for word in name.split() if word[0].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


@register.simple_tag
def avatar(person: User | None) -> SafeString:
    """Draw the round mark of a person; their name must stand beside it."""
    if person is not None and person.username == SYSTEM_USERNAME:
        return format_html('<span class="avatar-mark" aria-hidden="true">{}</span>', icons.icon("robot"))
    return format_html(
        '<span class="avatar-mark" aria-hidden="true">{}</span>', initials(person.name) if person else ""
    )


@register.simple_tag
def person(who: User | None, nobody: str = "Nobody") -> SafeString:
    """Show a person with their mark and name, the institution on hover; without one, the word for that."""
    if who is None:
        return format_html('<span class="person person-nobody">{}{}</span>', avatar(None), nobody)
    return format_html(
        '<span class="person"{}>{}<span class="person-name">{}</span></span>',
        format_html(' title="{}"', who.institution) if who.institution else "",
        avatar(who),
        who.name,
    )


@register.simple_tag(takes_context=True)
def draft(context: dict[str, Any], key: str) -> drafts.Kept:
    """Give what the reader typed under this key and did not send; use as `{% draft "comment:CST-7" as kept %}`."""
    return drafts.kept_for(context["request"].user, key)


@register.simple_tag(takes_context=True)
def draft_field(context: dict[str, Any], key: str) -> SafeString:
    """Put this inside a `<form>` whose text shall be kept while it is typed."""
    user = context["request"].user
    if not user.is_authenticated:
        return SafeString("")
    return format_html(
        '<input type="hidden" name="{}" value="{}" data-keep-url="{}">',
        drafts.FIELD,
        drafts.token_for(user, key),
        reverse("keep-draft"),
    )
