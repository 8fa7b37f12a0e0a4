"""Pages and API from the recommendation to the end of an award: what they do, and whom they do not let in."""

from __future__ import annotations

import io
import json
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from ops.allocations.decisions import current
from ops.allocations.models import Award, Conflict, LedgerEntry, Outcome, Request
from ops.allocations.models.decisions import Stage
from ops.allocations.works import PUBLISH
from ops.jobs.selectors import latest
from ops.jobs.services import do
from tests.allocations.awards import DAY, awarded, limit, ranked_call, request_in
from tests.allocations.factories import moved, outcome
from tests.cast import Cast
from tests.web.pages import MOST_QUERIES, browser, cost, text_of


class TestDecisions:
    """The table in which a call is decided."""

    def test_good_rows_are_saved_and_bad_ones_say_why(self, cast: Cast) -> None:
        call, (first, second, third) = ranked_call(cast, 3)
        answer = browser(cast.operations_director).post(
            f"/calls/{call.pk}/decisions/",
            {
                f"{first.key}.choice": "proposed", f"{first.key}.comment": "Well done.",
                f"{second.key}.choice": "none", f"{second.key}.comment": "Not now.",
                f"{third.key}.choice": "reduced", f"{third.key}.percent": "300", f"{third.key}.reason": "Room.",
            },
        )  # fmt: skip
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "This is not what the committee recommends" in page
        assert "Write a share from 1 to 99 percent" in page
        assert "Not now." in page
        assert [current(each, Stage.DECIDED) is not None for each in (first, second, third)] == [
            True,
            False,
            False,
        ]
        assert current(first, Stage.DECIDED).comment == "Well done."

    def test_deviation_is_marked(self, cast: Cast) -> None:
        call, (first, second) = ranked_call(cast, 2)
        client = browser(cast.operations_director)
        client.post(
            f"/calls/{call.pk}/decisions/",
            {f"{first.key}.choice": "reduced", f"{first.key}.percent": "50", f"{first.key}.reason": "Room.",
             f"{second.key}.choice": "proposed"},
        )  # fmt: skip
        page = client.get(f"/calls/{call.pk}/decisions/").content.decode()
        assert page.count("settling-row deviates") == 1
        assert list(current(first, Stage.DECIDED).table.values()) == [Decimal(100)]

    def test_saving_again_writes_nothing_unless_it_is_to_be_decided_again(self, cast: Cast) -> None:
        call, (first,) = ranked_call(cast, 1)
        client = browser(cast.operations_director)
        typed = {
            f"{first.key}.choice": "full",
            f"{first.key}.comment": "Well done.",
            f"{first.key}.percent": "100",
        }
        for _ in range(2):
            assert client.post(f"/calls/{call.pk}/decisions/", typed).status_code == 302
        decided = Outcome.objects.get(stage=Stage.DECIDED)
        outcome(first, cast.rac_chair, Stage.RECOMMENDED, comment="Better still.")
        page = client.get(f"/calls/{call.pk}/decisions/?only=open").content.decode()
        assert "to be decided again" in page
        assert "0 of 1 settled" in page
        typed[f"{first.key}.seen"] = str(decided.pk)
        assert client.post(f"/calls/{call.pk}/decisions/", typed).status_code == 302
        assert Outcome.objects.filter(stage=Stage.DECIDED).count() == 2

    def test_results_are_told_by_a_worker_all_at_once(self, cast: Cast) -> None:
        call, requests = ranked_call(cast, 2)
        for request in requests:
            outcome(request, cast.operations_director)
        client, address = browser(cast.operations_director), f"/calls/{call.pk}/decisions/publish/"
        assert client.post(address).status_code == 409
        moved(call, "decided")
        assert browser(cast.rac_chair).post(address).status_code == 403
        assert client.post(address).status_code == 302
        assert set(Request.objects.values_list("state", flat=True)) == {"recommended"}
        job = latest(PUBLISH, call)
        do(job.pk)
        assert set(Request.objects.values_list("state", flat=True)) == {"awarded"}
        assert latest(PUBLISH, call).result == {"told": 2}
        assert "Save this page" not in client.get(f"/calls/{call.pk}/decisions/").content.decode()

    def test_first_page_and_request_lead_to_the_table(self, cast: Cast) -> None:
        call, (first,) = ranked_call(cast, 1)
        place = f"/requests/{first.key}/settle/"
        client = browser(cast.operations_director)
        assert f'href="{place}">Decide<' in client.get("/").content.decode()
        page = client.get(first.get_absolute_url())
        assert place in page.content.decode()
        assert "next: decide" in text_of(page, "main")
        assert client.get(place).headers["Location"] == f"/calls/{call.pk}/decisions/#row-{first.key}"
        assert place not in browser(cast.reporter).get(first.get_absolute_url()).content.decode()

    def test_whoever_decides_recommends_where_every_chair_has_a_conflict(self, cast: Cast) -> None:
        request, other = request_in("discussed", cast), request_in("discussed", cast)
        address = f"/calls/{request.call_id}/recommendations/"
        client = browser(cast.operations_director)
        assert client.get(address).status_code == 403
        Conflict.objects.create(
            request=request, person=cast.rac_chair, kind="declared", severity="absolute", evidence="Friends."
        )
        page = client.get(address)
        assert (
            client.get(f"/requests/{request.key}/settle/").headers["Location"]
            == f"{address}#row-{request.key}"
        )
        assert other.key not in text_of(page, "main")
        client.post(address, {f"{request.key}.choice": "full"})
        assert f"/tickets/{request.key}/do/recommend/" in client.get(address).content.decode()

    def test_page_costs_the_same_for_one_row_and_for_three(self, cast: Cast) -> None:
        call, _ = ranked_call(cast, 1)
        address = f"/calls/{call.pk}/decisions/"
        one = cost(cast.operations_director, address)
        ranked_call(cast, 2)
        assert cost(cast.operations_director, address) == one <= MOST_QUERIES

    @pytest.mark.parametrize(
        "who", ["reporter", "rac_chair", "rac_member", "assessor", "staff", "lead", "director"]
    )
    def test_nobody_else_comes_in(self, who: str, cast: Cast) -> None:
        call, _ = ranked_call(cast, 1)
        answer = browser(getattr(cast, who)).get(f"/calls/{call.pk}/decisions/")
        assert answer.status_code == 403
        assert "Well done." not in answer.content.decode()

    def test_recommendation_is_in_no_door_of_its_proposer(self, cast: Cast) -> None:
        _, (request,) = ranked_call(cast, 1)
        outcome(request, cast.operations_director, comment="SECRETWORD")
        client = browser(cast.reporter)
        doors = [
            f"/tickets/{request.key}/", f"/api/v1/requests/{request.key}/", f"/api/v1/requests/{request.key}/events/",
            f"/tickets/{request.key}/letter/", f"/tickets/{request.key}/letter.pdf", f"/api/v1/awards/{request.key}/",
            "/awards/", "/requests/mine/",
        ]  # fmt: skip
        for door in doors:
            page = client.get(door, follow=True).content.decode(errors="replace").replace("q=SECRETWORD", "")
            assert "SECRETWORD" not in page.replace('value="SECRETWORD"', "").replace("“SECRETWORD”", ""), (
                door
            )
            assert "Well done." not in page, door


