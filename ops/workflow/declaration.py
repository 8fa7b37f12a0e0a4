"""The words in which a process is declared: its states, its transitions, who may take them, who is told."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, wraps
from typing import TYPE_CHECKING, Any, ClassVar

from django.db.models import Q, TextChoices
from django_fsm import GET_STATE
from django_fsm import transition as fsm_transition
from rules import Predicate

if TYPE_CHECKING:
    from ops.people.models import User
    from ops.workflow.models import Stateful


# What `Party.whose` answers for somebody who stands so to every object, or to none.
EVERYTHING = Q()
NOTHING = Q(pk__in=[])


class Phase(TextChoices):
    """What a state means to somebody who does not know the process; it gives the state its colour."""

    OPEN = "open", "Open"
    ACTIVE = "active", "In work"
    WAITING = "waiting", "Waiting"
    GOOD_END = "good_end", "Done"
    BAD_END = "bad_end", "Ended without result"

    @property
    def is_live(self) -> bool:
        """Whether something is still to be done."""
        return self in {Phase.OPEN, Phase.ACTIVE, Phase.WAITING}


class States(TextChoices):
    """The states of a workflow; a member reads `NAME = "value", Phase.…, "Label"`."""

    phase: Phase

    def __new__(cls, value: str, phase: Phase = Phase.OPEN) -> States:
        """Keep the phase beside the value."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.phase = phase
        return member


@dataclass(frozen=True)
class Party:
    """Somebody who stands in a relation to an object: told of it, or holding it now.

    `find` leads from an object to people; `whose` leads back, from a person to the condition that picks the objects
    to which they stand so. A party that holds a state needs both, since people ask what waits for them.
    Objects of which `alike` says the same lead to the same people, who are looked up once for all of them.
    """

    name: str
    words: str
    find: Callable[[Any], Iterable[User | str | None]]
    whose: Callable[[User], Q] | None = None
    alike: Callable[[Any], Hashable] | None = None

    def of(self, obj: Stateful) -> list[User | str]:
        """Return the people and plain e-mail addresses that the relation leads to now."""
        return [found for found in self.find(obj) if found]


@dataclass(frozen=True)
class Guard:
    """A condition of a transition, with the sentence that is shown while it is not met.

    `about` is the field or part of the object in which the condition is met, so that a page can lead there; nothing
    where nobody can mend it.
    `naming` lists what stands in the way, where the sentence alone would leave people searching.
    """

    name: str
    sentence: str
    test: Callable[[Any], bool]
    about: str = ""
    naming: Callable[[Any], Iterable[str]] | None = None

    def __call__(self, obj: Any) -> bool:
        return self.test(obj)

    def told_of(self, obj: Any) -> Guard:
        """Return the same guard with a sentence that names what stands in the way of this object."""
        if self.naming is None:
            return self
        named = ", ".join(self.naming(obj))
        return replace(self, sentence=f"{self.sentence.rstrip('.')}: {named}.", naming=None)


def guard(
    sentence: str, *, about: str = "", naming: Callable[[Any], Iterable[str]] | None = None
) -> Callable[[Callable[[Any], bool]], Guard]:
    """Make a condition out of a question about an object; the sentence says how to mend it, `about` says where.

    What `naming` finds in the way is listed after the sentence.
    """

    def made(test: Callable[[Any], bool]) -> Guard:
        return Guard(test.__name__, sentence, test, about, naming)

    return made


@dataclass(frozen=True)
class Workplace:
    """A page other than the record's own on which its holder does what it waits for.

    `label` says in a word or two what is done there, `about` what the place is about, as a guard says it. Where the
    place `settles_many` records together, no step of a single one comes next.
    """

    label: str
    about: str
    settles_many: bool = False


class Back(GET_STATE):
    """A target that is remembered in a field of the object: the way back to where it came from."""

    def __init__(self, field: str, *states: str) -> None:
        super().__init__(lambda obj: getattr(obj, field), states=list(states))
        self.field = field
        self.states = tuple(states)


@dataclass(frozen=True)
class Step:
    """One declared edge: from some states to a target, with all that is asked on the way."""

    name: str
    sources: tuple[str, ...]
    target: str | Back
    by: Predicate
    asks: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    anew: bool = False
    reason: bool = False
    only_if: tuple[Guard, ...] = ()
    tells: tuple[Party, ...] = ()
    label: str = ""
    help: str = ""

    @property
    def targets(self) -> tuple[str, ...]:
        """Every state in which the step can end."""
        return self.target.states if isinstance(self.target, Back) else (self.target,)

    @property
    def fields(self) -> tuple[str, ...]:
        """What the form of this step shows: first what it needs, then what it offers."""
        return self.asks + self.offers

    def unmet_guards(self, obj: Stateful) -> list[Guard]:
        """Return the guards that hold the step back now."""
        return [guard.told_of(obj) for guard in self.only_if if not guard(obj)]

    def unmet(self, obj: Stateful) -> list[str]:
        """Return the sentences of the guards that hold the step back now."""
        return [guard.sentence for guard in self.unmet_guards(obj)]


