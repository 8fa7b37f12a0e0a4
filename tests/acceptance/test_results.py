"""Results that come whole: by API, from files; once each, and what failed with its issue."""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction

from ops.acceptance.automation import keep_file, record_file
from ops.acceptance.models import Defect, Environment, Execution, Received
from ops.acceptance.repeating import try_again
from ops.acceptance.results import Result, StepSaid, record_result
from ops.issues.models import Issue
from ops.jobs.models import Job
from ops.jobs.services import do, start
from ops.people.models import User
from ops.tickets.models import Link
from ops.workflow.errors import IllegalTransition, InvalidInput, NotAllowed, NotFound
from ops.workflow.services import perform
from tests.acceptance.stage import Staged, put_on
from tests.cast import Cast
from tests.database import until_somebody_waits

FAILED = Result(
    "RSP-1",
    steps=(StepSaid(1, "passed"), StepSaid(2, "failed", "The plot is empty.\nNo rows.")),
    comment="Twice.",
)


@pytest.fixture
def staged(cast: Cast) -> Staged:
    """A campaign that runs."""
    return put_on(cast)


def test_a_result_ends_the_test_that_was_given_out(staged: Staged, cast: Cast) -> None:
    done, is_new = record_result(staged.campaign, Result("RSP-1", outcome="passed"), actor=cast.reporter)
    assert is_new
    assert (done.number, done.state) == (1, "passed")
    assert Execution.objects.count() == 1


def test_another_result_is_another_attempt(staged: Staged, cast: Cast) -> None:
    for _ in range(2):
        done, _ = record_result(staged.campaign, Result("RSP-1", outcome="passed"), actor=cast.reporter)
    assert done.number == 2
    assert [each.state for each in Execution.objects.all()] == ["passed", "passed"]


@pytest.mark.django_db(transaction=True)
def test_two_results_in_the_same_moment_are_two_attempts(cast: Cast) -> None:
    campaign = put_on(cast).campaign

    def send() -> int:
        done, _ = record_result(campaign, Result("RSP-1", outcome="passed"), actor=cast.reporter)
        return done.number

    def second() -> int:
        try:
            return send()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        first = send()
        later = pool.submit(second)
        until_somebody_waits()
    assert (first, later.result()) == (1, 2)


def test_a_result_that_names_itself_is_kept_once(staged: Staged, cast: Cast) -> None:
    named = Result("RSP-2", outcome="passed", reference="run 7")
    first, was_new = record_result(staged.campaign, named, actor=cast.reporter)
    again, is_new = record_result(staged.campaign, named, actor=cast.reporter)
    assert (first.pk, was_new, is_new) == (again.pk, True, False)
    with pytest.raises(InvalidInput, match="Somebody else has sent"):
        record_result(staged.campaign, named, actor=cast.outsider)
    assert Received.objects.count() == 1


def test_the_outcome_follows_from_the_steps(staged: Staged, cast: Cast) -> None:
    passed = Result("RSP-2", steps=(StepSaid(1, "passed"), StepSaid(2, "passed")))
    blocked = Result("RSP-2", steps=(StepSaid(1, "passed"), StepSaid(2, "blocked")), blocker="No network")
    assert record_result(staged.campaign, passed, actor=cast.reporter)[0].state == "passed"
    assert record_result(staged.campaign, blocked, actor=cast.reporter)[0].state == "blocked"
    assert record_result(staged.campaign, FAILED, actor=cast.reporter)[0].state == "failed"


