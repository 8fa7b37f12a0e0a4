"""What changed between two versions of a request: every part that differs, and no other."""

from __future__ import annotations

from typing import Any

from ops.allocations.versions import changes_between

CONTENT: dict[str, Any] = {
    "call": "2027a",
    "title": "Slow novae",
    "purpose": "new",
    "purpose_label": "New",
    "abstract": "Novae that fade slowly.",
    "methods": "Imaging.",
    "is_thesis": False,
    "keywords": ["novae"],
    "earlier": None,
    "people": [{"username": "a", "name": "Ada", "institution": ""}],
    "quarters": ["Feb to Apr 2027", "May to Jul 2027"],
    "amounts": [
        {
            "resource": "compute", "name": "Compute", "unit": "core-hours",
            "asked": ["200", "0"], "minimum": ["50", "0"], "justification": "A minute each.",
        }
    ],
    "answers": [{"section": "", "question": "Where?", "answer": "Here."}],
    "files": [{"id": 1, "name": "plan.pdf", "size": 9}],
}  # fmt: skip


def test_a_content_does_not_differ_from_itself() -> None:
    assert changes_between(CONTENT, CONTENT) == []
    lines = {**CONTENT, "methods": "Imaging.\nThen waiting."}
    assert changes_between(lines, {**lines, "methods": "Imaging.\r\nThen waiting."}) == []


def test_every_part_that_differs_is_named_and_what_was_taken_away_is_shown() -> None:
    storage = {**CONTENT["amounts"][0], "name": "Storage", "unit": "TB", "justification": "Cut-outs."}
    after = {
        **CONTENT,
        "abstract": "Novae that fade very slowly.",
        "is_thesis": True,
        "amounts": [{**CONTENT["amounts"][0], "asked": ["300", "0"]}, storage],
        "answers": [],
        "files": [],
    }
    changes = {each.label: each.pieces for each in changes_between(CONTENT, after)}
    assert list(changes) == [
        "PhD thesis", "Abstract", "Compute", "Storage", "Why so much storage", "Files", "“Where?”",
    ]  # fmt: skip
    assert [(piece.sort, piece.words) for piece in changes["Abstract"]] == [
        ("kept", "Novae that fade "), ("new", "very "), ("kept", "slowly."),
    ]  # fmt: skip
    assert [(piece.sort, piece.words) for piece in changes["Files"]] == [("gone", "plan.pdf")]


def test_what_the_committee_must_not_read_need_not_be_there() -> None:
    hidden = {name: value for name, value in CONTENT.items() if name not in {"people", "earlier"}}
    assert changes_between(hidden, {**hidden, "title": "Fast novae"})[0].label == "Title"
