"""Implicit relation reasoning without keywords, with the captions' own and with those of dialogues (DiaRet, Table 2).

    python -m trsllava.training.dialogue_ablation --images images --captions captions.jsonl \
        --dialogues dialogues.jsonl --out table2 --threads 1

The first layers of a pretrained trunk stay as they are, and what they make of the pictures is computed once a seed.
The last ones learn: what the objective teaches reaches the embedding through them. Compared by validation mR; test is
not touched. A run that is done stands in `results.jsonl` and is not done again.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

from trsllava.dialogue.written import read_dialogues
from trsllava.encoders.text import load_text_encoder
from trsllava.models.nano import Nano, save_nano
from trsllava.training.ablations import Result, is_done, mean_spread, read_results
from trsllava.training.augment import Augmentation
from trsllava.training.backbones import Backbone
from trsllava.training.data import CaptionedSet, load_split
from trsllava.training.far import dialogue_sayings
from trsllava.training.objectives.total import Weights
from trsllava.training.plan import TrainingPlan
from trsllava.training.staged import pretrained_trunk
from trsllava.training.trainer import train

_TRUNK = "efficientnet-lite0"
_FROZEN = 14
"""Of 18 layers."""
_WITHOUT = "without"
_WITH = Weights(itc=1, id=0, irr=1)
VARIANTS: Mapping[str, Mapping[str, Any]] = {
    _WITHOUT: {"weights": replace(_WITH, irr=0)},
    "direct keywords": {"weights": _WITH, "keywords": "direct"},
    "keywords of dialogues": {"weights": _WITH, "keywords": "dialogues"},
}
"""What each run changes of the plan, by name."""


def small_plan(variant: str, seed: int, epochs: int, size: int) -> TrainingPlan:
    """A short schedule over features that are computed once."""
    plan = TrainingPlan(
        epochs=epochs,
        batch=128,
        rate=1e-3,
        weights=_WITH,
        augmentation=Augmentation(size=size, area=(0.5, 1.0), tilt=15.0, colour=0.25, cutout=0.15, blend=0.5),
        eval_size=size,
        captions=5,
        negatives=256,
        affinity_temperature=0.05,
        averaging=0.98,
        seed=seed,
        frozen=_FROZEN,
        views=1,
        trunk_share=0.3,
    )
    return replace(plan, **VARIANTS[variant])


def run(variant: str, plan: TrainingPlan, training: CaptionedSet, validation: CaptionedSet, out: Path) -> Result:
    """Train one variant in a folder of its own below `out`."""
    folder = out / f"{variant.replace(' ', '-')}-{plan.seed}"
    folder.mkdir(parents=True, exist_ok=True)
    for views in out.glob(f"*-{plan.seed}/*views*.npy"):  # of another variant of this seed
        if not (folder / views.name).exists():
            os.link(views, folder / views.name)
    shape, trunk = pretrained_trunk(_TRUNK, training.vectors.shape[1])
    torch.manual_seed(plan.seed)
    network = Nano(shape)
    network.trunk.load_state_dict(trunk.state_dict())
    vectors = {split.texts: split.vectors for split in (training, validation)}
    backbone = Backbone(
        _TRUNK, network, lambda texts: torch.from_numpy(vectors[tuple(texts)]), plan.eval_size, save_nano
    )
    done = train(backbone, training, validation, plan, folder)
    seconds = sum(line["seconds"] for line in done.history)
    return Result(variant, plan.seed, done.history[-1]["mR"], seconds, json.loads(json.dumps(asdict(plan))))


def table(results: Sequence[Result]) -> str:
    """Markdown: mean and standard deviation of validation mR over seeds, and gains at equal seeds."""
    by_variant: dict[str, dict[int, float]] = {}
    for result in results:
        by_variant.setdefault(result.variant, {})[result.seed] = result.mR
    base = by_variant.get(_WITHOUT, {})
    rows = ["| implicit relation reasoning | validation mR | gain | seeds |", "|---|---|---|---|"]
    for name, by_seed in by_variant.items():
        gains = [value - base[seed] for seed, value in by_seed.items() if seed in base]
        gained = "" if name == _WITHOUT or not gains else mean_spread(gains, "+.2f")
        rows.append(f"| {name} | {mean_spread(list(by_seed.values()), '.2f')} | {gained} | {len(by_seed)} |")
    return "\n".join(rows)


def main(given: Sequence[str] | None = None) -> None:
    """Do what is not done yet, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m trsllava.training.dialogue_ablation", description=__doc__)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--captions", type=Path, required=True)
    parser.add_argument("--dialogues", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="a folder for runs and results.jsonl")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--size", type=int, default=112, help="side of a view in pixels")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args(given)

    torch.set_num_threads(arguments.threads)
    results = read_results(arguments.out / "results.jsonl")
    plans = [
        (variant, small_plan(variant, seed, arguments.epochs, arguments.size))
        for seed in range(arguments.seeds)
        for variant in VARIANTS
    ]
    missing = [(variant, plan) for variant, plan in plans if not is_done(results, variant, plan)]
    if missing:
        encoder, side = load_text_encoder(), round(arguments.size * 8 / 7)
        training, validation = (
            load_split(arguments.images, arguments.captions, split, encoder, side) for split in ("train", "val")
        )
        sayings = dialogue_sayings(training.names, read_dialogues(arguments.dialogues))
        for variant, plan in missing:
            data = replace(training, dialogues=sayings) if plan.keywords == "dialogues" else training
            results.append(run(variant, plan, data, validation, arguments.out))
            with (arguments.out / "results.jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(results[-1])) + "\n")
            print(f"{variant}, seed {plan.seed}: mR {results[-1].mR:.2f}, {results[-1].seconds:.0f} s", flush=True)
    print(table(results))


if __name__ == "__main__":
    main()
