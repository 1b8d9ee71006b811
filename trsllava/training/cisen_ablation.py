"""What each part of CISEN is worth on nano's trunk: V2TMap, HFE, both, and the residual ratio (Table 6, Fig. 13).

    python -m trsllava.training.cisen_ablation --images images --captions captions.jsonl --out cisen --threads 1
    python -m trsllava.training.cisen_ablation --images images --captions captions.jsonl --out cisen --test

The trunk sees each picture once, for all runs. Every run's best epoch is the best on validation. A run that is done
stands in `results.jsonl` and is not done again. The table of validation comes at the end; `--test` measures the kept
networks on the split `test`, with intervals against plain contrastive training. A control is trained plainly for as
many epochs as all stages together.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import mean

import numpy as np
import torch
from numpy.typing import NDArray

from eval.metrics.recall import ScoreMatrix
from eval.metrics.shared_labels import rank_labels
from eval.metrics.weighted_map import weighted_ap
from eval.significance import Gain, Hits, bootstrap_gains, hits
from trsllava.encoders.text import load_text_encoder
from trsllava.encoders.weights import DEFAULT_MODEL
from trsllava.lexicon import lexicon
from trsllava.models.cisen.checkpoint import load_cisen
from trsllava.models.cisen.network import Cisen, CisenConfig
from trsllava.training.ablations import mean_spread
from trsllava.training.cisen import Stage, cisen_backbone, needed_of, stage_network, stage_plan, train_stage
from trsllava.training.data import CaptionedSet, load_split
from trsllava.training.frozen import FrozenViews, freeze_views, whole_view
from trsllava.training.trainer import SeenViews, freeze
from trsllava.training.validation import caption_scores, embed_texts

PLAIN, LONGER = "plain", "plain, as long"
ALPHAS = (0.25, 0.5, 0.75, 1.0)
BETAS = (1.0, 0.5)
_N = 5
"""Items of WMAP."""
_NAMED_BY = 0.4
"""Share of a picture's captions that name a thing for it to be one of the picture's labels."""


Measured = Mapping[str, dict[str, Hits]]
"""Query by query and both ways: `{"recall": …, "wmap": …}`, with rows of R@1, 5 and 10, and of WMAP@5."""


@dataclass(frozen=True)
class Variant:
    """One network, and how it comes about."""

    name: str
    after: str | None
    """The variant that it begins with."""
    stage: Stage
    alpha: float = 0.0
    beta: float = 1.0


@dataclass(frozen=True)
class Epochs:
    """Of each part."""

    align: int
    v2tmap: int
    hfe: int


@dataclass(frozen=True)
class Result:
    """One run; figures are of validation."""

    variant: str
    seed: int
    mR: float  # noqa: N815 - as the literature writes it
    """Percent."""
    wmap: float
    """WMAP@5 by scene and things, mean of both ways."""
    seconds: float
    plan: str


def variants(
    epochs: Epochs, alphas: Sequence[float] = ALPHAS, fused: Sequence[float] = ALPHAS, betas: Sequence[float] = BETAS
) -> Iterator[Variant]:
    """Each after the one that it begins with.

    `alphas`: residual ratios of V2TMap; `fused`: those of them that HFE is trained behind as well; `betas`: how much
    of HFE's feature the embedding is made of.
    """
    yield Variant(PLAIN, None, Stage("align", epochs.align))
    yield Variant(LONGER, None, Stage("align", epochs.align + epochs.v2tmap + epochs.hfe))
    for alpha in alphas:
        yield Variant(_mapped(alpha), PLAIN, Stage("v2tmap", epochs.v2tmap), alpha)
    for beta in betas:
        fusion = f"HFE, β {beta:g}"
        yield Variant(f"{fusion} alone", PLAIN, Stage("hfe", epochs.hfe), beta=beta)
        for alpha in fused:
            yield Variant(f"{_mapped(alpha)} + {fusion}", _mapped(alpha), Stage("hfe", epochs.hfe), beta=beta)


def run(
    variant: Variant, seed: int, training: CaptionedSet, validation: CaptionedSet, seen: SeenViews, backbone: str,
    size: int, out: Path,
) -> Result:  # fmt: skip
    """Train one variant; its network is kept in `out`."""
    torch.manual_seed(seed)
    if variant.after is None:
        before = Cisen(cisen_backbone(backbone, training.vectors.shape[1], None), CisenConfig(size=size))
    else:
        before = load_cisen(run_folder(out, variant.after, seed) / "best")
    network = stage_network(before, variant.stage.part, variant.alpha, variant.beta, seed)
    plan = stage_plan(variant.stage, network.backbone, size, seed)
    folder = run_folder(out, variant.name, seed)
    done = train_stage(
        network,
        variant.stage,
        training,
        validation,
        plan,
        folder,
        lambda: seen,
        name=variant.name,
        text_encoder=DEFAULT_MODEL,
    )
    best = measure(load_cisen(folder / "best"), validation, needed_of(seen, network).validation)
    seconds = sum(line["seconds"] for line in done.history)
    mR = figure(best["recall"])  # noqa: N806
    return Result(variant.name, seed, mR, figure(best["wmap"]), seconds, repr(asdict(plan)))


def measure(network: Cisen, data: CaptionedSet, seen: FrozenViews) -> Measured:
    """What a network makes of a set, as `by_query` has it."""
    pictures = torch.cat([features.embedding for features in seen.features(network)]).numpy()
    return by_query(caption_scores(pictures, embed_texts(network, torch.from_numpy(data.vectors)), data), data)


def by_query(scores: ScoreMatrix, data: CaptionedSet) -> Measured:
    """What scores are worth, both ways.

    `scores`: `(q, n)` of every caption, repeats counted, with every picture.
    """
    owner = data.owner()
    has = labels(data)
    of_text = has[owner]
    return {
        "recall": hits(scores, scores, owner),
        "wmap": {
            "t2i": Hits(_weighted(scores, of_text, has), owner),
            "i2t": Hits(_weighted(np.ascontiguousarray(scores.T), has, of_text), np.arange(len(has))),
        },
    }


def labels(data: CaptionedSet) -> NDArray[np.float32]:
    """`(n, labels)` 1 where a picture has a label: its scene, and the things that two of five captions name."""
    scenes = sorted(set(data.scenes))
    scene = np.array([[name == own for name in scenes] for own in data.scenes], np.float32)
    named = (data.presence(lexicon()) >= _NAMED_BY).astype(np.float32)
    return np.concatenate([scene, named], axis=1)


def figure(measured: Mapping[str, Hits]) -> float:
    """Percent: the mean of all rows both ways, as mR is."""
    return 100 * mean(float(row.mean()) for side in measured.values() for row in side.values)


def averaged(seeds: Sequence[dict[str, Hits]]) -> dict[str, Hits]:
    """Of each query the mean over seeds."""
    return {
        way: Hits(np.mean([one[way].values for one in seeds], axis=0), first.unit) for way, first in seeds[0].items()
    }


def validation_table(results: Sequence[Result]) -> str:
    """Markdown: mean and standard deviation over seeds."""
    by_variant: dict[str, list[Result]] = {}
    for result in results:
        by_variant.setdefault(result.variant, []).append(result)
    rows = [
        f"| {name} | {mean_spread([one.mR for one in found], '.2f')} "
        f"| {mean_spread([one.wmap / 100 for one in found], '.3f')} | {len(found)} "
        f"| {mean(one.seconds for one in found):.0f} |"
        for name, found in by_variant.items()
    ]
    return "\n".join(["| validation | mR | WMAP@5 | seeds | seconds |", "|---|---|---|---|---|", *rows])


def test_table(measured: Mapping[str, Mapping[int, Measured]]) -> str:
    """Markdown: means over seeds, and gains over plain training, which the parts begin with, at equal seeds, with
    95 % intervals by pictures.

    `measured`: by variant and seed.
    """
    rows = []
    for name, seeds in measured.items():
        cells = [mean_spread([figure(one["recall"]) for one in seeds.values()], ".2f"), ""]
        cells += [mean_spread([figure(one["wmap"]) / 100 for one in seeds.values()], ".3f"), ""]
        if name != PLAIN:
            plain = {seed: measured[PLAIN][seed] for seed in seeds}
            cells[1] = _interval(_gain(plain, seeds, "recall"), 1.0, "+.2f")
            cells[3] = _interval(_gain(plain, seeds, "wmap"), 0.01, "+.3f")
        rows.append(f"| {name} | {' | '.join(cells)} | {len(seeds)} |")
    return "\n".join(["| test | mR | gain | WMAP@5 | gain | seeds |", "|---|---|---|---|---|---|", *rows])


def _gain(before: Mapping[int, Measured], after: Mapping[int, Measured], what: str) -> Gain:
    """Of the mean of all figures, over means of seeds."""
    return bootstrap_gains(*(averaged([one[what] for one in runs.values()]) for runs in (before, after)))[-1]


def main(given: Sequence[str] | None = None) -> None:
    """Do what is not done yet, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m trsllava.training.cisen_ablation", description=__doc__)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--captions", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="a folder for features, runs and results.jsonl")
    parser.add_argument("--backbone", default="efficientnet-lite0")
    parser.add_argument("--epochs", default="6,3,4", help="of the backbone's head, V2TMap and HFE")
    parser.add_argument("--alphas", type=_ratios, default=ALPHAS, help="residual ratios of V2TMap")
    parser.add_argument("--fused", type=_ratios, default=ALPHAS, help="those that HFE is trained behind as well")
    parser.add_argument("--betas", type=_ratios, default=BETAS, help="how much of HFE's feature the embedding has")
    parser.add_argument("--size", type=int, default=160, help="side of a view in pixels")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--test", action="store_true", help="measure what is done on test, and train nothing")
    arguments = parser.parse_args(given)
    torch.set_num_threads(arguments.threads)
    arguments.out.mkdir(parents=True, exist_ok=True)
    print(_tested(arguments) if arguments.test else _trained(arguments))


