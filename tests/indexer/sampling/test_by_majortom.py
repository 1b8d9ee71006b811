"""Major TOM's grid and points on it."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.sampling.area import parse_area
from indexer.sampling.by_majortom import MajorTomStrategy
from indexer.sampling.majortom_grid import MajorTomGrid
from trsllava.errors import InputError


def plain_cell(longitude: float, latitude: float, km: float) -> tuple[str, float, float]:
    """Name and south-western corner by looking through lists of edges, as Major TOM's own program does."""

    def edges(count: int, turn: float) -> np.ndarray:
        return np.sort((np.linspace(-turn / 2, turn / 2, count + 1)[:-1] % turn).round(9) - turn / 2)

    souths = edges(math.ceil(math.pi * 6378.137 / km), 180)
    row = int(np.searchsorted(souths, latitude, "right")) - 1
    wests = edges(math.ceil(2 * math.pi * 6378.137 * math.cos(math.radians(souths[row])) / km), 360)
    col = int(np.searchsorted(wests, longitude, "right")) - 1  # west of the first is the last, across the dateline
    up, right = row - int(np.searchsorted(souths, 0)), col % len(wests) - int(np.searchsorted(wests, 0))
    name = f"{abs(up)}{'U' if up >= 0 else 'D'}_{abs(right)}{'R' if right >= 0 else 'L'}"
    return name, float(wests[col]), float(souths[row])


@settings(max_examples=60)
@given(st.integers(-179_999, 179_999), st.integers(-84_000, 84_000))
def test_names_and_corners_are_those_of_lists_of_edges(east: int, north: int) -> None:
    longitude, latitude = east / 1000 + 0.0003, north / 1000 + 0.0003  # never on an edge
    found = MajorTomGrid(100).cell_at(longitude, latitude)
    name, west, south = plain_cell(longitude, latitude, 100)

    assert (found.name, found.box.west, found.box.south) == (
        name,
        pytest.approx(west, abs=1e-6),
        pytest.approx(south, abs=1e-6),
    )


def test_cells_are_named_from_greenwich_and_the_equator() -> None:
    grid = MajorTomGrid(10)

    assert [grid.cell_at(*place).name for place in ((0.01, 0.01), (-0.01, 0.01), (0.01, -0.01), (-0.01, -0.01))] == [
        "0U_0R",
        "0U_1L",
        "1D_0R",
        "1D_1L",
    ]


@settings(max_examples=60)
@given(st.floats(-180, 179.99), st.floats(-84, 84), st.sampled_from([1.0, 10.0, 333.0]))
def test_a_cell_holds_the_point_and_is_found_by_its_centre(longitude: float, latitude: float, km: float) -> None:
    grid = MajorTomGrid(km)
    found = grid.cell_at(longitude, latitude)

    assert -1e-9 <= (longitude - found.box.west + 1e-9) % 360 <= found.box.unwrapped_east - found.box.west + 2e-9
    assert found.box.south - 1e-9 <= latitude <= found.box.north + 1e-9
    assert grid.cell_at(*found.centre) == found


def test_cells_have_nearly_equal_areas() -> None:
    cells = list(MajorTomGrid(500).cells_in(parse_area("-180,-60,180,60").box))
    areas = [
        (cell.box.unwrapped_east - cell.box.west)
        * (math.sin(math.radians(cell.box.north)) - math.sin(math.radians(cell.box.south)))
        for cell in cells
        if cell.box.west > -180 and cell.box.east < 180  # the dateline cuts cells
    ]

    assert max(areas) / min(areas) < 1.25


def test_a_box_across_the_dateline_has_the_cells_of_both_sides() -> None:
    grid = MajorTomGrid(100)

    def names(text: str) -> set[str]:
        return {cell.name for cell in grid.cells_in(parse_area(text).box)}

    assert names("170,-10,-170,10") == names("170,-10,180,10") | names("-180,-10,-170,10")


def test_points_are_centres_of_cells_drawn_by_seed() -> None:
    strategy = MajorTomStrategy(parse_area("10,49,12,50"), 5)
    found = strategy.sample(40, seed=3)

    assert len({point.id for point in found.points}) == 40
    assert found.figures["cells in the area"] == pytest.approx(2 * 71.5 * 111.2 / 25, rel=0.1)
    assert all(MajorTomGrid(5).cell_at(point.longitude, point.latitude).name == point.id for point in found.points)
    assert strategy.sample(40, seed=3) == found
    assert strategy.sample(40, seed=4) != found


def test_an_area_of_fewer_cells_gives_all_of_them_and_says_so() -> None:
    found = MajorTomStrategy(parse_area("10,49,10.5,49.5"), 10).sample(1000, seed=0)

    assert len(found.points) == found.figures["cells in the area"] < 40
    assert found.notes == (f"The area has only {len(found.points)} cells; all were taken.",)


def test_polygons_leave_out_cells_whose_centres_lie_outside(tmp_path: Path) -> None:
    (tmp_path / "a.geojson").write_text(
        '{"type": "Polygon", "coordinates": [[[10, 49], [12, 49], [10, 51], [10, 49]]]}'
    )
    found = MajorTomStrategy(parse_area(str(tmp_path / "a.geojson")), 10).sample(1000, seed=0)

    assert found.points
    assert all((point.longitude - 10) + (point.latitude - 49) <= 2 for point in found.points)


@pytest.mark.parametrize("text", ["10,49,16,53", "170,-20,-170,-10", "-180,-90,180,90"])
def test_a_row_knows_the_centres_of_its_cells(text: str) -> None:
    grid, box = MajorTomGrid(200), parse_area(text).box
    rows = list(grid.rows_in(box))
    centres = np.concatenate([np.column_stack(row.centres()) for row in rows])

    assert sum(row.count for row in rows) == len(centres)
    np.testing.assert_allclose(centres, [cell.centre for cell in grid.cells_in(box)], atol=1e-9)


def test_points_are_drawn_from_the_whole_earth_without_making_its_cells() -> None:
    found = MajorTomStrategy().sample(20, seed=0)

    assert found.figures == {"cells in the area": 5_094_350, "points": 20}
    assert min(point.latitude for point in found.points) < -30 < 30 < max(point.latitude for point in found.points)


def test_an_area_between_the_centres_is_refused() -> None:
    with pytest.raises(InputError, match=r"100 km.*`grid_km`"):
        MajorTomStrategy(parse_area("10,49,10.001,49.001"), 100).sample(5, seed=0)


def test_a_grid_of_too_many_cells_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexer.sampling.by_majortom._MOST_CELLS", 100)
    with pytest.raises(InputError, match="more than 100 cells"):
        MajorTomStrategy(parse_area("0,0,10,10"), 10).sample(5, seed=0)


def test_all_cells_of_the_earth_are_there_once() -> None:
    names = [cell.name for cell in MajorTomGrid(1000).cells_in(parse_area("-180,-90,180,90").box)]

    assert len(names) == len(set(names))
    assert len(names) == pytest.approx(510e6 / 1e6, rel=0.15)
    assert np.isclose(MajorTomGrid(1000).height, 180 / 21)
