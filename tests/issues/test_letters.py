"""What is mailed of an announcement, and what that costs when ten thousand read it."""

from __future__ import annotations

import pytest

from ops.issues.letters import prepare
from ops.issues.models import Announcement
from ops.workflow.models import Event
from ops.workflow.services import create, edit, perform
from tests.cast import Cast
from tests.factories import FACTORIES, issue_in


def _latest_event(announcement: Announcement) -> list[int]:
    return [Event.objects.of(announcement).latest("pk").pk]


def _published_about(cast: Cast, *visibilities: str) -> Announcement:
    issues = [
        edit(issue_in("triaged", cast), actor=cast.scientist, data={"visibility": v}) for v in visibilities
    ]
    data = {"title": "New image service", "body": "It is faster.", "tickets": [issue.key for issue in issues]}
    draft = create(Announcement, actor=cast.scientist, data=data)
    approved = perform(draft, "approve", actor=cast.lead)
    return perform(approved, "publish", actor=cast.scientist)


@pytest.mark.django_db
def test_what_is_public_is_looked_up_once_for_all_readers(cast: Cast, django_assert_num_queries) -> None:
    write = prepare(_latest_event(_published_about(cast, "public", "public")))
    with django_assert_num_queries(0):
        letters = [write(reader) for reader in (*cast.people(), "somebody@example.org")]
    assert {letter.text for letter in letters if letter} == {letters[0].text}
    assert all(letters)


@pytest.mark.django_db
def test_each_reader_is_told_of_the_tickets_they_may_see(cast: Cast) -> None:
    published = _published_about(cast, "public", "staff")
    public, internal = published.tickets.order_by("pk").values_list("key", flat=True)
    write = prepare(_latest_event(published))
    told = {reader: write(reader).text for reader in (cast.staff, cast.outsider, "somebody@example.org")}
    assert all(public in text for text in told.values())
    assert [reader for reader, text in told.items() if internal in text] == [cast.staff]


@pytest.mark.django_db
def test_a_draft_is_for_staff_and_waits_for_the_lead(cast: Cast) -> None:
    write = prepare(_latest_event(FACTORIES["announcement"].new(cast)))
    assert write(cast.outsider) is None
    assert write(cast.staff).waits_for_you == ""
    assert write(cast.lead).waits_for_you


@pytest.mark.django_db
def test_an_announcement_that_is_gone_is_told_to_nobody(cast: Cast) -> None:
    assert prepare([0])(cast.lead) is None
