"""The words that templates are written in."""

from __future__ import annotations

import re
import zoneinfo
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.utils import timezone

from ops.people.models import User
from ops.web.frame import dates, icons
from ops.web.templatetags.frame import CLOCK_ICONS, initials
from ops.workflow.declaration import Phase

SANTIAGO = zoneinfo.ZoneInfo("America/Santiago")
NOW = datetime(2026, 3, 11, 15, 0, tzinfo=UTC)  # a Wednesday, 12:00 in Santiago


def draw(source: str, **context: object) -> str:
    """Draw a template that knows our words."""
    return Template("{% load frame %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (NOW, "just now"),
        (NOW - timedelta(seconds=59), "just now"),
        (NOW - timedelta(minutes=1), "1 minute ago"),
        (NOW + timedelta(minutes=12, seconds=30), "in 12 minutes"),
        (NOW - timedelta(hours=2), "today 10:00"),
        (NOW - timedelta(hours=13), "yesterday 23:00"),
        (NOW + timedelta(hours=13), "tomorrow 01:00"),
        (NOW - timedelta(days=3), "Sunday 12:00"),
        (NOW + timedelta(days=6), "Tuesday 12:00"),
        (NOW - timedelta(days=7), "4 March"),
        (NOW + timedelta(days=320), "25 January 2027"),
        (date(2026, 3, 11), "today"),
        (date(2026, 3, 10), "yesterday"),
        (date(2026, 3, 14), "Saturday"),
        (date(2025, 12, 31), "31 December 2025"),
    ],
)
def test_moments_are_said_as_a_person_says_them(moment, words):
    with timezone.override(SANTIAGO):
        assert dates.spoken(moment, NOW) == words


def test_minutes_are_counted_across_the_change_of_the_clocks():
    before = datetime(
        2026, 3, 29, 0, 50, tzinfo=UTC
    )  # 01:50 in Berlin; ten minutes later it is three o'clock
    with timezone.override(zoneinfo.ZoneInfo("Europe/Berlin")):
        assert dates.spoken(before, before + timedelta(minutes=20)) == "20 minutes ago"


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (NOW - timedelta(hours=2), "10:00"),
        (NOW - timedelta(days=1), "10 Mar"),
        (date(2025, 4, 1), "Apr 2025"),
    ],
)
def test_narrow_columns_get_fewer_words(moment, words):
    with timezone.override(SANTIAGO):
        assert dates.short(moment, NOW) == words


def test_the_full_date_is_on_hover():
    with timezone.override(SANTIAGO):
        drawn = draw("{% when moment %}", moment=NOW)
    assert 'title="Wednesday 11 March 2026, 12:00 -03"' in drawn
    assert 'datetime="2026-03-11T15:00:00+00:00"' in drawn
    assert draw("{% when moment %}", moment=None) == ""


@pytest.mark.parametrize("phase", Phase.values)
def test_every_phase_has_a_mark_of_its_own_shape_and_its_word(phase):
    drawn = draw("{% state label phase %}", label="In <work>", phase=phase)
    assert "In &lt;work&gt;" in drawn
    assert f'data-phase="{phase}"' in drawn
    assert len({icons.phase_mark(each) for each in Phase.values}) == len(Phase.values)


def test_an_unknown_phase_is_an_error():
    with pytest.raises(KeyError):
        draw("{% state 'Lost' 'limbo' %}")


@pytest.mark.parametrize("value", ["critical", "high", "medium", "low", ""])
def test_a_priority_always_has_its_word_for_those_who_cannot_see_the_mark(value):
    word = value.capitalize() or "No priority"
    assert f"<span>{word}</span>" in draw("{% priority value %}", value=value)
    assert f'<span class="visually-hidden">{word}</span>' in draw(
        "{% priority value bare=True %}", value=value
    )


@pytest.mark.parametrize("status", CLOCK_ICONS)
def test_a_clock_says_how_it_stands(status):
    drawn = draw("{% clock status '2 d' why %}", status=status, why="Due <soon>")
    assert f'data-status="{status}" title="Due &lt;soon&gt;"' in drawn


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Mara Okonkwo-Lindqvist", "MO"),
        ("Teo", "T"),
        ("Ana María del Río", "AR"),
        ("(retired) Yun Saar", "YS"),
        ("", "?"),
    ],
)
def test_initials(name, letters):
    assert initials(name) == letters


def test_people_are_named_and_escaped():
    who = User(username="x", display_name="<b>Mara</b>", institution='"Rubato"')
    drawn = draw(
        "{% person who %}{% person nobody %}{% person none 'Not assigned' %}", who=who, none=None, nobody=None
    )
    assert "&lt;b&gt;Mara&lt;/b&gt;" in drawn
    assert 'title="&quot;Rubato&quot;"' in drawn
    assert "Nobody" in drawn
    assert "Not assigned" in drawn


def test_icons_are_silent_unless_named():
    assert 'aria-hidden="true"' in draw("{% icon 'bell' %}")
    assert 'role="img" aria-label="A &amp; B"' in draw("{% icon 'bell' label %}", label="A & B")


def test_an_icon_that_does_not_exist_is_named():
    with pytest.raises(icons.UnknownIconError, match="unicorn-of-doom"):
        icons.icon("unicorn-of-doom")


def pages() -> list[Path]:
    """Return every template of the pages."""
    return sorted(path for path in (settings.BASE_DIR / "templates").rglob("*.html"))


@pytest.mark.parametrize("page", pages(), ids=lambda path: path.name)
def test_every_icon_that_a_page_names_exists(page):
    for name in re.findall(r"""{%\s*icon\s+["']([^"']+)["']""", page.read_text()):
        assert icons.shapes(name)


def given_to_browsers() -> list[Path]:
    """Return the templates of pages; letters are for mail programs, which know no style sheets."""
    return [path for path in pages() if path.parent.name in ("web", "templates")]


@pytest.mark.parametrize("page", given_to_browsers(), ids=lambda path: path.name)
def test_no_page_carries_style_or_script_in_its_text(page):
    source = page.read_text()
    assert not re.search(r"\sstyle\s*=", source)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", source)
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", source)
    assert not re.search(r"(?:src|href)=[\"']https?://", source)
