"""Kinds of place told by a sentence each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.benchmarks.zero_shot import main
from trsllava.sample.draw import draw


def test_drawn_kinds_are_told_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = []
    for kind in ("airport", "forest"):
        for seed in range(2):
            draw(kind, seed, size=128).picture.save(tmp_path / f"{kind}{seed}.png")
            lines.append(json.dumps({"image": f"{kind}{seed}.png", "scene": kind}))
    (tmp_path / "labels.jsonl").write_text("\n".join(lines), encoding="utf-8")

    main(["--images", str(tmp_path), "--labels", str(tmp_path / "labels.jsonl")])
    told = capsys.readouterr().out
    assert "forest" in told
    assert "a forest" in told  # its sentence
    assert "right: 4 of 4 (100.0%)" in told

    main(["--images", str(tmp_path), "--labels", str(tmp_path / "labels.jsonl"), "--every", "2"])
    assert "right: 2 of 2" in capsys.readouterr().out