@dataclass(frozen=True)
class Creation:
    """How an object comes into the world: who may make one, what is asked, who is told."""

    to: str
    by: Predicate
    asks: tuple[str, ...]
    offers: tuple[str, ...] = ()
    tells: tuple[Party, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """What the form shows."""
        return self.asks + self.offers


def transition(
    *sources: str,
    to: str | Back,
    by: Predicate,
    asks: Iterable[str] = (),
    offers: Iterable[str] = (),
    anew: bool = False,
    reason: bool = False,
    only_if: Iterable[Guard] = (),
    tells: Iterable[Party] = (),
    label: str = "",
) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    """Declare a step of a workflow; may stand several times over one method, for different sources.

    `asks` and `offers` name fields of the model, needed and optional. What is asked may be known already, unless
    the step asks `anew`. The method's docstring is the help of
    the button. The method runs only inside `workflow.services.perform`: called directly, it raises, because
    nothing would have asked who calls, saved the change or written it down.
    """

    def declare(method: Callable[[Any], None]) -> Callable[[Any], None]:
        step = Step(
            name=method.__name__,
            sources=tuple(str(source) for source in sources),
            target=to if isinstance(to, Back) else str(to),
            by=by,
            asks=tuple(asks),
            offers=tuple(offers),
            anew=anew,
            reason=reason,
            only_if=tuple(only_if),
            tells=tuple(tells),
            label=label or method.__name__.replace("_", " ").capitalize(),
            help=" ".join((method.__doc__ or "").split()),
        )
        gated = method if hasattr(method, "_django_fsm") else _only_inside_perform(method)
        return fsm_transition(
            "state",
            source=list(step.sources),
            target=step.target,
            permission=lambda obj, user: step.by.test(user, obj),
            custom={"step": step},
        )(gated)

    return declare


def _only_inside_perform(method: Callable[[Any], None]) -> Callable[[Any], None]:
    @wraps(method)
    def gated(obj: Stateful) -> None:
        if obj.performance is None:
            raise RuntimeError(
                f"{method.__qualname__} is a transition; call workflow.services.perform instead."
            )
        method(obj)

    return gated


class Workflow:
    """The life of a kind of object, declared on one screen; models take it as their first base."""

    kind: ClassVar[str]
    title: ClassVar[str]
    plural: ClassVar[str]
    prefix: ClassVar[str] = ""
    State: ClassVar[type[States]]
    creation: ClassVar[Creation]
    final: ClassVar[tuple[str, ...]] = ()
    held_by: ClassVar[Mapping[str, Party]] = {}
    edits: ClassVar[tuple[tuple[Predicate, tuple[str, ...]], ...]] = ()
    tells_of_edits: ClassVar[tuple[Party, ...]] = ()
    facts: ClassVar[tuple[str, ...]] = ()
    # Where its holders do what it waits for, if that is another page than its own, by state.
    workplaces: ClassVar[Mapping[str, Workplace]] = {}
    # How the history tells what happened beside the states, by the name of the event: “added the environment”.
    told_as: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def steps(cls) -> list[Step]:
        """Return every declared step, in the order of the declaration."""
        return list(_steps_of(cls))  # type: ignore[arg-type]

    @classmethod
    def steps_named(cls, name: str) -> list[Step]:
        """Return the steps of one transition; empty when there is none of that name."""
        return [step for step in cls.steps() if step.name == name]

    @classmethod
    def steps_from(cls, state: str) -> list[Step]:
        """Return the steps that lead out of a state."""
        return [step for step in cls.steps() if state in step.sources]

    @classmethod
    def next_step(cls, state: str) -> Step | None:
        """Return the step by which things normally go on: the first declared from a state.

        A way back from an end is not going on; None where the life is over, and where many are settled together.
        """
        place = cls.workplaces.get(state)
        if place is not None and place.settles_many:
            return None
        was_live = cls.phase_of(state).is_live
        ways_on = (
            step
            for step in cls.steps_from(state)
            if was_live or not any(cls.phase_of(target).is_live for target in step.targets)
        )
        return next(ways_on, None)

    @classmethod
    def goes_on_by(cls, state: str) -> str:
        """Return in a word or two what is done next; empty where the life is over."""
        if state in cls.workplaces:
            return cls.workplaces[state].label
        step = cls.next_step(state)
        return step.label if step else ""

    @classmethod
    def phase_of(cls, state: str) -> Phase:
        """Return the phase of a state."""
        return cls.State(state).phase

    @classmethod
    def live_states(cls) -> list[str]:
        """Return the states in which something is still to be done."""
        return [state.value for state in cls.State if state.phase.is_live]


@cache
def _steps_of(workflow: type[Workflow]) -> tuple[Step, ...]:
    methods: dict[str, Any] = {}
    for base in reversed(workflow.__mro__):
        methods.update({name: value for name, value in vars(base).items() if hasattr(value, "_django_fsm")})
    # Decorators that stand over one another apply from the lowest up; the reader meets them from the top down.
    edges = (reversed(method._django_fsm.transitions.values()) for method in methods.values())
    return tuple(dict.fromkeys(edge.custom["step"] for of_method in edges for edge in of_method))
