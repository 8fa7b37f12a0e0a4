"""docs/api.md says what is so: its commands run, and nothing that the API knows is missing from it."""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from ops.api.errors import TooLarge
from ops.api.urls import OF_A_TICKET, OF_ONE
from ops.issues.models import Issue
from ops.people import tokens
from ops.tickets import queue
from ops.workflow.errors import CATALOGUE
from tests.cast import Cast

DOCS = Path(__file__).parents[2] / "docs" / "api.md"
TEXT = DOCS.read_text()


def commands() -> Iterator[tuple[list[str], int]]:
    """Every curl of the page as its words, with the status that is promised behind it."""
    for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL):
        for text, status in re.findall(r"^(curl .*?)\s+# (\d{3})$", block, re.DOTALL | re.MULTILINE):
            yield shlex.split(text.replace("\\\n", " ")), int(status)


def test_the_commands_of_the_page_do_what_it_says(cast: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER SEQUENCE ticket_number_cst RESTART")
    secret = tokens.issue(cast.scientist, actor=cast.scientist, name="docs").secret
    run = 0
    for words, promised in commands():
        assert _answer(words, secret) == promised, words
        run += 1
    assert run == 9
    issue = Issue.objects.get()
    assert (issue.key, issue.state, issue.assignee, issue.version) == ("CST-1", "triaged", cast.assignee, 3)
    assert issue.attachments.count() == issue.comments.count() == 1
    assert issue.watchers.count() == 2


def _answer(words: list[str], secret: str) -> int:
    options = dict(itertools.pairwise(words))
    url = next(word for word in words if word.startswith("$DESK")).removeprefix("$DESK")
    headers = {"authorization": f"Bearer {secret}"} if any("Bearer" in word for word in words) else {}
    if "-F" in options:
        upload = SimpleUploadedFile(options["-F"].partition("@")[2], b"ra,dec\n")
        return Client().post(url, {"file": upload}, headers=headers).status_code
    method = options.get("-X", "POST" if "-d" in options else "GET").lower()
    send = getattr(Client(), method)
    if "-d" in options:
        return send(url, options["-d"], content_type="application/json", headers=headers).status_code
    return send(url, headers=headers).status_code


@pytest.mark.parametrize("name", sorted({*queue.FILTERS, *queue.PAGING, *queue.SORTS, "search"}))
def test_every_parameter_of_lists_is_told(name: str) -> None:
    assert f"`{name}`" in TEXT


@pytest.mark.parametrize("refusal", CATALOGUE, ids=lambda refusal: refusal.code)
def test_every_refusal_is_told(refusal: type) -> None:
    row = next(line for line in TEXT.splitlines() if line.startswith("| ") and f"`{refusal.code}`" in line)
    assert str(refusal.status) in row


def test_what_the_door_itself_refuses_is_told() -> None:
    for code in (TooLarge.default_code, "throttled", "not_authenticated", "server_error", "unavailable"):
        assert f"`{code}`" in TEXT


def test_every_address_beside_a_ticket_is_told() -> None:
    for route in (*OF_ONE, *OF_A_TICKET):
        word = route.rest.split("/")[0]
        assert f"`issues/KEY/{word}/" in TEXT or not word
