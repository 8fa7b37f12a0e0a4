"""The meeting: who is there, quorum, order, notes."""

from __future__ import annotations

import pytest

from ops.allocations.meeting import note_presence, room_of, set_turn, write_note
from ops.allocations.models import Attendance, Discussion, Request
from ops.people.models import Membership
from ops.workflow.errors import GuardUnmet, InvalidInput, NotAllowed, Stale
from ops.workflow.services import perform
from tests.allocations.committee import barred, call_under_review, requests_in, scored
from tests.allocations.factories import RequestFactory, reviewed
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_quorum_is_counted_from_who_is_there_without_the_conflicted(cast: Cast) -> None:
    call = call_under_review(quorum=2)
    (request,) = requests_in(call, cast, 1)
    assert not room_of(call).has_quorum()
    note_presence(call, [cast.rac_chair, cast.rac_member], actor=cast.rac_chair)
    assert room_of(call).has_quorum()
    barred(request, cast.rac_member)
    assert room_of(call).counts_for(request.conflicted_ids) == 1
    assert not room_of(call).has_quorum(request.conflicted_ids)


def test_who_came_and_left_is_kept(cast: Cast) -> None:
    call = call_under_review()
    note_presence(call, [cast.rac_chair, cast.rac_member], actor=cast.rac_chair)
    note_presence(call, [cast.rac_chair, cast.rac_second], actor=cast.rac_chair)
    note_presence(call, [cast.rac_chair, cast.rac_second], actor=cast.rac_chair)
    assert Attendance.objects.filter(call=call).count() == 3
    assert Attendance.objects.get(person=cast.rac_member).left_at is not None
    Membership.objects.filter(person=cast.rac_second).delete()
    assert room_of(call).present == {cast.rac_chair.pk}


def test_only_members_are_counted_and_only_the_chair_counts(cast: Cast) -> None:
    call = call_under_review()
    with pytest.raises(InvalidInput):
        note_presence(call, [cast.outsider], actor=cast.rac_chair)
    with pytest.raises(NotAllowed):
        note_presence(call, [cast.rac_member], actor=cast.rac_member)


def test_notes_are_for_members_without_a_conflict_and_nobody_overwrites_another(cast: Cast) -> None:
    call = call_under_review()
    (request,) = requests_in(call, cast, 1)
    assert write_note(request, " Strong.\r\n", version=0, actor=cast.rac_member).note == "Strong."
    with pytest.raises(Stale):
        write_note(request, "Weak.", version=0, actor=cast.rac_second)
    write_note(request, "Strong, but large.", version=1, actor=cast.rac_second)
    assert Discussion.objects.get().note == "Strong, but large."
    barred(request, cast.rac_chair)
    request = type(request).objects.get(pk=request.pk)
    for actor in (cast.rac_chair, cast.reporter, cast.outsider, cast.operations_director):
        with pytest.raises(NotAllowed):
            write_note(request, "Mine.", version=2, actor=actor)
    with pytest.raises(InvalidInput):
        write_note(request, "x" * 20_001, version=2, actor=cast.rac_member)


def test_the_chair_sets_the_order(cast: Cast) -> None:
    call = call_under_review()
    (request,) = requests_in(call, cast, 1)
    assert set_turn(request, 3, actor=cast.rac_chair).position == 3
    assert set_turn(request, None, actor=cast.rac_chair).position is None
    with pytest.raises(InvalidInput):
        set_turn(request, 0, actor=cast.rac_chair)
    with pytest.raises(NotAllowed):
        set_turn(request, 1, actor=cast.rac_member)


def test_nothing_is_discussed_without_quorum_but_what_is_urgent(cast: Cast) -> None:
    call, (request,) = scored(cast, (4, 4), quorum=2)
    with pytest.raises(GuardUnmet, match="Not enough members"):
        perform(request, "discuss", actor=cast.rac_chair)
    note_presence(call, [cast.rac_chair, cast.rac_member], actor=cast.rac_chair)
    barred(request, cast.rac_member)
    request = Request.objects.get(pk=request.pk)
    with pytest.raises(GuardUnmet, match="Not enough members"):
        perform(request, "discuss", actor=cast.rac_chair)
    note_presence(call, [cast.rac_chair, cast.rac_member, cast.rac_second], actor=cast.rac_chair)
    assert perform(request, "discuss", actor=cast.rac_chair).state == Request.State.DISCUSSED
    urgent = RequestFactory().in_state("in_review", cast)
    reviewed(urgent, cast.rac_member)
    assert perform(urgent, "discuss", actor=cast.rac_chair).state == Request.State.DISCUSSED
