"""The ledger: lines that stay, balances that are sums, never below zero, whoever writes at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ops.allocations import ledger
from ops.allocations.models import Award, LedgerEntry
from ops.allocations.models.awards import Entry
from ops.workflow.errors import GuardUnmet, InvalidInput, Refusal
from tests.allocations.awards import awarded
from tests.allocations.factories import resource
from tests.cast import Cast

MOVES = [kind for kind in Entry if kind not in {Entry.USAGE, Entry.TRANSFER_IN, Entry.TRANSFER_OUT}]


def balance(award: Award) -> Decimal:
    return ledger.balance(award, resource("compute", "units"))


def test_balance_is_the_sum_of_the_lines(cast: Cast) -> None:
    award = awarded(cast, {"compute": 100})
    compute = resource("compute", "units")
    ledger.post(award, compute, Entry.SUPPLEMENT, Decimal("20.5"), actor=cast.assessor)
    ledger.post(award, compute, Entry.CLAW_BACK, Decimal("0.25"), actor=cast.assessor)
    ledger.post(award, compute, Entry.USAGE, Decimal(50), actor=cast.assessor, source_id="job-1")
    assert balance(award) == Decimal("70.25")
    assert ledger.totals(award) == {compute.pk: (Decimal("120.25"), Decimal(50))}


def test_what_would_make_it_negative_is_refused_in_words(cast: Cast) -> None:
    award = awarded(cast, {"compute": 100})
    with pytest.raises(GuardUnmet, match=r"has 100 .* left; 100\.001 cannot be taken"):
        ledger.post(
            award, resource("compute", "units"), Entry.CLAW_BACK, Decimal("100.001"), actor=cast.assessor
        )
    assert balance(award) == 100


@pytest.mark.parametrize("amount", ["0", "-1", "NaN", "Infinity", "0.0001", "1e13"])
def test_amount_that_is_none_is_refused(amount: str, cast: Cast) -> None:
    award = awarded(cast, {"compute": 100})
    with pytest.raises(InvalidInput):
        ledger.post(award, resource("compute", "units"), Entry.GRANT, Decimal(amount), actor=cast.assessor)


def test_lines_are_never_changed_nor_removed(cast: Cast) -> None:
    awarded(cast, {"compute": 100})
    for change in (lambda rows: rows.update(amount=1), lambda rows: rows.delete()):
        with pytest.raises(IntegrityError, match="stays"), transaction.atomic():
            change(LedgerEntry.objects.all())
    assert LedgerEntry.objects.get().amount == 100


def test_database_knows_the_sign_of_each_kind(cast: Cast) -> None:
    award = awarded(cast, {"compute": 100})
    line = {
        "award": award,
        "resource": resource("compute", "units"),
        "on": award.starts_on,
        "entered_by": cast.assessor,
    }
    for kind, amount in ((Entry.GRANT, -1), (Entry.USAGE, 1), (Entry.EXPIRY, 1)):
        source = "job" if kind == Entry.USAGE else None
        with pytest.raises(IntegrityError), transaction.atomic():
            LedgerEntry.objects.create(kind=kind, amount=amount, source_id=source, **line)


def test_transfer_moves_it_or_does_nothing(cast: Cast) -> None:
    first, second = awarded(cast, {"compute": 100}), awarded(cast, {"compute": 10})
    compute = resource("compute", "units")
    ledger.transfer(first, second, compute, Decimal(30), actor=cast.rac_chair)
    assert (balance(first), balance(second)) == (70, 40)
    with pytest.raises(GuardUnmet):
        ledger.transfer(first, second, compute, Decimal(71), actor=cast.rac_chair)
    with pytest.raises(InvalidInput):
        ledger.transfer(first, first, compute, Decimal(1), actor=cast.rac_chair)
    assert (balance(first), balance(second)) == (70, 40)


def test_expiry_leaves_nothing(cast: Cast) -> None:
    award = awarded(cast, {"compute": 100, "storage": 5})
    ledger.expire(award, actor=cast.system)
    assert set(ledger.balances([award]).values()) == {0}
    assert list(award.entries.filter(kind=Entry.EXPIRY).values_list("amount", flat=True)) == [-100, -5]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(MOVES), st.integers(1, 60_000)), max_size=12))
def test_never_negative_and_always_the_sum(cast: Cast, moves: list[tuple[Entry, int]]) -> None:
    with transaction.atomic():
        award, compute = awarded(cast, {"compute": 20}), resource("compute", "units")
        sum_of_taken = Decimal(20)
        for kind, thousandths in moves:
            amount = Decimal(thousandths) / 1000
            try:
                ledger.post(award, compute, kind, amount, actor=cast.assessor)
            except Refusal:
                assert not kind.adds
                assert amount > sum_of_taken
            else:
                sum_of_taken += amount if kind.adds else -amount
            assert balance(award) == sum_of_taken >= 0
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_two_who_take_the_last_at_once_do_not_both_get_it(cast: Cast) -> None:
    award, compute = awarded(cast, {"compute": 100}), resource("compute", "units")
    together = Barrier(2)

    def take() -> str:
        try:
            together.wait(5)
            ledger.post(award, compute, Entry.CLAW_BACK, Decimal(60), actor=cast.assessor)
        except GuardUnmet:
            return "refused"
        else:
            return "taken"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(future.result() for future in [pool.submit(take), pool.submit(take)])
    assert answers == ["refused", "taken"]
    assert balance(award) == 40
