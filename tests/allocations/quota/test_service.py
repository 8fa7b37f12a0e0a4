"""Speaking with the authorisation service, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ops.allocations.quota.document import Document, Notebook, Quota
from ops.allocations.quota.service import ChangedMeanwhile, QuotaService, ServiceProblem
from tests.allocations.quota.server import OVERRIDES, TOKEN, Service, running

OURS = Document(groups={"g_rac_2027a_001": Quota(tap={"qserv": 20})})
OTHERS = {
    "groups": {"g_night_shift": {"notebook": {"cpu": 8.0, "memory": 64.0, "spawn": True}}},
    "bypass": ["g_admins"],
}


@pytest.fixture
def served() -> Iterator[Service]:
    base = Document(default=Quota(tap={"qserv": 12}, notebook=Notebook(4, 32)))
    with running(Service(base=base)) as service:
        yield service


@pytest.fixture
def service(served: Service) -> QuotaService:
    return QuotaService(served.address, TOKEN)


def test_our_groups_are_written_and_read_back(served: Service, service: QuotaService) -> None:
    served.groups["ada"] = ["g_rac_2027a_001"]
    assert service.apply(OURS) == OURS
    enforced = service.person("ada")
    assert enforced is not None
    assert enforced.groups == ("g_rac_2027a_001",)
    assert enforced.quota == Quota(tap={"qserv": 20}, notebook=Notebook(4, 32))
    assert served.asked == [
        f"GET {OVERRIDES}", f"GET {OVERRIDES}", f"PUT {OVERRIDES}", f"GET {OVERRIDES}", "GET /auth/api/v1/users/ada",
    ]  # fmt: skip


def test_groups_of_others_stay(served: Service, service: QuotaService) -> None:
    served.overrides = {
        **OTHERS,
        "groups": {**OTHERS["groups"], "g_rac_2026b_009": {"tap": {"qserv": {"concurrent": 1}}}},
    }
    service.apply(OURS)
    assert set(served.overrides["groups"]) == {"g_night_shift", "g_rac_2027a_001"}
    assert served.overrides["bypass"] == ["g_admins"]


def test_nothing_is_written_twice(served: Service, service: QuotaService) -> None:
    service.apply(OURS)
    served.asked.clear()
    service.apply(OURS)
    assert not any(line.startswith("PUT") for line in served.asked)


def test_document_without_anything_left_is_deleted(served: Service, service: QuotaService) -> None:
    service.apply(OURS)
    assert service.apply(Document()) == Document()
    assert served.overrides is None


def test_change_of_somebody_else_is_not_overwritten(served: Service) -> None:
    class Late(QuotaService):
        """Between the first reading and the second, the night shift writes theirs."""

        def overrides(self) -> Document:
            found = super().overrides()
            served.overrides = OTHERS
            return found

    with pytest.raises(ChangedMeanwhile):
        Late(served.address, TOKEN).apply(OURS)
    assert served.overrides == OTHERS


def test_what_is_not_read_back_is_not_enforced(served: Service, service: QuotaService) -> None:
    served.forgets = True
    with pytest.raises(ServiceProblem, match="does not serve what was written"):
        service.apply(OURS)


def test_wrong_token_and_dead_service_are_said(served: Service) -> None:
    with pytest.raises(ServiceProblem, match="answered 403"):
        QuotaService(served.address, "gt-wrong").overrides()
    with pytest.raises(ServiceProblem, match="does not answer"):
        QuotaService("http://127.0.0.1:9", TOKEN).overrides()


def test_unknown_person_is_nobody_and_names_are_quoted(served: Service, service: QuotaService) -> None:
    assert service.person("a/../b") is None
    assert served.asked == ["GET /auth/api/v1/users/a%2F..%2Fb"]
