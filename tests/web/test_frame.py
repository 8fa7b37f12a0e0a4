"""The frame: what every answer carries, what browsers are given, where one can go."""

from __future__ import annotations

import re

import pytest
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.management.commands.collectstatic import Command

from ops.web.frame import assets
from ops.web.frame.navigation import Entry, Section, mark_current
from tests.web.pages import browser


@pytest.mark.django_db
def test_pages_forbid_what_they_do_not_need(client):
    policy = client.get("/help/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.django_db
def test_every_key_leads_to_one_place(cast):
    page = browser(cast.lead).get("/").content.decode()
    keys = re.findall(r'data-keys="(g [^"]+)"', page)
    assert len(keys) >= 8
    assert len(keys) == len(set(keys))


@pytest.mark.django_db
def test_the_style_guide_is_not_for_the_public(client, settings):
    settings.DEMO = settings.DEBUG = False
    assert client.get("/styleguide/").status_code == 404
    settings.DEMO = True
    assert client.get("/styleguide/").status_code == 200


@pytest.mark.django_db
def test_help_is_open_to_all(client):
    page = client.get("/help/").content.decode()
    assert "Who sees what" in page
    assert "Sign in" in page


def test_pages_that_are_not_ours_have_our_mark_too(client):
    assert client.get("/favicon.ico").url == "/static/mark.svg"


@pytest.mark.parametrize("prefix", assets.SERVED)
def test_every_file_that_we_serve_is_installed_and_found(prefix):
    for name in assets.SERVED[prefix][1]:
        assert finders.find(f"{prefix}/{name}")


@pytest.mark.parametrize(
    "path", ["vendor/htmx/htmx.js", "vendor/tabler/../../package.json", "vendor/nothing/x.js"]
)
def test_nothing_else_of_the_packages_is_served(path):
    finder = assets.NodeModulesFinder()
    assert finder.find(path) is None
    assert finder.find(path, find_all=True) == []


def test_style_sheets_and_scripts_survive_hashing(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    backend = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": backend}}
    command = Command()
    command.set_options(
        interactive=False, verbosity=0, link=False, clear=False, dry_run=False, post_process=True,
        ignore_patterns=["admin", "rest_framework"], use_default_ignore_patterns=True,
    )  # fmt: skip
    done = command.collect()
    assert any(name.startswith("css/base.") for name in done["post_processed"])
    (base,) = (tmp_path / "css").glob("base.*.css")
    assert "layer(tabler)" in base.read_text()


BAR = [
    Section("", [Entry("Home", "/", "inbox")]),
    Section("Queues", [Entry("Issues", "/issues/", "x"), Entry("Mine", "/issues/mine/?a=b", "x")]),
]


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/", ["Home"]),
        ("/issues/", ["Issues"]),
        ("/issues/CST-7/", ["Issues"]),
        ("/issues/mine/", ["Mine"]),
        ("/elsewhere/", []),
    ],
)
def test_the_nearest_place_is_marked(path, place):
    marked = mark_current(BAR, path)
    assert [entry.label for section in marked for entry in section.entries if entry.current] == place
