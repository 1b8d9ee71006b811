"""Every snippet of the README does what it says, in order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.snippets import ROOT, commands, snippets
from trsllava.cli.app import app

README = ROOT / "README.md"


def files_of(table: str) -> list[str]:
    """The files of a table of hits, best first."""
    return re.findall(r"…/(\S+)", table)


def test_the_readme_has_snippets_of_every_way_in() -> None:
    languages = {snippet.language for snippet in snippets(README)}
    assert {"bash", "python"} <= languages


def test_all_snippets_run_in_order_and_print_what_the_readme_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "96")
    printed = ""
    shown = 0
    for snippet in snippets(README):
        if snippet.why_not_run:
            continue
        if snippet.language == "python":
            exec(compile(snippet.text, "README.md", "exec"), {})
        elif snippet.language == "text" and "score" in snippet.text:
            # The model's wording and scores change with its weights; what is found, and the correction, do not.
            assert snippet.text.splitlines()[0] in printed
            assert files_of(snippet.text) == files_of(printed)
            shown += 1
        for command in commands(snippet) if snippet.language == "bash" else []:
            assert command[0] == "trsllava", f"only trsllava commands can be run here: {command}"
            result = CliRunner().invoke(app, command[1:], catch_exceptions=False)
            assert result.exit_code == 0, f"{command}: {result.output}"
            printed = result.output
    assert shown == 1
    assert (tmp_path / "hits.html").stat().st_size > 10_000
