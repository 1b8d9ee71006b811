"""`trsllava dataset build` over the planted world: what is found, shown, told, written, and refused."""

from __future__ import annotations

import json
import sys
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from PIL import Image
from typer.testing import CliRunner, Result

import trsllava
from eval.benchmarks.planted_world import COLUMNS, ROWS, STEP, PlantedWorld, land_cover, planted
from indexer.dataset.splits import distance_km
from indexer.sampling.by_majortom import MajorTomStrategy
from tests.indexer.sampling.world import write_raster
from tests.standin.fixtures import StandIn
from trsllava.cli.app import app
from trsllava.errors import BusyError, InputError
from trsllava.records import Footprint

AREA = "10,49.52,10.48,50"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["dataset", "build", *map(str, arguments)], catch_exceptions=False)


def asked(world: PlantedWorld, folder: Path, **changes: object) -> list[object]:
    options: dict[str, object] = {
        "area": AREA, "values": world.values, "land-cover": world.land_cover, "objects": world.objects,
        "images": world.scenes, "tile-metres": 640, "count": 90, "permutations": 9999, "block-km": 3, "gap-km": 0.5,
        "output": folder,
    }  # fmt: skip
    return [word for name, value in (options | changes).items() for word in (f"--{name}", value)]


def quickly(world: PlantedWorld, folder: Path, **changes: object) -> list[object]:
    """A few places on a grid, and no more."""
    few = asked(world, folder, strategy="majortom", **{"grid-km": 1.5, "count": 60, "area": "10.06,49.87,10.16,49.95"})
    more = [word for name, value in changes.items() for word in (f"--{name}", value)]
    return [*few, *more]


@pytest.fixture(scope="module")
def built(planted_world: PlantedWorld, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("built") / "mine"
    result = run(*asked(planted_world, folder))
    assert result.exit_code == 0, result.output
    return folder, result.stdout


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def numbers(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "dataset.json").read_text("utf-8"))
    return found


def cuts(folder: Path) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in lines(folder / ".build" / "cuts.jsonl")}


def items(folder: Path) -> dict[str, dict[str, Any]]:
    """The data set's pictures, as STAC has them."""
    found = [json.loads(path.read_text("utf-8")) for path in folder.glob("stac/**/*.json")]
    return {one["id"]: one for one in found if one["type"] == "Feature"}


def split_of(folder: Path) -> dict[str, str]:
    rows = {path.parent.name: lines(path) for path in folder.glob("imagefolder/*/metadata.jsonl")}
    return {Path(row["file_name"]).stem: split for split, of in rows.items() for row in of}


def test_planted_cities_are_where_the_places_are(built: tuple[Path, str]) -> None:
    points = json.loads((built[0] / ".build" / "sample.json").read_text("utf-8"))["points"]
    cities = planted()
    hot = [point for point in points if point["properties"]["cluster"] == "High-High"]
    inside = [cities[int((50 - point["latitude"]) / STEP), int((point["longitude"] - 10) / STEP)] for point in hot]

    assert len(points) == 90
    assert len(hot) > 50
    assert np.mean(inside) > 0.97
    assert numbers(built[0])["sampling"]["hot-spot cells"] == pytest.approx(cities.sum(), rel=0.05)


def test_each_picture_is_the_ground_that_it_says(built: tuple[Path, str], planted_world: PlantedWorld) -> None:
    folder, _ = built
    for name, cut in list(cuts(folder).items())[:20]:
        if name not in split_of(folder):
            continue
        with Image.open(folder / "images" / f"{name}.png") as picture:
            shown = np.asarray(picture)
        with rasterio.open(planted_world.scenes / cut["source"]) as scene:
            row, col = scene.index(
                cut["footprint"]["west"] + STEP / COLUMNS / 2, cut["footprint"]["north"] - STEP / ROWS / 2
            )
            there = scene.read()[:, row : row + cut["height"], col : col + cut["width"]]
        assert shown.shape == (cut["height"], cut["width"], 3)
        assert (shown == np.moveaxis(there, 0, -1)).all()


def test_labels_are_what_was_drawn_there(built: tuple[Path, str]) -> None:
    """Against the pixels of land cover: what takes a fifth of a picture is a label, what takes none is not."""
    folder, _ = built
    rows = {Path(row["image"]).stem: row for row in lines(folder / "rich.jsonl")}
    cover, side = land_cover(), STEP / 8
    drawn = {50: "residential area", 10: "woodland", 80: "lake", 40: "farmland"}
    for name, row in rows.items():
        box = cuts(folder)[name]["footprint"]
        part = cover[
            round((50 - box["north"]) / side) : round((50 - box["south"]) / side),
            round((box["west"] - 10) / side) : round((box["east"] - 10) / side),
        ]
        for code, label in drawn.items():
            share = float((part == code).mean())
            if share > 0.2:
                assert label in row["labels"], (name, label, share)
            if share == 0 and label != "farmland":
                assert label not in row["labels"][:2], (name, label)


