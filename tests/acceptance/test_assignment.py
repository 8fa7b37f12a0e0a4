"""Who runs what: even, independent, the same every time, and no place empty that any arrangement could fill."""

from __future__ import annotations

import random

import numpy
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from ops.acceptance.assignment import Demand, Proposal, Room, propose


def demand(case: int, wanted: int = 1, **more) -> Demand:
    return Demand(case=case, environment=1, words=f"CASE-{case:03}", wanted=wanted, **more)


def room(person: int, capacity: int, load: int = 0) -> Room:
    return Room(person, f"Tester {person:02}", capacity, load)


def loads(found: Proposal) -> dict[int, int]:
    count: dict[int, int] = {}
    for given in found.given:
        count[given.person] = count.get(given.person, 0) + 1
    return count


def test_everybody_gets_about_the_same() -> None:
    found = propose([demand(n) for n in range(10)], [room(n, 10) for n in range(3)])
    assert sorted(loads(found).values()) == [3, 3, 4]
    assert found.shortfalls == []


def test_who_has_tests_already_gets_fewer() -> None:
    found = propose([demand(n) for n in range(4)], [room(0, 10, load=3), room(1, 10)])
    assert loads(found) == {1: 4} or loads(found) == {0: 1, 1: 3}
    assert found.loads == {0: 3, 1: 4} or found.loads == {0: 4, 1: 3}


def test_nobody_runs_a_case_twice_nor_their_own() -> None:
    demands = [demand(1, 2, excluded=frozenset({0})), demand(2, 2, already=frozenset({1}))]
    found = propose(demands, [room(n, 5) for n in range(3)])
    people = {case: {given.person for given in found.given if given.case == case} for case in (1, 2)}
    assert people[1] == {1, 2}
    assert len(people[2]) == 1
    assert 1 not in people[2]


def test_the_order_of_the_input_changes_nothing() -> None:
    demands = [demand(n, 1 + n % 2, is_critical=n % 3 == 0) for n in range(12)]
    rooms = [room(n, 3 + n) for n in range(4)]
    expected = propose(demands, rooms)
    shuffled = random.Random(5)
    for _ in range(5):
        shuffled.shuffle(demands)
        shuffled.shuffle(rooms)
        assert propose(demands, rooms) == expected


def test_critical_cases_come_first_where_not_everything_fits() -> None:
    demands = [demand(1, 2), demand(2, 2, is_critical=True), demand(3, 2)]
    found = propose(demands, [room(0, 1), room(1, 1)])
    assert {given.case for given in found.given} == {2}
    assert [(short.words, short.missing) for short in found.shortfalls] == [("CASE-001", 2), ("CASE-003", 2)]
    assert "is full (Tester 00, Tester 01); raise" in found.shortfalls[0].why


def test_others_are_moved_where_that_fills_a_place() -> None:
    # Tester 0 alone may run case 2, and would be taken by case 1, which comes first and could have anybody.
    demands = [demand(1), demand(2, excluded=frozenset({1}))]
    found = propose(demands, [room(0, 1), room(1, 1)])
    assert {(given.case, given.person) for given in found.given} == {(1, 1), (2, 0)}
    assert any("moved here" in given.why for given in found.given)


def test_it_says_when_there_are_too_few_people() -> None:
    found = propose([demand(1, 3, excluded=frozenset({1}))], [room(0, 5), room(1, 5)])
    assert [(short.missing, short.why) for short in found.shortfalls] == [
        (2, "1 person could run it besides whoever wrote it; recruit more testers.")
    ]
    assert propose([demand(1)], []).shortfalls[0].why == "0 people could run it; recruit more testers."


@pytest.mark.parametrize("seed", range(20))
def test_as_many_places_are_filled_as_can_be(seed: int) -> None:
    """Compared with the maximum flow of the same graph, found by somebody else's algorithm."""
    dice = random.Random(seed)
    cases, people = dice.randint(1, 12), dice.randint(1, 7)
    demands = [
        demand(
            n,
            dice.randint(1, 3),
            is_critical=dice.random() < 0.3,
            excluded=frozenset(p for p in range(people) if dice.random() < 0.4),
        )
        for n in range(cases)
    ]
    rooms = [room(n, dice.randint(1, 5), load=dice.randint(0, 2)) for n in range(people)]
    found = propose(demands, rooms)

    assert len(found.given) == most_places(demands, rooms)
    assert len(found.given) + sum(short.missing for short in found.shortfalls) == sum(
        d.wanted for d in demands
    )
    assert len({(given.case, given.person) for given in found.given}) == len(found.given)
    assert all(given.person not in demands[given.case].excluded for given in found.given)
    for each in rooms:
        assert each.load + loads(found).get(each.person, 0) <= max(each.capacity, each.load)


def most_places(demands: list[Demand], rooms: list[Room]) -> int:
    size = len(demands) + len(rooms) + 2
    graph = numpy.zeros((size, size), dtype=numpy.int32)
    for at, each in enumerate(demands, 1):
        graph[0, at] = each.missing
        for to, one in enumerate(rooms, 1 + len(demands)):
            graph[at, to] = one.person not in each.excluded
    for to, one in enumerate(rooms, 1 + len(demands)):
        graph[to, size - 1] = max(0, one.capacity - one.load)
    return int(maximum_flow(csr_array(graph), 0, size - 1).flow_value)


def test_a_big_campaign_is_even() -> None:
    found = propose([demand(n, 2) for n in range(400)], [room(n, 20) for n in range(50)])
    assert set(loads(found).values()) == {16}
