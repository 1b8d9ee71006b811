"""Is the chance that a hit is right what it says?

    python -m eval.benchmarks.relevance --images images --captions captions.jsonl --split test

Of a captioned split, as nano captions and sees it, with people's captions for queries: the expected calibration error
of the ten best hits (right where they show the scene of the caption's picture) and of the captions' own pictures, how
many captions find their own picture likely, and how many of a hundred nonsense queries find any hit likely. None of
the nonsense was learnt from. Then the same of drawn scenes.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from eval.datasets.captioned import read_captioned
from eval.judged import HITS, judge_captions, judge_drawn, judged_pairs
from eval.metrics.calibration_error import calibration_error
from trsllava.captioners.nano.captioner import NanoCaptioner
from trsllava.encoders import shipped
from trsllava.encoders.nano import NanoEncoder
from trsllava.search.relevance import LIKELY, Relevance

NONSENSE = (
    "annual budget spreadsheet",
    "how to bake bread",
    "a puppy chewing a slipper",
    "drum kit",
    "bitcoin price",
    "uncle bob's anniversary",
    "hjkl uiop vbnm",
    "folding a paper crane",
    "eye doctor",
    "a glass of orange juice",
    "divorce papers",
    "tuxedo rental",
    "population of peru",
    "javascript promise",
    "crying woman portrait",
    "tennis player wins final",
    "hotel booking in madrid",
    "birthday balloons",
    "mri of a knee",
    "singing lesson",
    "the quick brown fox jumps",
    "group photo at a party",
    "plate of spaghetti",
    "balance sheet",
    "parrot in a cage",
    "detective novel",
    "jacket size medium",
    "board meeting agenda",
    "voter turnout",
    "funny dog video",
    "what is love",
    "cello sonata",
    "a bunch of bananas",
    "sore throat",
    "forgot my username",
    "trilobite fossil",
    "alien spaceship",
    "printed invoice",
    "hairbrush",
    "joystick",
    "bathroom with a shower",
    "stove top",
    "close-up of a hand",
    "crochet blanket",
    "cheese fondue",
    "credit card statement",
    "haiku about rain",
    "meowing",
    "computer mouse",
    "name badge",
    "beer bottle",
    "toddler with a toy",
    "card game rules",
    "movie trailer",
    "ear piercing",
    "rock album",
    "sudoku puzzle",
    "mosquito macro",
    "beard trimmer",
    "petri dish",
    "organic chemistry exam",
    "health insurance",
    "giraffe",
    "polar bear",
    "comic strip",
    "baseball card collection",
    "nail polish",
    "vacuum cleaner review",
    "high heels",
    "reading glasses",
    "perfume",
    "light bulb",
    "plush rabbit",
    "chocolate bar",
    "sushi rolls",
    "club sandwich",
    "bowl of cherries",
    "driving licence photo",
    "boarding pass",
    "karaoke night",
    "zombie film",
    "sitcom episode",
    "talk show host",
    "horoscope today",
    "spell this word",
    "who painted the mona lisa",
    "square root of two",
    "linked list",
    "kernel panic",
    "privacy policy",
    "resume template",
    "pay rise",
    "meditation",
    "sit-ups",
    "lonely heart",
    "merry christmas",
    "you are welcome",
    "good night",
    "how are you",
    "roses in a vase",
)


def main(given: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m eval.benchmarks.relevance", description=__doc__)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--captions", type=Path, required=True)
    parser.add_argument("--split", default="test")
    parser.add_argument("--nano", type=Path, default=shipped.NANO, help="a folder of `train captioner`")
    parser.add_argument("--weights", type=Path, default=shipped.RELEVANCE, help="of `train relevance`")
    arguments = parser.parse_args(given)
    encoder = NanoEncoder("nano", arguments.nano)
    captioner = NanoCaptioner(encoder, arguments.nano)
    relevance = Relevance.load(arguments.weights)
    images = read_captioned(arguments.captions, arguments.split)
    captions, nowhere = judge_captions(encoder, captioner, arguments.images, images, NONSENSE)
    pairs = judged_pairs(relevance, captions)
    chances = relevance.chances(pairs.features).reshape(-1, HITS + 1)
    right = pairs.right.reshape(chances.shape)
    error = calibration_error(chances.ravel(), right.ravel())
    of_hits = calibration_error(chances[:, :HITS].ravel(), right[:, :HITS].ravel())
    print(f"{len(chances)} captions: calibration error {error:.3f} (of the hits alone {of_hits:.3f}); own picture "
          f"likely for {(chances[:, HITS] > LIKELY).mean():.1%}")  # fmt: skip
    rest = judged_pairs(relevance, captions, others=HITS)
    far = np.arange(len(rest.right)) % (2 * HITS + 1) > HITS
    print(f"other pictures, drawn by chance: calibration error "
          f"{calibration_error(relevance.chances(rest.features)[far], rest.right[far]):.3f}")  # fmt: skip
    strange = relevance.chances(judged_pairs(relevance, nowhere).features).reshape(-1, HITS)
    print(f"{len(strange)} nonsense queries: {(strange > LIKELY).any(axis=1).sum()} with a likely hit")
    drawn = judged_pairs(relevance, judge_drawn(encoder, captioner))
    told = relevance.chances(drawn.features)
    best = told.reshape(-1, HITS)[:, 0]
    print(f"drawn scenes (learnt from): calibration error {calibration_error(told, drawn.right):.3f}; best hit "
          f"likely for {np.mean(best > LIKELY):.1%}")  # fmt: skip


if __name__ == "__main__":
    main()
