"""A picture and a text ask together."""

from __future__ import annotations

import math
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from tests.standin.collection import Collection
from tests.standin.encoders import ColourEncoder
from trsllava.errors import InputError
from trsllava.records import Hit, Query, RichCaption, RichText, SideBranch
from trsllava.search.branches import Encoders
from trsllava.search.composed import (
    CAPTIONS_WEIGHT,
    EDIT_WEIGHT,
    EXCLUSION_WEIGHT,
    WEIGHT,
    part_weights,
    weighed_parts,
)
from trsllava.search.picture_query import known_caption

SCENES = {
    "harbor-boats.png": ("navy", "a harbor with boats"),
    "harbor-cranes.png": ("blue", "a harbor with cranes"),
    "harbor-empty.png": ("mediumblue", "an empty harbor"),
    "lake-boats.png": ("teal", "a lake with boats"),
    "field.png": ("lime", "a green field"),
    "town.png": ("red", "red roofs of a town"),
}
BLUE = np.full((6, 6, 3), (0, 0, 250), np.uint8)
HARBOR = RichText(variants=(RichCaption(caption="an empty harbor"),))
WEIGHTS = (0.0, 0.15, 0.5, 1.0)
PAIRS = [(one, other) for one in get_args(SideBranch) for other in get_args(SideBranch)]


@pytest.fixture
def harbors(collection: Collection) -> Collection:
    collection.image_encoder = ColourEncoder()
    collection.paint({name: colour for name, (colour, _) in SCENES.items()})
    collection.describe({name: text for name, (_, text) in SCENES.items()})
    collection.index()
    return collection


def ask(text: str = "with boats", **given: object) -> Query:
    return Query.model_validate({"text": text, "image": BLUE, "caption": HARBOR, "k": 6} | given)


def names(hits: list[Hit]) -> list[str]:
    return [hit.paths[0].rsplit("/", 1)[-1] for hit in hits]


def test_both_sides_count(harbors: Collection) -> None:
    hits = harbors.engine().search(ask(weight=0.5))
    assert names(hits)[0] == "harbor-boats.png"
    assert set(hits[0].branches) == {"by_image", "by_text"}
    assert hits[0].why.text == "a harbor with boats"


@pytest.mark.parametrize("pair", PAIRS)
def test_a_weight_of_0_is_the_picture_alone_and_of_1_the_text_alone(
    harbors: Collection, pair: tuple[SideBranch, SideBranch]
) -> None:
    engine = harbors.engine()
    (only_image, only_text) = (engine.search(ask(weight=weight, pair=pair))[0] for weight in (0, 1))
    assert set(only_image.branches) == {"by_image"}
    assert set(only_text.branches) == {"by_text"}
    assert only_image.score == only_image.branches["by_image"].score
    if pair[0] == "image":
        by_picture = engine.search(Query(image=BLUE, k=6))
        assert [hit.score for hit in by_picture] == [
            pytest.approx(hit.score) for hit in engine.search(ask(weight=0, pair=pair))
        ]


