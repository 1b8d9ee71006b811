"""What each objective is worth: many small trainings of nano, compared by validation mR. Test is not touched.

    python -m trsllava.training.ablations --images images --captions captions.jsonl --out ablations --threads 1

Objectives one by one, implicit relation reasoning without, direct and with FAR (DiaRet's Table 2), and keywords of one
level alone (Table 3), each with three seeds. A run that is done stands in `results.jsonl` and is not done again; one
that was stopped goes on. The tables come at the end, and with `--tables` of what is done so far.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np
import torch

from trsllava.encoders.protocol import FloatArray, TextEncoder
from trsllava.encoders.text import load_text_encoder
from trsllava.models.nano import NanoConfig
from trsllava.training.backbones import nano_backbone
from trsllava.training.data import CaptionedSet, load_split
from trsllava.training.objectives.total import Weights
from trsllava.training.plan import TrainingPlan, nano_plan
from trsllava.training.precision import fast_precision
from trsllava.training.trainer import train

_ITC = Weights(itc=1, id=0, irr=0)
_BASE = "itc alone"
_OBJECTIVES: Mapping[str, Mapping[str, Any]] = {
    _BASE: {},
    "itc + identity by image": {"weights": replace(_ITC, id=1.0)},
    "itc + identity by scene": {"weights": replace(_ITC, id=1.0), "identity": "scene"},
    "itc + scene head": {"weights": replace(_ITC, scene=0.5)},
    "itc + presence": {"weights": replace(_ITC, presence=10.0)},
    "itc + irr, direct": {"weights": replace(_ITC, irr=1.0)},
    "itc + irr, far": {"weights": replace(_ITC, irr=1.0), "keywords": "far"},
    "all": {"weights": Weights(itc=1, id=1, irr=1, scene=0.5, presence=10), "identity": "scene", "keywords": "far"},
}
_LEVELS: Mapping[str, Mapping[str, Any]] = {
    f"irr, far, {level} alone": {**_OBJECTIVES["itc + irr, far"], "keyword_levels": (level,)}
    for level in ("global", "large", "small")
}
VARIANTS: Mapping[str, Mapping[str, Any]] = {**_OBJECTIVES, **_LEVELS}
"""What each run changes of the small plan, by name."""
_TABLES: Mapping[str, Sequence[str]] = {
    "Objectives": tuple(_OBJECTIVES),
    "Implicit relation reasoning (Table 2)": (_BASE, "itc + irr, direct", "itc + irr, far"),
    "Keyword levels (Table 3)": (_BASE, *_LEVELS, "itc + irr, far"),
}
_NETWORK = NanoConfig(widths=(32, 64, 128, 192))


@dataclass(frozen=True)
class Result:
    """One run."""

    variant: str
    seed: int
    mR: float  # noqa: N815 - as the literature writes it
    """Validation, percent, after the last epoch."""
    seconds: float
    """Of training and validation, by the clock."""
    plan: dict[str, Any]


class Remembered:
    """A text encoder that encodes each text once, however often it is asked."""

    def __init__(self, encoder: TextEncoder) -> None:
        self._encoder, self._known = encoder, dict[str, FloatArray]()
        self.name, self.dim = encoder.name, encoder.dim

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Encode texts into `(n, dim)` float32, L2-normalised rows."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(new, self._encoder.encode(new), strict=True) if new else ())
        return np.stack([self._known[text] for text in texts])


def small_plan(variant: str, seed: int, epochs: int, size: int) -> TrainingPlan:
    """nano's plan on a small schedule: fewer negatives, as texts would else cost more than pictures."""
    usual = nano_plan()
    return replace(
        usual,
        epochs=epochs,
        seed=seed,
        augmentation=replace(usual.augmentation, size=size),
        eval_size=round(size * usual.eval_size / usual.augmentation.size),
        negatives=256,
        averaging=0.98,
        precision=fast_precision("cpu"),
        **{"weights": _ITC, **VARIANTS[variant]},
    )


