"""Every dependency has its reason, its lock, and no address."""

from __future__ import annotations

import json
import re

import pytest
from django.conf import settings

ROOT = settings.BASE_DIR
NAME = re.compile(r"^[A-Za-z0-9@][\w./@-]*")
PYTHON = ("requirements", "requirements-desk", "requirements-dev")
LOCKS = (*(f"{name}.txt" for name in PYTHON), "package-lock.json")


def wanted(file: str) -> set[str]:
    names = (NAME.match(line) for line in (ROOT / file).read_text().splitlines())
    return {name[0].lower() for name in names if name}


def explained() -> set[str]:
    rows = re.findall(r"^\| ([^|`]+) \|", (ROOT / "docs" / "dependencies.md").read_text(), re.MULTILINE)
    return {name.strip().lower() for row in rows for name in row.split(",")} - {"package"}


def test_every_dependency_has_its_reason_and_no_other() -> None:
    browser = set(json.loads((ROOT / "package.json").read_text())["dependencies"])
    assert explained() == browser.union(*(wanted(f"{name}.in") for name in PYTHON))


@pytest.mark.parametrize("name", PYTHON)
def test_what_is_wanted_is_locked_with_hashes(name: str) -> None:
    lock = (ROOT / f"{name}.txt").read_text()
    locked = re.findall(r"^([\w.-]+)==\S+ \\\n    --hash=sha256:", lock, re.MULTILINE)
    assert wanted(f"{name}.in") <= {package.lower() for package in locked}
    assert len(locked) == len(re.findall(r"^\S+==", lock, re.MULTILINE))


def test_npm_lock_is_of_the_packages_wanted() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    assert (
        lock["packages"][""]["dependencies"]
        == json.loads((ROOT / "package.json").read_text())["dependencies"]
    )
    assert all("integrity" in package for path, package in lock["packages"].items() if path)


@pytest.mark.parametrize("name", LOCKS)
def test_locks_name_no_place_to_fetch_from(name: str) -> None:
    lines = (ROOT / name).read_text().splitlines()
    assert not [line for line in lines if "resolved" in line or re.match(r"\s*--(?!hash)", line)]
    assert not [line for line in lines if "://" in line]