def test_ground_lies_between_the_splits_as_stated(built: tuple[Path, str]) -> None:
    folder, said = built
    splits, found = split_of(folder), cuts(folder)
    boxes = {name: Footprint.model_validate(found[name]["footprint"]) for name in splits}
    nearest = min(
        edges_apart(boxes[one], boxes[other]) for one, other in combinations(splits, 2) if splits[one] != splits[other]
    )

    assert set(splits.values()) == {"train", "validation", "test"}
    assert nearest >= 0.5
    assert "km between splits, stated: 0.5\n" in said
    told = [value for name, value in numbers(folder)["figures"].items() if name.startswith("km from")]
    assert 0.5 <= min(told) <= nearest
    assert not {path.stem for path in (folder / "images").iterdir()} - set(splits)


def edges_apart(one: Footprint, other: Footprint) -> float:
    """Kilometres of ground between two boxes."""
    x1, x2 = max(one.west, other.west), min(one.east, other.east)
    y1, y2 = max(one.south, other.south), min(one.north, other.north)
    return distance_km(min(x1, x2), min(y1, y2), max(min(x1, x2), x1), max(min(y1, y2), y1))


def test_every_picture_has_captions_and_its_map_labels_first(built: tuple[Path, str]) -> None:
    folder, _ = built
    rich = lines(folder / "rich.jsonl")

    assert {Path(row["image"]).stem for row in rich} == set(split_of(folder))
    assert all(row["variants"] for row in rich)
    with trsllava.open(folder / ".build", "pictures") as archive:
        hits = archive.search("many buildings", labels=rich[0]["labels"][0], k=3)
        assert len(hits) == 3


def test_the_page_and_the_numbers_tell_it_all(built: tuple[Path, str]) -> None:
    folder, said = built
    page = (folder / "index.html").read_text("utf-8")
    told = numbers(folder)

    assert "Moran&#x27;s I" in page
    assert "LuojiaHOG&#x27;s rules for descriptions" in page
    assert page.count("data:image/png") == 2
    assert "<script" not in page
    assert told["near duplicates between splits"] == []
    assert told["figures"]["near-duplicates between splits"] == 0
    assert 0 < told["figures"]["likeness of texts (BLEU and METEOR)"] < 1
    assert sum(told["figures"][f"pictures in {name}"] for name in ("train", "validation", "test")) == len(
        split_of(folder)
    )
    edge = sum(row["dropped at the edge"] for row in told["tables"]["Labels"])
    assert told["figures"]["labels dropped at the edge"] >= edge > 0
    assert set(told["rules broken"]) <= set(split_of(folder))
    assert "texts to judge" in said


def test_running_again_changes_nothing(built: tuple[Path, str], planted_world: PlantedWorld) -> None:
    folder, said = built
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in (folder / "data").iterdir()}
    index = (folder / "index.html").read_bytes()
    again = run(*asked(planted_world, folder))

    assert (again.exit_code, again.stdout) == (0, said)
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in (folder / "data").iterdir()} == before
    assert (folder / "index.html").read_bytes() == index


