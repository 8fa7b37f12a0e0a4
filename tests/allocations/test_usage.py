"""Usage becomes lines of the ledger: once, row by row, with an alert at each threshold."""

from __future__ import annotations

import io
import json
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from ops.allocations import ledger
from ops.allocations.models import Award, LedgerEntry, UsageAlert
from ops.allocations.usage import take_usage
from ops.allocations.usage_reading import read_values
from ops.notify.models import Message
from ops.workflow.errors import NotAllowed
from ops.workflow.models import Event
from tests.allocations.awards import DAY, awarded
from tests.allocations.factories import resource
from tests.cast import Cast
from tests.database import until_somebody_waits


def use(award: Award, amount: object, source_id: str = "job-1", **other: object) -> dict[str, object]:
    """A row of a report."""
    day = timezone.now().date() - DAY
    row = {"source_id": source_id, "award": award.request.key, "resource": "compute", "amount": amount}
    return row | {"used_on": day.isoformat()} | other


def take(cast: Cast, *rows: dict[str, object]) -> object:
    return take_usage(read_values(list(rows)), actor=cast.assessor)


def test_row_is_counted_once_however_often_it_is_sent(cast: Cast) -> None:
    award = awarded(cast, {"compute": 100})
    assert take(cast, use(award, 10)).new == 1
    again = take(cast, use(award, 10), use(award, 5, "job-2"))
    assert (again.new, again.known, again.bad) == (1, 1, [])
    assert ledger.balance(award, resource("compute", "units")) == 85


def test_known_id_with_another_amount_is_listed_and_not_counted(cast: Cast) -> None:
    award = awarded(cast, {"compute": 100})
    take(cast, use(award, 10))
    again = take(cast, use(award, 11))
    assert (again.new, again.known) == (0, 0)
    assert "known with another" in again.bad[0].reason
    assert ledger.balance(award, resource("compute", "units")) == 90


@pytest.mark.django_db(transaction=True)
def test_id_that_another_report_brings_in_the_same_moment_is_counted_once(cast: Cast) -> None:
    one, other = awarded(cast, {"compute": 100}), awarded(cast, {"compute": 100})

    def second() -> object:
        try:
            return take(cast, use(other, 10))
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        take(cast, use(one, 10))
        later = pool.submit(second)
        until_somebody_waits()
    assert (later.result().new, len(later.result().bad)) == (0, 1)
    assert "known with another award" in later.result().bad[0].reason


def test_award_can_be_called_by_its_group(cast: Cast) -> None:
    award = awarded(cast, {"compute": 100})
    assert take(cast, use(award, 10) | {"award": award.group}).new == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"award": "RAC-999999"}, "There is no award called RAC-999999."),
        ({"resource": "nonsense"}, "There is no resource called nonsense."),
        ({"resource": "storage"}, "was not awarded Storage"),
        ({"unit": "GB"}, "is counted in core-hours, not in GB"),
        ({"used_on": "2099-01-01"}, "is still to come"),
        ({"used_on": "2001-01-01"}, "lies outside"),
        ({"amount": 101}, "has 100 core-hours left, and 101 were used"),
    ],
)
def test_bad_row_is_listed_with_its_reason_and_the_good_one_kept(
    change: dict, reason: str, cast: Cast
) -> None:
    award = awarded(cast, {"compute": 100})
    resource("storage", "TB-months")
    taken = take(cast, use(award, 10) | change, use(award, 5, "job-2"))
    assert taken.new == 1
    assert reason in taken.bad[0].reason
    assert taken.bad[0].row == 1


def test_usage_of_an_award_that_is_not_active_is_listed(cast: Cast) -> None:
    award = awarded(cast, {"compute": 100}, state="expired")
    assert "is expired; usage counts while it is active" in take(cast, use(award, 10)).bad[0].reason


def test_each_threshold_is_told_once_and_the_highest_alone(cast: Cast) -> None:
    award = awarded(cast, {"compute": 100})
    assert take(cast, use(award, 49, "a")).alerts == 0
    assert take(cast, use(award, 1, "b")).alerts == 1
    assert take(cast, use(award, 5, "c")).alerts == 0
    Message.objects.all().delete()
    assert take(cast, use(award, 45, "d")).alerts == 2
    assert list(UsageAlert.objects.values_list("percent", flat=True)) == [50, 80, 100]
    told = Event.objects.of(award.request).filter(name="usage_alert")
    assert [event.changes["usage"]["new"].split(" %")[0] for event in told] == ["50", "100"]
    assert {message.person for message in Message.objects.all()} == {cast.reporter}


def test_supplement_raises_no_alert_again(cast: Cast) -> None:
    award = awarded(cast, {"compute": 100})
    take(cast, use(award, 60, "a"))
    ledger.grant(award, {resource("compute", "units"): Decimal(100)}, actor=cast.rac_chair)
    assert take(cast, use(award, 60, "b")).alerts == 0


def test_report_of_many_awards_costs_a_query_more_per_award_and_none_per_row(
    cast: Cast, django_assert_max_num_queries
) -> None:
    award = awarded(cast, {"compute": 1000})
    with django_assert_max_num_queries(16):
        take(cast, *(use(award, 1, f"job-{number}") for number in range(40)))
    assert LedgerEntry.objects.filter(kind="usage").count() == 40


def test_only_those_who_count_may_report(cast: Cast) -> None:
    for person in (cast.reporter, cast.rac_chair, cast.staff, cast.outsider):
        with pytest.raises(NotAllowed):
            take_usage([], actor=person)


def test_command_takes_a_file_and_lists_what_it_did_not_take(cast: Cast, tmp_path: Path) -> None:
    award = awarded(cast, {"compute": 100})
    file = tmp_path / "usage.json"
    file.write_text(json.dumps([use(award, 10), use(award, "much", "job-2")]))
    out = io.StringIO()
    with pytest.raises(CommandError, match="1 row was not taken"):
        call_command("import_usage", str(file), stdout=out, stderr=out)
    assert "1 entered, 0 known before" in out.getvalue()
    assert "Row 2 (job-2): The amount “much” is no number" in out.getvalue()
    file.write_text("[")
    with pytest.raises(CommandError, match="not JSON"):
        call_command("import_usage", str(file), stdout=out)
