"""What lists of tickets can be narrowed to, beyond what every ticket has."""

from __future__ import annotations

import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from ops.issues.models import Issue
from ops.people.models import User
from ops.tickets import queue
from ops.tickets.models import Comment, CommentVisibility

SWEPT_DAYS = 31


def _swept(value: str, reader: User | AnonymousUser) -> Q:
    """Keep what the weekly sweep is about: of the past month, unsolved, without an answer, a promise or an owner.

    An answer is a comment that the reporter can read, by somebody else (RTN-097).
    """
    queue.words_of("sweep", value, ["yes"])
    answers = Comment.objects.filter(ticket=OuterRef("pk")).exclude(visibility=CommentVisibility.STAFF)
    forgotten = Issue.objects.filter(
        ~Exists(answers.exclude(author=OuterRef("reporter"))),
        created_at__gte=timezone.now() - datetime.timedelta(days=SWEPT_DAYS),
        state__in=Issue.workflow.live_states(),
        assignee=None,
        promised_reply_at=None,
    )
    return Q(pk__in=forgotten.values("pk"))


queue.FILTERS["sweep"] = _swept
