"""A periodic call, from its preparation to the last review: what the chair, proposers, an assessor and members do."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from ops.allocations.calling import copy_parts, keep_part
from ops.allocations.conflicts import declare_conflict, look_for_conflicts
from ops.allocations.models import Call, Conflict, Criterion, Offer, Question, Request, Review
from ops.allocations.reviewing import Loads, return_reviews_of_former_members
from ops.allocations.selectors import open_conflicts, reviews_of
from ops.allocations.sight import as_committee_sees
from ops.clocks.sweep import sweep
from ops.notify.models import Message
from ops.people.models import Membership
from ops.workflow import errors
from ops.workflow.services import create, edit, perform
from tests.allocations.factories import RequestFactory, resource, with_rights
from tests.cast import Cast

DAY = datetime.timedelta(days=1)
WRITE = RequestFactory()


def prepared(cast: Cast, slug: str = "2027a") -> Call:
    """A call as the chair prepares it: two resources, two criteria, one question, dates."""
    now = timezone.now()
    call = create(
        Call,
        actor=cast.rac_chair,
        data={
            "slug": slug, "title": "Semester 2027A",
            "award_starts_on": "2027-02-01", "award_ends_on": "2027-07-31",
            "closes_at": now + 10 * DAY, "reviews_due_at": now + 30 * DAY,
            "blindness": "dual_anonymous", "quorum": 2, "reviews_wanted": 2,
        },
    )  # fmt: skip
    for slug_, unit in (("compute", "core-hours"), ("storage", "TB-months")):
        offer = Offer(call=call, resource=resource(slug_, unit), capacity=[1000, 500], ceiling=800)
        keep_part(offer, actor=cast.rac_chair)
    for name, weight in (("merit", 3), ("means", 1)):
        keep_part(
            Criterion(call=call, slug=name, name=name.capitalize(), weight=weight),
            actor=cast.operations_director,
        )
    keep_part(
        Question(call=call, slug="software", section="Software", text="Which software?"), actor=cast.rac_chair
    )
    return Call.objects.get(pk=call.pk)


def asked(cast: Cast, person: str, title: str, call: str = "2027a", **data: object) -> Request:
    """A request that somebody wrote and sent."""
    proposer = with_rights(getattr(cast, person))
    draft = create(
        Request,
        actor=proposer,
        data={
            **WRITE.data(cast), "title": title, "call": call, "purpose": "new",
            "answers": {"software": "The pipelines."}, **data,
        },
    )  # fmt: skip
    return perform(draft, "submit", actor=proposer)


@pytest.mark.django_db
def test_a_call_from_its_preparation_to_the_last_review(cast: Cast) -> None:
    # The chair prepares; nothing changes once it is open, and the next call begins from it.
    call = prepared(cast)
    assert not Call.objects.visible_to(cast.outsider).exists()
    call = perform(call, "open", actor=cast.rac_chair)
    with pytest.raises(errors.IllegalTransition, match="proposers have read what it says"):
        keep_part(Criterion(call=call, slug="new", name="New"), actor=cast.rac_chair)
    after = create(
        Call,
        actor=cast.rac_chair,
        data={
            "slug": "2027b",
            "title": "Semester 2027B",
            "award_starts_on": "2027-08-01",
            "award_ends_on": "2028-04-30",
        },
    )
    copy_parts(call, after, actor=cast.rac_chair)
    assert [len(offer.capacity) for offer in after.offers.all()] == [3, 3]
    assert after.criteria.count() == 2

    # Three requests; one goes back for revision and comes again as its second version.
    novae = asked(cast, "reporter", "Slow novae", co_investigators=["rac-second"])
    dwarfs = asked(cast, "outsider", "White dwarfs", amounts=[{"resource": "storage", "quarter": 2, "asked": "500"}],
                   justifications={"storage": "Cut-outs."})  # fmt: skip
    lenses = asked(cast, "staff", "Strong lenses")
    dwarfs = perform(
        dwarfs, "return_for_revision", actor=cast.assessor, data={"revise_by": timezone.now() + 5 * DAY},
        reason="Say how long the cut-outs are kept.",
    )  # fmt: skip
    edit(dwarfs, actor=cast.outsider, data={"justifications": {"storage": "Cut-outs, for three months."}})

    late = create(Request, actor=cast.reporter, data={**WRITE.data(cast), "call": call.slug, "title": "Late"})
    # It closes by itself; who waits for the end of the revision is not shut out.
    sweep(moment=timezone.now() + 9 * DAY)
    assert Call.objects.get(pk=call.pk).state == "open"
    sweep(moment=timezone.now() + 11 * DAY)
    call = Call.objects.get(pk=call.pk)
    assert call.state == "closed"
    with pytest.raises(errors.GuardUnmet, match="The call is not open"):
        perform(late, "submit", actor=cast.reporter)
    with pytest.raises(errors.GuardUnmet, match="Some requests are not assessed yet"):
        perform(call, "begin_review", actor=cast.rac_chair)
    dwarfs = perform(dwarfs, "submit", actor=cast.outsider)
    assert [row.number for row in dwarfs.snapshots.all()] == [1, 2]
    for request in (novae, dwarfs, lenses):
        perform(request, "assess", actor=cast.assessor, data=WRITE.ASSESS[2])

    # Conflicts: one detected, one declared. Then all go to review together.
    assert {(row.person, row.request_id) for row in Conflict.objects.open()} == {(cast.rac_second, novae.pk)}
    declare_conflict(dwarfs, actor=cast.rac_member, evidence="My doctoral student.")
    call = perform(call, "begin_review", actor=cast.rac_chair)
    states = dict(call.requests.exclude(pk=late.pk).values_list("title", "state"))
    assert set(states.values()) == {"in_review"}
    assert "people" not in as_committee_sees(novae, cast.rac_member).content
    with pytest.raises(errors.InvalidInput, match="reviewer"):
        create(Review, actor=cast.rac_chair, data={"request": novae.key, "reviewer": "rac-second"})

    # Reviews are asked for, accepted and sent; one is declined.
    asked_for = {
        (request, reviewer): create(
            Review, actor=cast.rac_chair, data={"request": request.key, "reviewer": reviewer}
        )
        for request, reviewer in (
            (novae, "rac-member"), (novae, "rac-chair"), (dwarfs, "rac-second"),
            (lenses, "rac-member"), (lenses, "rac-second"),
        )
    }  # fmt: skip
    people = {"rac-member": cast.rac_member, "rac-chair": cast.rac_chair, "rac-second": cast.rac_second}
    perform(
        asked_for.pop((lenses, "rac-second")),
        "decline",
        actor=cast.rac_second,
        reason="Too far from my field.",
    )
    for (_request, reviewer), review in list(asked_for.items())[:3]:
        accepted = perform(review, "accept", actor=people[reviewer])
        perform(accepted, "submit", actor=people[reviewer],
                data={"scores": {"merit": 4, "means": 2}, "confidence": "medium"})  # fmt: skip
    assert [review.overall for review in reviews_of(call)] == [3.5, 3.5, 3.5]
    with pytest.raises(errors.GuardUnmet, match="Wait for the open reviews"):
        perform(lenses, "discuss", actor=cast.rac_chair)

    # The deadline passes with one review missing: it escalates to the chair, and nothing is decided.
    Message.objects.all().delete()
    sweep(moment=timezone.now() + 32 * DAY)
    told = set(Message.objects.values_list("person__username", flat=True))
    assert "rac-chair" in told
    assert Review.objects.get(request=lenses, reviewer=cast.rac_member).state == "assigned"
    assert Call.objects.get(pk=call.pk).state == "under_review"

    # The term of the reviewer ends: the review returns to the chair, once.
    Membership.objects.filter(person=cast.rac_member).update(ends_on=timezone.localdate() - DAY)
    assert return_reviews_of_former_members() == 1
    assert return_reviews_of_former_members() == 0
    returned = Review.objects.get(request=lenses, reviewer=cast.rac_member)
    assert returned.state == "returned"
    with pytest.raises(errors.NotFound):
        as_committee_sees(novae, type(cast.rac_member).objects.get(pk=cast.rac_member.pk))
    # What they have sent before counts still.
    assert reviews_of(call).count() == 3
    load = {load.person.username: (load.submitted, load.declined) for load in Loads(call)[:]}
    assert load == {"rac-chair": (1, 0), "rac-member": (1, 0), "rac-second": (1, 1)}

    # Somebody moves to the institution of a proposer: found when it is looked for again; the review counts no more.
    cast.rac_chair.institution = cast.reporter.institution = "Meridian College"
    cast.rac_chair.save()
    cast.reporter.save()
    assert [row.kind for row in look_for_conflicts(call)] == ["institution"]
    assert (novae.pk, cast.rac_chair.pk) in open_conflicts(call)
    assert Review.objects.get(request=novae, reviewer=cast.rac_chair).state == "returned"
    assert reviews_of(call).count() == 2
