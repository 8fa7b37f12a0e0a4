"""What the page of anything with a life shows, each part asked for once and only when it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from ops.clocks.explanation import Clock, ordered
from ops.clocks.selectors import deadline_history
from ops.people.authority import is_staff_member
from ops.tickets.timeline import described
from ops.web.addresses import edit_url, process_url
from ops.web.records.actions import Actions, actions
from ops.web.records.facts import Facts
from ops.web.records.standing import Standing, standing
from ops.web.records.story import Happening, Said, told
from ops.workflow.services import editable_fields

MOST_EVENTS = 100


class RecordPage:
    """The page of one record for one reader."""

    def __init__(self, request: HttpRequest, record: Any) -> None:
        self.request, self.record, self.reader = request, record, request.user

    @cached_property
    def facts(self) -> Facts:
        """What is known of it, field by field."""
        return Facts(self.record, self.reader)

    @cached_property
    def clocks(self) -> list[Clock]:
        """Every deadline that it had, oldest first, with what each says of itself."""
        return [clock for clock in deadline_history(self.record.anchor) if clock.look != "cancelled"]

    @property
    def open_clocks(self) -> list[Clock]:
        """The deadlines that count or stand still, the most pressing first."""
        return ordered([clock for clock in self.clocks if clock.deadline.is_open])

    @property
    def met_clocks(self) -> list[Clock]:
        """The deadlines that are behind it."""
        return [clock for clock in self.clocks if not clock.deadline.is_open]

    @cached_property
    def standing(self) -> Standing:
        """Who holds it, what is next, until when."""
        return standing(self.record, self.reader, self.clocks)

    @cached_property
    def actions(self) -> Actions:
        """What this reader may do now."""
        return actions(self.record, self.reader)

    @property
    def panel(self) -> Sequence[str]:
        """Where a process may have put what is particular to its records, and what stands there otherwise."""
        meta = self.record._meta
        return [f"{meta.app_label}/{meta.model_name}_panel.html", "web/_nothing.html"]

    @property
    def list_url(self) -> str:
        """Where its like are listed, for a kind that has such a page."""
        try:
            return reverse(f"list-{self.record.workflow.kind}")
        except NoReverseMatch:
            return ""

    @property
    def process_url(self) -> str:
        """Where its process is explained, with the way that this record came."""
        return process_url(self.record)

    @property
    def edit_url(self) -> str:
        """Where its fields are changed, for those who may change any."""
        may = self.reader.is_authenticated and editable_fields(self.record, self.reader)
        return edit_url(self.record) if may else ""

    @property
    def shows_history(self) -> bool:
        """Whether the reader is told how it came about, which happened before it was meant for everybody."""
        return self.reader.is_authenticated and is_staff_member(self.reader)

    @cached_property
    def history(self) -> list[Happening | Said]:
        """What happened to it, oldest first."""
        events = self.record.history_for(self.reader)
        newest = events.select_related("actor").order_by("-pk")[:MOST_EVENTS]
        entries = described(self.record, list(newest)[::-1], self.reader)
        return told(self.record, entries, self.reader)
