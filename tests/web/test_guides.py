"""The guides as pages: each is there for everybody, and what it leads to is there as well."""

from __future__ import annotations

import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import Resolver404, resolve

from ops.web.guides import guide, guides
from tests.web.pages import text_of

LINK = re.compile(r'(?:href|src)="(?!https?:|mailto:)([^"#]*)(?:#([^"]+))?"')


def is_there(page: str, path: str, anchor: str) -> bool:
    """Whether a link of a guide leads to a heading, a page or a picture."""
    if path.startswith("/static/"):
        return finders.find(path.removeprefix("/static/")) is not None
    if (path.startswith("/help/") and path != "/help/") or not path:
        found = guide(path.split("/")[2] if path else page)
        return found is not None and (not anchor or f'id="{anchor}"' in found.html)
    try:
        return bool(resolve(path))
    except Resolver404:
        return False


def test_every_link_of_every_guide_leads_somewhere() -> None:
    assert len(guides()) > 20
    reached = {slug for each in guides() for slug in re.findall(r'/help/([^/"]+)/', each.html)}
    for slug in {each.slug for each in guides()} | reached:
        page = guide(slug)
        assert page is not None, slug
        broken = [at for at in LINK.findall(page.html) if not is_there(slug, *at)]
        assert broken == [], slug


@pytest.mark.django_db
def test_help_leads_anybody_to_the_guide_of_their_role() -> None:
    assert 'href="/help/community-scientist/"' in Client().get("/help/").content.decode()
    page = Client().get("/help/community-scientist/")
    assert "Triage in a minute" in text_of(page, "#main")
    assert 'src="/static/guides/triage.png"' in page.content.decode()
    assert Client().get("/help/nothing/").status_code == 404
