"""Keys: each is given once, whoever asks at the same time and whatever is taken back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction

from ops.issues.models import Issue
from ops.tickets.models import Ticket, next_key
from ops.workflow.services import create
from tests.cast import Cast
from tests.factories import issue_in

AT_ONCE = 20


def number(key: str) -> int:
    return int(key.removeprefix("CST-"))


def test_key_is_the_prefix_of_the_process_and_a_number(cast: Cast) -> None:
    first, second = issue_in("reported", cast), issue_in("reported", cast)
    assert number(second.key) == number(first.key) + 1
    assert first.get_absolute_url() == f"/tickets/{first.key}/"


@pytest.mark.django_db(transaction=True)
def test_twenty_creations_at_once_have_twenty_keys(cast: Cast) -> None:
    together = Barrier(AT_ONCE)

    def report(number: int) -> str:
        try:
            together.wait(20)
            return create(Issue, actor=cast.reporter, data={"title": f"Report {number}"}).key
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        keys = list(pool.map(report, range(AT_ONCE)))

    assert len(set(keys)) == AT_ONCE
    assert set(Ticket.objects.values_list("key", flat=True)) == set(keys)


@pytest.mark.django_db(transaction=True)
def test_number_of_a_creation_that_failed_is_never_used_again(cast: Cast) -> None:
    with transaction.atomic():
        lost = issue_in("reported", cast).key
        transaction.set_rollback(True)
    kept = issue_in("reported", cast).key

    assert number(kept) > number(lost)
    assert list(Ticket.objects.values_list("key", flat=True)) == [kept]


@pytest.mark.django_db(transaction=True)
def test_creation_does_not_wait_for_one_that_is_not_finished(cast: Cast) -> None:
    def report_now() -> str:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '2s'")
            return create(Issue, actor=cast.outsider, data={"title": "The other"}).key
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        first = create(Issue, actor=cast.reporter, data={"title": "The one"}).key
        second = pool.submit(report_now).result(10)
    assert number(second) > number(first)


def test_every_process_counts_for_itself(cast: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE SEQUENCE ticket_number_xyz")
    assert [next_key("XYZ"), next_key("XYZ")] == ["XYZ-1", "XYZ-2"]
