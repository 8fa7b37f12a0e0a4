"""What a tester keeps while a test runs: saved at once, never over somebody else's words."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ops.acceptance.models import Execution, StepResult
from ops.acceptance.recording import SavedMeanwhile, keep_evidence, save_step, seen_as
from ops.workflow.errors import GuardUnmet, IllegalTransition, InvalidInput, NotAllowed, NotFound
from ops.workflow.models import Event
from ops.workflow.services import perform, perform_in_turn
from tests.acceptance.stage import Staged, put_on
from tests.cast import Cast


@pytest.fixture
def staged(cast: Cast) -> Staged:
    """A campaign that runs."""
    return put_on(cast)


@pytest.fixture
def execution(staged: Staged) -> Execution:
    """A test that was given to the reporter."""
    return Execution.objects.get(campaign=staged.campaign)


def test_the_first_word_begins_the_test(execution: Execution, cast: Cast) -> None:
    save_step(execution, 1, actor=cast.reporter, outcome="passed", actual="")
    begun = Execution.objects.get(pk=execution.pk)
    assert begun.state == "running"
    assert begun.started_at is not None


def test_a_changed_outcome_is_history_and_growing_text_is_not(execution: Execution, cast: Cast) -> None:
    first = save_step(execution, 1, actor=cast.reporter, outcome="", actual="It is")
    second = save_step(
        execution, 1, actor=cast.reporter, outcome="", actual="It is empty", seen=seen_as(first)
    )
    save_step(execution, 1, actor=cast.reporter, outcome="failed", actual="It is empty", seen=seen_as(second))
    events = Event.objects.of(execution).filter(name="step")
    assert [event.changes for event in events] == [{"step 1": {"old": None, "new": "failed"}}]


def test_what_was_saved_meanwhile_is_not_written_over(execution: Execution, cast: Cast) -> None:
    save_step(execution, 1, actor=cast.reporter, outcome="passed", actual="Fast")
    with pytest.raises(SavedMeanwhile) as refusal:
        save_step(execution, 1, actor=cast.reporter, outcome="failed", actual="Slow")
    assert (refusal.value.theirs.outcome, refusal.value.theirs.actual) == ("passed", "Fast")
    assert "You have saved step 1 in another window" in refusal.value.detail
    assert StepResult.objects.get().actual == "Fast"


def test_the_same_sent_again_is_the_same(execution: Execution, cast: Cast) -> None:
    """An answer that was lost on the way makes a browser send again what was kept already."""
    first = save_step(execution, 1, actor=cast.reporter, outcome="passed", actual="Fast")
    again = save_step(execution, 1, actor=cast.reporter, outcome="passed", actual="Fast")
    assert seen_as(first) == seen_as(again)


def test_whoever_takes_a_test_over_sees_what_the_one_before_has_saved(
    execution: Execution, staged: Staged, cast: Cast
) -> None:
    save_step(execution, 1, actor=cast.reporter, outcome="passed", actual="Fast")
    perform(execution, "put_back", actor=cast.coordinator)
    perform(execution, "reassign", actor=cast.coordinator, data={"tester": "outsider"})
    with pytest.raises(NotFound):
        save_step(execution, 1, actor=cast.reporter, outcome="failed", actual="Late")
    with pytest.raises(SavedMeanwhile, match="Reporter has saved step 1 meanwhile"):
        save_step(execution, 1, actor=cast.outsider, outcome="failed", actual="Slow")


def test_only_the_tester_records_and_only_until_the_end(execution: Execution, cast: Cast) -> None:
    with pytest.raises(NotFound):
        save_step(execution, 1, actor=cast.outsider, outcome="passed", actual="")
    with pytest.raises(NotAllowed, match="Only Reporter, to whom it was given"):
        save_step(execution, 1, actor=cast.coordinator, outcome="passed", actual="")
    save_step(execution, 1, actor=cast.reporter, outcome="passed", actual="")
    perform(execution, "mark_passed", actor=cast.reporter)
    with pytest.raises(IllegalTransition, match="Try it again instead"):
        save_step(execution, 1, actor=cast.reporter, outcome="failed", actual="")


@pytest.mark.parametrize(
    ("outcome", "actual", "field"),
    [("great", "", "outcome"), ("passed", "x" * 20_001, "actual"), ("passed", "\x00", "actual")],
)
def test_bad_input_names_its_field(
    execution: Execution, cast: Cast, outcome: str, actual: str, field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        save_step(execution, 1, actor=cast.reporter, outcome=outcome, actual=actual)
    assert list(refusal.value.fields) == [field]


def test_steps_taken_in_turn_are_taken_all_or_none(execution: Execution, cast: Cast) -> None:
    save_step(execution, 1, actor=cast.reporter, outcome="failed", actual="Nothing.")
    before = Execution.objects.get(pk=execution.pk)
    with pytest.raises(GuardUnmet):
        perform_in_turn(before, [("put_back", {}), ("begin", {}), ("mark_passed", {})], actor=cast.reporter)
    assert (Execution.objects.get(pk=execution.pk).version, before.state) == (before.version, "running")
    done = perform_in_turn(before, [("put_back", {}), ("begin", {})], actor=cast.reporter)
    assert (done.state, done.version) == ("running", before.version + 2)


def test_a_step_that_the_case_does_not_have_is_not_found(execution: Execution, cast: Cast) -> None:
    with pytest.raises(NotFound, match="has no step 9"):
        save_step(execution, 9, actor=cast.reporter, outcome="passed", actual="")


def test_a_screenshot_sent_twice_is_kept_once(execution: Execution, cast: Cast) -> None:
    def shot() -> SimpleUploadedFile:
        return SimpleUploadedFile("shot.png", b"\x89PNG one and the same")

    first = keep_evidence(execution, actor=cast.reporter, upload=shot(), number=1)
    assert keep_evidence(execution, actor=cast.reporter, upload=shot(), number=1) == first
    assert keep_evidence(execution, actor=cast.reporter, upload=shot(), number=2) != first
    assert (first.name, first.content_type) == ("shot.png", "image/png")
    assert "shot" not in first.file.name


def test_a_file_that_is_not_taken_is_refused_before_anything_begins(execution: Execution, cast: Cast) -> None:
    with pytest.raises(InvalidInput):
        keep_evidence(execution, actor=cast.reporter, upload=SimpleUploadedFile("run.exe", b"MZ"))
    assert Execution.objects.get(pk=execution.pk).state == "assigned"
