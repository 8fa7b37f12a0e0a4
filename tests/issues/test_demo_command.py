"""`manage.py demo`, and where it refuses."""

import io

import pytest
from django.core.management import CommandError, call_command

from ops.issues.models import Issue
from ops.people.models import User
from tests.cast import Cast


def demo() -> str:
    out = io.StringIO()
    call_command("demo", stdout=out)
    return out.getvalue()


def test_demonstration_is_refused_outside_demonstration_mode(db, settings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="not in demonstration mode"):
        demo()
    assert not Issue.objects.exists()
    assert not User.objects.filter(username="member").exists()


def test_demonstration_is_refused_where_other_data_are(cast: Cast, settings) -> None:
    settings.DEMO = True
    with pytest.raises(CommandError, match="not empty"):
        demo()
    assert not Issue.objects.exists()


def test_demonstration_fills_an_empty_desk_once(db, settings) -> None:
    settings.DEMO = True
    assert "password “demo”: member, scientist" in demo()
    issues = Issue.objects.count()

    assert "there already" in demo()
    assert Issue.objects.count() == issues
