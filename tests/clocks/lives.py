"""Random lives of one target, and the policies that count in them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from ops.clocks.arithmetic import WorkingTime
from ops.clocks.course import NOTHING, Happening, Rule
from ops.clocks.spans import Escalation, Span, WarningPoint

HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)
START = datetime(2026, 3, 5, 17, tzinfo=UTC)
ALWAYS = WorkingTime("UTC", (((0, 1440),),) * 7)
PACIFIC = WorkingTime("America/Los_Angeles", (((540, 1020),),) * 5 + ((), ()), "US", "CA")
STATES = ("new", "working", "waiting", "stuck", "elsewhere", "done", "dropped")

RULE = Rule(
    policy_id=1,
    kind="errand",
    slug="answer",
    name="Answer",
    clock="answer",
    condition={},
    starts_in=frozenset({"new", "working"}),
    pauses_in=frozenset({"waiting", "stuck"}),
    met_in=frozenset({"done"}),
    cancelled_in=frozenset({"dropped"}),
    allowance=Span.parse("2 days"),
    due_from="",
    hours=PACIFIC,
    warnings=(WarningPoint(percent=50), WarningPoint(percent=80), WarningPoint(before=Span.parse("1 hour"))),
    escalations=(Escalation(Span.parse("1 day"), "lead"), Escalation(Span.parse("1 week"), "director")),
)
PROMISE = replace(RULE, policy_id=2, slug="promise", clock="promise", allowance=None, due_from="promised_at")
URGENT = replace(
    RULE,
    policy_id=3,
    slug="urgent",
    condition={"priority": ("high",)},
    allowance=Span.parse("2 hours"),
    hours=ALWAYS,
)


@st.composite
def histories(draw, shortest=NOTHING):
    """What happens to one target: moves, edits and answers, at least `shortest` apart."""
    moment, history, facts = START, [], {"priority": None, "promised_at": None}
    for _ in range(draw(st.integers(1, 12))):
        moment += draw(st.timedeltas(shortest, timedelta(days=4)))
        if draw(st.integers(0, 5)) == 0:
            history.append(Happening(moment, None))
            continue
        if draw(st.booleans()):
            facts = {**facts, "priority": draw(st.sampled_from([None, "high", "low"]))}
        if draw(st.integers(0, 3)) == 0:
            days = draw(st.none() | st.integers(-1, 9))
            facts = {**facts, "promised_at": None if days is None else moment + timedelta(days=days)}
        history.append(Happening(moment, draw(st.sampled_from(STATES)), facts))
    return history
