"""The address at which a meeting is joined: for those who sit in the committee, and for nobody else."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models

from ops.committees.rules import sits_on
from ops.people.models import User

LONGEST = 500


class WayIn(models.Model):
    """The video link of a meeting, kept beside it: a column of the meeting would be everybody's to read."""

    meeting = models.OneToOneField("committees.Meeting", on_delete=models.CASCADE, related_name="way_in")
    link = models.URLField(max_length=LONGEST)

    def __str__(self) -> str:
        return f"The way in to {self.meeting_id}"


class WayInBeside:
    """The link as a value that a form asks for like a field; the history says that it changed, not to what."""

    def form_field(self) -> forms.Field:
        """Return the field of the form."""
        return forms.URLField(
            required=False,
            max_length=LONGEST,
            label="Video link",
            assume_scheme="https",
            help_text="Shown to those who sit in the committee, and in their calendars; to nobody else.",
        )

    def shown(self, meeting: Any, reader: User) -> str:
        """Return the link, to those who may join."""
        return link_for(meeting, reader)

    def keep(self, meeting: Any, value: str, actor: User) -> dict[str, Any] | None:
        """Write the link; nothing typed by somebody who does not see it leaves it as it is."""
        known = WayIn.objects.filter(meeting=meeting).first()
        before = known.link if known else ""
        if value == before or (not value and not sits_on(actor, meeting.committee)):
            return None
        if value:
            WayIn.objects.update_or_create(meeting=meeting, defaults={"link": value})
        else:
            WayIn.objects.filter(meeting=meeting).delete()
        return {"old": "set" if before else None, "new": "set anew" if value else "taken away"}


def link_for(meeting: Any, reader: Any) -> str:
    """Return the link at which a meeting is joined, to those who sit in its committee today; else nothing."""
    if meeting.pk is None or not sits_on(reader, meeting.committee):
        return ""
    found = WayIn.objects.filter(meeting=meeting).values_list("link", flat=True).first()
    return found or ""
