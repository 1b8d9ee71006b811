"""Code in the pages that users read."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))
_FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`((?:trsllava|python -m) [^`]+)`")


@dataclass(frozen=True)
class Snippet:
    """A fenced block; `why_not_run` stands behind its language, as in `bash not-run: needs a GPU`."""

    language: str
    why_not_run: str | None
    text: str


def name_of(page: Path) -> str:
    """The page's path in the repository."""
    return page.relative_to(ROOT).as_posix()


def snippets(page: Path) -> list[Snippet]:
    """The fenced blocks of a page, in order."""
    found = []
    for match in _FENCE.finditer(page.read_text(encoding="utf-8")):
        language, _, reason = match[1].partition(" not-run: ")
        found.append(Snippet(language, reason or None, match[2]))
    return found


def commands(snippet: Snippet) -> list[list[str]]:
    """The lines of a shell block as words, without comments; what a line redirects to is left out."""
    lines = snippet.text.replace("\\\n", " ").splitlines()
    found = [shlex.split(line.split(" > ")[0].replace("$D/", "data/"), comments=True) for line in lines]
    return [words for words in found if words]


def inline_commands(page: Path) -> list[list[str]]:
    """Commands within sentences and tables, other than those abridged by an ellipsis."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    found = (" ".join(match[1].split()) for match in _INLINE.finditer(text))
    return [shlex.split(line.replace("$D/", "data/")) for line in found if "…" not in line]
