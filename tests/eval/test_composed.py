"""Composed queries, measured: as the engine ranks them."""

from __future__ import annotations

import numpy as np
import pytest

from eval.chart import curve_file
from eval.composed import SWEEP, Composition, average_precisions, evaluate_composed, part_scores
from eval.composed_gain import bootstrap_map_gain
from eval.datasets.composed import ComposedQuery, ComposedSet
from eval.known_images import KnownImages, encode_captions
from tests.standin.collection import Collection
from tests.standin.encoders import ColourEncoder
from trsllava.encoders.bm25 import Bm25Encoder
from trsllava.errors import InputError
from trsllava.records import Query
from trsllava.search.branches import Encoders
from trsllava.search.fusion import FUSIONS

SCENES = {
    "a.png": ("navy", "a harbor with boats"),
    "b.png": ("blue", "a harbor with cranes"),
    "c.png": ("mediumblue", "an empty harbor"),
    "d.png": ("teal", "a lake with boats"),
    "e.png": ("lime", "a green field"),
}
ASKED = (
    ComposedQuery("c.png", "with boats", ("a.png",), "harbor/boats"),
    ComposedQuery("b.png", "with boats", ("a.png",), "harbor/boats"),
    ComposedQuery("e.png", "no boats, a harbor", ("b.png", "c.png"), "field/harbor"),
)


@pytest.fixture
def harbors(collection: Collection) -> Collection:
    collection.image_encoder = ColourEncoder()
    collection.paint({name: colour for name, (colour, _) in SCENES.items()})
    collection.describe({name: text for name, (_, text) in SCENES.items()})
    collection.index()
    return collection


@pytest.fixture
def seen(harbors: Collection) -> KnownImages:
    records = sorted(harbors.ledger.scan(), key=lambda record: record.paths)
    texts = tuple(record.text for record in records if record.text)
    vectors = harbors.ledger.image_vectors([str(record.tile.id) for record in records], "colours")
    return KnownImages(
        tuple(record.paths[0].rsplit("/", 1)[-1] for record in records),
        np.stack([vectors[str(record.tile.id)] for record in records]),
        texts,
        encode_captions(texts, harbors.encoder),
    )


@pytest.fixture
def encoders(harbors: Collection) -> Encoders:
    return Encoders(harbors.encoder, Bm25Encoder(1.0), ColourEncoder)