def _trained(arguments: argparse.Namespace) -> str:
    """Every run that is missing, seed by seed, so that what is done can always be compared; the table of all."""
    path = arguments.out / "results.jsonl"
    results = _read(path)
    asked = [(variant, seed) for seed in range(arguments.seeds) for variant in _asked(arguments)]
    missing = [(variant, seed) for variant, seed in asked
               if not any((done.variant, done.seed) == (variant.name, seed) for done in results)]  # fmt: skip
    if missing:
        encoder = load_text_encoder(DEFAULT_MODEL)
        training, validation = (
            load_split(arguments.images, arguments.captions, split, encoder, round(arguments.size * 1.4))
            for split in ("train", "val")
        )
        seen = _seen(arguments, training, validation)
        training, validation = (replace(data, pixels=data.pixels[:, :, :0, :0]) for data in (training, validation))
        for variant, seed in missing:
            results.append(
                run(variant, seed, training, validation, seen, arguments.backbone, arguments.size, arguments.out)
            )
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(results[-1])) + "\n")
            print(f"{variant.name}, seed {seed}: mR {results[-1].mR:.2f}, {results[-1].seconds:.0f} s", flush=True)
    return validation_table(results)


def _seen(arguments: argparse.Namespace, training: CaptionedSet, validation: CaptionedSet) -> SeenViews:
    """What the trunk makes of both sets, by the views of seed 0 for all runs."""
    backbone = cisen_backbone(arguments.backbone, training.vectors.shape[1], None)
    network = Cisen(backbone, CisenConfig(size=arguments.size))
    return freeze(
        network, training, validation, stage_plan(Stage("align", 1), backbone, arguments.size, 0), arguments.out
    )


