"""The dialogues that pages show are what the program says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.snippets import name_of
from tests.transcripts import PAGES, held_again, shown


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_dialogues_in_pages_are_held_as_they_stand(page: Path, served_home: Path) -> None:
    assert shown(page)
    for dialogue in shown(page):
        assert _without_figures(held_again(dialogue, served_home)) == _without_figures(dialogue)


def _without_figures(dialogue: str) -> list[str]:
    """The lines; chances may differ in their last digit from machine to machine, and with them the columns' width."""
    return [" ".join(re.sub(r"\d+%", "%", line).split()) for line in dialogue.splitlines()]
