"""Every snippet of the README does what it says, in order."""

from __future__ import annotations

import re
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from tests.service.conftest import running
from tests.snippets import ROOT, commands, snippets
from trsllava.cli.app import app
from trsllava.service import create_app
from trsllava.service.settings import load_service_settings

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
    with ExitStack() as open_until_the_end:
        run_all(open_until_the_end)
    assert (tmp_path / "hits.html").stat().st_size > 10_000


SERVED_AT = "http://localhost:8080"


def run_all(open_until_the_end: ExitStack) -> None:
    printed, served_at = "", SERVED_AT
    shown = 0
    for snippet in snippets(README):
        if snippet.why_not_run:
            continue
        if snippet.language == "python":
            exec(compile(snippet.text.replace(SERVED_AT, served_at), "README.md", "exec"), {})
        elif snippet.language == "text" and "score" in snippet.text:
            # The model's wording and scores change with its weights; what is found, and the correction, do not.
            assert snippet.text.splitlines()[0] in printed
            assert files_of(snippet.text) == files_of(printed)
            shown += 1
        for command in commands(snippet) if snippet.language == "bash" else []:
            if command == ["trsllava", "serve"]:  # at another address: this one may be taken
                settings = load_service_settings()
                served_at = open_until_the_end.enter_context(running(create_app(settings), settings)).url
                continue
            if command[0] == "curl":
                assert httpx.get(command[1].replace(SERVED_AT, served_at), timeout=60).is_success
                continue
            assert command[0] == "trsllava", f"only trsllava commands can be run here: {command}"
            result = CliRunner().invoke(app, command[1:], catch_exceptions=False)
            assert result.exit_code == 0, f"{command}: {result.output}"
            printed = result.output
    assert shown == 1