@pytest.mark.parametrize(
    ("given", "pair", "weight"),
    [
        ({}, ("image", "image"), WEIGHT),
        ({"text": "without boats"}, ("image", "image"), EXCLUSION_WEIGHT),
        ({"edit": True}, ("dense", "dense"), EDIT_WEIGHT),
        ({"pair": ("dense", "dense")}, ("dense", "dense"), CAPTIONS_WEIGHT),
        ({"pair": ("image", "dense")}, ("image", "dense"), WEIGHT),
    ],
)
def test_what_is_compared_and_how_it_is_weighed_unless_told(
    harbors: Collection, given: dict[str, object], pair: tuple[SideBranch, SideBranch], weight: float
) -> None:
    engine = harbors.engine()
    told = {**given, "pair": pair, "weight": weight}
    assert engine.search(ask(**given)) == engine.search(ask(**told))


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("text", ["with boats", "blue, no boats"])
def test_exact_mode_is_the_full_matrix_computation(
    harbors: Collection, pair: tuple[SideBranch, SideBranch], weight: float, text: str
) -> None:
    """WEICOM written out: standardise each side over the collection, normal distribution function, convex sum."""
    hits = harbors.engine().search(ask(text, pair=pair, weight=weight))
    records = list(harbors.ledger.scan())
    captions = harbors.encoder.encode([r.text.texts()[0] for r in records if r.text])
    colours = ColourEncoder()
    pixels = {name: harbors.images / name for name in SCENES}
    pictures = colours.encode_images([_read(pixels[r.paths[0].rsplit("/", 1)[-1]]) for r in records])
    encode = {"dense": harbors.encoder.encode, "image": colours.encode_texts}
    rows = {"dense": captions, "image": pictures}

    own = colours.encode_images([BLUE])[0] if pair[0] == "image" else harbors.encoder.encode(["an empty harbor"])[0]
    sides = [(1 - weight, rows[pair[0]] @ own)]
    wanted, unwanted = ("boats", "") if text == "with boats" else ("blue", "boats")
    shared = weight / 2 if unwanted else weight
    sides.append((shared, rows[pair[1]] @ encode[pair[1]]([wanted])[0]))
    if unwanted:
        alike = rows[pair[1]] @ encode[pair[1]]([unwanted])[0]
        sides.append((shared, -np.maximum(alike, alike.mean() + alike.std())))
    sides = [side for side in sides if side[0]]
    expected = sides[0][1] if len(sides) == 1 else sum((w * _phi(s) for w, s in sides), np.zeros(len(records)))
    of_tile = {str(record.tile.id): score for record, score in zip(records, expected, strict=True)}
    assert {str(hit.tile.id): hit.score for hit in hits} == {
        tile: pytest.approx(score, abs=1e-5) for tile, score in of_tile.items()
    }


