"""Long work: asked for once, done once, told as it goes on, lost by no dead worker."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ops.celery import app
from ops.jobs.models import LOST_AFTER, MOST_ATTEMPTS, Job, Status
from ops.jobs.progress import LostError, Progress
from ops.jobs.selectors import latest
from ops.jobs.services import do, queue_what_waits, start
from tests.cast import Cast
from tests.jobs import works  # noqa: F401  # enters the kinds of work

pytestmark = pytest.mark.django_db


def asked(cast: Cast, kind: str = "tests.count", **data: object) -> Job:
    return start(kind, actor=cast.rac_chair, about=cast.rsp, data=data or {"to": 3})


def test_work_is_asked_for_done_and_kept(cast: Cast) -> None:
    job = asked(cast)
    assert (job.status, job.words, job.percent) == ("queued", "Waiting for a worker", 0)
    do(job.pk)
    job = Job.objects.get()
    assert (job.status, job.share, job.attempts) == (Status.DONE, 1.0, 1)
    assert job.result == {"counted": 3, "about": str(cast.rsp)}
    assert latest("tests.count", cast.rsp) == job
    assert latest("tests.count", cast.portal) is None


def test_asking_twice_is_asking_once(cast: Cast) -> None:
    assert asked(cast).pk == asked(cast, to=5).pk
    do(Job.objects.get().pk)
    assert asked(cast).pk != Job.objects.get(status=Status.DONE).pk


def test_an_unknown_kind_is_refused_where_it_is_asked_for(cast: Cast) -> None:
    with pytest.raises(KeyError):
        asked(cast, "tests.unheard_of")


def test_a_refusal_is_told_and_a_mistake_of_ours_is_not(cast: Cast) -> None:
    for kind in ("tests.refuse", "tests.break"):
        do(asked(cast, kind).pk)
    refused, broken = (latest(kind, cast.rsp) for kind in ("tests.refuse", "tests.break"))
    assert refused.has_failed
    assert refused.words == "Seven reviewers are too few for nine reviews."
    assert broken.has_failed
    assert "secret" not in broken.words


def test_what_is_done_is_not_done_again(cast: Cast) -> None:
    job = asked(cast)
    do(job.pk)
    Job.objects.update(result={"kept": True})
    do(job.pk)
    assert Job.objects.get().result == {"kept": True}


def test_a_dead_worker_loses_its_work_to_the_next_one(cast: Cast) -> None:
    job = asked(cast)
    Job.objects.update(status=Status.RUNNING, attempts=1, taken_at=timezone.now())
    slow = Progress(Job.objects.get())
    do(job.pk)  # somebody still has it
    assert Job.objects.get().attempts == 1
    Job.objects.update(taken_at=timezone.now() - LOST_AFTER - datetime.timedelta(seconds=1))
    do(job.pk)
    assert Job.objects.get().status == Status.DONE
    with pytest.raises(LostError):
        slow(0.5, "Still at it.")


def test_work_that_kills_its_workers_is_given_up(cast: Cast) -> None:
    asked(cast)
    long_ago = timezone.now() - LOST_AFTER - datetime.timedelta(seconds=1)
    Job.objects.update(status=Status.RUNNING, attempts=MOST_ATTEMPTS, taken_at=long_ago)
    assert queue_what_waits() == 0
    assert "operators" in Job.objects.get().words


def test_the_sweep_queues_what_the_broker_never_heard_of(cast: Cast) -> None:
    job = asked(cast)  # not committed in a test: nobody was woken
    with app.connection_for_read() as broker, broker.SimpleQueue(app.conf.task_default_queue) as waiting:
        waiting.clear()
        assert queue_what_waits() == 1
        assert waiting.get(timeout=5).headers["argsrepr"] == f"['{job.pk}']"


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_the_same_number_do_it_once(cast: Cast) -> None:
    job, together = asked(cast), Barrier(2)

    def work() -> None:
        together.wait()
        do(job.pk)
        connection.close()

    workers = [Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert Job.objects.get().attempts == 1


def test_the_page_tells_how_far_it_is_and_then_opens_anew(
    cast: Cast, client: Client, django_assert_max_num_queries: Callable
) -> None:
    job = asked(cast)
    Job.objects.update(status=Status.RUNNING, share=0.42, said="Counting <sheep>.")
    address = reverse("job", args=[job.pk])
    assert client.get(address).status_code == 302  # to sign in
    client.force_login(cast.rac_chair)
    page = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert 'value="42"' in page
    assert "Counting &lt;sheep&gt;." in page
    Job.objects.update(status=Status.DONE)
    assert client.get(address, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert client.get(reverse("job", args=["0" * 8 + "-0000-4000-8000-" + "0" * 12])).status_code == 404