@pytest.mark.parametrize("pair", [("dense", "dense"), ("image", "dense"), ("image", "image")])
@pytest.mark.parametrize("weight", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("edit", [False, True])
def test_the_ranking_measured_is_the_engine_s(harbors, seen, encoders, pair, weight, edit):
    from eval.composed import composed_scores

    records = {record.paths[0].rsplit("/", 1)[-1]: record for record in harbors.ledger.scan()}
    how = Composition(pair, edit)
    for query, scores in zip(ASKED, part_scores(ComposedSet(ASKED, True), seen, encoders, how), strict=True):
        picture = np.full((8, 8, 3), (0, 0, 0), np.uint8)
        from PIL import Image

        with Image.open(harbors.images / query.image) as opened:
            picture = np.asarray(opened.convert("RGB"))
        asked = Query(
            text=query.text, image=picture, caption=records[query.image].text, weight=weight, pair=pair, edit=edit
        )
        found = {hit.paths[0].rsplit("/", 1)[-1]: hit.score for hit in harbors.engine().search(asked)}
        measured = dict(zip(seen.names, composed_scores(scores, weight, FUSIONS["cdf"]).tolist(), strict=True))
        assert measured == {name: pytest.approx(score, abs=1e-5) for name, score in found.items()}


def test_a_query_s_own_image_is_left_out_unless_the_data_set_ranks_it(seen, encoders):
    how = Composition(("image", "dense"))
    without, with_own = (
        average_precisions(ComposedSet(ASKED[:1], own), seen, encoders, how, FUSIONS["cdf"], (0.0,))[0, 0]
        for own in (False, True)
    )
    assert with_own < without


def test_figures_are_percent_and_averaged_over_values_and_attributes(seen, encoders):
    report = evaluate_composed(ComposedSet(ASKED, False), seen, encoders, Composition(), (0.5,))
    aps = [figure.ap for figure in report.queries]
    assert report.groups == {"harbor/boats": pytest.approx(np.mean(aps[:2])), "field/harbor": pytest.approx(aps[2])}
    assert report.mAP == pytest.approx(np.mean(list(report.groups.values())))
    assert report.sweep is None
    assert 0 < report.mAP <= 100
    assert [figure.positives for figure in report.queries] == [1, 1, 2]


def test_a_sweep_reports_the_best_weight(seen, encoders):
    report = evaluate_composed(ComposedSet(ASKED, False), seen, encoders, Composition(), SWEEP)
    assert report.sweep is not None
    assert len(report.sweep) == len(SWEEP)
    assert report.mAP == max(report.sweep.values()) == report.sweep[f"{report.weight:g}"]
    again = evaluate_composed(ComposedSet(ASKED, False), seen, encoders, Composition(), (report.weight,))
    assert again.mAP == report.mAP


def test_a_report_says_whether_its_weight_was_chosen_on_its_own_queries(seen, encoders):
    def chosen(*weights):
        report = evaluate_composed(ComposedSet(ASKED, False), seen, encoders, Composition(), weights)
        return report.weight_chosen_on_these_queries

    assert chosen(0.2, 0.4)
    assert not chosen(0.2)


def test_a_report_tells_its_protocol(seen, encoders):
    asked = ComposedSet(ASKED, False)
    told = {"split": "val", "captioner_trained_on": "nothing: people wrote"}
    in_words = Composition(("dense", "dense"))
    report = evaluate_composed(asked, seen, encoders, in_words, (0.5,), **told)
    assert (report.split, report.oracle, report.transductive) == ("val", False, False)
    assert (report.captioner_trained_on, report.encoder_trained_on) == ("nothing: people wrote", "not stated")
    assert report.image_encoder_trained_on == "none"
    assert evaluate_composed(asked, seen, encoders, Composition(), (0.5,)).split == "all"


@pytest.mark.parametrize(("edit", "named"), [(False, False), (True, True)])
def test_documents_are_named_only_where_captions_count(seen, encoders, edit, named):
    how = Composition(("image", "image"), edit)
    report = evaluate_composed(ComposedSet(ASKED, False), seen, encoders, how, (0.5,))
    assert (report.documents != "none") == named
    assert (report.captioner_trained_on != "none") == named


def test_a_weight_outside_0_to_1_is_refused(seen, encoders):
    with pytest.raises(InputError, match="between 0"):
        evaluate_composed(ComposedSet(ASKED, False), seen, encoders, Composition(), (1.5,))


def test_rewriting_needs_captions(seen, encoders):
    bare = KnownImages(seen.names, seen.images)
    with pytest.raises(InputError, match="in words"):
        evaluate_composed(ComposedSet(ASKED, False), bare, encoders, Composition(("image", "image"), True), (1.0,))


def test_a_gain_s_interval_holds_it_and_shrinks_with_agreement():
    queries = [ComposedQuery(f"{n // 2}.png", "t", ("p.png",), f"{n % 3}/{n % 2}") for n in range(60)]
    before = np.full(60, 0.2)
    steady = bootstrap_map_gain(queries, before, before + 0.1)
    assert (steady.mean, steady.low, steady.high) == (pytest.approx(10), pytest.approx(10), pytest.approx(10))
    noise = np.random.default_rng(0).normal(0, 0.3, 60)
    noisy = bootstrap_map_gain(queries, before, before + noise)
    assert noisy.low < noisy.mean < noisy.high
    by_group: dict[str, list[float]] = {}
    for query, gain in zip(queries, noise, strict=True):
        by_group.setdefault(query.group, []).append(gain)
    assert noisy.mean == pytest.approx(100 * np.mean([np.mean(values) for values in by_group.values()]))
    assert bootstrap_map_gain(queries, before, before + noise) == noisy


def test_the_curve_marks_its_highest_point():
    svg = curve_file({0.0: 10.0, 0.5: 30.0, 1.0: 5.0}, "mAP <percent>", "weight")
    assert "30.00 at 0.5" in svg
    assert "&lt;percent&gt;" in svg
    assert svg.count("<polyline") == 1
