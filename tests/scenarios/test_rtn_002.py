"""The seven cases of RTN-002, told at the desk: who does what, who is told, what the clocks do, what stays written.

Everything goes through the API and the real outbox; nothing is read from the database that a person could not see.
"""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from ops.clocks.sweep import sweep
from tests.scenarios.desk import Desk

DAY = datetime.timedelta(days=1)
FIXED = {"resolution_code": "fixed", "resolution_text": "It is repaired."}


def test_001_the_community_solves_it_by_itself(desk: Desk) -> None:
    key = desk.reporter.reports(
        "How do I plot a light curve?",
        description="The tutorial ends before that.",
        component="portal",
        importance="low",
        urgency="low",
        forum_topic="https://community.example.org/t/light-curve",
    )
    assert set(desk.letters()) == {"watcher"}

    desk.outsider.says(key, "Look at the second notebook: `plot_curve` does it.")
    assert set(desk.letters()) == {"reporter"}
    assert desk.reporter.clocks(key)["First response"] == "counting", "an answer, but nobody of the staff's"

    desk.watcher.takes("triage", key, assignee="watcher")
    letter = desk.letters()["reporter"]
    assert "moved it to Triaged" in letter

    reviewed = desk.watcher.takes(
        "submit_for_review",
        key,
        resolution_code="answered",
        resolution_text="A member of the community has answered it: see the comment.",
        skip_reason="community_solved",
        documentation="not_needed",
    )
    assert (reviewed["state"], reviewed["skip_reason"]) == ("in_review", "community_solved")
    told = desk.letters()
    assert set(told) == {"reporter", "owner"}
    assert f"{key} is in review and waits for you." in told["reporter"]

    desk.reporter.takes("accept", key)
    desk.scientist.takes("close", key)

    assert desk.anonymous.reads(key)["state"] == "closed"
    assert desk.anonymous.history(key) == ["create", "triage", "submit_for_review", "accept", "close"]
    assert desk.anonymous.reads_comments(key) == ["Look at the second notebook: `plot_curve` does it."]
    assert desk.reporter.clocks(key) == {}


def test_002_community_scientists_solve_it_with_loops_and_issues_below(desk: Desk) -> None:
    key = desk.reporter.reports("Photometry drifts over the season", component="portal")
    desk.scientist.takes("triage", key, assignee="assignee", importance="high", urgency="medium")
    desk.letters()

    desk.assignee.takes("investigate", key)
    desk.assignee.takes("replan", key, reason="Two causes: the calibration and the plot.")
    assert "Two causes: the calibration and the plot." in desk.letters()["lead"], (
        "a way back reaches the leads"
    )

    calibration = desk.assignee.reports("The calibration uses an old flat", component="rsp", parent=key)
    plot = desk.assignee.reports("The plot rounds to whole magnitudes", component="portal", parent=key)
    desk.scientist.takes("triage", calibration, assignee="staff", importance="high", urgency="low")
    desk.scientist.takes("triage", plot, assignee="staff", importance="low", urgency="low")
    desk.staff.takes("submit_for_review", plot, **FIXED, skip_reason="not_important")
    desk.owner.takes("accept", plot)

    desk.assignee.takes("investigate", key)
    desk.assignee.takes("plan", key, strategy="Flats of this season.")
    desk.assignee.takes("start", key)
    desk.assignee.takes(
        "replan", key, reason="The flats have a gradient.", strategy="Flats, without gradient."
    )
    desk.assignee.takes("start", key)
    desk.assignee.takes("submit_for_review", key, **FIXED, documentation="updated")
    desk.letters()

    assert "never the assignee" in desk.assignee.may_not("accept", key)
    desk.reporter.takes("rework", key, reason="March still drifts.")
    told = desk.letters()
    assert "March still drifts." in told["assignee"]
    assert "reporter" not in told

    desk.assignee.takes("start", key)
    desk.assignee.takes("submit_for_review", key)
    accepted = desk.owner.takes("accept", key)
    assert (accepted["replan_count"], accepted["rework_count"]) == (2, 1)

    assert "below" in desk.scientist.is_held_back("close", key), f"{calibration} is still open"
    desk.staff.takes("submit_for_review", calibration, **FIXED, skip_reason="no_threat")
    desk.owner.takes("accept", calibration)
    desk.letters()
    assert desk.scientist.takes("close", key)["state"] == "closed"
    assert set(desk.letters()) == {"reporter", "assignee"}

    assert desk.anonymous.finds(parent=key, sort="created") == [calibration, plot]
    assert desk.anonymous.reasons(key) == [
        "Two causes: the calibration and the plot.", "The flats have a gradient.", "March still drifts.",
    ]  # fmt: skip


