"""Reports: votes, terms, wording, what stays within the committee, what is withdrawn, what is followed."""

from __future__ import annotations

import datetime
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.utils import timezone

from ops.clocks.sweep import sweep
from ops.committees.feedback.services import attach_feedback, give_feedback
from ops.committees.models import Feedback, Item, Meeting, Report, Response, Work
from ops.committees.reports import around, letters, outline
from ops.committees.reports.splitting import split
from ops.committees.reports.voting import cast_vote
from ops.people.authority import USERS_COMMITTEE
from ops.people.models import Membership
from ops.tickets.models import Comment
from ops.tickets.services import comment, comment_visibilities
from ops.workflow import errors
from ops.workflow.selectors import held_by
from ops.workflow.services import create, edit, perform
from tests.cast import Cast
from tests.committees.reports import ANSWER, EVIDENCE, ReportFactory, ResponseFactory, WorkFactory

pytestmark = pytest.mark.django_db
YESTERDAY = datetime.timedelta(days=1)


def draft(cast: Cast) -> Report:
    return ReportFactory().new(cast)


def end_term(person) -> None:
    day = timezone.now().date() - YESTERDAY
    Membership.objects.filter(person=person, team__slug=USERS_COMMITTEE).update(ends_on=day)
    person.__dict__.pop("known_authority", None)


# The vote


def test_vote_after_the_term_is_refused_with_its_day(cast: Cast):
    report = draft(cast)
    end_term(cast.uc_member)
    with pytest.raises(errors.NotFound):
        cast_vote(report, actor=cast.uc_member, choice="yes")
    end_term(cast.uc_chair)  # who still sees the report, having begun it
    with pytest.raises(errors.NotAllowed, match="yours ended on"):
        cast_vote(report, actor=cast.uc_chair, choice="yes")
    assert not report.votes.exists()


def test_vote_of_whoever_left_counts_no_more(cast: Cast):
    report = draft(cast)
    cast_vote(report, actor=cast.uc_member, choice="yes")
    assert report.tally().carries
    end_term(cast.uc_member)
    assert report.tally().yes == 0


def test_vote_counts_for_the_words_that_were_voted_on(cast: Cast):
    report = draft(cast)
    cast_vote(report, actor=cast.uc_member, choice="yes")
    outline.change_item(report.outline()[0], actor=cast.uc_chair, data={"text": "Other words"})
    with pytest.raises(errors.GuardUnmet):
        perform(report, "adopt", actor=cast.uc_chair)
    cast_vote(report, actor=cast.uc_member, choice="yes")
    assert perform(report, "adopt", actor=cast.uc_chair).state == "adopted"


@pytest.mark.parametrize(
    ("votes", "carries"),
    [(("yes", "no"), False), (("abstain", "abstain"), False), (("yes", "abstain"), True)],
)
def test_majority_of_those_who_say_yes_or_no(cast: Cast, votes, carries):
    report = draft(cast)
    for person, choice in zip((cast.uc_chair, cast.uc_member), votes, strict=True):
        cast_vote(report, actor=person, choice=choice)
    assert report.tally().carries is carries


def test_adopted_report_is_neither_changed_nor_voted_on(cast: Cast):
    report = ReportFactory().in_state("adopted", cast)
    with pytest.raises(errors.IllegalTransition, match="back to drafting"):
        outline.add_item(report, actor=cast.uc_chair, data={"text": "More"})
    with pytest.raises(errors.IllegalTransition):
        cast_vote(report, actor=cast.uc_member, choice="no")


def test_only_the_committee_begins_its_reports(cast: Cast):
    with pytest.raises(errors.InvalidInput) as refused:
        create(Report, actor=cast.lead, data={"title": "Ours", "semester": "2026A"})
    assert "source" in refused.value.fields
    for semester in ("", "2026", "2026C"):
        with pytest.raises(errors.InvalidInput) as refused:
            create(Report, actor=cast.uc_chair, data={"title": "Ours", "semester": semester})
        assert "semester" in refused.value.fields


def test_the_response_is_due_at_the_next_meeting_where_one_is_planned(cast: Cast):
    for days in (200, 90, -30):
        moment = timezone.now() + datetime.timedelta(days=days)
        data = {"committee": "users-committee", "starts_at": moment.isoformat()}
        create(Meeting, actor=cast.uc_chair, data=data, moment=moment - datetime.timedelta(days=20))
    report = draft(cast)
    cast_vote(report, actor=cast.uc_member, choice="yes")
    adopted = perform(report, "adopt", actor=cast.uc_chair)
    assert (adopted.response_due_at - timezone.now()).days in {89, 90}
    assert perform(adopted, "deliver", actor=cast.uc_chair).state == "delivered"


# What stays within the committee


