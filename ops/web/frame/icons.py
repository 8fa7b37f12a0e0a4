"""Icons, drawn into the page so that they take the colour of the text and cost no request."""

import re
from functools import cache

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ops.web.frame.assets import NODE_MODULES

FOLDER = NODE_MODULES / "@tabler/icons/icons/outline"
SHAPES = re.compile(r"<(?:path|circle|rect|line|polyline|ellipse)\b[^>]*/>")
INVISIBLE = 'd="M0 0h24v24H0z"'  # the empty frame that every icon of the set starts with

# What a phase looks like: a ring, half a disc, a pause, a check, a cross. The shape says what the colour says.
PHASE_SHAPES = {
    "open": '<circle cx="7" cy="7" r="5.25"/>',
    "active": '<circle cx="7" cy="7" r="5.25"/><path class="fill" d="M7 3.75a3.25 3.25 0 0 1 0 6.5z"/>',
    "waiting": '<circle cx="7" cy="7" r="5.25"/><path d="M5.6 5v4M8.4 5v4"/>',
    "good_end": '<circle class="fill" cx="7" cy="7" r="6"/><path class="cut" d="m4.6 7.2 1.7 1.7 3.2-3.6"/>',
    "bad_end": '<circle class="fill" cx="7" cy="7" r="6"/><path class="cut" d="m5.1 5.1 3.8 3.8m0-3.8-3.8 3.8"/>',
}
PRIORITY_BARS = {"low": 1, "medium": 2, "high": 3}
CRITICAL = '<rect class="fill" x="1" y="1" width="12" height="12" rx="3"/><path class="cut" d="M7 3.8v3.6M7 9.9v.1"/>'


class UnknownIconError(LookupError):
    """A page names an icon that the set does not have."""


@cache
def shapes(name: str) -> SafeString:
    """Return the drawing of a Tabler icon, read once; unknown names raise `UnknownIconError`."""
    try:
        drawing = (FOLDER / f"{name}.svg").read_text()
    except FileNotFoundError:
        raise UnknownIconError(f"There is no icon “{name}” in {FOLDER.name}; see tabler.io/icons.") from None
    return SafeString("".join(shape for shape in SHAPES.findall(drawing) if INVISIBLE not in shape))


def icon(name: str, label: str = "", *, shared: bool = False) -> SafeString:
    """Draw an icon; it is silent for screen readers unless it is given a label.

    A `shared` one refers to the drawing that `symbols` has put into the page once: for what stands there a
    hundred times.
    """
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" {}>{}</svg>',
        format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"'),
        format_html('<use href="#icon-{}"/>', name) if shared else shapes(name),
    )


def symbols(*names: str) -> SafeString:
    """Put the drawings of icons into the page, unseen, for the shared ones to refer to."""
    drawings = format_html_join(
        "",
        '<symbol id="icon-{}" viewBox="0 0 24 24">{}</symbol>',
        ((name, shapes(name)) for name in names),
    )
    return format_html('<svg class="visually-hidden" aria-hidden="true">{}</svg>', drawings)


@cache
def phase_mark(phase: str) -> SafeString:
    """Draw the mark of a phase; the word stands beside it, so the mark itself is silent."""
    return SafeString(
        f'<svg class="glyph" viewBox="0 0 14 14" aria-hidden="true">{PHASE_SHAPES[phase]}</svg>'
    )


@cache
def priority_mark(priority: str) -> SafeString:
    """Draw the mark of a priority: bars that rise, or a filled square for critical."""
    if priority == "critical":
        drawing = CRITICAL
    else:
        high = PRIORITY_BARS.get(priority, 0)
        drawing = "".join(
            f'<rect class="{"bar" if n < high else "bar bar-off"}" x="{1 + 4.5 * n}" y="{8 - 3 * n}" '
            f'width="3" height="{5 + 3 * n}" rx="1"/>'
            for n in range(3)
        )
    return SafeString(f'<svg class="glyph" viewBox="0 0 14 14" aria-hidden="true">{drawing}</svg>')