def run(
    variant: str,
    plan: TrainingPlan,
    training: CaptionedSet,
    validation: CaptionedSet,
    encoder: TextEncoder,
    folder: Path,
    network: NanoConfig = _NETWORK,
) -> Result:
    """Train one variant; `folder` is the run's own. Raises InputError where it holds a run of another plan."""
    torch.manual_seed(plan.seed)
    backbone = nano_backbone(encoder, replace(network, text_dim=encoder.dim))
    done = train(backbone, training, validation, plan, folder)
    seconds = sum(line["seconds"] for line in done.history)
    return Result(variant, plan.seed, done.history[-1]["mR"], seconds, json.loads(json.dumps(asdict(plan))))


def read_results(path: Path) -> list[Result]:
    """Runs that are done; none where there is no file yet."""
    if not path.exists():
        return []
    return [Result(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def is_done(results: Sequence[Result], variant: str, plan: TrainingPlan) -> bool:
    """True where the same run stands among the results, under the same plan."""
    asked = json.loads(json.dumps(asdict(plan)))
    return any(result.variant == variant and result.plan == asked for result in results)


def tables(results: Sequence[Result]) -> str:
    """Markdown: mean and standard deviation of validation mR over seeds, and what it gains over the contrastive loss
    alone at equal seeds."""
    by_variant: dict[str, dict[int, float]] = {}
    for result in results:
        by_variant.setdefault(result.variant, {})[result.seed] = result.mR
    parts = []
    for title, variants in _TABLES.items():
        rows = [_row(name, by_variant[name], by_variant.get(_BASE, {})) for name in variants if name in by_variant]
        parts.append("\n".join([f"| {title} | validation mR | gain | seeds |", "|---|---|---|---|", *rows]))
    return "\n\n".join(parts)


def _row(name: str, by_seed: Mapping[int, float], base: Mapping[int, float]) -> str:
    gains = [by_seed[seed] - base[seed] for seed in by_seed if seed in base]
    gained = "" if name == _BASE or not gains else mean_spread(gains, "+.2f")
    return f"| {name} | {mean_spread(list(by_seed.values()), '.2f')} | {gained} | {len(by_seed)} |"


def mean_spread(values: Sequence[float], form: str) -> str:
    """`6.52 ± 0.23`: mean and standard deviation, each number of the mean in the format `form`."""
    return f"{mean(values):{form}}" + (f" ± {stdev(values):.2f}" if len(values) > 1 else "")


def main(given: Sequence[str] | None = None) -> None:
    """Do what is not done yet, and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m trsllava.training.ablations", description=__doc__)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--captions", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="a folder for runs and results.jsonl")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--size", type=int, default=64, help="side of a view in pixels")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--tables", action="store_true", help="print the tables of what is done, and run nothing")
    arguments = parser.parse_args(given)

    results = read_results(arguments.out / "results.jsonl")
    if not arguments.tables:
        torch.set_num_threads(arguments.threads)
        _run_all(arguments, results)
    print(tables(results))


def _run_all(arguments: argparse.Namespace, results: list[Result]) -> None:
    """Every run that is missing in `results`, seed by seed, so that what is done can always be compared."""
    plans = [
        (variant, small_plan(variant, seed, arguments.epochs, arguments.size))
        for seed in range(arguments.seeds)
        for variant in VARIANTS
    ]
    missing = [(variant, plan) for variant, plan in plans if not is_done(results, variant, plan)]
    if not missing:
        return
    arguments.out.mkdir(parents=True, exist_ok=True)
    encoder = Remembered(load_text_encoder())
    side = max(missing[0][1].eval_size, round(arguments.size * 1.4))
    training, validation = (
        load_split(arguments.images, arguments.captions, split, encoder, side) for split in ("train", "val")
    )
    for variant, plan in missing:
        name = f"{variant.replace(' + ', '-').replace(', ', '-').replace(' ', '-')}-{plan.seed}"
        result = run(variant, plan, training, validation, encoder, arguments.out / name)
        results.append(result)
        with (arguments.out / "results.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(result)) + "\n")
        print(f"{variant}, seed {plan.seed}: mR {result.mR:.2f}, {result.seconds:.0f} s", flush=True)


if __name__ == "__main__":
    main()