class TestLetter:
    """The letter and who reads it."""

    def told(self, cast: Cast) -> Request:
        return request_in("awarded", cast)

    def test_letter_says_the_decision_on_the_page_and_on_paper(self, cast: Cast) -> None:
        request = self.told(cast)
        client = browser(cast.reporter)
        page = client.get(f"/tickets/{request.key}/letter/").content.decode()
        assert "granted in full" in page
        assert "Accept the award" in page
        paper = client.get(f"/tickets/{request.key}/letter.pdf")
        assert paper["Content-Type"] == "application/pdf"
        words = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(paper.content)).pages)
        assert "Your request is granted in full." in words
        assert "200 of 200" in words
        for text in (page, words):
            assert "You may appeal once, by" in text
            assert "from the day on which you accept it to" in text
        assert paper.content == client.get(f"/tickets/{request.key}/letter.pdf").content

    @pytest.mark.parametrize(
        "who", ["rac_member", "outsider", "staff", "lead", "scientist", "director", "uc_chair"]
    )
    def test_nobody_outside_the_circle_finds_it(self, who: str, cast: Cast) -> None:
        request = self.told(cast)
        client = browser(getattr(cast, who))
        for door in ("letter/", "letter.pdf"):
            answer = client.get(f"/tickets/{request.key}/{door}")
            assert answer.status_code == 404
            assert request.title.encode() not in answer.content

    def test_reviewers_stay_without_names(self, cast: Cast) -> None:
        request = self.told(cast)
        request.reviews.update(comment_to_proposer="A fine piece of work.")
        page = browser(cast.reporter).get(f"/tickets/{request.key}/letter/").content.decode()
        assert "Reviewer 1" in page
        assert "A fine piece of work." in page
        assert cast.rac_member.name not in page

    def test_without_an_account_one_is_asked_to_sign_in(self, cast: Cast) -> None:
        request = self.told(cast)
        assert Client().get(f"/tickets/{request.key}/letter.pdf").status_code == 302


