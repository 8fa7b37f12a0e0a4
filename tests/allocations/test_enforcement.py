"""From awards to the platform: entitlements with their origin, both documents, what is confirmed and by whom."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from ops.allocations import enforcement, ledger
from ops.allocations.enforcement import (
    applied_by_hand,
    drift,
    keep_base,
    set_up_by_hand,
    standing,
    write_overrides,
)
from ops.allocations.entitlements import entitlements_of
from ops.allocations.models import AppliedPlan, Award, CoInvestigator, Request
from ops.allocations.models.awards import Entry
from ops.allocations.quota.document import Document, Notebook, Quota, read
from ops.allocations.quota.grouping import durable, put_into
from ops.workflow.errors import GuardUnmet, InvalidInput, NotAllowed
from ops.workflow.services import perform
from tests.allocations.awards import awarded, limit
from tests.allocations.factories import moved, resource
from tests.allocations.quota.server import TOKEN, Service, running
from tests.cast import Cast

GIB = 2**30


@pytest.fixture
def limits(cast: Cast) -> None:
    """Resources that are limits of the platform, with its defaults as basic quota."""
    limit("queries", "tap.qserv", basic=12)
    limit("notebook-cpu", "notebook.cpu", basic=4)
    limit("notebook-memory", "notebook.memory", basic=32)
    limit("home", "disk./home", factor=GIB, basic=40)


@pytest.fixture
def served(settings, limits: None) -> Iterator[Service]:
    """A configured authorisation service that serves our default."""
    with running(Service(base=enforcement.base())) as service:
        settings.QUOTA_SERVICE_URL, settings.QUOTA_SERVICE_TOKEN = service.address, TOKEN
        yield service


def group_of(award: Award) -> str:
    return award.group


def test_entitlement_is_the_basic_quota_and_every_running_award_with_its_origin(
    cast: Cast, limits: None
) -> None:
    first = awarded(cast, {"queries": 20, "compute": 1000})
    second = awarded(cast, {"queries": 16, "compute": 500})
    awarded(cast, {"queries": 99}, state="expired")
    ledger.post(
        first, resource("compute", "units"), Entry.USAGE, Decimal(300), actor=cast.assessor, source_id="a"
    )
    found = {each.name: each for each in entitlements_of(cast.reporter)}
    queries, compute = found["Queries"], found["Compute"]
    assert (queries.basic, queries.total) == (12, 12 + 8 + 4)
    assert [(part.award, part.amount) for part in queries.parts] == [(first, 8), (second, 4)]
    assert (compute.basic, compute.total) == (10, 1510)
    assert [part.left for part in compute.parts] == [700, 500]
    assert found["Notebook-cpu"].parts == []
    assert found["Requests to hips"].basic == 1000
    assert all(not each.parts for each in entitlements_of(cast.outsider))


def test_co_investigator_has_it_as_well(cast: Cast, limits: None) -> None:
    award = awarded(cast, {"queries": 20})
    CoInvestigator.objects.create(request=award.request, person=cast.outsider)
    assert {each.name: each.total for each in entitlements_of(cast.outsider)}["Queries"] == 20
    assert durable(enforcement.base(), enforcement.shares()).members == {
        group_of(award): ("outsider", "reporter")
    }


def test_limit_counts_above_the_default_and_in_the_units_of_the_document(cast: Cast, limits: None) -> None:
    award = awarded(cast, {"home": 100, "notebook-cpu": 8, "queries": 5})
    adds = standing("durable").plan.document.groups[award.group]
    assert adds == Quota(disk={"/home": 60 * GIB}, notebook=Notebook(4, 0), tap={"qserv": 0})


def test_what_is_to_be_applied_is_what_differs_from_what_was(cast: Cast, limits: None) -> None:
    award = awarded(cast, {"queries": 20})
    before = standing("durable")
    assert [each.place for each in before.changes] == [f"groups.{award.group}"]
    assert before.moved == [f"reporter joins {award.group}"]
    applied_by_hand("durable", note="By the platform team", actor=cast.assessor)
    assert standing("durable").is_current
    Request.objects.get(pk=award.request_id)
    moved(award.request, "expired")
    after = standing("durable")
    assert after.moved == [f"reporter leaves {award.group}"]
    assert after.changes[0].expected is None


def test_award_is_active_only_when_somebody_says_that_it_is_enforced(cast: Cast, limits: None) -> None:
    award = awarded(cast, {"queries": 20}, state="provisioning")
    with pytest.raises(GuardUnmet, match="Confirm first that the platform enforces it"):
        perform(award.request, "activate", actor=cast.assessor)
    for person in (cast.reporter, cast.rac_chair, cast.staff):
        with pytest.raises(NotAllowed):
            applied_by_hand("durable", note="", actor=person)
    (active,) = applied_by_hand("durable", note="Ticket 12 of the platform team", actor=cast.assessor)
    assert (active.state, active.award_ends_at.date()) == ("active", award.ends_on)
    confirmed = Award.objects.get(pk=award.pk)
    assert (confirmed.enforcement, confirmed.enforced_by) == ("by_hand", cast.assessor)
    assert AppliedPlan.objects.get().members == {award.group: ["reporter"]}


def test_award_without_limits_is_set_up_by_hand(cast: Cast, limits: None) -> None:
    award = awarded(cast, {"compute": 1000}, state="provisioning")
    assert enforcement.by_hand_tasks(award) == ["1,000 core-hours of compute"]
    assert set_up_by_hand(award.request, note="Batch account 7", actor=cast.assessor).state == "active"
    with pytest.raises(GuardUnmet, match="not being set up"):
        set_up_by_hand(award.request, note="Again", actor=cast.assessor)


def test_without_a_service_nothing_is_written(cast: Cast, limits: None) -> None:
    with pytest.raises(GuardUnmet, match="No authorisation service is configured"):
        write_overrides(actor=cast.assessor)


def test_urgent_award_is_written_read_back_and_active(cast: Cast, served: Service) -> None:
    award = awarded(cast, {"queries": 20}, state="provisioning")
    Award.objects.filter(pk=award.pk).update(way="urgent")
    served.groups["reporter"] = [award.group]
    (active,) = write_overrides(actor=cast.assessor)
    assert active.state == "active"
    assert served.quota_of([award.group])["tap"] == {"qserv": {"concurrent": 20}}
    assert Award.objects.get(pk=award.pk).enforcement == "confirmed"
    assert standing("urgent").is_current


def test_person_who_is_not_in_the_group_yet_has_nothing_and_nothing_is_confirmed(
    cast: Cast, served: Service
) -> None:
    award = awarded(cast, {"queries": 20}, state="provisioning")
    Award.objects.filter(pk=award.pk).update(way="urgent")
    served.groups["reporter"] = []
    assert write_overrides(actor=cast.assessor) == []
    assert Award.objects.get(pk=award.pk).enforcement == "pending"


def test_part_that_the_service_does_not_enforce_keeps_an_award_waiting(cast: Cast, served: Service) -> None:
    award = awarded(cast, {"queries": 20, "compute": 100}, state="provisioning")
    Award.objects.filter(pk=award.pk).update(way="urgent")
    served.groups["reporter"] = [award.group]
    assert write_overrides(actor=cast.assessor) == []
    assert set_up_by_hand(award.request, note="Batch account 8", actor=cast.assessor).state == "active"


def test_durable_award_is_confirmed_by_reading_back(cast: Cast, served: Service) -> None:
    award = awarded(cast, {"queries": 20}, state="provisioning")
    served.groups["reporter"] = [award.group]
    assert enforcement.read_back(actor=cast.assessor) == []
    served.base = put_into(served.base, standing("durable").plan.document)
    (active,) = enforcement.read_back(actor=cast.assessor)
    assert active.state == "active"


def test_refusal_of_the_service_is_said_and_nothing_is_confirmed(
    cast: Cast, served: Service, settings
) -> None:
    award = awarded(cast, {"queries": 20}, state="provisioning")
    Award.objects.filter(pk=award.pk).update(way="urgent")
    settings.QUOTA_SERVICE_TOKEN = "gt-of-somebody-else"
    with pytest.raises(GuardUnmet, match="answered 403"):
        write_overrides(actor=cast.assessor)
    assert not AppliedPlan.objects.exists()
    assert Award.objects.get(pk=award.pk).enforcement == "pending"


def test_expired_award_leaves_the_override_document(cast: Cast, served: Service) -> None:
    award = awarded(cast, {"queries": 20}, state="active")
    Award.objects.filter(pk=award.pk).update(way="urgent")
    write_overrides(actor=cast.assessor)
    assert award.group in served.overrides["groups"]
    moved(award.request, "expired")
    write_overrides(actor=cast.system)
    assert served.overrides is None


def test_drift_names_what_is_served_and_should_not_be(cast: Cast, limits: None) -> None:
    award = awarded(cast, {"queries": 20})
    right = standing("durable").plan.document
    assert drift(right) == []
    wrong = Document(
        groups={award.group: Quota(tap={"qserv": 9}), "g_rac_old_001": Quota(), "g_other": Quota()}
    )
    assert {each.place for each in drift(wrong)} == {
        f"groups.{award.group}.tap.qserv",
        "groups.g_rac_old_001",
    }


def test_base_is_kept_without_our_groups_and_read_strictly(cast: Cast) -> None:
    theirs = {"g_rac_x_001": Quota(), "g_other": Quota(tap={"qserv": 1})}
    document = Document(default=Quota(tap={"qserv": 16}), groups=theirs)
    kept = keep_base(document, note="From the platform", actor=cast.assessor)
    assert read(kept.document).groups.keys() == {"g_other"}
    assert dict(enforcement.base().default.limits()) == {"tap.qserv": 16}
    with pytest.raises(InvalidInput) as refused:
        enforcement.read_document(b'{"default": {"gpu": 1}}')
    assert "default.gpu is unknown" in refused.value.fields["document"][0]
    with pytest.raises(InvalidInput):
        enforcement.read_document(b"\xff")
    with pytest.raises(NotAllowed):
        keep_base(Document(), note="", actor=cast.rac_member)


def test_plan_costs_the_same_for_one_award_and_for_three(
    cast: Cast, limits: None, django_assert_num_queries
) -> None:
    awarded(cast, {"queries": 20})
    with django_assert_num_queries(5):
        enforcement.shares()
    awarded(cast, {"queries": 20, "home": 50})
    awarded(cast, {"queries": 20})
    with django_assert_num_queries(5):
        enforcement.shares()
