"""The worked example of docs/adding-a-workflow.md, typed into a copy of the project and run there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

ROOT = settings.BASE_DIR
GUIDE = (ROOT / "docs" / "adding-a-workflow.md").read_text()
COPIED = ("ops", "tests", "templates", "static", "manage.py", "pyproject.toml")
BLOCK = re.compile(r"^```(python|diff)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"`([\w./-]+\.(?:py|toml))`")
STORY = """
import pytest

from tests.factories import FACTORIES


@pytest.mark.django_db
def test_pages_and_api_are_there(client, cast):
    question = FACTORIES["question"].new(cast)
    assert question.title in client.get("/questions/").content.decode()

    client.force_login(cast.scientist)
    assert "Give answer" in client.get(f"/tickets/{question.key}/").content.decode()
    answer = {"answer": "Below Help.", "version": question.version}
    client.post(f"/tickets/{question.key}/do/give_answer/", answer)
    assert client.get(f"/api/v1/questions/{question.key}/").json()["state"] == "answered"
"""


def blocks() -> Iterator[tuple[str, str, str]]:
    """Yield each piece of code with its language and the file that was named last before it."""
    for block in BLOCK.finditer(GUIDE):
        yield block[1], FILE.findall(GUIDE[: block.start()])[-1], block[2]


def type_into(project: Path, *, wanted: Callable[[str], bool]) -> None:
    """Do what the page says, to the files that are wanted."""
    for language, name, text in blocks():
        file = project / name
        if not wanted(name):
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        if language == "python":
            file.write_text(text)
            continue
        lines = [(line[:1], line[1:]) for line in text.splitlines(keepends=True)]
        before = "".join(rest for mark, rest in lines if mark != "+")
        assert file.read_text().count(before) == 1, f"{name} does not read as the page says:\n{before}"
        after = "".join(rest for mark, rest in lines if mark != "-")
        file.write_text(file.read_text().replace(before, after))


def is_migration(name: str) -> bool:
    return "/migrations/" in name


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project with the worked example in it."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path / name)
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    type_into(tmp_path, wanted=lambda name: not is_migration(name))
    (tmp_path / "ops" / "questions" / "__init__.py").touch()
    return tmp_path


def run(project: Path, *command: str) -> None:
    """Run a Python program in the copy, against a database of its own; its words are the failure."""
    database = f"{settings.DATABASES['default']['NAME']}_guide"
    address = re.sub(r"/[^/?]+(\?|$)", rf"/{database}\1", os.environ["DATABASE_URL"])
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", *command],
        check=False, cwd=project, env={**kept, "DATABASE_URL": address}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_worked_example_passes_style_checks_and_contracts(project: Path) -> None:
    run(project, "ruff", "check", "ops/questions", "tests/factories.py")
    run(project, "ruff", "format", "--check", "ops/questions", "tests/factories.py")
    run(project, "manage", "makemigrations", "questions")
    type_into(project, wanted=is_migration)
    run(project, "manage", "makemigrations", "--check", "--dry-run")
    (project / "tests" / "test_story.py").write_text(STORY)
    run(project, "pytest", "-q", "-p", "no:cacheprovider", "tests/contracts", "tests/test_story.py",
        "-k", "question or story")  # fmt: skip
