"""What nano sees in the pictures of a data set, without the sentences that it could say of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from eval.pictures import load_picture
from indexer.progress import Progress, no_progress
from trsllava.captioners.nano.impression import Confidence, Impression
from trsllava.encoders.nano import NanoEncoder

_BATCH = 128


def impressions(
    encoder: NanoEncoder,
    confidence: Confidence,
    folder: Path,
    names: Sequence[str],
    progress: Progress = no_progress,
) -> list[Impression]:
    """One of each picture, in order. Raises InputError for a picture that cannot be read."""
    found: list[Impression] = []
    for start in range(0, len(names), _BATCH):
        progress("look for users", start, len(names))
        seen = encoder.see([load_picture(folder / name) for name in names[start : start + _BATCH]])
        evidence, presence = confidence.evidence(seen.pooled), confidence.presence(seen.presence)
        scenes = confidence.scene(seen.pooled)
        for row in range(len(evidence)):
            order = (-scenes[row]).argsort(kind="stable")
            found.append(
                Impression(
                    evidence=float(evidence[row]),
                    scenes=tuple((encoder.scenes[place], float(scenes[row, place])) for place in order),
                    presence=dict(zip(encoder.things, presence[row].tolist(), strict=True)),
                    places={thing: seen.places[row, :, :, place] for place, thing in enumerate(encoder.things)},
                    sentences=(),
                )
            )
    progress("look for users", len(names), len(names))
    return found
