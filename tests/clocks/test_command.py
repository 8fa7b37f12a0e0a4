"""`manage.py deadlines`, for operators."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from ops.clocks.models import Deadline

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def run(capsys):
    def run(*arguments: str) -> list[str]:
        call_command("deadlines", *arguments)
        return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]

    return run


def test_status_counts_by_clock(run, make_errand, make_policy, now):
    make_policy()
    make_policy("resolution", duration="2 weeks")
    for hours in (1, 30):
        make_errand().move("new", now - hours * HOUR)
    waiting = make_errand()
    waiting.move("new", now)
    waiting.move("waiting", now)
    assert run() == [
        "clock running paused overdue to sweep failing",
        "answer 2 1 1 1 0",
        "resolution 2 1 0 0 0",
    ]
    assert run("status", "--clock", "resolution")[1:] == ["resolution 2 1 0 0 0"]


def test_sweep_does_what_is_due(run, errand, make_policy, now):
    make_policy()
    errand.move("new", now - 30 * HOUR)
    assert run("sweep") == ["1 breached"]
    assert run("sweep") == ["Nothing was due."]


def test_recompute_mends(run, errand, make_policy, now):
    make_policy()
    errand.move("new", now)
    Deadline.objects.update(due_at=now)
    assert run("recompute") == ["1 open deadline looked at: 1 moved."]
    assert run("recompute", "--clock", "answer") == ["1 open deadline looked at: none moved."]


def test_failing_says_what_and_why(run, errand, adapter, make_policy, now):
    make_policy(duration="1 minute")
    errand.move("new", now - timedelta(minutes=2))
    assert run("failing") == ["The sweep has dealt with every deadline."]
    adapter.nobody_knows = {errand.pk}
    assert run("sweep") == ["1 failed"]
    (line,) = run("failing")
    assert f"answer of {errand.pk} tried 1 times, again " in line
    assert line.endswith(f"RuntimeError: nobody knows who holds {errand.pk}")
