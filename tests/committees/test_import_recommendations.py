"""Lists of recommendations: read as dirty as they are, brought in twice, given out again."""

from __future__ import annotations

import datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from ops.committees.importing.bringing import Fate, Settings, bring_in
from ops.committees.importing.reading import EXPORTED, read
from ops.committees.models import Item, Report
from ops.committees.reports.export import csv_lines
from ops.committees.reports.tracker import Query, Tracker
from ops.notify.models import Message
from ops.workflow.errors import NotAllowed
from ops.workflow.models import Event
from ops.workflow.services import edit, perform
from tests.cast import Cast

SAMPLES = Path(__file__).parent / "samples"
FIRST, SECOND = (SAMPLES / name for name in ("review-2025-03.csv", "review-2025-06.csv"))
MARCH = datetime.datetime(2025, 3, 20, 12, tzinfo=datetime.UTC)
JUNE = datetime.datetime(2025, 6, 30, 20, 39, 17, tzinfo=datetime.UTC)
pytestmark = pytest.mark.django_db


def bring(cast: Cast, data: bytes, as_of: datetime.datetime | None = MARCH, **options):
    return bring_in(read(data).records, Settings(cast.lead, as_of, **options))


def item(key: str) -> Item:
    return Item.objects.select_related("response", "work", "report").get(external_key=key)


def changes_of(record, name: str) -> list[tuple]:
    events = Event.objects.of(record).filter(changes__has_key=name)
    return [(event.changes[name]["old"], event.changes[name]["new"]) for event in events]


def test_every_line_is_accounted_for():
    for sample in (FIRST, SECOND):
        reading = read(sample.read_bytes())
        lines = [line for record in reading.records for line in record.lines]
        lines += [line for note in reading.unreadable for line in note.lines]
        assert sorted([1, *lines, *reading.blank_lines]) == list(range(1, reading.line_count + 1))


def test_what_was_wrong_is_said_with_its_line():
    reading = read(FIRST.read_bytes())
    assert len(reading.records) == 5
    assert [list(repair.lines) for repair in reading.repairs] == [[11]]
    assert "not doubled" in reading.repairs[0].problem
    assert [note.text for note in read(SECOND.read_bytes()).unreadable] == ["Mon 30 Jun 2025 17:39:17 -03"]
    assert read(SECOND.read_bytes()).written_at == JUNE


def test_status_becomes_two_tracks_and_keeps_its_words(cast: Cast):
    outcomes = bring(cast, FIRST.read_bytes())

    assert {outcome.fate for outcome in outcomes} == {Fate.CREATED}
    report = Report.objects.get(label="AOR_2025_03")
    assert (report.state, report.source, report.visibility) == ("delivered", "outside", "staff")
    stands = {
        each.external_key: (each.response.state, each.work.state, each.work.status_word)
        for each in Item.objects.select_related("response", "work")
    }
    assert stands == {
        "OPS-101": ("received", "claimed_done", "Implemented"),
        "OPS-102": ("received", "in_progress", "In Progress"),
        "OPS-103": ("awaiting", "not_started", "Not Started"),
        "OPS-104": ("received", "in_progress", "In Progress"),
        "OPS-105": ("received", "not_started", "Not Started"),
    }
    assert item("OPS-104").work.status_text == 'Training "on the job", and "by hand", goes on.'
    assert item("OPS-102").area == "NT"
    assert f"{item('OPS-102').work.due_at:%Y-%m-%d}" == "2025-09-30"
    assert not Message.objects.exists()


def test_second_list_is_history_and_touches_nothing_else(cast: Cast):
    bring(cast, FIRST.read_bytes())
    Item.objects.filter(external_key="OPS-102").update(title="Parts for the dome", area="Dome")

    outcomes = bring(cast, SECOND.read_bytes(), JUNE)

    fates = {outcome.record.key: outcome.fate for outcome in outcomes}
    assert fates == {
        "OPS-101": Fate.UNCHANGED,
        "OPS-102": Fate.CHANGED,
        "OPS-103": Fate.CHANGED,
        "OPS-104": Fate.UNCHANGED,
        "OPS-105": Fate.CHANGED,
    }
    parts = item("OPS-102")
    assert (parts.title, parts.area, parts.work.state) == ("Parts for the dome", "Dome", "claimed_done")
    assert changes_of(parts.work, "status_text")[-1] == (
        "Ordered.\nDelivery is late.",
        "They lie in the store.",
    )
    assert [new[:10] for _, new in changes_of(parts.work, "due_at")] == ["2025-09-30", "2025-11-30"]
    assert [event.created_at for event in Event.objects.of(parts.work)][-1] == JUNE
    assert (item("OPS-103").response.state, item("OPS-103").work.state) == ("received", "in_progress")
    assert item("OPS-105").work.state == "not_started"
    assert item("OPS-105").work.status_word == "On hold"
    assert "“On hold” is not known" in outcomes[4].remarks[0]
    assert Item.objects.count() == 5


def test_same_list_again_changes_nothing(cast: Cast):
    bring(cast, FIRST.read_bytes())
    events = Event.objects.count()
    assert {outcome.fate for outcome in bring(cast, FIRST.read_bytes(), JUNE)} == {Fate.UNCHANGED}
    assert {outcome.fate for outcome in bring(cast, SECOND.read_bytes(), MARCH)} == {Fate.OLDER}
    assert Event.objects.count() == events


