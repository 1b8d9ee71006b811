"""A picture and a text together on the command line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from trsllava.cli.app import app
from trsllava.errors import CaptionFileError, InputError

SCENES = {
    "blue-boats.png": ("navy", "a harbor with many boats"),
    "blue-empty.png": ("mediumblue", "an empty harbor"),
    "teal-boats.png": ("teal", "a lake with boats and trees"),
    "green.png": ("green", "a green field with trees"),
}
ASKED = {"image": "blue-empty.png", "text": "with boats", "positives": ["blue-boats.png"], "group": "harbor/boats"}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("composed") / "images"
    folder.mkdir()
    lines = []
    for name, (colour, text) in SCENES.items():
        Image.new("RGB", (32, 32), colour).save(folder / name)
        lines.append(json.dumps({"image": name, "captions": [text]}))
    (folder / "captions.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def home(images: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("home") / "home"
    done = run("index", images, "--captions", images / "captions.jsonl", "--home", folder, "-c", "harbors")
    assert done.exit_code == 0, done.output
    return folder


@pytest.fixture
def queries(tmp_path: Path) -> Path:
    path = tmp_path / "composed.jsonl"
    path.write_text(json.dumps(ASKED) + "\n", encoding="utf-8")
    return path


def query(home: Path, *arguments: object) -> str:
    done = run("query", *arguments, "--home", home, "-c", "harbors")
    assert done.exit_code == 0, done.output
    return done.output


def test_a_text_changes_what_a_picture_finds(home: Path, images: Path) -> None:
    found = json.loads(query(home, "with many boats", "--image", images / "blue-empty.png", "--weight", 0.5, "--json"))
    assert found["hits"][0]["paths"][0].endswith("blue-boats.png")
    assert found["query"] == f"with many boats (with {images / 'blue-empty.png'})"
    for said in found["hits"][0]["branches"].values():
        assert set(said) == {"score", "rank", "share"}
    assert set(found["hits"][0]["branches"]) == {"by_image", "by_text"}


def test_what_is_excluded_is_pushed_down(home: Path, images: Path) -> None:
    arguments = ("without a green field", "--image", images / "green.png", "--weight", 0.9, "--json")
    found = json.loads(query(home, *arguments))["hits"]
    assert found[-1]["paths"][0].endswith("green.png")  # as like as can be, and still last
    assert found[-1]["branches"]["without"]["rank"] == len(SCENES)


def test_all_formats_tell_both_sides(home: Path, images: Path, tmp_path: Path) -> None:
    asked = ("boats, no trees", "--image", images / "blue-empty.png", "--pair", "image,dense", "--weight", "0.4")
    rows = list(csv.DictReader(io.StringIO(query(home, *asked, "--csv"))))
    for part in ("by_image", "by_text", "without"):
        assert float(rows[0][f"{part}_share"]) >= 0
    assert json.loads(query(home, *asked, "--geojson"))["features"][0]["properties"]["by_text_rank"] >= 1
    assert "by_image" in query(home, *asked)
    query(home, *asked, "--html", tmp_path / "hits.html")
    page = (tmp_path / "hits.html").read_text(encoding="utf-8")
    assert "Like the picture" in page
    assert "As the text says" in page
    assert "boats, no trees (with " in page


def test_an_instruction_rewrites_what_is_known_of_the_picture(home: Path, images: Path) -> None:
    asked = ("change the harbor into a lake with boats", "--image", images / "blue-empty.png", "--edit", "--json")
    assert json.loads(query(home, *asked))["hits"][0]["paths"][0].endswith("teal-boats.png")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("boats", "--weight", "0.5"), "both a text and a picture"),
        (("boats", "--edit"), "both a text and a picture"),
        (("boats", "--image", "{image}", "--weight", "1.5"), "between 0"),
        (("boats", "--image", "{image}", "--pair", "image"), "`pair` expects two"),
        (("boats", "--image", "{image}", "--pair", "image,bm25"), "`pair` accepts"),
        (("boats", "--image", "{image}", "--branches", "dense"), "`pair`"),
        (("boats", "--image", "{image}", "--rerank", "nano"), "`rerank`"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(
    home: Path, images: Path, arguments: tuple[str, ...], message: str
) -> None:
    given = [argument.replace("{image}", str(images / "green.png")) for argument in arguments]
    with pytest.raises(InputError, match=message):
        query(home, *given)


def evaluate(images: Path, queries: Path, *arguments: object) -> str:
    done = CliRunner().invoke(
        app, ["eval", "composed", "--images", str(images), "--queries", str(queries), *map(str, arguments)],
        catch_exceptions=False,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_collection_is_measured(home: Path, images: Path, queries: Path) -> None:
    report = json.loads(evaluate(images, queries, "--home", home, "-c", "harbors", "--weight", 0.5, "--json"))
    assert report["mAP"] == 100.0
    assert report["groups"] == {"harbor/boats": 100.0}
    assert report["queries"][0]["ap"] == 100.0
    assert (report["weight"], report["sweep"]) == (0.5, None)
    assert (report["split"], report["oracle"], report["transductive"]) == ("all", False, False)
    assert report["weight_chosen_on_these_queries"] is False


def test_a_report_is_kept_with_what_is_needed_to_repeat_it(
    home: Path, images: Path, queries: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "kept.json"
    printed = evaluate(images, queries, "--home", home, "-c", "harbors", "--json", "-o", kept)
    file = json.loads(kept.read_text(encoding="utf-8"))
    assert file["report"] == json.loads(printed)
    told = {data["role"]: data["files"] for data in file["data"]}
    assert told == {"queries": 1, "documents": 0, "images": len(SCENES)}


def test_a_sweep_draws_its_curve(home: Path, images: Path, queries: Path, tmp_path: Path) -> None:
    plot = tmp_path / "sweep.svg"
    out = evaluate(images, queries, "--home", home, "-c", "harbors", "--weight", "sweep", "--plot", plot)
    assert "best of these queries" in out
    assert plot.read_text(encoding="utf-8").startswith("<svg")


def test_without_a_collection_nano_looks_at_the_images(images: Path, queries: Path) -> None:
    by_picture = json.loads(evaluate(images, queries, "--json"))
    assert by_picture["documents"] == "none"
    assert by_picture["n_images"] == 4
    in_words = json.loads(evaluate(images, queries, "--pair", "dense,dense", "--json"))
    assert in_words["documents"].startswith("nano")
    assert 0 < in_words["mAP"] <= 100


def test_the_archive_can_be_a_split_of_a_caption_file(images: Path, queries: Path, tmp_path: Path) -> None:
    rows = [{"image": name, "split": "test", "captions": ["x"]} for name in ("blue-empty.png", "blue-boats.png")]
    captions = tmp_path / "captions.jsonl"
    captions.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    arguments = ("--captions", captions, "--split", "test", "--pair", "image,image", "--json")
    assert json.loads(evaluate(images, queries, *arguments))["n_images"] == 2


def test_the_archive_can_be_captions_in_any_layout(images: Path, queries: Path, tmp_path: Path) -> None:
    names = ("blue-empty.png", "blue-boats.png")
    entries = [{"filename": name, "split": "test", "sentences": [{"raw": "x"}]} for name in names]
    captions = tmp_path / "dataset.json"
    captions.write_text(json.dumps({"images": entries}), encoding="utf-8")
    arguments = ("--captions", captions, "--split", "test", "--pair", "image,image", "--json")
    assert json.loads(evaluate(images, queries, *arguments))["n_images"] == 2


def test_patterncom_needs_only_a_path(tmp_path: Path) -> None:
    lines = []
    for number, colour in enumerate(("white", "white", "purple"), start=1):
        path = tmp_path / "PatternNet" / "images" / "airplane" / f"airplane00{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (16, 16), colour).save(path)
        lines.append(f"{path.name},color,{colour}\n")
    (tmp_path / "PatternNet" / "PatternCom").mkdir()
    (tmp_path / "PatternNet" / "PatternCom" / "color.csv").write_text("".join(lines), encoding="utf-8")
    net = tmp_path / "PatternNet"
    report = json.loads(evaluate(net / "images", net / "PatternCom", "--pair", "image,image", "--json"))
    assert report["own_image_ranks"] is True
    assert report["n_queries"] == 3
    assert set(report["groups"]) == {"color/white", "color/purple"}


def test_a_wrong_layout_names_what_was_looked_for(images: Path, queries: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.jsonl does not exist.*positives.*color\.csv"):
        evaluate(images, tmp_path / "gone.jsonl")
    with pytest.raises(InputError, match=r"looked for .*color\.csv"):
        evaluate(images, tmp_path)
    with pytest.raises(InputError, match="does not exist"):
        evaluate(tmp_path / "nowhere", queries)
    queries.write_text('{"image": "lost.png", "text": "x", "positives": ["green.png"]}\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"'lost\.png'"):
        evaluate(images, queries)
    queries.write_text("no json\n", encoding="utf-8")
    with pytest.raises(CaptionFileError, match="line 1"):
        evaluate(images, queries)


@pytest.mark.parametrize("weight", ["1.5", "much", "nan"])
def test_a_weight_that_cannot_be_is_refused(images: Path, queries: Path, weight: str) -> None:
    with pytest.raises(InputError, match=r"(`|--)weight"):
        evaluate(images, queries, "--weight", weight)


def test_help_shows_the_layouts() -> None:
    shown = " ".join(run("eval", "composed", "--help").output.split())
    assert "positives" in shown
    assert "color.csv" in shown
