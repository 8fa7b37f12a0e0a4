"""What is done about terms without anybody remembering it."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from ops.committees.terms import follow_terms
from ops.people.models import User
from ops.periodic import periodic


@periodic(every=timedelta(hours=6))
def look_at_terms() -> None:
    """Remind of terms that end."""
    follow_terms(actor=User.objects.system(), moment=timezone.now())
