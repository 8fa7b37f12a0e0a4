"""What the Users Committee adds to the side bar."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest

from ops.web.entries import Entry


def entries(request: HttpRequest) -> Sequence[Entry]:
    """The places of the Users Committee that this person may go to."""
    return ()