def _phi(scores: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    wide = scores.astype(np.float64)
    z = (wide - wide.mean()) / wide.std() if wide.std() > 1e-6 else np.zeros(len(wide))
    return np.array([0.5 * (1 + math.erf(value / math.sqrt(2))) for value in z])


def _read(path: Path) -> np.ndarray:  # type: ignore[type-arg]
    from PIL import Image

    with Image.open(path) as opened:
        return np.asarray(opened.convert("RGB"))


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("text", ["with boats", "without boats", "cranes, no boats"])
@pytest.mark.parametrize("weight", [0.15, 1.0])
def test_candidates_are_scored_like_all_tiles(
    harbors: Collection, pair: tuple[SideBranch, SideBranch], text: str, weight: float
) -> None:
    query = ask(text, pair=pair, weight=weight)
    exact, candidates = (harbors.engine(exact_below=limit).search(query) for limit in (100, 0))
    assert names(exact) == names(candidates)
    for one, other in zip(exact, candidates, strict=True):
        assert one.score == pytest.approx(other.score, abs=1e-4)


def test_what_is_not_wanted_is_pushed_down(harbors: Collection) -> None:
    engine = harbors.engine()
    before = names(engine.search(ask(weight=0)))
    hits = engine.search(ask("without boats", weight=0.8))
    after = names(hits)
    harbors_without = max(after.index(name) for name in ("harbor-empty.png", "harbor-cranes.png"))
    assert harbors_without < after.index("lake-boats.png") < after.index("harbor-boats.png")
    assert before.index("harbor-boats.png") < after.index("harbor-boats.png")
    assert set(hits[0].branches) == {"by_image", "without"}
    assert hits[0].branches["without"].score > hits[-1].branches["without"].score


@pytest.mark.parametrize("fusion", ["cdf", "zscore", "rrf"])
def test_the_shares_add_up_to_the_score(harbors: Collection, fusion: str) -> None:
    for hit in harbors.engine().search(ask("cranes, no boats", weight=0.4, fusion=fusion)):
        assert set(hit.branches) == {"by_image", "by_text", "without"}
        assert sum(said.share for said in hit.branches.values()) == pytest.approx(hit.score, abs=1e-5)


def test_an_instruction_rewrites_the_caption(harbors: Collection) -> None:
    hits = harbors.engine().search(ask("replace the harbor with a lake with boats", edit=True))
    assert set(hits[0].branches) == {"by_text", "without"}  # a rewritten caption stands alone unless told otherwise
    assert names(hits)[0] == "lake-boats.png"
    both = harbors.engine().search(ask("with cranes", edit=True, weight=0.5))
    assert set(both[0].branches) == {"by_image", "by_text"}
    by_text = {name: hit.branches["by_text"].score for name, hit in zip(names(both), both, strict=True)}
    assert by_text["harbor-cranes.png"] > by_text["harbor-boats.png"]  # the same harbor, with what was added


def test_a_picture_that_nothing_is_known_of_is_described(harbors: Collection) -> None:
    asked: list[int] = []

    def describe(picture: np.ndarray) -> RichText:  # type: ignore[type-arg]
        asked.append(picture.shape[0])
        return HARBOR

    engine = harbors.engine()
    seen = engine._encoders
    engine._encoders = Encoders(seen.text, seen.bm25, seen.image, describe)
    assert names(engine.search(ask(caption=None, pair=("dense", "dense"), weight=0)))[0] == "harbor-empty.png"
    engine.search(ask(caption=None, pair=("image", "dense")))
    assert asked == [6]  # pictures compared with pictures need no words


def test_the_collection_knows_what_it_says_of_a_file(harbors: Collection, tmp_path: Path) -> None:
    copy = tmp_path / "copy.png"
    copy.write_bytes((harbors.images / "town.png").read_bytes())
    known = known_caption(copy, harbors.ledger)
    assert known is not None
    assert known.texts() == ["red roofs of a town"]
    (tmp_path / "other.png").write_bytes(b"something else")
    assert known_caption(tmp_path / "other.png", harbors.ledger) is None
    assert known_caption(BLUE, harbors.ledger) is None


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"weight": 1.2}, "between 0"),
        ({"weight": -0.1}, "between 0"),
        ({"weight": float("nan")}, "between 0"),
        ({"image": None, "weight": 0.5}, "need both"),
        ({"text": "", "weight": 0.5}, "need both"),
        ({"image": None, "edit": True}, "need both"),
        ({"text": " ", "pair": ("image", "dense")}, "need both"),
        ({"branches": ("dense",)}, "`pair`"),
        ({"weights": {"dense": 1.0}}, "`weight`"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(harbors: Collection, given: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        harbors.engine().search(ask(**given))


def test_without_image_vectors_captions_can_still_be_compared(collection: Collection) -> None:
    collection.paint({name: colour for name, (colour, _) in SCENES.items()})
    collection.describe({name: text for name, (_, text) in SCENES.items()})
    collection.index()
    engine = collection.engine()
    assert engine.search(ask()) == engine.search(ask(pair=("dense", "dense"), weight=CAPTIONS_WEIGHT))
    assert names(engine.search(ask(weight=0.5)))[0] == "harbor-boats.png"
    with pytest.raises(InputError, match="no image vectors"):
        collection.engine().search(ask(pair=("image", "dense")))


def test_weights_of_the_parts_add_up_to_1() -> None:
    assert 0 < EXCLUSION_WEIGHT < WEIGHT < CAPTIONS_WEIGHT < 1 == EDIT_WEIGHT
    for weight in WEIGHTS:
        for parts in (["by_text"], ["without"], ["by_text", "without"]):
            weighed = weighed_parts(parts, weight)  # type: ignore[arg-type]
            assert sum(part_weights(weighed, weight).values()) == pytest.approx(1)
    assert weighed_parts(["without"], 1.0) == ["without", "by_image"]  # something must propose
