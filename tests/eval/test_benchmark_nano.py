"""The benchmark of nano: fusion by hand, and the whole of it on drawn pictures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from eval.benchmarks.nano import BRANCHES, alone, figures, main
from eval.retrieval import Scoring
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
    both = figures(np.stack([text, image]), Scoring(BRANCHES, "zscore", {}), OWNER)
    assert figures(text[None], alone("dense"), OWNER).t2i["R@1"] == pytest.approx(100 / 3)
    assert (both.t2i["R@1"], both.i2t["R@1"]) == (100, 100)


def test_it_tells_every_figure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.manual_seed(0)
    network = Nano(NanoConfig(widths=(16, 16, 16, 16), depths=(1, 1, 1, 1)))
    heads = Heads(network.pooled_width, network.local_width, 2, 1)
    save_nano(network, tmp_path / "best")
    kept = {"heads": heads.state_dict(), "scenes": ["beach", "forest"], "things": ["tree"]}
    torch.save(kept, tmp_path / "best-heads.pt")
    export_nano(tmp_path, tmp_path / "nano", text_encoder=DEFAULT_MODEL, size=32)
    lines = []
    for seed, kind in enumerate(("beach", "forest", "beach", "forest", "beach")):
        drawing = draw(kind, seed, size=32)
        drawing.picture.save(tmp_path / f"{seed}.png")
        texts = [variant.one_sentence for variant in describe(drawing.scene, seed).variants]
        split = "train" if seed == 4 else "val"
        lines.append(json.dumps({"image": f"{seed}.png", "split": split, "scene": kind, "captions": texts}))
    (tmp_path / "captions.jsonl").write_text("\n".join(lines), encoding="utf-8")
    captions, nano = str(tmp_path / "captions.jsonl"), str(tmp_path / "nano")

    usual = ["--images", str(tmp_path), "--captions", captions, "--nano", nano]
    main([*usual, "--rescore", "inverted-softmax", "resort:2"])
    told = capsys.readouterr().out
    assert "documents: first, 4 images, 16 queries" in told
    for what in ("text to text, plain ", "embedding alone", "calibrated + 0.5 embedding"):
        for how in (" ", ", inverted-softmax:0.05", ", resort:2"):
            assert f"{what.rstrip()}{how}" in told
    for stand_in in ("nearest", "best"):
        main([*usual, "--documents", stand_in, "--captioner", nano])
        assert f"documents: {stand_in}, 4 images, 20 queries" in capsys.readouterr().out
    main([*usual, "--sweep"])
    assert capsys.readouterr().out.count("calibrated + ") == 9
