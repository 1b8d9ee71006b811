"""The scripts in examples/ run offline, one after the other in one work folder."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.py"))


def test_examples_run_and_say_what_they_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed = {}
    for example in EXAMPLES:
        runpy.run_path(str(example))["main"](tmp_path)
        printed[example.stem] = capsys.readouterr().out
    assert "12 captions in" in printed["bring_your_own_captions"]
    assert "baseball_field" in printed["search_an_archive"]
    assert printed["search_by_picture"].splitlines()[0].count("harbor_") >= 1
    assert len(printed) >= 3
