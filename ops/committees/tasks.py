"""What is done about terms, meetings and reports without anybody remembering it."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from ops.committees.reminders import REMINDERS, remind
from ops.committees.terms import follow_terms
from ops.people.models import User
from ops.periodic import periodic


@periodic(every=timedelta(hours=6))
def look_at_terms() -> None:
    """Remind of terms that end."""
    follow_terms(actor=User.objects.system(), moment=timezone.now())


@periodic(every=timedelta(days=1))
def look_at_duties() -> None:
    """Remind those who see to it of meetings and reports that are missing."""
    for reminder in REMINDERS:
        remind(reminder, actor=User.objects.system(), moment=timezone.now())
