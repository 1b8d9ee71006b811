"""The paper's way in whole, over a planted world."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

from indexer.sampling.area import parse_area
from indexer.sampling.balance import evenness
from indexer.sampling.by_moran import MoranStrategy
from indexer.sampling.clusters import Significance
from indexer.sampling.sample import Sample
from tests.indexer.sampling.world import COLD, FINE, HOT, NORTH, STEP, WEST, World, land_cover, lights, write_raster
from trsllava.errors import InputError

QUICK = Significance(permutations=9999)


@pytest.fixture(scope="module")
def sample(world: World) -> Sample:
    return MoranStrategy(world.values, world.land_cover, significance=QUICK).sample(300, seed=0)


def classes_of(sample: Sample) -> np.ndarray:
    return np.array([point.properties["class"] for point in sample.points])


def test_as_many_points_as_were_asked_for_each_with_its_own_id(sample: Sample) -> None:
    assert len(sample.points) == sample.figures["points"] == 300
    assert len({point.id for point in sample.points}) == 300


def test_points_lie_in_the_planted_spots(sample: Sample) -> None:
    def inside(place: tuple[slice, slice]) -> np.ndarray:
        rows, cols = place  # one cell more on each side: the edge is where outliers lie
        return np.array(
            [
                rows.start - 1 <= (NORTH - point.latitude) / STEP < rows.stop + 1
                and cols.start - 1 <= (point.longitude - WEST) / STEP < cols.stop + 1
                for point in sample.points
            ]
        )

    city, forest = inside(HOT), inside(COLD)
    assert (city | forest).mean() > 0.95
    assert forest.sum() > 10
    assert city.sum() > 2 * forest.sum()  # its land cover is more mixed


def test_each_point_lies_on_a_pixel_of_its_class(sample: Sample, world: World) -> None:
    with rasterio.open(world.land_cover) as cover:
        found = [int(one[0]) for one in cover.sample([(point.longitude, point.latitude) for point in sample.points])]

    assert found == classes_of(sample).tolist()


def test_classes_are_more_balanced_than_by_uniform_sampling(sample: Sample) -> None:
    def balance(classes: np.ndarray) -> float:
        return evenness(np.bincount(classes, minlength=81)[[10, 40, 50, 80]])

    uniform = np.random.default_rng(0).choice(land_cover().ravel(), 300)
    assert balance(classes_of(sample)) > balance(uniform) + 0.2
    assert sample.figures["balance over classes"] == pytest.approx(balance(classes_of(sample)))
    assert sample.figures["balance over classes"] > sample.figures["balance of uniform points in the region"]


def test_counts_of_regions_and_classes_add_up(sample: Sample) -> None:
    tables = {table.title: table.rows for table in sample.tables}

    assert sum(row["points"] for row in tables["Regions"]) == 300
    assert sum(row["points"] for row in tables["Land-cover classes"]) == 300
    assert {row["class"]: row["points"] for row in tables["Land-cover classes"]} == {
        int(code): int((classes_of(sample) == code).sum()) for code in (10, 40, 50, 80)
    }
    assert sum(row["cells"] for row in tables["Cluster types"]) == 3600


def test_equal_seeds_choose_equal_points(world: World, sample: Sample) -> None:
    strategy = MoranStrategy(world.values, world.land_cover, significance=QUICK)

    assert strategy.sample(300, seed=0).points == sample.points
    other = strategy.sample(300, seed=1)
    assert other.points != sample.points
    assert other.tables == sample.tables  # only where in the units, and which of them


def test_cells_of_several_pixels_find_the_same_city(world: World) -> None:
    found = MoranStrategy(world.values, world.land_cover, cell=2, significance=QUICK).sample(50, seed=0)

    assert found.figures["cells with data"] == 900
    assert 6 * 7 <= found.figures["hot-spot cells"] <= 8 * 9  # the city, or that and the cells around it


def test_an_area_leaves_out_what_lies_outside(world: World) -> None:
    city_alone = parse_area("10,49.7,10.3,50")
    found = MoranStrategy(world.values, world.land_cover, area=city_alone, significance=QUICK).sample(50, seed=0)

    assert found.figures["cells with data"] == 900
    assert all(city_alone.holds(point.longitude, point.latitude)[0] for point in found.points)


def test_values_in_the_projection_of_another_country_choose_the_same_place(world: World, tmp_path: Path) -> None:
    from rasterio.warp import Resampling, reproject

    target, transform = np.zeros((60, 40), np.float32), Affine(1120, 0, 571_000, 0, -1120, 5_539_500)
    with rasterio.open(world.values) as lit:
        reproject(rasterio.band(lit, 1), target, dst_transform=transform, dst_crs="EPSG:32632",
                  dst_nodata=-1, init_dest_nodata=True, resampling=Resampling.nearest)  # fmt: skip
    values = write_raster(tmp_path / "utm.tif", target[None], transform, crs="EPSG:32632", nodata=-1)
    found = MoranStrategy(values, world.land_cover, significance=QUICK).sample(60, seed=0)

    in_city = [10.09 <= point.longitude <= 10.26 and 49.78 <= point.latitude <= 49.94 for point in found.points]
    assert np.mean(in_city) > 0.7


def test_fewer_pixels_than_points_wanted_are_told(world: World, sample: Sample) -> None:
    found = MoranStrategy(world.values, world.land_cover, significance=QUICK).sample(50_000, seed=0)

    assert len(found.points) == len({point.id for point in found.points}) < 50_000
    assert [note.partition(":")[0] for note in found.notes] == [
        f"Only {len(found.points):,} of 50,000 points could be placed"
    ]
    assert sample.notes == ()


def test_values_at_random_are_refused(world: World, tmp_path: Path) -> None:
    shuffled = np.random.default_rng(0).permutation(lights().ravel()).reshape(lights().shape)
    values = write_raster(tmp_path / "noise.tif", shuffled[None], Affine(STEP, 0, WEST, 0, -STEP, NORTH))
    with pytest.raises(InputError, match=r"noise\.tif lie at random"):
        MoranStrategy(values, world.land_cover).sample(10, seed=0)


def test_too_few_permutations_for_so_many_cells_are_told(world: World) -> None:
    few = Significance(permutations=19)  # no p below 0.1
    with pytest.raises(InputError, match=r"No cell of .*lights\.tif is significant .* more `permutations`"):
        MoranStrategy(world.values, world.land_cover, significance=few).sample(10, seed=0)


@pytest.mark.parametrize("where", [WEST, WEST + 50])
def test_land_cover_of_one_class_or_of_elsewhere_is_refused(where: float, world: World, tmp_path: Path) -> None:
    plain = np.full((1, 60 * FINE, 60 * FINE), 40, np.uint8)
    cover = write_raster(tmp_path / "plain.tif", plain, Affine(STEP / FINE, 0, where, 0, -STEP / FINE, NORTH))
    with pytest.raises(InputError, match=r"several classes in .*plain\.tif"):
        replace(MoranStrategy(world.values, cover), significance=QUICK).sample(10, seed=0)


def test_a_raster_of_too_many_cells_is_told_how_to_become_smaller(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.sampling.cells.MOST_CELLS", 500)
    with pytest.raises(InputError, match=r"3,600 cells.*`cell=3`"):
        MoranStrategy(world.values, world.land_cover).sample(10, seed=0)
