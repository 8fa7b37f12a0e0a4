"""What acceptance testing adds to the side bar."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest
from django.urls import reverse

from ops.web.frame.entries import Entry


def entries(request: HttpRequest) -> Sequence[Entry]:
    """The places of acceptance testing that this person may go to."""
    if not request.user.is_authenticated:
        return ()
    return (
        Entry("My tests", reverse("my-tests"), "list-check", keys="g t"),
        Entry("Test cases", reverse("list-case"), "checklist"),
    )
