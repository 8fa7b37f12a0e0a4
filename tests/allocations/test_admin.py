"""Resources are kept by administrators; what a call offers cannot be taken away."""

from __future__ import annotations

from django.urls import reverse

from ops.allocations.models import QuotaLimit, Resource
from ops.people.models import User
from tests.allocations.factories import open_call
from tests.cast import Cast
from tests.web.pages import browser


def administrator() -> User:
    return User.objects.create_superuser("odile", password="x" * 20)


def test_resource_is_made_with_its_limit_and_a_wrong_path_is_refused(cast: Cast) -> None:
    client, address = browser(administrator()), reverse("admin:allocations_resource_add")
    typed = {
        "slug": "queries", "name": "Large queries", "unit": "at once", "basic_quota": "12",
        "limit-TOTAL_FORMS": "1", "limit-INITIAL_FORMS": "0", "limit-0-path": "tap.qserv", "limit-0-factor": "1",
    }  # fmt: skip
    assert (
        "Write a limit of the quota document"
        in client.post(address, typed | {"limit-0-path": "gpu"}).content.decode()
    )
    assert client.post(address, typed).status_code == 302
    assert QuotaLimit.objects.get().resource.slug == "queries"


def test_resource_on_offer_stays(cast: Cast) -> None:
    open_call()
    compute = Resource.objects.get(slug="compute")
    client = browser(administrator())
    assert (
        client.post(
            reverse("admin:allocations_resource_delete", args=[compute.pk]), {"post": "yes"}
        ).status_code
        == 403
    )
    assert client.get(reverse("admin:allocations_resource_changelist")).status_code == 200
