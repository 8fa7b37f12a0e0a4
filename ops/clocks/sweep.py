"""The sweep: everything a deadline does by itself, once, at its time, whatever happens to the machine.

    claim a batch of rows whose `next_at` has come (SKIP LOCKED: workers share the work, none waits)
      → decide by arithmetic what each does now
      → write the entries, the messages and the rows, all in the transaction of the claim

A worker that dies leaves the batch as it was, and the next run does it. An entry is the proof that a step
was done; the database refuses a second one. A deadline that cannot be dealt with is put aside with its
reason, comes back later each time after a longer wait, and does not hold up the others.
"""

from __future__ import annotations

import datetime
import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from ops.clocks import registry
from ops.clocks.letters import COMING_UP, RUN_OUT
from ops.clocks.models import Deadline, DeadlineEntry
from ops.clocks.policies import Rulebook, rulebook
from ops.clocks.rows import clear_failure, course_of, put_course
from ops.clocks.schedule import Deed, Step, due_steps, next_step, steps
from ops.notify.services import Announcement, announce_many
from ops.people.models import User

log = logging.getLogger(__name__)

BATCH = 500
FIRST_RETRY = datetime.timedelta(minutes=1)
LONGEST_RETRY = datetime.timedelta(hours=1)
LEASE = datetime.timedelta(minutes=5)
"""How long an action belongs to the worker that took it; longer than any action lasts."""

What = DeadlineEntry.What
Recipients = Mapping[tuple[str, str, int], Sequence[User | str]]
"""Who is told, by (kind, audience, target); the audience "" is those who hold the target."""
_WHAT = {
    Deed.WARN: What.WARNED,
    Deed.BREACH: What.BREACHED,
    Deed.ESCALATE: What.ESCALATED,
    Deed.ACT: What.ACTED,
}


def sweep(*, moment: datetime.datetime | None = None, batch: int = BATCH) -> Counter[str]:
    """Do what is due at `moment` (now), and return how often each thing was done.

    Must not run inside a transaction: each batch is one of its own, and so is each action.
    """
    moment = moment or timezone.now()
    system = User.objects.system()
    done: Counter[str] = Counter()
    while True:
        claimed, actions = _sweep_batch(moment, batch, system, done)
        for deadline_id, step in actions:
            _act(deadline_id, step, moment, system, done)
        if claimed < batch:
            return done


def _sweep_batch(
    moment: datetime.datetime, batch: int, system: User, done: Counter[str]
) -> tuple[int, Sequence[tuple[int, Step]]]:
    with transaction.atomic(durable=True):
        due = Deadline.objects.filter(next_at__lte=moment).order_by("next_at", "pk")
        deadlines = list(due.locked(skip_locked=True)[:batch])
        book = rulebook()
        outcome = _work(_Shift(book, moment, system), deadlines)
    done.update(outcome.counts)
    return len(deadlines), outcome.actions


@dataclass
class _Outcome:
    """What one transaction of the sweep did, and the actions it leaves to be taken after it."""

    counts: Counter[str] = field(default_factory=Counter)
    actions: list[tuple[int, Step]] = field(default_factory=list)

    def __add__(self, other: _Outcome) -> _Outcome:
        return _Outcome(self.counts + other.counts, self.actions + other.actions)


def _work(shift: _Shift, deadlines: Sequence[Deadline]) -> _Outcome:
    """Deal with the deadlines together; when that fails, with each half, down to the one that is the cause."""
    try:
        with transaction.atomic():
            return shift.work(deadlines)
    except Exception as problem:
        if len(deadlines) == 1:
            trace = (
                problem if shift.is_first_failure() else None
            )  # ten thousand would fill the disk, not the mind
            log.error("Deadline %s could not be dealt with: %r", deadlines[0].pk, problem, exc_info=trace)  # noqa: TRY400
            put_aside(deadlines[0].pk, problem, shift.moment)
            return _Outcome(Counter(failed=1))
    # The attempt that failed has changed the rows in memory; in the database they are as they were, and still ours.
    again = list(Deadline.objects.filter(pk__in=[d.pk for d in deadlines]).order_by("next_at", "pk").locked())
    middle = len(again) // 2
    return _work(shift, again[:middle]) + _work(shift, again[middle:])


def put_aside(deadline_id: int, problem: Exception, moment: datetime.datetime) -> None:
    """Note why a deadline could not be dealt with, and look at it again later, each time after a longer
    wait.
    """
    deadline = Deadline.objects.get(pk=deadline_id)
    wait = min(FIRST_RETRY * 2 ** min(deadline.failures, 10), LONGEST_RETRY)
    Deadline.objects.filter(pk=deadline_id, next_at__isnull=False).update(
        failures=min(deadline.failures + 1, 32767),
        failure=f"{type(problem).__name__}: {problem}"[:500],
        next_at=moment + wait,
    )


@dataclass(frozen=True)
class _Plan:
    """What one deadline does now, and what remains for later."""

    deadline: Deadline
    todo: Sequence[Step]
    over: Sequence[Step]
    following: Step | None