def test_director_sees_it_from_its_delivery_on_and_the_lead_from_its_publication(cast: Cast):
    seen = {
        state: [
            person.username
            for person in (cast.uc_member, cast.director, cast.lead, cast.outsider)
            if Report.objects.visible_to(person).filter(pk=ReportFactory().in_state(state, cast).pk).exists()
        ]
        for state in ("drafting", "adopted", "delivered")
    }
    assert seen == {
        "drafting": ["uc-member"],
        "adopted": ["uc-member"],
        "delivered": ["uc-member", "director"],
    }
    assert Report.objects.visible_to(AnonymousUser()).count() == 0


def test_what_members_say_to_one_another_is_never_shown_to_others(cast: Cast):
    report = draft(cast)
    comment(report, actor=cast.uc_member, body="I would leave that out.")
    for name, data in (("adopt", {}), ("deliver", {"response_due_at": "2030-01-01 12:00"}), ("publish", {})):
        if name == "adopt":
            cast_vote(report, actor=cast.uc_member, choice="yes")
        report = perform(report, name, actor=cast.uc_chair, data=data)
    assert report.visibility == "public"
    for person in (cast.lead, cast.director, cast.staff, cast.outsider, AnonymousUser()):
        assert not Comment.objects.visible_to(person).exists()
    assert Comment.objects.visible_to(cast.uc_chair).count() == 1
    assert comment_visibilities(report, cast.lead) == []
    with pytest.raises(errors.NotAllowed):
        comment(report, actor=cast.lead, body="May I?")


# Its items


def test_two_writers_at_once_lose_nothing(cast: Cast):
    item = draft(cast).outline()[0]
    outline.change_item(item, actor=cast.uc_chair, data={"text": "By the first"}, version=1)
    with pytest.raises(errors.Stale):
        outline.change_item(item, actor=cast.uc_chair, data={"text": "By the second"}, version=1)
    with pytest.raises(errors.Stale):
        outline.arrange(item.report, actor=cast.uc_chair, places=[])


def test_withdrawn_item_needs_no_response(cast: Cast):
    item = ReportFactory().in_state("published", cast).outline()[0]
    with pytest.raises(errors.IllegalTransition, match="closed as withdrawn"):
        outline.remove_item(item, actor=cast.uc_chair)
    data = {"closing_reason": "withdrawn", "closing_note": "It has answered itself."}
    perform(item.work, "close", actor=cast.uc_chair, data=data)
    item = Item.objects.get(pk=item.pk)
    assert (item.response.state, item.work.state) == ("withdrawn", "closed")
    assert perform(item.report, "respond", actor=cast.director).state == "responded"


def test_commendation_asks_for_nothing(cast: Cast):
    report = draft(cast)
    outline.add_item(report, actor=cast.uc_chair, data={"kind": "commendation", "text": "Well done."})
    cast_vote(report, actor=cast.uc_member, choice="yes")
    report = perform(report, "adopt", actor=cast.uc_chair)
    report = perform(report, "deliver", actor=cast.uc_chair, data={"response_due_at": "2030-01-01 12:00"})
    assert [hasattr(item, "work") for item in report.outline()] == [True, False]


def test_look_again_waits_for_the_committee_when_its_day_has_come(cast: Cast):
    soon = timezone.now() + datetime.timedelta(minutes=1)
    work = WorkFactory().in_state("claimed_done", cast)
    work = perform(work, "verify", actor=cast.uc_chair, data={"recheck_at": soon})
    assert not held_by(Work, cast.uc_chair).exists()
    sweep(moment=soon + YESTERDAY)
    Work.objects.filter(pk=work.pk).update(recheck_at=timezone.now() - YESTERDAY)
    work = Work.objects.get(pk=work.pk)
    assert cast.uc_chair in work.holders
    work = perform(work, "recheck", actor=cast.uc_chair, reason="It still holds.")
    assert work.recheck_at is None
    assert not held_by(Work, cast.uc_chair).exists()


def test_follower_hears_when_an_item_moves(cast: Cast):
    item = ResponseFactory().item(cast)
    around.follow_item(item, actor=cast.outsider)
    done = perform(item.work, "claim_done", actor=cast.director, data=EVIDENCE)
    assert cast.outsider in [person for people in done.told.values() for person in people]
    around.unfollow_item(item, actor=cast.outsider)
    done = perform(item.response, "answer", actor=cast.director, data=ANSWER)
    assert cast.outsider not in [person for people in done.told.values() for person in people]


def test_feedback_is_written_down_by_nobody_in_particular(cast: Cast):
    given = give_feedback(actor=cast.reporter, data={"text": "Slow.", "is_confidential": True})
    assert given.giver is None
    assert {event.actor for event in given.history_for(cast.uc_chair)} == {cast.system}
    with pytest.raises(errors.NotAllowed):
        create(Feedback, actor=cast.reporter, data={"text": "By the other door."})


# A text written elsewhere


