"""The demonstration has reports in all their states, and items in all of theirs; the review came twice."""

from __future__ import annotations

import pytest

from ops.committees.importing.reading import read
from ops.committees.models import Feedback, Item, Report, Response, Work
from ops.demonstration.reports.playing import FOLDER, LISTS


def test_lists_are_as_dirty_as_real_ones() -> None:
    first, second = (read((FOLDER / name).read_bytes()) for name, _ in LISTS)
    assert len(first.records) == len(second.records) == 11
    assert first.repairs
    assert second.unreadable[0].text.endswith("-03")
    numbers = [record.number for record in first.records]
    assert len(set(numbers)) < len(numbers)
    assert "" in numbers
    assert any("\n" in record.text for record in first.records)


@pytest.mark.django_db
def test_reports_and_items_stand_in_all_states(observatory) -> None:
    committee = Report.objects.filter(source=Report.Source.COMMITTEE)
    assert {"drafting", "published", "reviewed", "closed"} <= set(committee.values_list("state", flat=True))
    assert 20 <= Item.objects.filter(report__in=committee.exclude(state="drafting")).count() <= 30
    assert set(Response.objects.values_list("state", flat=True)) == {state.value for state in Response.State}
    assert set(Work.objects.values_list("state", flat=True)) == {state.value for state in Work.State}
    assert set(Item.objects.values_list("kind", flat=True)) == set(Item.Kind.values)
    assert Item.objects.filter(title="").exists()
    assert Feedback.objects.filter(is_confidential=True).exists()


@pytest.mark.django_db
def test_review_came_twice(observatory) -> None:
    parts = Item.objects.get(external_key="REV-212")
    assert (parts.work.state, parts.response.state) == ("in_progress", "received")
    texts = [
        event.changes["status_text"]["new"]
        for event in parts.work.history_for(None)
        if "status_text" in event.changes
    ]
    assert texts[-1].startswith("The motor is ordered.")
