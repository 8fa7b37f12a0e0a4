"""The page of a request costs the same for everybody who may open it, however much stands on it."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile

from ops.allocations.models import Request
from ops.people.models import User
from ops.tickets.services import attach, comment
from ops.workflow.services import edit, perform
from tests.allocations.factories import RequestFactory
from tests.cast import Cast
from tests.web.pages import MOST_QUERIES, cost

WRITE = RequestFactory()
READERS = ("reporter", "outsider", "assessor", "rac_chair", "operations_director")


def filled(cast: Cast, count: int) -> Request:
    """A request in review with so many versions, remarks, files and co-investigators."""
    names = ["outsider", *(f"together-{number}" for number in range(1, count))]
    for name in names[1:]:
        User.objects.get_or_create(username=name)
    request = WRITE.in_state("submitted", cast, co_investigators=names)
    for number in range(1, count):
        back = WRITE.take(WRITE.BACK, request, cast)
        back = edit(back, actor=cast.reporter, data={"abstract": f"Now with {number} more stars."})
        request = perform(back, "submit", actor=cast.reporter)
    for number in range(count):
        comment(request, actor=cast.assessor, body=f"Remark {number}.")
        attach(request, actor=cast.reporter, upload=SimpleUploadedFile(f"{number}.csv", b"x"))
    for move in (WRITE.ASSESS, WRITE.SEND):
        request = WRITE.take(move, request, cast)
    return request


def test_the_page_of_a_request_costs_the_same_with_one_and_with_three_of_everything(cast: Cast) -> None:
    one, three = filled(cast, 1), filled(cast, 3)
    for who in READERS:
        costs = [cost(getattr(cast, who), request.get_absolute_url()) for request in (one, three)]
        assert costs[0] == costs[1] <= MOST_QUERIES, (who, costs)


def test_the_page_of_a_request_is_cheap_in_every_state(cast: Cast) -> None:
    for state in ("draft", "returned", "assessed", "recommended", "awarded", "active"):
        address = WRITE.in_state(state, cast).get_absolute_url()
        for who in READERS[:1] if state == "draft" else ("reporter", "assessor", "rac_chair"):
            assert cost(getattr(cast, who), address) <= MOST_QUERIES, (state, who)