class TestAwards:
    """Awards, their ledgers, entitlements."""

    @pytest.mark.parametrize("who", ["rac_member", "outsider", "staff", "lead", "director"])
    def test_ledger_is_for_the_circle(self, who: str, cast: Cast) -> None:
        award = awarded(cast, {"compute": 4321})
        client = browser(getattr(cast, who))
        key = award.request.key
        for door in (
            f"/awards/{key}/",
            f"/awards/{key}/entry/",
            f"/api/v1/awards/{key}/",
            f"/api/v1/awards/{key}/ledger/",
        ):
            assert client.get(door).status_code == 404
        assert key not in client.get("/awards/").content.decode()
        assert client.get("/api/v1/awards/").json() == []
        assert client.get("/entitlements/reporter/").status_code == 403
        assert client.get("/api/v1/entitlements/reporter/").status_code == 403

    def test_proposer_sees_course_and_ledger_and_writes_no_line(self, cast: Cast) -> None:
        award = awarded(cast, {"compute": 4321})
        client = browser(cast.reporter)
        page = client.get(f"/awards/{award.request.key}/").content.decode()
        assert "4,321" in page
        assert 'data-chart-of="course-compute"' in page
        assert "Line of the ledger" not in page
        typed = {"kind": "claw_back", "resource": "compute", "amount": "1", "note": "Mine."}
        assert client.post(f"/awards/{award.request.key}/entry/", typed).status_code == 403
        assert (
            client.get("/api/v1/entitlements/reporter/").json()[0]["parts"][0]["award"] == award.request.key
        )

    def test_line_is_written_with_its_reason_or_refused_beside_the_field(self, cast: Cast) -> None:
        award = awarded(cast, {"compute": 100})
        client, address = browser(cast.rac_chair), f"/awards/{award.request.key}/entry/"
        typed = {"kind": "claw_back", "resource": "compute", "amount": "130", "note": "Not used so far."}
        refused = client.post(address, typed)
        assert refused.status_code == 409
        assert "has 100 core-hours of compute left" in refused.content.decode()
        empty = client.post(address, {**typed, "note": "", "resource": "nonsense"})
        assert empty.status_code == 422
        assert client.post(address, {**typed, "amount": "30"}).status_code == 302
        line = LedgerEntry.objects.get(kind="claw_back")
        assert (line.amount, line.note, line.entered_by) == (-30, "Not used so far.", cast.rac_chair)

    def test_refund_gives_back_no_more_than_was_used(self, cast: Cast) -> None:
        award = awarded(cast, {"compute": 100})
        typed = {"kind": "refund", "resource": "compute", "amount": "1", "note": "The node had failed."}
        answer = browser(cast.assessor).post(f"/awards/{award.request.key}/entry/", typed)
        assert answer.status_code == 409
        assert "were used and not refunded yet" in answer.content.decode()

    def test_pages_cost_the_same_for_one_award_and_for_three(self, cast: Cast) -> None:
        first = awarded(cast, {"compute": 100})
        doors = ["/awards/", f"/awards/{first.request.key}/", "/entitlements/reporter/", "/quotas/"]
        before = [cost(cast.assessor, door) for door in doors]
        awarded(cast, {"compute": 100, "storage": 4})
        awarded(cast, {"compute": 100})
        after = [cost(cast.assessor, door) for door in doors]
        assert after[:3] == before[:3]
        assert max(after) <= MOST_QUERIES

    def test_what_is_hardly_used_is_offered_and_not_taken(self, cast: Cast) -> None:
        award = awarded(cast, {"compute": 100})
        assert "Could be taken back" in browser(cast.rac_chair).get("/awards/").content.decode()
        assert "Could be taken back" not in browser(cast.reporter).get("/awards/").content.decode()
        assert award.entries.count() == 1


