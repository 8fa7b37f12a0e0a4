"""What messages about tickets say, read away from the desk."""

from __future__ import annotations

import pytest
from django.conf import settings

from ops.issues.models import Issue
from ops.tickets.letters import compose_comments, compose_events
from ops.tickets.services import comment
from ops.workflow.models import Event
from ops.workflow.services import create, edit
from tests.cast import Cast
from tests.factories import issue_in


@pytest.mark.django_db
def test_a_key_in_a_letter_leads_to_the_desk(cast: Cast) -> None:
    issue = issue_in("reported", cast)
    said = comment(issue, actor=cast.scientist, body=f"The same as {issue.key}?")
    letter = compose_comments([said.pk], cast.reporter)
    assert letter is not None
    assert f'href="{settings.PUBLIC_URL}/tickets/{issue.key}/"' in letter.html


@pytest.mark.django_db
def test_whoever_is_told_of_a_report_reads_it_in_the_letter(cast: Cast) -> None:
    issue = create(
        Issue, actor=cast.reporter, data={"title": "Empty plots", "description": "**Nothing** appears."}
    )
    event = Event.objects.of(issue).get()
    letter = compose_events([event.pk], cast.watcher)
    assert letter is not None
    assert "**Nothing** appears." in letter.text
    assert "<strong>Nothing</strong> appears." in letter.html


@pytest.mark.django_db
def test_a_letter_says_moments_in_the_zone_of_its_reader_and_changes_in_one_order(cast: Cast) -> None:
    cast.reporter.time_zone = "America/Santiago"
    issue = issue_in("triaged", cast)
    answers = {"urgency": "low", "promised_reply_at": "2027-01-05T15:00:00Z", "importance": "low"}
    issue = edit(issue, actor=cast.scientist, data=answers)
    letter = compose_events([Event.objects.of(issue).latest("pk").pk], cast.reporter)
    assert letter is not None
    assert "Tuesday 5 January 2027, 12:00 -03" in letter.text
    assert letter.text.index("Importance") < letter.text.index("Urgency") < letter.text.index("Promised")
