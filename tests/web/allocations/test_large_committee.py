"""The chair's boards of a committee of any size: a page at a time, whoever has most first, found by name."""

from __future__ import annotations

from django.urls import reverse

from ops.allocations.models import Attendance
from ops.people.authority import ALLOCATION_COMMITTEE
from ops.people.models import Membership, Role, Team, User
from tests.allocations.committee import LONG_AGO, barred, scored
from tests.cast import Cast
from tests.web.pages import MOST_QUERIES, browser, cost, text_of


def many_members(count: int) -> list[User]:
    """So many more members of the committee."""
    team = Team.objects.get(slug=ALLOCATION_COMMITTEE)
    people = User.objects.bulk_create(
        User(username=f"member-{number:03}", display_name=f"Member {number:03}") for number in range(count)
    )
    Membership.objects.bulk_create(
        Membership(person=person, team=team, role=Role.MEMBER, starts_on=LONG_AGO) for person in people
    )
    return people


def test_the_boards_cost_the_same_for_a_few_members_and_for_many(cast: Cast) -> None:
    call, _ = scored(cast, (5, 4), (3, 2))
    addresses = [reverse(name, args=[call.pk]) for name in ("call-load", "note-presence", "call-reviewers")]
    few = [cost(cast.rac_chair, address) for address in addresses]
    people = many_members(200)
    assert [cost(cast.rac_chair, address) for address in addresses] == few
    assert max(few) <= MOST_QUERIES

    client = browser(cast.rac_chair)
    load, presence, reviewers = (client.get(address) for address in addresses)
    rows = text_of(load, "table tbody")
    assert rows.index(cast.rac_second.name) < rows.index(people[0].name), "whoever has most stands first"
    assert people[-1].name not in rows
    found = client.get(f"{addresses[0]}?search=member+199")
    assert text_of(found, "table tbody").count("Member") == 1
    assert "Nobody of that name" in text_of(client.get(f"{addresses[0]}?search=zzz"), "table tbody")
    assert "of 20" in text_of(presence, ".rows-end")
    assert "All 20" in text_of(reviewers, "main")


def test_the_conflicts_of_a_call_are_listed_a_page_at_a_time(cast: Cast) -> None:
    call, (request, _) = scored(cast, (5, 4), (3, 2))
    people = many_members(120)
    address = reverse("call-conflicts", args=[call.pk])
    for person in people[:1]:
        barred(request, person)
    few = cost(cast.rac_chair, address)
    for person in people[1:]:
        barred(request, person)
    assert cost(cast.rac_chair, address) == few <= MOST_QUERIES
    client = browser(cast.rac_chair)
    assert "of 120" in text_of(client.get(address), ".rows-end")
    assert text_of(client.get(f"{address}?search=member+117"), "table tbody").count("Member 1") == 1
    assert "No conflict with a request of that key" in text_of(client.get(f"{address}?search=RAC-0"), "main")


def test_presence_is_noted_a_page_at_a_time(cast: Cast) -> None:
    call, _ = scored(cast, (5, 4))
    people = many_members(100)
    client, address = browser(cast.rac_chair), reverse("note-presence", args=[call.pk])
    client.post(address, {"present": [people[0].pk, people[1].pk], "shown": [people[0].pk, people[1].pk]})
    client.post(f"{address}?page=2", {"present": [people[99].pk], "shown": [people[98].pk, people[99].pk]})
    client.post(address, {"present": [people[1].pk], "shown": [people[0].pk, people[1].pk]})
    there = Attendance.objects.filter(call=call, left_at=None).values_list("person__username", flat=True)
    assert set(there) == {"member-001", "member-099"}