def test_what_reviewers_say_comes_onto_the_page(
    built: tuple[Path, str], planted_world: PlantedWorld, tmp_path: Path
) -> None:
    folder, _ = built
    with trsllava.open(folder / ".build", "pictures") as archive:
        sample = archive.review_sample(0.1)
    assert all(str(one.tile.id) in (folder / "review.html").read_text("utf-8") for one in sample)
    assert len(sample) == -(-len(split_of(folder)) // 10)
    for reviewer, first in (("anna", "accept"), ("ben", "reject")):
        verdicts = [first, *["accept"] * (len(sample) - 1)]
        rows = [
            {"tile": str(one.tile.id), "text": one.text.digest(), "verdict": verdict}
            for one, verdict in zip(sample, verdicts, strict=True)
            if one.text
        ]
        (tmp_path / "v.json").write_text(json.dumps({"verdicts": rows}), encoding="utf-8")
        with trsllava.open(folder / ".build", "pictures") as archive:
            archive.import_verdicts(tmp_path / "v.json", reviewer)
    assert run(*asked(planted_world, folder)).exit_code == 0

    page = (folder / "index.html").read_text("utf-8")
    assert "anna and ben" in page
    assert "kappa" in page


def test_a_model_is_told_what_the_map_has(planted_world: PlantedWorld, tmp_path: Path, standin: StandIn) -> None:
    model = {"captioner": "vllm", "base-url": standin.url}
    result = run(*quickly(planted_world, tmp_path / "mine", **model))

    assert result.exit_code == 0, result.output
    questions = [" ".join(line["user"]) for line in standin.asked()]
    assert len(questions) == len(split_of(tmp_path / "mine")) > 5
    assert all("A map has these things here, the largest first: " in question for question in questions)
    assert any("residential area" in question for question in questions)
    assert {row["prompt"] for row in lines(tmp_path / "mine" / "rich.jsonl")} == {"rsrt-mapped@1"}


def test_pictures_without_a_usable_caption_are_left_out_and_told(
    planted_world: PlantedWorld, tmp_path: Path, standin: StandIn
) -> None:
    standin.fail("prose", times=-1, share=0.7)
    result = run(*quickly(planted_world, tmp_path / "mine", captioner="vllm", **{"base-url": standin.url}))
    told = numbers(tmp_path / "mine")["figures"]

    assert result.exit_code == 1
    assert "pictures got no usable caption and are left out" in result.output
    assert 0 < told["pictures in the data set"] < len(list((tmp_path / "mine" / "images").iterdir()))
    assert len(split_of(tmp_path / "mine")) == told["pictures in the data set"]


def test_twins_in_two_splits_are_told(tmp_path: Path) -> None:
    """A scene that repeats itself shows the same picture, byte for byte, at every mast."""
    texture = np.random.default_rng(5).integers(0, 255, (3, 8, 8), np.uint8).repeat(8, axis=1).repeat(8, axis=2)
    pixel = 1e-4
    (tmp_path / "scenes").mkdir()
    write_raster(tmp_path / "scenes" / "s.tif", np.tile(texture, (1, 40, 40)), Affine(pixel, 0, 10, 0, -pixel, 50))
    masts = [
        {
            "type": "Feature",
            "geometry": {
                "type": "Point",
                "coordinates": [10 + (640 * x + 320.2) * pixel, 50 - (640 * y + 320.2) * pixel],
            },
            "properties": {"@id": f"node/{x}-{y}", "man_made": "mast"},
        }
        for x in range(4)
        for y in range(4)
    ]
    (tmp_path / "osm.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": masts}), encoding="utf-8"
    )
    result = run(
        "--strategy", "osm", "--tag", "man_made=mast", "--objects", tmp_path / "osm.geojson", "--images",
        tmp_path / "scenes", "--tile-metres", 640, "--block-km", 3, "-o", tmp_path / "mine",
    )  # fmt: skip
    told = numbers(tmp_path / "mine")
    splits = split_of(tmp_path / "mine")
    pairs = {(pair["one"], pair["other"]) for pair in told["near duplicates between splits"]}

    assert result.exit_code == 0
    assert len({path.read_bytes() for path in (tmp_path / "mine" / "images").iterdir()}) == 1
    assert len(splits) == 16
    assert pairs == {(a, b) for a, b in combinations(sorted(splits), 2) if splits[a] != splits[b]} != set()
    assert f"near-duplicates between splits: {len(pairs)}\n" in result.output
    assert "bits" in (tmp_path / "mine" / "index.html").read_text("utf-8")


def test_a_picture_that_went_away_is_cut_again(planted_world: PlantedWorld, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    run(*quickly(planted_world, folder))
    picture = next((folder / "images").iterdir())
    pixels = picture.read_bytes()
    picture.unlink()
    result = run(*quickly(planted_world, folder))

    assert result.exit_code == 0
    assert picture.read_bytes() == pixels


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"seed": 1}, "another choice of seed: 0, not 1"),
        ({"gap-km": 2}, "another choice of km between splits: 0.5, not 2"),
        ({"tile-metres": 500}, "another choice of metres of a picture"),
    ],
)
def test_another_plan_in_the_same_folder_is_refused(
    changes: dict[str, object], said: str, built: tuple[Path, str], planted_world: PlantedWorld
) -> None:
    before = (built[0] / "index.html").read_bytes()
    with pytest.raises(InputError, match=said):
        run(*asked(planted_world, built[0], **changes))
    assert (built[0] / "index.html").read_bytes() == before


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"images": "nowhere"}, "There is no folder nowhere"),
        ({"format": "shapefile"}, "There is no format 'shapefile'"),
        ({"labels": "nowhere.yaml"}, "There is no file nowhere.yaml"),
        ({"area": "-10,20,-9,21"}, "none of the .* places lies wholly within a scene"),
        ({"objects": "nowhere.geojson"}, "There is no file nowhere.geojson"),
    ],
)
def test_what_cannot_be_is_said(
    changes: dict[str, object], said: str, planted_world: PlantedWorld, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=said):
        run(*quickly(planted_world, tmp_path / "mine", **changes))
    assert not (tmp_path / "mine" / "index.html").exists()


