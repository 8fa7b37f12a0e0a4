"""The reference pages say what the code does: they stand here as the code would write them now."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import call_command

from ops.workflow import errors, registry
from ops.workflow.management.commands import reference
from ops.workflow.reference import pages


def test_pages_are_as_the_code_writes_them_now() -> None:
    written = {file.name: file.read_text() for file in reference.FOLDER.iterdir()}
    now = pages()
    stale = {name for name in {*written, *now} if written.get(name) != now.get(name)}
    assert not stale, "Run `manage.py reference`."


def test_everything_declared_is_described() -> None:
    found = pages()
    for model in registry.models():
        page = found[f"{model.workflow.kind}.md"]
        picture = found[f"{model.workflow.kind}.svg"]
        for state in model.workflow.State:
            assert f"| {state.label} | `{state.value}` |" in page
            assert str(state.label).split()[0] in picture
        for step in model.workflow.steps():
            assert f"### {step.label}" in page
            assert registry.permission_name(model, step.name) in page
            assert step.help in page
            for name in step.fields:
                assert f"`{name}`" in page
            for guard in step.only_if:
                assert guard.sentence in page
    for refusal in errors.CATALOGUE:
        assert f"| `{refusal.code}` | {refusal.status} |" in found["refusals.md"]


def test_pictures_need_nothing_from_elsewhere() -> None:
    for name, text in pages().items():
        if name.endswith(".svg"):
            assert text.startswith("<svg")
            assert "<script" not in text
            assert "url(" not in text
            assert "prefers-color-scheme" in text


def test_command_writes_what_differs_and_takes_away_what_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reference, "FOLDER", tmp_path / "reference")

    def run() -> list[str]:
        out = io.StringIO()
        call_command("reference", stdout=out)
        return sorted(out.getvalue().splitlines())

    assert run() == sorted(f"wrote {name}" for name in pages())
    assert run() == []
    (tmp_path / "reference" / "issue.md").write_text("By hand.")
    (tmp_path / "reference" / "gone.md").write_text("A process that is no more.")
    assert run() == ["removed gone.md", "wrote issue.md"]
    assert {file.name: file.read_text() for file in (tmp_path / "reference").iterdir()} == pages()
