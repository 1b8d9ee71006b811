"""From an impression to RSRT: five variants that claim no more than there is confidence for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from trsllava.captioners.checks.faults import faults
from trsllava.captioners.nano.impression import Impression
from trsllava.captioners.nano.rich_text import compose
from trsllava.captioners.nano.sentences import Sentence
from trsllava.lexicon import lexicon
from trsllava.records import RichText

SAID = [
    "many white boats are in a port near a road",
    "several boats are docked in the port",
    "a port with many white boats",
    "many boats are near some buildings",
    "there are many boats in the blue water of the port",
    "a crane stands beside the port",
]


def impression(**changes: object) -> Impression:
    things = [keyword.name for keyword in lexicon()]
    chances = dict.fromkeys(things, 0.05) | {
        "port": 0.95, "boat": 0.9, "water": 0.6, "road": 0.45, "building": 0.3, "crane": 0.02,
    }  # fmt: skip
    places = {thing: np.zeros((8, 8), np.float32) for thing in things}
    places["boat"] = np.full((8, 8), -4, np.float32)
    places["boat"][3:5, 3:5] = 3
    seen = Impression(
        evidence=0.99,
        scenes=(("port", 0.9), ("beach", 0.05), ("river", 0.05)),
        presence=chances,
        places=places,
        sentences=tuple(Sentence(tuple(text.split()), -1.0 - 0.1 * place) for place, text in enumerate(SAID)),
    )
    return replace(seen, **changes)  # type: ignore[arg-type]


def composed(seen: Impression, north_up: bool = False) -> RichText:
    return compose(seen, model="nano", sharpness=4.0, north_up=north_up, tone="an even grey surface")


def test_there_are_five_variants_with_sentence_features_and_paragraph() -> None:
    text = composed(impression())
    assert len(text.variants) == 5
    assert all(variant.one_sentence and variant.feature and variant.caption for variant in text.variants)
    assert len({variant.one_sentence for variant in text.variants}) == 5


def test_features_tell_amount_looks_and_place() -> None:
    assert "many white boats in the middle" in composed(impression()).variants[0].feature


def test_a_thing_that_is_hardly_there_is_not_spoken_of() -> None:
    text = composed(impression())
    assert "crane" not in " ".join(text.texts())


def test_features_and_labels_need_more_confidence_than_sentences() -> None:
    text = composed(impression())
    assert any("buildings" in variant.one_sentence for variant in text.variants)  # 0.3
    assert not any("building" in feature for variant in text.variants for feature in variant.feature)
    assert any("road" in feature for variant in text.variants for feature in variant.feature)  # 0.45
    assert text.labels == ("port", "boat", "water")


@pytest.mark.parametrize(("chance", "kind"), [(0.9, "port."), (0.4, "port or beach")])
def test_an_unsure_kind_of_place_is_a_perhaps(chance: float, kind: str) -> None:
    rest = (1 - chance) / 2
    text = composed(impression(scenes=(("port", chance), ("beach", rest), ("river", rest))))
    assert all(kind in variant.caption for variant in text.variants)
    assert text.confidence == pytest.approx(chance * 0.99, abs=1e-3)


def test_where_there_is_no_place_nothing_is_claimed() -> None:
    text = composed(impression(evidence=0.1))
    assert text.labels == ()
    assert text.confidence == pytest.approx(0.09)
    assert "boat" not in " ".join(text.texts())
    assert "an even grey surface" in text.variants[0].text()


def test_where_no_sentence_is_supported_there_are_plain_ones() -> None:
    bold = tuple(Sentence(tuple(f"a crane and {number} more cranes".split()), -1.0) for number in ("two", "three"))
    text = composed(impression(sentences=bold))
    assert len(text.variants) == 5
    assert "crane" not in " ".join(text.texts())


@pytest.mark.parametrize("north_up", [False, True])
@pytest.mark.parametrize(
    "changes",
    [{}, {"evidence": 0.1}, {"sentences": ()}, {"scenes": (("port", 0.3), ("beach", 0.2))}],
    ids=["sure", "nothing", "silent", "unsure"],
)
def test_every_text_passes_the_checks_that_models_must_pass(changes: dict[str, object], north_up: bool) -> None:
    assert list(faults(composed(impression(**changes), north_up), north_up=north_up)) == []