def test_003_a_camera_fault_changes_the_alerts_and_the_community_hears_within_a_day(desk: Desk) -> None:
    fault = desk.staff.reports("One raft reads out half a second late", component="rsp", visibility="staff")
    key = desk.outsider.reports("No alerts from one corner since last night", component="portal")
    desk.letters()
    assert desk.outsider.clocks(key) == {"First response": "counting"}

    desk.watcher.says(key, "The camera team looks at a raft. Alerts of that corner are held back until then.")
    assert "held back" in desk.letters()["outsider"]
    assert "First response" not in desk.outsider.clocks(key), "the initial statement is made within the day"

    desk.scientist.takes(
        "triage", key, assignee="assignee", importance="high", urgency="high", threat_to_science=True
    )
    assert desk.outsider.clocks(key).keys() == {"Scope of a critical issue", "Resolution"}
    desk.scientist.links(key, "caused_by", fault)
    desk.assignee.says(key, "The raft is read with the wrong clock file.", to="staff")
    desk.letters()

    desk.assignee.takes("investigate", key)
    desk.assignee.takes(
        "plan", key, strategy="Load the clock file of June.", workaround="Mask the corner.", major_change=True
    )
    assert desk.outsider.clocks(key).keys() == {"Resolution"}, "the scope is known within the day"
    desk.assignee.takes("start", key)
    desk.assignee.takes("submit_for_review", key, **FIXED, documentation="updated")
    desk.outsider.takes("accept", key)

    assert "announcement" in desk.scientist.is_held_back("close", key)
    news = desk.scientist.announces(
        "Alerts of one raft", "Those of last night were late. They are complete now.", key
    )
    desk.lead.moves_news("approve", news)
    desk.letters()
    desk.scientist.moves_news("publish", news)
    told = desk.letters()
    assert {"reporter", "outsider", "staff", "owner"} <= set(told)
    assert "scientist" not in told, "who has published it knows"
    assert "They are complete now." in told["reporter"]
    assert desk.anonymous.reads_news() == ["Alerts of one raft"]

    assert desk.scientist.takes("close", key)["state"] == "closed"
    assert "wrong clock file" not in " ".join(desk.outsider.reads_comments(key))
    assert "link" not in desk.outsider.history(key), "the fault itself is for the staff"
    assert "link" in desk.staff.history(key)


def test_004_a_large_query_is_handed_over_to_those_who_allocate_resources(desk: Desk) -> None:
    key = desk.reporter.reports(
        "My query needs 400 core hours",
        description="All light curves of the deep fields.",
        component="portal",
    )
    desk.letters()
    desk.staff.says(key, "It would take the whole queue for a day.", to="staff")

    assert "Only a community scientist may redirect" in desk.staff.may_not(
        "redirect", key, venue="resource_allocation", reason="Too large."
    )
    handed = desk.scientist.takes(
        "redirect",
        key,
        venue="resource_allocation",
        reason="Beyond the basic quota: please ask at https://resources.example.org/new, they answer in five days.",
    )
    assert (handed["state"], handed["venue"], handed["clocks"]) == ("redirected", "resource_allocation", [])

    told = desk.letters()
    assert set(told) == {"reporter"}
    assert "Request for resources" in told["reporter"]
    assert 'href="https://resources.example.org/new"' in told["reporter"], "the hand-over is one click away"
    assert "whole queue" not in told["reporter"]
    assert desk.anonymous.finds(live="no", state="redirected") == [key]
    assert "redirected" in desk.scientist.is_held_back(
        "triage", key, assignee="staff", importance="low", urgency="low"
    )


def test_005_a_fault_of_the_platform_is_worked_around_mended_and_rolled_out(desk: Desk) -> None:
    key = desk.reporter.reports(
        "Notebooks stop after an hour", component="portal", watchers=["group@institute.example"]
    )
    twin = desk.outsider.reports("My kernel dies", component="portal")
    desk.scientist.takes("triage", key, assignee="assignee", importance="high", urgency="high")
    desk.letters()

    desk.scientist.takes("mark_duplicate", twin, duplicate_of=key)
    assert key in desk.letters()["outsider"], "who reported it twice follows the other one from now on"
    desk.assignee.takes("investigate", key)
    desk.assignee.changes(key, workaround="Save every half hour.")
    told = desk.letters()
    assert all("Save every half hour." in told[name] for name in ("outsider", "group@institute.example"))
    assert desk.anonymous.reads(key)["workaround"] == "Save every half hour."

    desk.assignee.takes("plan", key, strategy="Another time limit, in three steps.")
    roll_out = desk.assignee.reports("Roll out the new time limit", component="portal", parent=key)
    desk.assignee.takes("start", key)
    desk.assignee.takes("submit_for_review", key, **FIXED, documentation="updated")
    desk.owner.takes("accept", key)
    assert "below" in desk.scientist.is_held_back("close", key)

    desk.scientist.takes("triage", roll_out, assignee="staff", importance="high", urgency="high")
    desk.staff.takes(
        "submit_for_review", roll_out, **FIXED, skip_reason="no_threat", documentation="not_needed"
    )
    desk.owner.takes("accept", roll_out)
    desk.scientist.takes("close", roll_out)
    desk.letters()
    desk.scientist.takes("close", key)
    assert {"reporter", "outsider", "group@institute.example"} <= set(desk.letters())

    desk.reporter.takes("reopen", key, reason="It stops after two hours now.")
    again = desk.reporter.reads(key)
    assert (again["state"], again["reopen_count"], again["assignee"]) == ("triaged", 1, "assignee")
    assert desk.reporter.clocks(key)["Resolution"] == "counting", "with a new clock"