def test_headings_and_numbered_points_become_items():
    text = (
        "# Report\n\nWe met.\n\n## Recommendations\n\n1. **Errors.** Say why.\n   More of it.\n2. Teach.\n"
        "   1. The Portal first.\n\n## 3. Quotas\n\nShow them.\n\n```\n# not a heading\n1. not a point\n```\n\n"
        "## Commendations\n\n* Thanks to the desk.\n"
    )
    made = split(text)
    assert (made.title, made.preface) == ("Report", "We met.")
    assert [(piece.depth, piece.kind, piece.title) for piece in made.pieces] == [
        (0, "recommendation", "Errors"),
        (0, "recommendation", ""),
        (1, "recommendation", ""),
        (0, "recommendation", "Quotas"),
        (0, "commendation", "Commendations"),
    ]
    assert made.pieces[0].text == "Say why.\nMore of it."
    # A part of a report, without its title, does not stand below what is there already.
    part = split("## Portal\n\n1. Columns.\n\n### Commendations\n\n2. Help.\n\n## Quotas\n\nRaise them.")
    assert [(piece.depth, piece.title) for piece in part.pieces][::3] == [(0, "Portal"), (0, "Quotas")]
    assert "# not a heading" in made.pieces[3].text


@pytest.mark.parametrize(
    "text", ["", "\n\n", "no items at all", "#", "1.", "## \n\n1) ", "```\n1. open fence"]
)
def test_any_text_is_split_without_a_fault(text: str):
    for piece in split(text).pieces:
        assert piece.text is not None


def test_evidence_stays_as_the_committee_verified_it(cast: Cast):
    work = perform(WorkFactory().new(cast), "claim_done", actor=cast.director, data=EVIDENCE)
    work = edit(work, actor=cast.director, data={"evidence": "https://example.org/better"})
    work = perform(work, "verify", actor=cast.uc_chair)
    with pytest.raises(errors.NotAllowed, match="evidence"):
        edit(work, actor=cast.director, data={"evidence": "Trust us."})
    assert edit(work, actor=cast.director, data={"status_text": "In use."}).status_text == "In use."


# Letters


def test_letters_tell_what_was_answered_and_the_bell_says_it_in_a_line(cast: Cast):
    item = ResponseFactory().item(cast)
    done = perform(item.response, "answer", actor=cast.director, data=ANSWER)
    event = done.history_for(cast.uc_chair).last()
    letter = letters.compose(Response, [event.pk], cast.uc_chair)
    assert letter.subject == f"[Response to 2026A 1] {item.heading}"
    assert "We will, with the next release." in letter.text
    assert letter.waits_for_you
    assert (
        letters.headlines(Response, [event.pk], cast.uc_chair)[event.pk].text
        == "Director: moved it to Received"
    )
    Report.objects.filter(pk=item.report_id).update(visibility="circle")
    assert letters.compose(Response, [event.pk], cast.outsider) is None
    assert letters.headlines(Response, [event.pk], cast.outsider) == {}


def test_feedback_behind_an_item_that_is_taken_out_is_read_again(cast: Cast):
    report = draft(cast)
    upper = report.outline()[0]
    lower = outline.add_item(report, actor=cast.uc_chair, data={"text": "Below"}, parent=upper)
    given = give_feedback(actor=cast.reporter, data={"text": "Slow.", "is_confidential": True})
    attach_feedback(given, lower, actor=cast.uc_member)
    outline.remove_item(upper, actor=cast.uc_chair)
    given = Feedback.objects.get(pk=given.pk)
    assert (given.state, given.uses.count()) == ("given", 0)
    assert [event.name for event in given.history_for(cast.uc_member)][-2:] == ["detach_item", "put_back"]


def test_nothing_stands_below_the_third_level(cast: Cast):
    report = draft(cast)
    item = report.outline()[0]
    for _ in range(outline.DEEPEST):
        item = outline.add_item(report, actor=cast.uc_chair, data={"text": "Below"}, parent=item)
    with pytest.raises(errors.InvalidInput, match="at most 3 levels"):
        outline.add_item(report, actor=cast.uc_chair, data={"text": "Too deep"}, parent=item)


@pytest.mark.django_db(transaction=True)
def test_feedback_attached_twice_in_the_same_moment_stands_behind_both(cast: Cast):
    report = draft(cast)
    items = [*report.outline(), outline.add_item(report, actor=cast.uc_chair, data={"text": "More"})]
    given = give_feedback(actor=cast.reporter, data={"text": "Slow."})
    barrier = Barrier(2)

    def attach(item: Item) -> None:
        try:
            barrier.wait()
            attach_feedback(given, item, actor=cast.uc_member)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(attach, items))
    given = Feedback.objects.get(pk=given.pk)
    assert (given.state, given.uses.count()) == ("taken_up", 2)


def test_letter_about_feedback_in_confidence_names_nobody(cast: Cast):
    given = give_feedback(
        actor=cast.reporter, data={"text": "Slow.", "is_confidential": True, "area": "Portal"}
    )
    event = given.history_for(cast.uc_chair).last()
    letter = letters.compose(Feedback, [event.pk], cast.uc_chair)
    assert "Slow." in letter.text
    assert "Reporter" not in f"{letter.subject}{letter.text}{letter.html}"
    assert letters.compose(Feedback, [event.pk], cast.director) is None
