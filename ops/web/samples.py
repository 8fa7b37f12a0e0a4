"""Made-up data for the style guide: every piece in its ordinary and its hard cases."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from ops.people.models import User
from ops.web.frame.context import Frame
from ops.web.frame.entries import Entry, Section

HERE = "/styleguide/"
LONG_TITLE = (
    "Difference images of detector 94 show a checkerboard after the June correction of the crosstalk matrix, so that "
    "half of the alerts near bright stars are false; a work-around for the brokers is needed before the next release"
)


def _someone(username: str, name: str, institution: str = "") -> User:
    return User(username=username, display_name=name, institution=institution)


MARA = _someone("mara", "Mara Okonkwo-Lindqvist", "University of the Southern Sky")
TEO = _someone("teo", "Teo Baptiste", "Community Science")
YUN = _someone("yun", "Yun Saar", "Data Management")
LONG_NAME = _someone(
    "longname", "Maximiliana Theodora van der Hoogenbandsteinwald-Featherstonehaugh", "Rubato Institute"
)
SYSTEM = _someone("system", "Automation")


def _row(
    key: str, title: str, state: tuple[str, str], priority: str, holder: User | None, **more: Any
) -> dict[str, Any]:
    return {
        "key": key,
        "title": title,
        "state": state,
        "priority": priority,
        "holder": holder,
        "url": HERE,
        **more,
    }


def rows() -> list[dict[str, Any]]:
    """Return tickets of a queue, one of them with everything too long."""
    now = timezone.now()
    counting = {
        "status": "counting",
        "words": "2 d",
        "explanation": "First answer due tomorrow 16:20, in office hours",
    }
    return [
        _row(
            "CST-412",
            "Portal loses the query when the session ends",
            ("Reported", "open"),
            "",
            None,
            clock={"status": "soon", "words": "3 h", "explanation": "First answer due today 17:00"},
            changed=now,
        ),
        _row(
            "CST-409",
            LONG_TITLE,
            ("In progress", "active"),
            "critical",
            LONG_NAME,
            clock={"status": "overdue", "words": "1 d late", "explanation": "Scope was due yesterday 17:00"},
            changed=now - timedelta(minutes=12),
            labels=["alerts", "crosstalk"],
        ),
        _row(
            "CST-398",
            "Photometric redshifts of faint red galaxies are biased low",
            ("Investigating", "active"),
            "high",
            YUN,
            clock=counting,
            changed=now - timedelta(hours=5),
        ),
        _row(
            "CST-377",
            "Ask the survey strategy committee about twilight visits",
            ("Waiting", "waiting"),
            "medium",
            TEO,
            clock={
                "status": "paused",
                "words": "paused",
                "explanation": "Waits for the committee until 3 March",
            },
            changed=now - timedelta(days=1),
        ),
        _row(
            "CST-351",
            "Object table: unit of the shape moments is missing",
            ("In review", "active"),
            "low",
            MARA,
            clock=counting,
            changed=now - timedelta(days=3),
            labels=["documentation"],
        ),
        _row(
            "CST-340",
            "Cutout service times out above 500 arcseconds",
            ("Closed", "good_end"),
            "high",
            YUN,
            clock={"status": "met", "words": "in time", "explanation": "Resolved 4 days before the deadline"},
            changed=now - timedelta(days=40),
        ),
        _row(
            "CST-322",
            "Please add my telescope to the survey",
            ("Declined", "bad_end"),
            "low",
            TEO,
            clock=None,
            changed=now - timedelta(days=400),
        ),
    ]


def timeline() -> list[dict[str, Any]]:
    """Return comments and events as a ticket page interleaves them."""
    now = timezone.now()
    return [
        {
            "anchor": "event-1",
            "icon": "plus",
            "actor": MARA,
            "words": "reported this",
            "moment": now - timedelta(days=9),
        },
        {
            "anchor": "event-2",
            "icon": "arrow-right",
            "actor": TEO,
            "words": "triaged it, due 12 June, and moved it to",
            "target": {"label": "Triaged", "phase": "open"},
            "moment": now - timedelta(days=8),
        },
        {
            "anchor": "comment-1",
            "is_comment": True,
            "author": TEO,
            "moment": now - timedelta(days=8),
            "visibility": "public",
            "edited": True,
            "tools": [{"label": "Copy the link", "url": "#comment-1"}],
            "html": SafeString(
                "<p>Thank you, this is easy to see in the tutorial notebook too. Could you add the "
                "<code>visit</code> and <code>detector</code> of one example?</p><pre><code>SELECT visit, "
                "detector, COUNT(*) FROM dp1.DiaSource GROUP BY 1, 2</code></pre>"
            ),
        },
        {
            "anchor": "event-3",
            "icon": "clock-pause",
            "actor": TEO,
            "words": "waits for the reporter until Tuesday:",
            "target": {"label": "Waiting", "phase": "waiting"},
            "moment": now - timedelta(days=7),
            "reason": "We need one visit in which it shows; the logs alone do not say which correction was used.",
        },
        {
            "anchor": "comment-2",
            "is_comment": True,
            "author": YUN,
            "moment": now - timedelta(hours=3),
            "visibility": "staff",
            "audience": "Staff only",
            "html": SafeString(
                "<p>The June matrix has the sign of segment 3 wrong. Do not announce before the re-run.</p>"
            ),
        },
        {
            "anchor": "event-4",
            "icon": "robot",
            "actor": SYSTEM,
            "words": "returned it to",
            "target": {"label": "Investigating", "phase": "active"},
            "moment": now - timedelta(minutes=20),
        },
    ]


def _card(row: dict[str, Any]) -> dict[str, Any]:
    clock = row["clock"]
    ticket = SimpleNamespace(
        key=row["key"],
        title=row["title"],
        priority=row["priority"],
        assignee=row["holder"],
        state=row["state"],
        version=1,
        get_absolute_url=HERE,
    )
    shown = clock and SimpleNamespace(
        look=SimpleNamespace(value=clock["status"]), words=clock["words"], name=clock["explanation"]
    )
    return {
        "ticket": ticket,
        "clock": shown,
        "clock_short": clock and clock["words"],
        "clock_in_full": clock and clock["explanation"],
        "move_url": f"{HERE}move/",
        "moves_url": HERE,
    }


def columns() -> list[dict[str, Any]]:
    """Return a board of four columns, one of them empty."""
    places = [
        ("reported", "Reported", "open"),
        ("in_progress", "In progress", "active"),
        ("waiting", "Waiting", "waiting"),
    ]
    cards = [_card(row) for row in rows()]
    board = [
        {"value": value, "label": label, "phase": phase, "cards": cards[2 * n : 2 * n + 2]}
        for n, (value, label, phase) in enumerate(places)
    ]
    return [*board, {"value": "closed", "label": "Closed", "phase": "good_end", "cards": []}]


class SampleForm(forms.Form):
    """Every control that the forms of the desk use."""

    title = forms.CharField(max_length=60, help_text="What is wrong, in one line.")
    component = forms.ChoiceField(choices=[("", "Choose…"), ("portal", "Portal"), ("notebook", "Notebook")])
    importance = forms.ChoiceField(
        choices=[("high", "High"), ("medium", "Medium"), ("low", "Low")], widget=forms.RadioSelect
    )
    due = forms.DateField(
        label="Due date",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": "Write a date like 2026-03-12."},
    )
    points = forms.IntegerField(label="Story points", required=False)
    description = forms.CharField(
        widget=forms.Textarea,
        required=False,
        help_text="Markdown. What did you do, what came, what should have come?",
    )
    confidential = forms.BooleanField(label="Only the lead may see this", required=False)


class SampleFrame(Frame):
    """The frame as it is when every room has its pages."""

    search_url = HERE
    unread = 3

    @property
    def sections(self) -> list[Section]:
        """A side bar with everything in it."""
        return [
            Section(
                "",
                [
                    Entry("What waits for me", "/styleguide/#", "inbox", 4, "g h", current=True),
                    Entry("What I follow", "/styleguide/#follow", "star", None, "g f"),
                ],
            ),
            Section(
                "Queues",
                [
                    Entry("Issues", "/styleguide/#issues", "circle-dot", 37, "g i"),
                    Entry("Resource requests", "/styleguide/#requests", "server", 12),
                    Entry("Acceptance campaigns", "/styleguide/#campaigns", "checklist"),
                    Entry("Announcements", "/styleguide/#announcements", "speakerphone"),
                ],
            ),
            Section("My committees", [Entry("Users Committee", "/styleguide/#uc", "users")]),
            Section(
                "Saved filters",
                [
                    Entry("Unanswered this month", "/styleguide/#f1", "filter", 9),
                    Entry("Critical, without an owner, older than a week", "/styleguide/#f2", "filter", 0),
                ],
            ),
            Section(
                "About",
                [Entry("Workflows", "/styleguide/#w", "sitemap"), Entry("Help", "/help/", "help-circle")],
            ),
        ]

    @property
    def makings(self) -> list[Entry]:
        """Three things to create."""
        return [
            Entry("Report a problem", "/styleguide/#new", "circle-dot", keys="c"),
            Entry("Request resources", "/styleguide/#new-request", "server"),
            Entry("Draft an announcement", "/styleguide/#new-announcement", "speakerphone"),
        ]


def everything(request: HttpRequest) -> dict[str, Any]:
    """Return what the style guide shows."""
    now = timezone.now()
    offsets = (-400 * 1440, -20 * 1440, -3000, -1500, -12, 0, 45, 1200, 4000, 30 * 1440)
    return {
        "frame": SampleFrame(request),
        "rows": rows(),
        "timeline": timeline(),
        "columns": columns(),
        "moments": [now + timedelta(minutes=minutes) for minutes in offsets],
        "people": [MARA, TEO, LONG_NAME, SYSTEM, None],
        "holder": YUN,
        "states": [
            ("Reported", "open"),
            ("In progress", "active"),
            ("Waiting", "waiting"),
            ("Closed", "good_end"),
            ("Declined", "bad_end"),
        ],
        "priorities": ["critical", "high", "medium", "low", ""],
        "clocks": [
            ("counting", "in 2 working days"),
            ("soon", "in 3 hours"),
            ("overdue", "1 day late"),
            ("paused", "paused"),
            ("met", "answered in time"),
        ],
        "form": SampleForm(request.POST or None),
        "audiences": [
            {
                "value": "public",
                "label": "Everybody",
                "who": "Anybody on the web, without signing in, and 14 followers by mail.",
            },
            {
                "value": "participants",
                "label": "Participants",
                "who": "Mara Okonkwo-Lindqvist, Yun Saar and 2 watchers.",
            },
            {
                "value": "staff",
                "label": "Staff",
                "who": "Staff of the observatory only; the reporter does not see it.",
            },
        ],
        "tabs": [
            {"label": "Table", "url": HERE, "count": 37, "current": True},
            {"label": "Board", "url": f"{HERE}#board-title"},
            {"label": "My deadlines", "url": f"{HERE}#clocks", "count": 5},
        ],
        "long_title": LONG_TITLE,
        "empty_action": {"label": "Report a problem", "url": HERE},
        "colours": ["text", "text-2", "text-3", "accent", "attention", "good", "bad"],
    }
