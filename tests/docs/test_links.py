"""Every page that the documentation leads to exists, and so does every heading and every picture."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = settings.BASE_DIR
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
TARGET = re.compile(r"\]\(([^)\s]+)\)|(?:href|src|srcset)=\"([^\"]+)\"")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
ELSEWHERE = re.compile(r"^(https?:|mailto:)")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def targets(page: Path) -> list[str]:
    """Return where a page leads, without what stands in code."""
    found = TARGET.findall(CODE.sub("", page.read_text()))
    return [link or source for link, source in found if not ELSEWHERE.match(link or source)]


def anchors(page: Path) -> set[str]:
    """Return the names that readers of Markdown give to the headings of a page."""
    prose = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    words = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in HEADING.findall(prose))
    return {heading.strip().replace(" ", "-") for heading in words}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_what_a_page_leads_to_exists(page: Path) -> None:
    broken = []
    for target in targets(page):
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.is_relative_to(ROOT) or not file.exists():
            broken.append(target)
        elif anchor and anchor not in anchors(file):
            broken.append(f"{target} (no such heading)")
    assert not broken


def test_every_page_and_picture_is_reached_from_the_front() -> None:
    reached, frontier = set(), [ROOT / "README.md"]
    while frontier:
        page = frontier.pop()
        if page in reached or not page.is_file():
            continue
        reached.add(page)
        if page.suffix == ".md":
            frontier += [(page.parent / target.partition("#")[0]).resolve() for target in targets(page)]
    pictures = (ROOT / "docs" / "pictures").glob("*")
    forgotten = {*PAGES, *pictures} - reached
    assert not forgotten, sorted(map(name_of, forgotten))


@pytest.mark.parametrize("picture", sorted((ROOT / "docs" / "pictures").glob("*")), ids=name_of)
def test_pictures_are_small(picture: Path) -> None:
    assert picture.stat().st_size < 150_000
