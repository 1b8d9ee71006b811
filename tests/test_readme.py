"""Every snippet of the README does what it says."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from trsllava.cli.app import app

ROOT = Path(__file__).parents[1]
_FENCE = re.compile(r"^```(\w+)(?: not-run: ([^\n]+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Snippet:
    language: str
    why_not_run: str | None
    text: str


def snippets(path: Path) -> list[Snippet]:
    return [Snippet(*match.groups()) for match in _FENCE.finditer(path.read_text(encoding="utf-8"))]


def commands(snippet: Snippet) -> list[list[str]]:
    return [shlex.split(line) for line in snippet.text.splitlines() if line.startswith("trsllava ")]


def test_the_readme_has_snippets_of_every_way_in() -> None:
    languages = {snippet.language for snippet in snippets(ROOT / "README.md")}
    assert {"bash", "python"} <= languages


def test_all_snippets_run_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for snippet in snippets(ROOT / "README.md"):
        if snippet.why_not_run:
            continue
        if snippet.language == "python":
            exec(compile(snippet.text, "README.md", "exec"), {})
            continue
        assert snippet.language == "bash"
        lines = [line for line in snippet.text.splitlines() if line]
        assert len(commands(snippet)) == len(lines), f"only trsllava commands can be run here: {lines}"
        for command in commands(snippet):
            result = CliRunner().invoke(app, command[1:], catch_exceptions=False)
            assert result.exit_code == 0, f"{command}: {result.output}"
    assert (tmp_path / "hits.html").stat().st_size > 10_000


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda page: page.name
)
def test_commands_that_are_not_run_are_at_least_understood(page: Path) -> None:
    tree = get_command(app)
    for line in page.read_text(encoding="utf-8").splitlines():
        if not line.startswith("trsllava "):
            continue
        words = shlex.split(line.split(" > ")[0].replace("$D/", "data/"))[1:]
        command, name = tree, "trsllava"
        while hasattr(command, "commands") and not (command.invoke_without_command and words[0].startswith("-")):
            name = words.pop(0)
            assert name in command.commands, f"{page.name}: {line}"
            command = command.commands[name]
        command.make_context(name, words)


def test_every_page_that_is_linked_exists() -> None:
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name} links to {target}"
