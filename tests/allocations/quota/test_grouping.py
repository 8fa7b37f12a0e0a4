"""From awards to groups: increments, absolute numbers, nobody's base counted twice."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ops.allocations.quota.document import Document, Notebook, Quota
from ops.allocations.quota.grouping import (
    BadPath,
    Share,
    durable,
    effective,
    group_name,
    increment,
    merged_name,
    override,
    put_into,
)

BASE = Document(
    default=Quota(
        api={"tap": 1000, "herald": 250},
        disk={"/home": 40 * 2**30},
        notebook=Notebook(4, 32),
        tap={"qserv": 12, "ssotap": 4},
    ),
    groups={"g_developers": Quota(notebook=Notebook(2, 8)), "g_admins": Quota()},
    bypass=("g_admins",),
)
QUERIES = Quota(tap={"qserv": 8})
BIGGER = Quota(notebook=Notebook(4, 32))


def share(number: int, adds: Quota, *people: str, urgent: bool = True) -> Share:
    return Share(group_name("2027A", number), adds, frozenset(people), urgent)


def test_groups_are_named_by_call_and_number() -> None:
    assert group_name("2027A", 12) == "g_rac_2027a_012"
    assert merged_name(["g_rac_2027a_019", "g_rac_2027a_012"]) == "g_rac_2027a_012_2027a_019"
    many = [group_name("2027A", number) for number in range(5)]
    assert len(merged_name(many)) <= 32
    assert merged_name(many) == merged_name(reversed(many))


def test_increment_needs_paths_of_the_document() -> None:
    adds = increment({"notebook.cpu": Decimal(4), "tap.qserv": Decimal("8.9"), "disk./home": Decimal(2**30)})
    assert adds == Quota(notebook=Notebook(4, 0), tap={"qserv": 8}, disk={"/home": 2**30})
    for bad in ("notebook.gpu", "queue.long", "tap", "api."):
        with pytest.raises(BadPath):
            increment({bad: Decimal(1)})


def test_durable_fragment_has_a_group_per_award_and_the_service_adds_them() -> None:
    plan = durable(
        BASE, [share(1, QUERIES, "ada", urgent=False), share(2, BIGGER, "ada", "bob", urgent=False)]
    )
    assert plan.document.groups == {"g_rac_2027a_001": QUERIES, "g_rac_2027a_002": BIGGER}
    assert plan.members == {"g_rac_2027a_001": ("ada",), "g_rac_2027a_002": ("ada", "bob")}
    served = put_into(BASE, plan.document)
    assert served.of_member(plan.document.groups).tap == {"qserv": 20, "ssotap": 4}


def test_increment_never_becomes_a_limit_where_there_was_none() -> None:
    plan = durable(
        Document(), [share(1, Quota(tap={"qserv": 8}, notebook=Notebook(4, 8)), "ada", urgent=False)]
    )
    assert plan.document.groups["g_rac_2027a_001"] == Quota()
    assert [remark.split(": ")[1].split()[0] for remark in plan.remarks] == [
        "notebook.cpu", "notebook.memory", "tap.qserv",
    ]  # fmt: skip


def test_override_holds_absolute_numbers_of_all_that_it_replaces() -> None:
    plan = override(BASE, [share(1, QUERIES, "ada")])
    assert plan.document.groups == {"g_rac_2027a_001": Quota(tap={"qserv": 20, "ssotap": 4})}
    enforced = effective(BASE, plan.document, ["g_rac_2027a_001"])
    assert enforced.tap == {"qserv": 20, "ssotap": 4}
    assert enforced.notebook == Notebook(4, 32)
    assert enforced.api == BASE.default.api


def test_person_with_two_awards_is_in_one_merged_group() -> None:
    plan = override(BASE, [share(1, QUERIES, "ada", "bob"), share(2, BIGGER, "ada")])
    merged = "g_rac_2027a_001_2027a_002"
    assert plan.members == {"g_rac_2027a_001": ("bob",), merged: ("ada",)}
    assert plan.document.groups[merged] == Quota(tap={"qserv": 20, "ssotap": 4}, notebook=Notebook(8, 64))
    for person in ("ada", "bob"):
        assert sum(person in people for people in plan.members.values()) == 1


def test_durable_award_counts_in_the_override_of_the_same_person() -> None:
    durable_one = share(1, QUERIES, "ada", urgent=False)
    urgent_one = share(2, Quota(tap={"qserv": 5}), "ada")
    served_base = put_into(BASE, durable(BASE, [durable_one]).document)
    plan = override(BASE, [durable_one, urgent_one])
    (name,) = plan.document.groups
    enforced = effective(served_base, plan.document, ["g_rac_2027a_001", name])
    assert enforced.tap["qserv"] == 12 + 8 + 5


def test_other_groups_of_a_person_stay_in_the_absolute_numbers() -> None:
    one = share(1, BIGGER, "ada", "bob", "carol", "dan")
    plan = override(BASE, [one], {"ada": ["g_developers"], "bob": ["g_elsewhere"], "dan": ["g_admins"]})
    by_person = {person: name for name, people in plan.members.items() for person in people}
    assert by_person["bob"] == by_person["carol"] == "g_rac_2027a_001"
    assert plan.document.groups[by_person["ada"]].notebook == Notebook(10, 72)
    assert plan.document.groups[by_person["carol"]].notebook == Notebook(8, 64)
    assert "dan" not in by_person
    assert plan.remarks == ("dan has no limits, as a member of g_admins.",)


def test_only_our_groups_are_replaced() -> None:
    current = Document(groups={"g_rac_2026b_001": QUERIES, "g_night_shift": BIGGER}, bypass=("g_admins",))
    merged = put_into(current, Document(groups={"g_rac_2027a_001": QUERIES}))
    assert merged == Document(
        groups={"g_night_shift": BIGGER, "g_rac_2027a_001": QUERIES}, bypass=("g_admins",)
    )


def test_without_urgent_awards_there_is_nothing_to_override() -> None:
    assert override(BASE, [share(1, QUERIES, "ada", urgent=False)]).document == Document()
