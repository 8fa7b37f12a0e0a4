"""What messages about tickets say, read away from the desk."""

from __future__ import annotations

import pytest
from django.conf import settings

from ops.tickets.letters import compose_comments
from ops.tickets.services import comment
from tests.cast import Cast
from tests.factories import issue_in


@pytest.mark.django_db
def test_a_key_in_a_letter_leads_to_the_desk(cast: Cast) -> None:
    issue = issue_in("reported", cast)
    said = comment(issue, actor=cast.scientist, body=f"The same as {issue.key}?")
    letter = compose_comments([said.pk], cast.reporter)
    assert letter is not None
    assert f'href="{settings.PUBLIC_URL}/tickets/{issue.key}/"' in letter.html
