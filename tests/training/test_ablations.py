"""The ablations at toy scale: every variant trains, what is done is not done again, and the tables tell gains."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from trsllava.errors import InputError
from trsllava.sample.draw import draw
from trsllava.sample.grammar import describe
from trsllava.training.ablations import VARIANTS, Result, main, read_results, small_plan, tables


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The flags that name a small drawn data set."""
    folder = tmp_path_factory.mktemp("drawn")
    lines = []
    for seed in range(3):
        for kind in ("beach", "stadium"):
            drawing = draw(kind, seed, size=32)
            drawing.picture.save(folder / f"{kind}-{seed}.png")
            texts = [variant.one_sentence for variant in describe(drawing.scene, seed).variants]
            split = "val" if seed == 2 else "train"
            lines.append(json.dumps({"image": f"{kind}-{seed}.png", "split": split, "scene": kind, "captions": texts}))
    (folder / "captions.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return ["--images", str(folder), "--captions", str(folder / "captions.jsonl")]


def test_every_variant_runs_once_and_is_told(
    drawn: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = [*drawn, "--out", str(tmp_path), "--epochs", "1", "--size", "32", "--seeds", "1"]
    main(flags)
    results = read_results(tmp_path / "results.jsonl")
    assert [result.variant for result in results] == list(VARIANTS)
    told = capsys.readouterr().out
    assert all(f"\n| {variant} |" in told for variant in VARIANTS)

    main(flags)
    assert read_results(tmp_path / "results.jsonl") == results
    assert "seed 0" not in capsys.readouterr().out

    with pytest.raises(InputError, match="epochs was 1, is 2"):  # never mixed with runs of another schedule
        main([*flags, "--epochs", "2"])


def test_a_stopped_run_goes_on_with_what_is_missing(drawn: list[str], tmp_path: Path) -> None:
    flags = [*drawn, "--out", str(tmp_path), "--epochs", "1", "--size", "32", "--seeds", "1"]
    main(flags)
    results = tmp_path / "results.jsonl"
    whole = read_results(results)
    results.write_text("\n".join(results.read_text().splitlines()[:-2]) + "\n")
    main(flags)
    assert read_results(results) == whole


def test_variants_differ_by_nothing_but_what_their_name_says() -> None:
    base = small_plan("itc alone", 0, 2, 64)
    assert small_plan("itc + irr, far", 0, 2, 64) == replace(
        base, weights=replace(base.weights, irr=1.0), keywords="far"
    )
    assert small_plan("irr, far, small alone", 1, 2, 64).keyword_levels == ("small",)
    assert len({repr(small_plan(name, 0, 2, 64)) for name in VARIANTS}) == len(VARIANTS)


def test_gains_are_over_the_contrastive_loss_at_equal_seeds() -> None:
    runs = [Result("itc alone", 0, 5.0, 1, {}), Result("itc alone", 1, 7.0, 1, {})]
    runs += [Result("itc + presence", 0, 6.0, 1, {}), Result("itc + presence", 1, 8.0, 1, {})]
    told = tables(runs)
    assert "| itc alone | 6.00 ± 1.41 |  | 2 |" in told
    assert "| itc + presence | 7.00 ± 1.41 | +1.00 ± 0.00 | 2 |" in told