class TestUsage:
    """Usage by page and API."""

    def row(self, award: Award, **change: object) -> dict[str, object]:
        day = (timezone.now().date() - DAY).isoformat()
        row = {
            "source_id": "job-1",
            "award": award.request.key,
            "resource": "compute",
            "amount": 10,
            "used_on": day,
        }
        return row | change

    def test_file_is_taken_and_its_bad_rows_listed(self, cast: Cast) -> None:
        award = awarded(cast, {"compute": 100})
        rows = [self.row(award), self.row(award, source_id="job-2", amount="-3")]
        upload = SimpleUploadedFile("usage.json", json.dumps(rows).encode())
        page = browser(cast.assessor).post("/usage/", {"file": upload}).content.decode()
        assert "1 row entered, 0 known before, 1 not taken" in page
        assert "must be above zero, not -3" in page

    def test_api_takes_json_and_csv_and_counts_once(self, cast: Cast) -> None:
        award = awarded(cast, {"compute": 100})
        client = browser(cast.assessor)
        first = client.post("/api/v1/usage/", {"usage": [self.row(award)]}, content_type="application/json")
        assert (first.status_code, first.json()["new"]) == (200, 1)
        day = (timezone.now().date() - DAY).isoformat()
        lines = ["source_id,award,resource,amount,used_on", f"job-1,{award.request.key},compute,10,{day}"]
        csv = "\n".join([*lines, f"x,RAC-0,compute,1,{day}"])
        second = client.post("/api/v1/usage/", csv, content_type="text/csv").json()
        assert (second["new"], second["known"]) == (0, 1)
        assert second["bad"] == [{"row": 3, "source_id": "x", "reason": "There is no award called RAC-0."}]

    @pytest.mark.parametrize("body", ['{"usage": 1}', '"text"', "[[1]]", "{}"])
    def test_api_refuses_or_lists_what_is_no_report(self, body: str, cast: Cast) -> None:
        answer = browser(cast.assessor).post("/api/v1/usage/", body, content_type="application/json")
        assert answer.status_code in {200, 422}
        assert answer.json().get("new", 0) == 0

    def test_only_those_who_count_come_in(self, cast: Cast) -> None:
        for person in (cast.reporter, cast.rac_chair, cast.staff):
            client = browser(person)
            assert client.get("/usage/").status_code == 403
            answer = client.post("/api/v1/usage/", [], content_type="application/json")
            assert answer.status_code == 403
        assert Client().post("/api/v1/usage/", [], content_type="application/json").status_code in {401, 403}


class TestQuotas:
    """The page of what the platform enforces."""

    def test_file_is_applied_by_hand_and_the_award_is_active(self, cast: Cast) -> None:
        limit("queries", "tap.qserv", basic=12)
        award = awarded(cast, {"queries": 20}, state="provisioning")
        client = browser(cast.assessor)
        page = client.get("/quotas/").content.decode()
        assert f"groups.{award.group}" in page
        assert "No service is configured" in page
        file = client.get("/quotas/durable.json")
        assert file.json() == {"groups": {award.group: {"tap": {"qserv": {"concurrent": 8}}}}}
        assert client.get("/api/v1/quotas/durable/").json() == file.json()
        assert client.post("/quotas/durable/by-hand/").status_code == 302
        assert Request.objects.get(pk=award.request_id).state == "active"

    def test_drift_is_named_and_bad_documents_are_refused(self, cast: Cast) -> None:
        limit("queries", "tap.qserv", basic=12)
        award = awarded(cast, {"queries": 20})
        client = browser(cast.assessor)
        served = {"groups": {award.group: {"tap": {"qserv": {"concurrent": 99}}}}}

        def check(document: object, **more: str) -> str:
            upload = SimpleUploadedFile("quota.json", json.dumps(document).encode())
            return client.post("/quotas/check/", {"document": upload, **more}).content.decode()

        assert "should be 8, is 99" in check(served)
        assert "default.gpu is unknown" in check({"default": {"gpu": 1}})
        answer = client.post("/api/v1/quotas/drift/", served, content_type="application/json").json()
        assert answer["differences"] == [
            {"place": f"groups.{award.group}.tap.qserv", "expected": 8, "served": 99}
        ]
        check({"default": {"tap": {"qserv": {"concurrent": 16}}}}, as_base="yes")
        assert (
            client.get("/quotas/durable.json").json()["groups"][award.group]["tap"]["qserv"]["concurrent"]
            == 4
        )

    def test_only_those_who_look_after_it_come_in(self, cast: Cast) -> None:
        for person in (cast.reporter, cast.rac_chair, cast.staff, cast.lead):
            client = browser(person)
            assert client.get("/quotas/").status_code == 403
            assert client.get("/quotas/urgent.json").status_code == 403
            assert client.post("/quotas/urgent/by-hand/").status_code == 403
            assert client.get("/api/v1/quotas/urgent/").status_code == 403
