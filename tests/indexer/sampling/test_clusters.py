"""Cluster types (Table 3), hot and cold spots, the region of eq. 8."""

from __future__ import annotations

import numpy as np

from indexer.sampling.clusters import Cluster, Clusters, Significance, cluster_types, find_clusters, find_regions
from indexer.sampling.moran import Moments
from indexer.sampling.neighbours import Weights
from tests.indexer.sampling.world import COLD, HOT, lights

H, L, LH, HL, NO = (
    Cluster.HIGH_HIGH,
    Cluster.LOW_LOW,
    Cluster.LOW_HIGH,
    Cluster.HIGH_LOW,
    Cluster.NONE,
)


def clusters_of_the_world(**significance: float | int) -> Clusters:
    values = lights().astype(float)
    return find_clusters(values, Weights(), Moments.of(values), Significance(**{"permutations": 9999, **significance}))  # type: ignore[arg-type]


def test_table_3() -> None:
    deviation = np.array([1.0, -1.0, -1.0, 1.0, np.nan])
    lag = np.array([1.0, -1.0, 1.0, -1.0, 1.0])

    assert [Cluster(kind).words for kind in cluster_types(deviation, lag)[:4]] == [
        "High-High",
        "Low-Low",
        "Low-High",
        "High-Low",
    ]
    assert cluster_types(deviation, lag)[4] == NO


def test_eq_8_keeps_clusters_that_are_spots_and_all_outliers() -> None:
    types = np.array([[H, H, L, L, LH, HL, NO, NO]], np.int8)
    spots = np.array([[1, 0, -1, 0, 0, 0, 1, 0]], np.int8)

    np.testing.assert_array_equal(
        Clusters(types, spots).region(), [[True, False, True, False, True, True, False, False]]
    )


def test_planted_spots_are_found_and_nothing_is_found_in_noise() -> None:
    found = clusters_of_the_world()
    planted = np.zeros(found.types.shape, bool)
    planted[HOT] = planted[COLD] = True

    assert (found.types[HOT] == H).all()
    assert (found.spots[HOT] == 1).all()
    assert (found.types[COLD] == L).mean() > 0.95
    assert (found.spots[COLD] == -1).mean() > 0.95
    around = np.zeros_like(planted)
    for place in (HOT, COLD):
        around[place[0].start - 1 : place[0].stop + 1, place[1].start - 1 : place[1].stop + 1] = True
    assert found.region()[~around].mean() < 0.01


def test_the_normal_approximation_finds_them_too() -> None:
    found = clusters_of_the_world(permutations=0)

    assert (found.types[HOT] == H).all()
    assert (found.types[COLD] == L).mean() > 0.9


def test_few_cells_of_pure_noise_are_significant() -> None:
    values = np.random.default_rng(9).normal(size=(60, 60))
    found = find_clusters(values, Weights(), Moments.of(values), Significance(permutations=9999))

    assert found.region().mean() < 0.002


def test_a_stricter_rate_finds_less() -> None:
    assert clusters_of_the_world(rate=0.0005).region().sum() < clusters_of_the_world(rate=0.2).region().sum()


def test_regions_are_pieces_of_one_type_joined_by_sides_or_corners() -> None:
    types = np.array([[H, NO, H, H], [NO, H, L, NO], [NO, NO, NO, H]], np.int8)
    found = find_regions(types, types != NO)

    assert found.of_cell[0, 0] == found.of_cell[1, 1] == found.of_cell[0, 2] == found.of_cell[0, 3]
    assert len({found.of_cell[0, 0], found.of_cell[1, 2], found.of_cell[2, 3]}) == 3
    assert [Cluster(kind) for kind in found.types[[found.of_cell[0, 0], found.of_cell[1, 2]]]] == [H, L]
    assert (found.of_cell == -1).sum() == 6


def test_no_region_is_no_region() -> None:
    found = find_regions(np.zeros((3, 3), np.int8), np.zeros((3, 3), bool))

    assert len(found.types) == 0
    assert (found.of_cell == -1).all()