def test_what_failed_becomes_an_issue_with_everything_filled_in(staged: Staged, cast: Cast) -> None:
    failed, _ = record_result(staged.campaign, FAILED, actor=cast.reporter)
    issue = Issue.objects.get()
    assert issue.title == "RSP-1: The plot is empty."
    assert (issue.origin, issue.component, issue.reporter) == ("test_campaign", cast.portal, cast.reporter)
    assert issue.priority == "medium"
    for words in (
        staged.campaign.key, "step 2 of RSP-1 v1", "attempt 1", "Integration, Firefox", "RSP 3.2.0",
        "1. Open the Portal. (data: `https://data.example.org/portal`)", "2. Search around M87.",
        "**What must happen:** A table and a plot", "No rows.",
    ):  # fmt: skip
        assert words in issue.description
    link = Link.objects.get()
    assert {link.source_id, link.target_id} == {issue.pk, staged.campaign.pk}
    defect = Defect.objects.get()
    assert (defect.execution, defect.step.number) == (failed, 2)


def test_what_fails_again_is_the_same_issue_until_it_is_settled(staged: Staged, cast: Cast) -> None:
    record_result(staged.campaign, FAILED, actor=cast.reporter)
    record_result(staged.campaign, FAILED, actor=cast.reporter)
    assert Issue.objects.count() == 1
    assert Defect.objects.count() == 2
    perform(Issue.objects.get(), "decline", actor=cast.scientist, reason="Works as described.")
    record_result(staged.campaign, FAILED, actor=cast.reporter)
    assert Issue.objects.count() == 2


def test_an_issue_that_is_named_is_taken_and_linked(staged: Staged, cast: Cast) -> None:
    known = Issue.objects.get(pk=_issue(staged, cast).pk)
    result = Result("RSP-2", outcome="passed_with_deviation", defects=(known.key,))
    done, _ = record_result(staged.campaign, result, actor=cast.reporter)
    assert [ticket.pk for ticket in done.defects] == [known.pk]
    assert Link.objects.filter(source=known, target=staged.campaign).exists()
    itself = Result("RSP-2", outcome="failed", defects=(staged.campaign.key,))
    with pytest.raises(InvalidInput) as refusal:
        record_result(staged.campaign, itself, actor=cast.reporter)
    assert f"{staged.campaign.key} is none" in refusal.value.fields["defects"][0]


def _issue(staged: Staged, cast: Cast) -> Issue:
    record_result(staged.campaign, FAILED, actor=cast.reporter)
    return Issue.objects.get()