def _tested(arguments: argparse.Namespace) -> str:
    encoder = load_text_encoder(DEFAULT_MODEL)
    data = load_split(arguments.images, arguments.captions, "test", encoder, round(arguments.size * 1.4))
    measured: dict[str, dict[int, Measured]] = {}
    for result in _read(arguments.out / "results.jsonl"):
        network = load_cisen(run_folder(arguments.out, result.variant, result.seed) / "best")
        seen = freeze_views(
            network, 1, data.pixels, arguments.out / "test-views.npy", 1, whole_view(arguments.size)
        )  # fmt: skip
        needed = needed_of(SeenViews(seen, seen), network).validation
        measured.setdefault(result.variant, {})[result.seed] = measure(network, data, needed)
    return test_table(measured)


def _asked(arguments: argparse.Namespace) -> list[Variant]:
    epochs = Epochs(*(int(number) for number in arguments.epochs.split(",")))
    return list(variants(epochs, arguments.alphas, arguments.fused, arguments.betas))


def _mapped(alpha: float) -> str:
    return f"V2TMap, α {alpha:g}"


def _ratios(text: str) -> list[float]:
    return [float(number) for number in text.split(",") if number]


def run_folder(out: Path, variant: str, seed: int) -> Path:
    """The run of a variant within the folder of all."""
    return out / f"{variant.replace(' + ', '-').replace(', ', '-').replace(' ', '-')}-{seed}"


def _read(path: Path) -> list[Result]:
    if not path.exists():
        return []
    return [Result(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _weighted(
    scores: NDArray[np.float32], asking: NDArray[np.float32], ranked: NDArray[np.float32]
) -> NDArray[np.float64]:
    """WAP@5 of each query, `(1, q)`."""
    shared = np.rint(asking @ ranked.T).astype(np.int64)
    return np.array([[weighted_ap(rank_labels(row, own, _N), _N) for row, own in zip(scores, shared, strict=True)]])


def _interval(gain: Gain, share: float, form: str) -> str:
    return f"{share * gain.mean:{form}} ({share * gain.low:{form}} … {share * gain.high:{form}})"


if __name__ == "__main__":
    main()