class _Shift:
    """One batch's work: who is told is asked once for all of it, and everything is written together."""

    def __init__(self, book: Rulebook, moment: datetime.datetime, system: User) -> None:
        self._book = book
        self.moment = moment
        self._system = system
        self._failures = 0

    def is_first_failure(self) -> bool:
        """Whether nothing of this batch has failed before."""
        self._failures += 1
        return self._failures == 1

    def work(self, deadlines: Sequence[Deadline]) -> _Outcome:
        """Do what these deadlines have to do now, all or nothing."""
        outcome = _Outcome()
        plans = [self._plan(deadline) for deadline in deadlines]
        recipients = self._recipients(plans)
        entries: list[DeadlineEntry] = []
        for plan in plans:
            entries += self._entries(plan, recipients)
            self._advance(plan, outcome)
        DeadlineEntry.objects.bulk_create(entries)
        Deadline.objects.rewrite(deadlines)
        outcome.counts.update(str(entry.what) for entry in entries)
        announcements = [self._announcement(entry, recipients) for entry in entries]
        announce_many(announcement for announcement in announcements if announcement)
        return outcome

    def _plan(self, deadline: Deadline) -> _Plan:
        plan = steps(course_of(deadline, self._book))
        todo, over = due_steps(plan, deadline.done, self.moment)
        done = {*deadline.done, *(step.name for step in (*over, *todo) if step.deed is not Deed.ACT)}
        return _Plan(deadline, todo, over, next_step(plan, done))

    def _recipients(self, plans: Iterable[_Plan]) -> Recipients:
        wanted: dict[tuple[str, str], set[int]] = {}
        for plan in plans:
            for step in plan.todo:
                if step.deed is not Deed.ACT and not self._is_quiet(plan.deadline, step):
                    kind = self._kind(plan.deadline)
                    wanted.setdefault((kind, step.audience), set()).add(plan.deadline.object_id)
        found: dict[tuple[str, str, int], Sequence[User | str]] = {}
        for (kind, audience), ids in wanted.items():
            adapter = registry.adapter_for(kind)
            people = adapter.audience(audience, ids) if audience else adapter.holders(ids)
            found |= {(kind, audience, target_id): people.get(target_id, ()) for target_id in ids}
        return found

    def _entries(self, plan: _Plan, recipients: Recipients) -> Iterable[DeadlineEntry]:
        for step in plan.over:
            yield self._entry(plan.deadline, step, What.PASSED, {})
        for step in plan.todo:
            if step.deed is Deed.ACT:
                continue
            told = recipients.get((self._kind(plan.deadline), step.audience, plan.deadline.object_id), ())
            detail: dict[str, object] = {"told": [str(person) for person in told]}
            if step.audience:
                detail["audience"] = step.audience
            yield self._entry(plan.deadline, step, _WHAT[step.deed], detail)

    def _entry(self, deadline: Deadline, step: Step, what: What, detail: dict[str, object]) -> DeadlineEntry:
        return DeadlineEntry(
            deadline=deadline,
            round=deadline.round,
            step=step.name,
            what=what,
            at=self.moment,
            actor=self._system,
            detail=detail,
        )

    def _advance(self, plan: _Plan, outcome: _Outcome) -> None:
        """Move the row on to its next step; an action keeps it in our hands until it is done, or the lease over."""
        deadline, following = plan.deadline, plan.following
        deadline.next_step, deadline.next_at = (following.name, following.at) if following else ("", None)
        if any(step.deed is Deed.BREACH for step in plan.todo):
            deadline.breached_at = deadline.due_at
        if action := next((step for step in plan.todo if step.deed is Deed.ACT), None):
            deadline.next_at = self.moment + LEASE
            outcome.actions.append((deadline.pk, action))
        else:
            clear_failure(deadline)

    def _announcement(self, entry: DeadlineEntry, recipients: Recipients) -> Announcement | None:
        deadline = entry.deadline
        kind = self._kind(deadline)
        people = recipients.get((kind, str(entry.detail.get("audience", "")), deadline.object_id), ())
        if entry.what == What.PASSED or not people:
            return None
        return Announcement(
            COMING_UP if entry.what == What.WARNED else RUN_OUT,
            object_id=entry.pk,
            thread=registry.adapter_for(kind).thread(deadline.object_id),
            recipients=people,
            actor=self._system,
        )

    def _kind(self, deadline: Deadline) -> str:
        return self._book.by_id[deadline.policy_id].kind

    def _is_quiet(self, deadline: Deadline, step: Step) -> bool:
        return deadline.quiet_until is not None and step.at <= deadline.quiet_until


def _act(deadline_id: int, step: Step, moment: datetime.datetime, system: User, done: Counter[str]) -> None:
    """Take the action of a deadline, in a transaction of its own.

    The action locks its target first and its deadlines after, as every change of a target does; were the
    deadline locked here before, the two could wait for each other for ever.
    """
    try:
        with transaction.atomic(durable=True):
            deadline = Deadline.objects.select_related("policy").get(pk=deadline_id)
            if not deadline.is_open or deadline.policy.action == "":
                return
            adapter = registry.adapter_for(deadline.policy.kind)
            adapter.act(deadline.policy.action, deadline.object_id, actor=system)
            _note_action(deadline_id, step, moment, system)
        done[What.ACTED.value] += 1
    except Exception as problem:
        log.exception("The action of deadline %s failed", deadline_id)
        put_aside(deadline_id, problem, moment)
        done["failed"] += 1


def _note_action(deadline_id: int, step: Step, moment: datetime.datetime, system: User) -> None:
    deadline = Deadline.objects.locked().get(pk=deadline_id)
    if step.name in deadline.done:
        return  # the lease had run out and somebody else was quicker; the action found its target moved on
    DeadlineEntry.objects.create(
        deadline=deadline,
        round=deadline.round,
        step=step.name,
        what=What.ACTED,
        at=moment,
        actor=system,
        detail={"action": deadline.policy.action},
    )
    put_course(deadline, course_of(deadline, rulebook()), done=[*deadline.done, step.name])
    clear_failure(deadline)
    Deadline.objects.rewrite([deadline])