@pytest.mark.parametrize(
    ("result", "field"),
    [
        (Result("RSP-99", outcome="passed"), "case"),
        (Result("RSP-1", outcome="passed", environment="The moon"), "environment"),
        (Result("RSP-1", outcome="great"), "outcome"),
        (Result("RSP-1"), "outcome"),
        (Result("RSP-1", outcome="waived"), "outcome"),
        (Result("RSP-1", outcome="passed", steps=(StepSaid(2, "failed"),)), "outcome"),
        (Result("RSP-1", outcome="passed", steps=(StepSaid(7, "passed"),)), "steps.0.number"),
        (Result("RSP-1", outcome="passed", steps=(StepSaid(1, "fine"),)), "steps.0.outcome"),
        (Result("RSP-1", outcome="passed", steps=(StepSaid(1, "passed"), StepSaid(1, "passed"))), "steps"),
        (Result("RSP-1", outcome="initial_pass"), "remains"),
        (Result("RSP-1", outcome="blocked"), "blocker"),
        (Result("RSP-1", outcome="failed", defects=("CST-999999",)), "defects"),
    ],
)
def test_bad_input_names_its_field_and_keeps_nothing(
    staged: Staged, cast: Cast, result: Result, field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        record_result(staged.campaign, result, actor=cast.reporter)
    assert list(refusal.value.fields) == [field]
    assert {each.state for each in Execution.objects.all()} == {"assigned"}


def test_only_who_takes_part_sends_results_and_only_while_it_runs(staged: Staged, cast: Cast) -> None:
    result = Result("RSP-2", outcome="passed")
    with pytest.raises(NotAllowed, match="Only those who take part"):
        record_result(staged.campaign, result, actor=cast.staff)
    frozen = staged.frozen()
    with pytest.raises(IllegalTransition, match="is results frozen"):
        record_result(frozen, result, actor=cast.reporter)


def test_a_failure_is_tried_again_by_the_next_number(staged: Staged, cast: Cast) -> None:
    failed, _ = record_result(staged.campaign, FAILED, actor=cast.reporter)
    again = try_again(failed, actor=cast.reporter)
    assert (again.number, again.repeats, again.tester, again.state) == (2, failed, cast.reporter, "assigned")
    assert try_again(failed, actor=cast.coordinator) == again
    with pytest.raises(IllegalTransition, match="has not ended yet"):
        try_again(again, actor=cast.reporter)
    with pytest.raises(NotFound):
        try_again(failed, actor=cast.outsider)


def _file(*testcases: str) -> bytes:
    return f"<testsuite name='nightly'>{''.join(testcases)}</testsuite>".encode()


NIGHT = _file(
    '<testcase name="test_open[RSP-1]"/>',
    '<testcase name="test_plot"><properties><property name="case" value="RSP-1"/>'
    '<property name="step" value="2"/></properties><failure message="empty plot"/></testcase>',
    '<testcase name="test_rsp_2"><skipped/></testcase>',
    '<testcase name="test_of_something_else"/>',
    '<testcase name="test[RSP-3]"><properties><property name="step" value="9"/></properties></testcase>',
)


def test_a_file_becomes_an_attempt_for_each_case_that_it_names(cast: Cast) -> None:
    staged = put_on(cast, cases=3)
    found = _record(staged, cast)
    assert (found["testcases"], found["recorded"], found["failed"], found["again"]) == (5, 1, 1, 0)
    assert (found["skipped"], found["unknown"]) == (["RSP-2"], ["test_of_something_else"])
    done = Execution.objects.get(state="failed")
    assert [(each.step.number, each.outcome) for each in done.step_results.all()] == [(2, "failed")]
    assert "2 testcases, 1 failed." in done.comment
    assert Issue.objects.get().title == "RSP-1: test_plot: empty plot"
    assert found["refused"] == ["RSP-3: RSP-3 v1 has no step 9."]
    again = _record(staged, cast, actor=cast.outsider)
    assert (again["recorded"], again["failed"], again["again"]) == (0, 0, 1)
    assert Execution.objects.filter(campaign=staged.campaign).exclude(state="assigned").count() == 1


def _record(staged: Staged, cast: Cast, actor: User | None = None) -> dict[str, object]:
    told: list[float] = []
    found = record_file(
        staged.campaign,
        io.BytesIO(NIGHT),
        actor=actor or cast.reporter,
        environment=staged.environment.name,
        tell=lambda share, _: told.append(share),
    )
    assert told[-1] == 1
    return found.as_dict()


def test_a_worker_reads_the_file_that_was_kept(
    staged: Staged, cast: Cast, django_capture_on_commit_callbacks: Iterator[object]
) -> None:
    upload = SimpleUploadedFile("nightly.xml", NIGHT)
    kept = keep_file(staged.campaign, actor=cast.reporter, upload=upload, environment=staged.environment.name)
    job = start(
        "acceptance.junit", actor=cast.reporter, about=kept, data={"environment": staged.environment.name}
    )
    do(job.pk)
    done = Job.objects.get(pk=job.pk)
    assert (done.status, done.result["recorded"]) == ("done", 1), done.said


@pytest.mark.parametrize(
    ("content", "environment", "words"),
    [
        (_file('<testcase name="nothing of ours"/>'), "", "No testcase names a case of UAT"),
        (b"<testsuite><testcase>", "", "is not XML that can be read"),
        (NIGHT, "The moon", "Name one of: Integration, Firefox"),
    ],
)
def test_a_file_of_no_use_is_refused_before_it_is_kept(
    staged: Staged, cast: Cast, content: bytes, environment: str, words: str
) -> None:
    where = environment or Environment.objects.get().name
    with pytest.raises(InvalidInput, match=words):
        keep_file(
            staged.campaign,
            actor=cast.reporter,
            upload=SimpleUploadedFile("a.xml", content),
            environment=where,
        )
    assert not staged.campaign.sent_files.exists()