@pytest.mark.django_db(transaction=True)
def test_006_a_change_of_the_survey_waits_months_for_a_committee_and_comes_back_by_itself(desk: Desk) -> None:
    key = desk.reporter.reports("More visits of the ecliptic in twilight", component="rsp")
    desk.scientist.takes("triage", key, assignee="assignee", importance="high", urgency="low")
    desk.assignee.takes("investigate", key)
    desk.assignee.takes("plan", key, strategy="Simulate it; ask the survey committee.")
    desk.assignee.takes("start", key)
    decided_on = timezone.now() + 120 * DAY
    waiting = desk.assignee.takes(
        "wait", key, waiting_for="the survey committee's meeting", resume_at=decided_on.isoformat()
    )
    assert waiting["held_by"] == "the assignee, who waits for others"
    assert desk.anonymous.reads(key)["waiting_for"] == "the survey committee's meeting"
    assert desk.reporter.clocks(key) == {"Resolution": "paused", "Return from waiting": "counting"}
    assert "the survey committee's meeting" in desk.letters()["reporter"]

    sweep(moment=decided_on - DAY)
    assert desk.letters() == {}, "nobody is reminded of what is in other hands"
    assert desk.reporter.reads(key)["state"] == "waiting"

    sweep(moment=decided_on + datetime.timedelta(minutes=1))
    assert desk.reporter.reads(key)["state"] == "in_progress"
    assert desk.reporter.clocks(key) == {"Resolution": "counting"}
    assert "assignee" in desk.letters(), "it is theirs again"
    assert desk.anonymous.history(key)[-2:] == ["wait", "resume"]

    desk.assignee.takes(
        "submit_for_review", key, resolution_code="wont_fix",
        resolution_text="The committee keeps the cadence.", documentation="updated",
    )  # fmt: skip
    desk.reporter.takes("accept", key)
    assert desk.scientist.takes("close", key)["resolution_code"] == "wont_fix"


def test_007_a_change_of_a_data_product_is_verified_and_told_to_everybody(desk: Desk) -> None:
    key = desk.scientist.reports("The deblender moves faint fluxes by 2 %", component="rsp", origin="paper")
    desk.scientist.takes("triage", key, assignee="assignee", importance="high", urgency="medium")
    desk.assignee.takes("investigate", key)
    desk.assignee.takes("plan", key, strategy="A new deblender in the next release.", major_change=True)
    desk.assignee.takes("start", key)
    desk.assignee.says(key, "Verified on three tracts: within 0.1 %.", to="participants")
    desk.assignee.takes("submit_for_review", key, **FIXED)
    assert "never the assignee" in desk.assignee.may_not("accept", key)
    desk.owner.takes("accept", key)
    desk.letters()

    sentence = desk.scientist.is_held_back("close", key)
    assert "documentation" in sentence
    assert "announcement" in sentence
    desk.scientist.changes(
        key, documentation="updated", documentation_url="https://docs.example.org/deblender"
    )

    news = desk.scientist.announces("A new deblender", "Faint fluxes change by 2 %. Please *re-fit*.", key)
    assert desk.anonymous.reads_news() == []
    assert "announcement" in desk.scientist.is_held_back("close", key), "a draft tells nobody"
    assert set(desk.letters()) == {"assignee", "lead"}, "the assignee of the edit, the lead of the draft"
    desk.lead.moves_news("approve", news)
    desk.letters()
    published = desk.scientist.moves_news("publish", news)
    assert published["state"] == "published"
    told = desk.letters()
    assert {"reporter", "outsider", "owner", "director"} <= set(told)
    assert "<em>re-fit</em>" in told["outsider"]

    assert desk.anonymous.reads_news() == ["A new deblender"]
    assert desk.scientist.takes("close", key)["state"] == "closed"
    assert desk.outsider.reads_comments(key) == [], "the verification was said to participants"
    assert desk.scientist.reads_comments(key) == ["Verified on three tracts: within 0.1 %."]
