"""Dialogues that pages show, held again by the program.

    python -m tests.transcripts HOME

writes them anew, over a home with the sample archive of the tests.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.snippets import ROOT
from trsllava.cli.app import app

PAGES = (ROOT / "README.md", ROOT / "docs" / "dialogue.md")
_BLOCK = re.compile(r"(?<=^```text\n)\$ trsllava (chat .*?)(?=^```$)", re.MULTILINE | re.DOTALL)
_WIDTH = "96"


def shown(page: Path) -> list[str]:
    """The dialogues of a page, from the command on."""
    return [f"$ trsllava {match[1]}" for match in _BLOCK.finditer(page.read_text(encoding="utf-8"))]


def held_again(dialogue: str, home: Path) -> str:
    """What the program prints when it is told the same."""
    command, *rest = dialogue.splitlines()
    said = [line[2:] for line in rest if line.startswith("> ")]
    words = [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', command.removeprefix("$ trsllava "))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", _WIDTH)
        done = CliRunner().invoke(app, [*words, "--home", str(home)], input="".join(f"{line}\n" for line in said))
    assert done.exit_code == 0, done.output
    lines = [re.sub(r"^Found: .*/(\w+/[^/]+)$", r"Found: …/\1", line).rstrip() for line in done.stdout.splitlines()]
    return "\n".join([command, *lines]) + "\n"


def main() -> None:
    """Write the dialogues of all pages anew."""
    home = Path(sys.argv[1])
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        page.write_text(_BLOCK.sub(lambda match: held_again(f"$ trsllava {match[1]}", home), text), encoding="utf-8")


if __name__ == "__main__":
    main()