def test_what_was_decided_here_stays(cast: Cast):
    bring(cast, FIRST.read_bytes())
    work = perform(item("OPS-101").work, "verify", actor=cast.lead)
    edit(work, actor=cast.lead, data={"status_text": "We have seen it."})
    perform(item("OPS-103").work, "close", actor=cast.lead, data={"closing_reason": "superseded"})

    bring(cast, SECOND.read_bytes(), JUNE)

    assert (item("OPS-101").work.state, item("OPS-101").work.status_text) == ("verified", "We have seen it.")
    assert item("OPS-103").work.state == "in_progress"


def test_dry_run_tells_what_would_be_and_changes_nothing(cast: Cast):
    bring(cast, FIRST.read_bytes())
    events = Event.objects.count()
    outcomes = bring(cast, SECOND.read_bytes(), JUNE, dry_run=True)
    told = {(each.record.key, d.name, d.new) for each in outcomes for d in each.differences}
    assert ("OPS-102", "status", "Implemented") in told
    assert Event.objects.count() == events
    assert item("OPS-102").work.state == "in_progress"


def test_only_those_who_keep_the_tracker_import(cast: Cast):
    with pytest.raises(NotAllowed):
        bring_in(read(FIRST.read_bytes()).records, Settings(cast.staff))


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.replace("•", "º").encode("latin-1"),
        lambda text: text.encode("utf-16"),
        lambda text: text.replace("\n", "\r\n").encode(),
    ],
    ids=["BOM", "Latin-1", "UTF-16", "CRLF"],
)
def test_encodings_are_recognised(cast: Cast, damage):
    bring(cast, damage(FIRST.read_text()))
    assert item("OPS-102").text.splitlines()[0] == "Keep spare parts for the dome:"
    assert item("OPS-102").text.endswith('12", as the plan says.')


def test_columns_may_stand_in_any_order_with_one_more_and_one_less(cast: Cast):
    data = (
        "Remark,Implementation Status,Issue key,Summary,Report date,Description\n"
        "seen,Closed,OPS-7,Seven,R1,Do it.\nmore,Foo,OPS-8,,R1,\n"
    )
    reading = read(data.encode())
    assert set(reading.missing) == {"Rec#", "Due Date", "Response", "Implementation Status Description"}
    bring_in(reading.records, Settings(cast.system))
    assert (item("OPS-7").work.state, item("OPS-7").work.closing_reason) == ("closed", "implemented")
    assert item("OPS-7").imported.cells["Remark"] == "seen"
    assert item("OPS-8").text == "(The file has no text.)"


def test_same_key_in_two_reviews_is_two_items_and_the_same_number_none_too_few(cast: Cast):
    head = "Issue key,Rec#,Summary,Report date,Description\n"
    bring(cast, (head + "A-1,1,One,R1,Text\nA-1,1,Other,R2,Text\nA-2,1,Two,R1,Text\n").encode())
    assert {str(each) for each in Item.objects.all()} == {"R1 1", "R2 1"}
    assert Item.objects.count() == 3


def test_texts_that_are_too_long_are_kept_whole_with_the_row(cast: Cast):
    data = f"Issue key,Report date,Description,Response\nA-1,R1,{'x' * 30_000},{'y' * 20_000}\n"
    outcomes = bring(cast, data.encode())
    assert "longer than 20,000" in outcomes[0].remarks[0]
    assert (len(item("A-1").text), len(item("A-1").response.text)) == (20_000, 20_000)
    assert len(item("A-1").imported.cells["Description"]) == 30_000


def test_list_comes_out_as_it_came_in(cast: Cast):
    bring(cast, SECOND.read_bytes())
    rows = Tracker(Query(), cast.lead).rows()
    written = "".join(csv_lines(rows)).encode()
    assert written.decode().splitlines()[0] == ",".join(EXPORTED)
    again = {record.key: record for record in read(written).records}
    for record in read(SECOND.read_bytes()).records:
        for name in ("number", "title", "text", "report", "due", "response", "status_text"):
            assert getattr(again[record.key], name) == getattr(record, name), (record.key, name)
    assert again["OPS-102"].status == "Implemented"
    assert {outcome.fate for outcome in bring(cast, written, JUNE)} <= {Fate.UNCHANGED, Fate.CHANGED}
    assert Item.objects.count() == 5


def test_command_tells_of_every_line(cast: Cast, tmp_path: Path):
    out = StringIO()
    call_command("import_recommendations", str(FIRST), as_of="2025-03-20", stdout=out)
    assert "line 11: quotes inside the quoted cell" in out.getvalue()
    assert "5 records, 1 repair, 0 not records. 5 created" in out.getvalue()
    out = StringIO()
    call_command("import_recommendations", str(SECOND), dry_run=True, stdout=out)
    assert "As of 2025-06-30 20:39 UTC." in out.getvalue()
    assert "Implementation Status: In Progress → Implemented" in out.getvalue()
    assert "Dry run: " in out.getvalue()
    broken = tmp_path / "broken.csv"
    broken.write_text("nothing,of,this\n1,2,3\n")
    with pytest.raises(CommandError, match="No header"):
        call_command("import_recommendations", str(broken))
