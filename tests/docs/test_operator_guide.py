"""The operator guide against the code: what is read is described, what is described exists."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.core.management import get_commands
from django.urls import resolve

GUIDE = (settings.BASE_DIR / "docs" / "operator-guide.md").read_text()
# How settings.py and gunicorn.conf.py name a variable where they read it.
READ = re.compile(
    r"(?:\btext|\bone_of|\bflag|\benv\.list|environ\.get)\(\s*\"([A-Z_]+)\"|at_least\(\d+, \"([A-Z_]+)\""
)
READ_BY_GUNICORN_ITSELF = {"FORWARDED_ALLOW_IPS"}


def variables_read() -> set[str]:
    sources = (settings.BASE_DIR / name for name in ("ops/settings.py", "gunicorn.conf.py"))
    found = {a or b for source in sources for a, b in READ.findall(source.read_text())}
    assert {"SECRET_KEY", "DEBUG", "LOG_LEVEL", "ALLOWED_HOSTS", "TRUSTED_PROXIES", "PORT"} <= found
    return found | READ_BY_GUNICORN_ITSELF


def test_every_variable_that_is_read_is_described_and_no_other() -> None:
    described = set(re.findall(r"^\| `([A-Z_]+)` \|", GUIDE, re.MULTILINE))
    assert described == variables_read()


def test_every_command_of_ours_is_described_and_exists() -> None:
    described = set(re.findall(r"^\| `manage\.py (\w+)", GUIDE, re.MULTILINE))
    ours = {name for name, app in get_commands().items() if app.startswith("ops.")}
    assert ours <= described <= set(get_commands())


@pytest.mark.parametrize("address", re.findall(r"^\| `(/\w+)` \|", GUIDE, re.MULTILINE))
def test_every_address_for_operators_exists(address: str) -> None:
    assert resolve(address).view_name == f"health:{address.strip('/')}"


def test_what_compose_asks_for_is_in_the_example_and_what_is_added_there_reaches_the_desk() -> None:
    compose = (settings.BASE_DIR / "compose.yaml").read_text()
    example = (settings.BASE_DIR / ".env.example").read_text()
    named = set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))
    assert set(re.findall(r"\$\{([A-Z_]+)", compose)) <= named
    assert named - {"POSTGRES_PASSWORD"} <= variables_read()
    assert "env_file: .env" in compose
