"""Composed queries in files: the plain form and PatternCom's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.benchmarks.composed_set import composed_queries, main, read_drawn
from eval.datasets.captions import CaptionedImage
from eval.datasets.composed import ComposedQuery, ComposedSet, placed, read_composed
from eval.datasets.patterncom import read_patterncom
from trsllava.errors import CaptionFileError, InputError

LINE = {"image": "a.jpg", "text": "with boats", "positives": ["b.jpg"], "group": "harbor/boats"}


def write(path: Path, *lines: object) -> Path:
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines))
    return path


def test_a_line_is_a_query(tmp_path):
    asked = read_composed(write(tmp_path / "q.jsonl", LINE, "", {**LINE, "group": ""}))
    assert asked.queries[0] == ComposedQuery("a.jpg", "with boats", ("b.jpg",), "harbor/boats")
    assert len(asked.queries) == 2
    assert not asked.own_image_ranks


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{broken", "line 2"),
        ({**LINE, "positives": []}, "line 2: positives"),
        ({**LINE, "text": " "}, "line 2: text"),
        ({**LINE, "grop": "x"}, "line 2: grop"),
        ({**LINE, "positives": ["./a.jpg"]}, "one of its own positives"),
        ({**LINE, "positives": ["b.jpg", "./b.jpg"]}, "named twice"),
    ],
)
def test_a_line_that_is_none_is_named(tmp_path, line, message):
    with pytest.raises(CaptionFileError, match=message):
        read_composed(write(tmp_path / "q.jsonl", LINE, line))


def test_a_file_without_queries_shows_what_a_line_looks_like(tmp_path):
    with pytest.raises(InputError, match='"positives"'):
        read_composed(write(tmp_path / "q.jsonl"))
    with pytest.raises(CaptionFileError, match=r"gone\.jsonl"):
        read_composed(tmp_path / "gone.jsonl")


def test_queries_are_placed_in_the_archive():
    asked = ComposedSet((ComposedQuery("./a.jpg", "t", ("x//b.jpg",)),), False)
    assert placed(asked, ["a.jpg", "x/b.jpg"]).queries[0] == ComposedQuery("a.jpg", "t", ("x/b.jpg",))
    with pytest.raises(InputError, match=r"1 of 2 images .* 'x//b\.jpg'"):
        placed(asked, ["a.jpg", "b.jpg"])


PATTERNNET = [
    *(f"airplane/airplane00{n}.jpg" for n in (1, 2, 3)),
    *(f"denseresidential/denseresidential00{n}.jpg" for n in (1, 2)),
    *(f"sparseresidential/sparseresidential00{n}.jpg" for n in (1, 2)),
    *(f"bridge/bridge00{n}.jpg" for n in (1, 2)),
    *(f"overpass/overpass00{n}.jpg" for n in (1, 2)),
]


@pytest.fixture
def patterncom(tmp_path):
    folder = tmp_path / "PatternNet" / "PatternCom"
    folder.mkdir(parents=True)
    write(
        folder / "color.csv",
        "airplane001.jpg,color,white",
        "airplane002.jpg,color,white",
        "airplane003.jpg,color,purple",
    )
    write(
        folder / "density.csv",
        "denseresidential001.jpg,density,dense",
        "denseresidential002.jpg,density,dense",
        "sparseresidential001.jpg,density,sparse",
    )
    write(
        folder / "quantity.csv",
        "bridge001.jpg,quantity,one",
        "overpass001.jpg,quantity,two",
        "overpass002.jpg,quantity,one",
        "bridge002.jpg,quantity,two",
    )
    return folder


def test_patterncom_asks_each_image_for_the_other_values_of_its_class(patterncom):
    asked = read_patterncom(patterncom, PATTERNNET)
    assert asked.own_image_ranks
    colours = [query for query in asked.queries if query.group.startswith("color")]
    whites = ("airplane/airplane001.jpg", "airplane/airplane002.jpg")
    assert colours == [
        ComposedQuery(whites[0], "purple", ("airplane/airplane003.jpg",), "color/purple"),
        ComposedQuery(whites[1], "purple", ("airplane/airplane003.jpg",), "color/purple"),
        ComposedQuery("airplane/airplane003.jpg", "white", whites, "color/white"),
    ]


def test_some_classes_of_patterncom_count_as_one(patterncom):
    queries = read_patterncom(patterncom.parent, PATTERNNET).queries  # the folder above will do
    density = {query.image: query for query in queries if query.group.startswith("density")}
    assert density["sparseresidential/sparseresidential001.jpg"].positives == (
        "denseresidential/denseresidential001.jpg",
        "denseresidential/denseresidential002.jpg",
    )
    (bridge,) = [query for query in queries if query.image == "bridge/bridge001.jpg"]
    assert bridge.positives == ("overpass/overpass001.jpg", "bridge/bridge002.jpg")  # answers, whatever asks


def test_of_a_file_listed_twice_the_last_value_counts(patterncom):
    write(
        patterncom / "color.csv",
        "airplane001.jpg,color,white",
        "airplane002.jpg,color,red",
        "airplane001.jpg,color,red",
    )
    asked = [query for query in read_patterncom(patterncom, PATTERNNET).queries if query.text == "red"]
    assert asked[0].positives == ("airplane/airplane001.jpg", "airplane/airplane002.jpg")


def test_a_wrong_layout_of_patterncom_names_what_was_looked_for(patterncom, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"looked for .*empty/color\.csv.*shape\.csv"):
        read_patterncom(tmp_path / "empty", PATTERNNET)
    with pytest.raises(InputError, match=r"color\.csv, line 1: no image airplane001\.jpg"):
        read_patterncom(patterncom, ["other.jpg"])
    with pytest.raises(InputError, match="same name"):
        read_patterncom(patterncom, [*PATTERNNET, "copy/airplane001.jpg"])
    write(patterncom / "color.csv", "airplane001.jpg,white")
    with pytest.raises(CaptionFileError, match=r"color\.csv, line 1: a line is file name, attribute, value"):
        read_patterncom(patterncom, PATTERNNET)


def test_a_folder_of_patterncom_that_asks_for_nothing_is_refused(tmp_path):
    write(tmp_path / "color.csv", "airplane001.jpg,color,white", "airplane002.jpg,color,white")
    with pytest.raises(InputError, match="asks for nothing: no class has two values"):
        read_patterncom(tmp_path, PATTERNNET)


def captioned(name: str, *captions: str, scene: str = "bridge") -> CaptionedImage:
    return CaptionedImage(image=name, split="val", scene=scene, captions=captions)


SPLIT = [
    *(captioned(f"with{n}.jpg", "a bridge and boats", "boats by a bridge") for n in range(3)),
    captioned("once.jpg", "a bridge and boats", "a bridge"),
    *(captioned(f"without{n}.jpg", "a bridge over water", "a long bridge") for n in range(5)),
    *(captioned(f"field{n}.jpg", "a field with boats", scene="desert") for n in range(4)),
]


def test_a_set_asks_pictures_that_lack_a_thing_for_those_that_have_it():
    queries = composed_queries(SPLIT, per_group=4)
    assert {query.group for query in queries} == {"bridge/boat"}
    assert len(queries) == 4
    for query in queries:
        assert query.image.startswith("without")
        assert query.text == "with boats"
        assert query.positives == ("with0.jpg", "with1.jpg", "with2.jpg")
    assert composed_queries(SPLIT, per_group=4) == queries
    assert len(composed_queries(SPLIT, per_group=40)) == 5


def test_drawn_scenes_are_of_the_kind_that_their_name_says(tmp_path):
    captions = write(tmp_path / "captions.jsonl", {"image": "coast/golf_course_03.png", "captions": ["a", "b"]})
    assert read_drawn(captions) == [
        CaptionedImage(image="coast/golf_course_03.png", scene="golf course", captions=("a", "b"))
    ]


def test_the_set_is_written_in_the_plain_form(tmp_path, capsys):
    captions = write(tmp_path / "captions.jsonl", *(image.model_dump() for image in SPLIT))
    main(["--captions", str(captions), "-o", str(tmp_path / "set.jsonl")])
    assert capsys.readouterr().out.startswith("5 queries, 5 pictures, 1 groups")
    assert len(read_composed(tmp_path / "set.jsonl").queries) == 5
