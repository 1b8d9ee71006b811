"""The benchmark of nano: fusion by hand, and the whole of it on drawn pictures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from eval.benchmarks.nano import hybrid, main
from trsllava.encoders.weights import DEFAULT_MODEL
from trsllava.models.heads import Heads
from trsllava.models.nano import Nano, NanoConfig, save_nano
from trsllava.sample.draw import draw
from trsllava.sample.grammar import describe
from trsllava.training.export import export_nano

OWNER = np.array([0, 1, 2])


def test_two_branches_that_err_apart_are_right_together() -> None:
    # Each branch mixes up two pictures of its own; the other is sure of them.
    text = np.array([[1.0, 0, 0], [0, 1, 1.2], [0, 1.2, 1]], np.float32)
    image = np.array([[1, 1.2, 0], [1.2, 1, 0], [0, 0, 1.0]], np.float32)
    both = hybrid(text, image, 1.0, OWNER)
    assert hybrid(text, image, 0.0, OWNER).t2i["R@1"] == pytest.approx(100 / 3)
    assert (both.t2i["R@1"], both.i2t["R@1"]) == (100, 100)


def test_it_tells_every_figure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.manual_seed(0)
    network = Nano(NanoConfig(widths=(16, 16, 16, 16), depths=(1, 1, 1, 1)))
    heads = Heads(network.pooled_width, network.local_width, 2, 1)
    save_nano(network, tmp_path / "best")
    kept = {"heads": heads.state_dict(), "scenes": ["beach", "forest"], "things": ["tree"]}
    torch.save(kept, tmp_path / "best-heads.pt")
    export_nano(tmp_path, tmp_path / "nano", text_encoder=DEFAULT_MODEL, size=32)
    lines, rich = [], []
    for seed, kind in enumerate(("beach", "forest", "beach", "forest")):
        drawing = draw(kind, seed, size=32)
        drawing.picture.save(tmp_path / f"{seed}.png")
        texts = [variant.one_sentence for variant in describe(drawing.scene, seed).variants]
        lines.append(json.dumps({"image": f"{seed}.png", "split": "test", "scene": kind, "captions": texts[1:]}))
        rich.append(json.dumps({"image": f"{seed}.png", "captions": texts[:1]}))
    said = [f"{place} {thing}" for place in ("a", "the") for thing in ("beach", "forest", "sea")]
    lines.append(json.dumps({"image": "learnt.png", "split": "train", "captions": said}))
    (tmp_path / "captions.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "rich.jsonl").write_text("\n".join(rich), encoding="utf-8")

    usual = [
        "--images",
        str(tmp_path),
        "--captions",
        str(tmp_path / "captions.jsonl"),
        "--nano",
        str(tmp_path / "nano"),
    ]
    main([*usual, "--rich", str(tmp_path / "rich.jsonl")])
    told = capsys.readouterr().out
    for line in (
        "test: embedding alone, 4 images",
        "scene class right",
        "text to text, plain ",
        "calibrated + 1 embed",
    ):
        assert line in told
    for stand_in in ("nearest", "best"):
        main([*usual, "--documents", stand_in, "--captioner", str(tmp_path / "nano")])
        assert f"documents: {stand_in}, 4 images" in capsys.readouterr().out
    main([*usual, "--sweep"])
    assert capsys.readouterr().out.count("text to text, calibrated + ") == 9
