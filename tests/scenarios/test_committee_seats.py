"""A seat in the Users Committee from nomination to end: a waived rule, and authority that ends with the term.

Told through the pages and the real outbox.
"""

from __future__ import annotations

import datetime

import pytest
from django.test import Client
from django.urls import reverse

from ops.clocks.sweep import sweep
from ops.committees.models import Committee, Meeting, Seat, Waiver
from ops.committees.sittings import write_minutes
from ops.people.authority import USERS_COMMITTEE
from ops.people.models import Membership, User
from ops.workflow.services import create, perform
from tests.cast import LONG_AGO, Cast
from tests.committees.seats import in_days, today
from tests.scenarios.desk import Desk
from tests.web.conftest import plain_file_names
from tests.web.pages import browser, text_of

__all__ = ["plain_file_names"]
DAY = datetime.timedelta(days=1)
UC = "/committees/users-committee/"
pytestmark = pytest.mark.django_db(transaction=True)


def takes(person: Client, seat: Seat, step: str, **data: str) -> None:
    """Take a step of a seat on its page."""
    answer = person.post(reverse("do-seat", args=[seat.pk, step]), data)
    assert answer.status_code == 302, text_of(answer, "main")


def test_a_seat_from_nomination_to_end(cast: Cast, desk: Desk) -> None:
    advisory = Committee.objects.get(slug="science-advisory")
    Membership.objects.create(person=cast.owner, team=advisory, starts_on=LONG_AGO)
    nominee, advisor, lead, director = (
        browser(person) for person in (cast.reporter, cast.owner, cast.lead, cast.director)
    )

    # Somebody nominates a colleague; both the colleague and the lead are told, and nobody else.
    browser(cast.outsider).post(
        "/new/seat/", {"committee": USERS_COMMITTEE, "person": "reporter", "statement": "Knows the archive."}
    )
    assert set(desk.letters()) == {"lead", "reporter"}
    seat = Seat.objects.get()

    # The lead vets, the advisory committee puts them on the slate: two people instead of twelve.
    takes(lead, seat, "vet", country="Chile")
    takes(advisor, seat, "put_on_slate", begins_on=in_days(0), ends_on=in_days(30))
    desk.letters()
    refused = director.post(reverse("do-seat", args=[seat.pk, "approve"]))
    assert refused.status_code == 409
    assert "waived with a reason" in text_of(refused, "main")

    # Each broken rule is waived with a reason; then the Director approves the slate, and the nominee is asked.
    broken = ("number_of_seats", "minimum_from_small_institutions")
    for rule in seat.committee.rules.filter(check_name__in=broken):
        advisor.post(
            f"{UC}slate/{in_days(0)}/waive/{rule.pk}/", {"reason": "The committee is being built up."}
        )
    assert Waiver.objects.count() == 2
    director.post(f"{UC}slate/{in_days(0)}/approve/")
    assert "reporter" in desk.letters()
    takes(nominee, seat, "accept")
    assert nominee.get(f"{UC}hours/").status_code == 403

    # On the first day the term begins by itself, and with it what a member may see and do.
    sweep()
    seat = Seat.objects.get()
    assert seat.state == "active"
    assert nominee.get(f"{UC}hours/").status_code == 200
    data = {"committee": USERS_COMMITTEE, "starts_at": f"{in_days(0)}T00:00"}
    meeting = perform(create(Meeting, actor=cast.lead, data=data), "hold", actor=cast.lead)
    write_minutes(meeting, "executive", actor=cast.uc_chair, data={"text": "Among ourselves.", "based_on": 0})
    assert "Among ourselves." in text_of(nominee.get(meeting.get_absolute_url()), "main")

    # After the last day all of it is gone, before any clock has moved the seat.
    Membership.objects.filter(person=cast.reporter).update(starts_on=in_days(-20), ends_on=in_days(-1))
    assert nominee.get(f"{UC}hours/").status_code == 403
    assert "Among ourselves." not in nominee.get(meeting.get_absolute_url()).content.decode()
    late = nominee.post(f"/meetings/{meeting.pk}/agenda/add/", {"title": "One more", "part": "open"})
    assert late.status_code == 403
    Seat.objects.filter(pk=seat.pk).update(begins_on=in_days(-20), ends_on=in_days(-1))
    sweep(moment=seat.ends_at + DAY)
    seat = Seat.objects.get()
    assert (seat.state, seat.get_end_reason_display()) == ("ended", "End of the term")
    yesterday = (today() - DAY).isoformat()
    assert "Reporter" in text_of(browser(cast.outsider).get(f"{UC}?on={yesterday}"), "main")
    assert "Reporter" not in text_of(browser(cast.outsider).get(UC), "main")
    assert User.objects.get(pk=cast.reporter.pk).memberships.count() == 1
