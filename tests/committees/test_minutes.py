"""Minutes that two write at once: nobody's text is lost, and nobody reads what is not theirs to read."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from ops.committees.merging import is_unsettled, merged
from ops.committees.models import Committee, Meeting, MinutesVersion
from ops.committees.sittings import write_minutes
from ops.people.models import Membership, Role, User
from ops.workflow import errors
from ops.workflow.services import perform
from tests.cast import LONG_AGO, Cast

BASE = "Opening\n\nBudget\n\nAny other business"


def put(base: str, theirs: str, mine: str) -> tuple[str, bool]:
    both = merged(base, theirs, mine, their_name="Ana", my_name="Bo")
    return both.text, both.has_conflict


@pytest.mark.parametrize(
    ("theirs", "mine", "both"),
    [
        (f"Welcome\n{BASE}", f"{BASE}\nThe end", f"Welcome\n{BASE}\nThe end"),
        (BASE.replace("Budget", "Budget: fine"), BASE.replace("Opening", "Opening at nine"), None),
        (
            BASE.replace("Budget\n\n", ""),
            f"{BASE}\nMore",
            f"{BASE.replace('Budget' + chr(10) * 2, '')}\nMore",
        ),
        (BASE, "", ""),
        ("", BASE, ""),
        (BASE.replace("Budget", "Money"), BASE.replace("Budget", "Money"), BASE.replace("Budget", "Money")),
    ],
)
def test_what_only_one_changed_is_taken(theirs: str, mine: str, both: str | None) -> None:
    text, has_conflict = put(BASE, theirs, mine)
    assert not has_conflict
    if both is None:
        assert "Budget: fine" in text
        assert "Opening at nine" in text
    else:
        assert text == both


@pytest.mark.parametrize(
    ("base", "theirs", "mine"),
    [
        (BASE, BASE.replace("Budget", "Budget grows"), BASE.replace("Budget", "Budget shrinks")),
        ("", "First words of Ana", "First words of Bo"),
        (BASE, BASE.replace("Budget", "Budget grows"), BASE.replace("Budget\n\n", "")),
        ("a", "a\nb", "a\nc"),
    ],
)
def test_what_both_changed_stands_twice_under_both_names(base: str, theirs: str, mine: str) -> None:
    text, has_conflict = put(base, theirs, mine)
    assert has_conflict
    assert is_unsettled(text)
    assert text.index("Ana wrote") < text.index("Bo wrote")
    lines = text.splitlines()
    assert set(theirs.splitlines()) <= set(lines)
    assert set(mine.splitlines()) <= set(lines)


@pytest.fixture
def secretary(cast: Cast, users_committee: Committee) -> User:
    """A second pen beside the chair's."""
    Membership.objects.create(
        person=cast.uc_member, team=users_committee, role=Role.SECRETARY, starts_on=LONG_AGO
    )
    return cast.uc_member


def write(meeting: Meeting, text: str, based_on: int, actor: User, part: str = "open") -> MinutesVersion:
    return write_minutes(meeting, part, actor=actor, data={"text": text, "based_on": based_on})


def test_two_secretaries_lose_nothing(held: Meeting, cast: Cast, secretary: User) -> None:
    write(held, BASE, 0, cast.uc_chair)
    write(held, BASE.replace("Budget", "Budget: 3 MUSD"), 1, cast.uc_chair)
    together = write(held, f"{BASE}\nNext meeting in May", 1, secretary)
    assert together.number == 3
    assert "3 MUSD" in together.text
    assert "Next meeting in May" in together.text
    assert not together.has_conflict


def test_both_wordings_hold_the_publication_back_until_one_is_chosen(
    held: Meeting, cast: Cast, secretary: User
) -> None:
    write(held, BASE, 0, cast.uc_chair)
    write(held, BASE.replace("Budget", "Budget grows"), 1, cast.uc_chair)
    both = write(held, BASE.replace("Budget", "Budget shrinks"), 1, secretary)
    assert both.has_conflict
    with pytest.raises(errors.GuardUnmet, match="side by side"):
        perform(held, "publish_minutes", actor=secretary)
    write(held, BASE.replace("Budget", "Budget shrinks"), both.number, secretary)
    published = perform(held, "publish_minutes", actor=secretary)
    with pytest.raises(errors.GuardUnmet, match="published"):
        write(published, "Rewritten history", 4, secretary)
    assert [version.number for version in MinutesVersion.objects.filter(meeting=held)] == [4, 3, 2, 1]


def test_the_same_text_again_makes_no_version(held: Meeting, cast: Cast) -> None:
    first = write(held, "We met.\r\n", 0, cast.uc_chair)
    assert write(held, "We met.", 1, cast.uc_chair).pk == first.pk
    assert write(held, "We met.", 0, cast.uc_chair).pk == first.pk


def test_a_version_that_never_was_is_refused(held: Meeting, cast: Cast) -> None:
    with pytest.raises(errors.InvalidInput, match="based on"):
        write(held, "Text", 7, cast.uc_chair)


def test_versions_cannot_be_changed_afterwards(held: Meeting, cast: Cast) -> None:
    version = write(held, "We met.", 0, cast.uc_chair)
    for spoil in (lambda: MinutesVersion.objects.update(text="We did not."), version.delete):
        with pytest.raises(IntegrityError), transaction.atomic():
            spoil()


def test_the_executive_part_is_for_those_who_sit_there_today(held: Meeting, cast: Cast) -> None:
    write(held, "About a person.", 0, cast.uc_chair, part="executive")
    rows = MinutesVersion.objects.filter(part="executive")
    readers = {person.username for person in cast.people() if rows.visible_to(person).exists()}
    assert readers == {"uc-chair", "uc-member"}
    assert not rows.visible_to(cast.anonymous).exists()
    Membership.objects.filter(person=cast.uc_member).update(ends_on="2020-06-01")
    assert not rows.visible_to(User.objects.get(pk=cast.uc_member.pk)).exists()
    for stranger in (cast.lead, cast.director, cast.system, cast.staff):
        with pytest.raises(errors.NotFound):
            write(held, "Me too.", 1, stranger, part="executive")


def test_only_chair_secretary_and_lead_keep_the_open_minutes(held: Meeting, cast: Cast) -> None:
    assert write(held, "Kept by the lead.", 0, cast.lead).number == 1
    for other in (cast.uc_member, cast.director, cast.outsider):
        with pytest.raises(errors.NotAllowed):
            write(held, "Mine.", 1, other)


@pytest.mark.django_db(transaction=True)
def test_saved_in_the_same_moment_both_are_there(held: Meeting, cast: Cast) -> None:
    write(held, BASE, 0, cast.uc_chair)
    barrier = Barrier(2)

    def save(words: str) -> None:
        try:
            barrier.wait()
            write(held, BASE.replace(words, f"{words}, at length"), 1, cast.uc_chair)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(save, ("Opening", "Any other business")))
    newest = held.minutes_of("open")
    assert (newest.number, newest.has_conflict) == (3, False)
    assert "Opening, at length" in newest.text
    assert "business, at length" in newest.text