def test_a_run_that_found_nothing_binds_to_nothing(planted_world: PlantedWorld, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none of the .* places lies wholly within a scene"):
        run(*quickly(planted_world, tmp_path / "mine", area="-10,20,-9,21"))
    result = run(*quickly(planted_world, tmp_path / "mine", format="captions"))

    assert result.exit_code == 0
    assert len(lines(tmp_path / "mine" / "captions.jsonl")) > 0


def test_another_tree_of_the_same_name_is_told(planted_world: PlantedWorld, tmp_path: Path) -> None:
    tree = tmp_path / "land.yaml"
    text = "format: 1\nname: land\nlabels:\n  water: {worldcover: [80]}\n"
    tree.write_text(text)
    run(*quickly(planted_world, tmp_path / "mine", labels=tree, format="captions"))
    tree.write_text(text.replace("water", "sea"))
    with pytest.raises(InputError, match="was begun when its label tree was another one of that name"):
        run(*quickly(planted_world, tmp_path / "mine", labels=tree, format="captions"))


@pytest.mark.parametrize("missing", ["nltk", "pyarrow"])
def test_a_missing_library_is_told_before_the_work(
    missing: str, planted_world: PlantedWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(InputError, match=rf"{missing}, which .* is not installed\."):
        run(*quickly(planted_world, tmp_path / "mine"))
    assert not (tmp_path / "mine" / "images").exists()


def test_what_goes_wrong_in_the_middle_is_not_laid_to_the_folder(planted_world: PlantedWorld, tmp_path: Path) -> None:
    run(*quickly(planted_world, tmp_path / "mine", format="captions"))
    (tmp_path / "mine" / ".build" / "map.png").unlink()
    with pytest.raises(InputError, match=r"map\.png cannot be read or written: no such file"):
        run(*quickly(planted_world, tmp_path / "mine", format="captions"))


def test_a_folder_with_something_in_it_is_left_alone(planted_world: PlantedWorld, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="holds something else"):
        run(*quickly(planted_world, tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_two_runs_at_once_do_not_meet(planted_world: PlantedWorld, tmp_path: Path) -> None:
    from filelock import FileLock

    (tmp_path / "mine" / ".build").mkdir(parents=True)
    with FileLock(tmp_path / "mine" / ".build" / "build.lock"), pytest.raises(BusyError, match="Another process"):
        run(*quickly(planted_world, tmp_path / "mine"))


def test_the_library_does_what_the_command_does(planted_world: PlantedWorld, tmp_path: Path) -> None:
    from indexer.dataset.build import ARCHIVE_SETTINGS, STATE, build_data_set
    from indexer.dataset.labelling import MapSources
    from indexer.dataset.plan import DataSetPlan, Splitting
    from indexer.sampling.area import parse_area
    from indexer.sampling.cutting import Cutting
    from trsllava.captioners.nano.captioner import shipped_captioner
    from trsllava.labels.file import read_tree

    where = parse_area("10.06,49.87,10.16,49.95")
    plan = DataSetPlan(
        "mine",
        MajorTomStrategy(where, 1.5),
        planted_world.scenes,
        MapSources(read_tree("overhead"), planted_world.objects, planted_world.land_cover),
        count=60,
        area=where,
        cutting=Cutting(640),
        splitting=Splitting(3, 0.5),
        formats=("captions",),
    )
    folder = tmp_path / "mine"
    with trsllava.open(folder / STATE, "pictures", **ARCHIVE_SETTINGS) as archive:
        found = build_data_set(folder, plan, archive, shipped_captioner())

    assert {image.id for image in found.images} == {path.stem for path in (folder / "images").iterdir()}
    assert [image.split for image in found.images] == sorted(
        (image.split for image in found.images), key=["train", "validation", "test"].index
    )
    assert all(image.labels and image.text for image in found.images)
    assert all(
        len(path) == 3 and path[-1] == label
        for one in found.images
        for label, path in zip(one.labels, one.label_paths, strict=True)
    )
    assert not (folder / "stac").exists()
