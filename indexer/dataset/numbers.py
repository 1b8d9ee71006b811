"""The numbers of a data set: what its page, its `dataset.json` and the command tell of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from indexer.dataset.checks import RULES, RuleName, kept_shares
from indexer.dataset.near_duplicates import NearDuplicates
from indexer.dataset.pictures import CutPictures
from indexer.dataset.records import SPLITS, DataSetImage
from indexer.dataset.sampled import Sampled
from indexer.dataset.similarity import Similarity
from indexer.dataset.splits import DataSetSplit
from indexer.sampling.sample import Row, Table, Value


@dataclass(frozen=True)
class Numbers:
    """Figures by name, tables, and the lists behind them."""

    figures: Mapping[str, Value]
    """In the order to print them in."""
    sampling: Mapping[str, Value]
    """Those of the sample."""
    tables: Sequence[Table]
    notes: Sequence[str]
    near_duplicates: Sequence[NearDuplicates]
    broken: Mapping[str, Mapping[RuleName, str]]
    """Rules that the text of each picture breaks."""
    similarity: Similarity | None

    def as_json(self) -> dict[str, Any]:
        """What `dataset.json` holds of them."""
        alike = self.similarity
        return {
            "figures": dict(self.figures),
            "sampling": dict(self.sampling),
            "tables": {table.title: [dict(row) for row in table.rows] for table in self.tables},
            "notes": list(self.notes),
            "near duplicates between splits": [asdict(pair) for pair in self.near_duplicates],
            "rules broken": {name: dict(of) for name, of in sorted(self.broken.items()) if of},
            "similarity": None
            if alike is None
            else {"pictures": list(alike.names), "scores": [[round(one, 4) for one in row] for row in alike.scores]},
        }


def numbers_of(
    sampled: Sampled,
    cut: CutPictures,
    split: DataSetSplit,
    images: Sequence[DataSetImage],
    *,
    at_the_edge: Iterable[str],
    near_duplicates: Sequence[NearDuplicates],
    broken: Mapping[str, Mapping[RuleName, str]],
    similarity: Similarity | None,
    gap_km: float,
) -> Numbers:
    """`at_the_edge`: a label for each time that the scope check dropped it."""
    dropped = Counter(at_the_edge)
    counts = Counter(image.split for image in images)
    figures: dict[str, Value] = {
        "places chosen": len(sampled.points),
        "pictures cut": len(cut.by_id),
        "pictures in the data set": len(images),
        **{f"pictures in {name}": counts[name] for name in SPLITS},
        "pictures left out between splits": len(split.left_out),
        "km between splits, stated": gap_km,
        **{f"km from {one} to {other}, at least": km for (one, other), km in split.nearest_km.items()},
        "near-duplicates between splits": len(near_duplicates),
        "labels": len({label for image in images for label in image.labels}),
        "labels a picture": _mean([len(image.labels) for image in images]),
        "pictures without a label": sum(not image.labels for image in images),
        "labels dropped at the edge": dropped.total(),
        "words a caption": _mean([len(text.split()) for image in images for text in _texts(image)]),
    }
    if similarity is not None:
        figures |= {
            "likeness of texts (BLEU and METEOR)": similarity.mean,
            "BLEU of pairs": similarity.bleu,
            "METEOR of pairs": similarity.meteor,
        }
    tables = [
        Table("Labels", _label_rows(images, dropped)),
        Table(
            "LuojiaHOG's rules for descriptions",
            [
                {"rule": RULES[name], "texts that keep it": share}
                for name, share in kept_shares(broken.values()).items()
            ],
            note="Shares of all texts. What breaks a rule is listed by picture in dataset.json.",
        ),
        Table(
            "Near-duplicates between splits",
            [
                {
                    "picture": pair.one,
                    "in": pair.splits[0],
                    "other": pair.other,
                    "of": pair.splits[1],
                    "bits": pair.bits,
                }
                for pair in near_duplicates
            ],
            note="By perceptual hash; bits of 256 that differ.",
        ),
        *sampled.tables,
    ]
    return Numbers(figures, sampled.figures, tables, tuple(sampled.notes), near_duplicates, broken, similarity)


def _label_rows(images: Sequence[DataSetImage], dropped: Mapping[str, int]) -> list[Row]:
    """The most frequent first."""
    paths = {name: path for image in images for name, path in zip(image.labels, image.label_paths, strict=True)}
    of_split = {
        split: Counter(name for one in images if one.split == split for name in one.labels) for split in SPLITS
    }
    total = sum(of_split.values(), Counter[str]())
    return [
        {
            "label": name,
            "within": " > ".join(dict.fromkeys(paths[name][:-1])),
            **{split: of_split[split][name] for split in SPLITS},
            "dropped at the edge": dropped.get(name, 0),
        }
        for name in sorted(paths, key=lambda name: (-total[name], name))
    ]


def _texts(image: DataSetImage) -> list[str]:
    return [] if image.text is None else [variant.text() for variant in image.text.variants]


def _mean(values: Sequence[int]) -> float:
    return sum(values) / len(values) if values else 0.0
