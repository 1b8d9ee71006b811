import json

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import trsllava
from trsllava.cli.app import app
from trsllava.errors import CaptionFileError, InputError

WORDS = {"port/a.png": "a grey ship at a quay", "land/a.png": "a green field", "port/b.png": "two boats in a harbor"}


def lines(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture
def rich(tmp_path):
    return lines(tmp_path / "rich.jsonl", [{"image": i, "captions": [t], "model": "teller"} for i, t in WORDS.items()])


@pytest.fixture
def captions(tmp_path):
    entries = [{"filename": i, "split": "test", "sentences": [{"raw": t}]} for i, t in WORDS.items()]
    path = tmp_path / "dataset_mine.json"
    path.write_text(json.dumps({"images": entries}))
    return path


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text(
        "image,split,water,ship,grass\nport/a.png,test,1,1,0\nland/a.png,test,0,0,1\nport/b.png,test,1,1,0\n"
    )
    return path


def run(*arguments):
    """Standard output of `trsllava eval labels`; raises what the command raises."""
    result = CliRunner().invoke(app, ["eval", "labels", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_json_is_all_that_is_printed_and_has_figures_at_every_n(table, captions, rich):
    options = ("--labels", table, "--captions", captions, "--rich", rich, "--branches", "dense", "--n", "1,2")
    report = json.loads(run(*options, "--json"))
    assert report["t2i"]["MAP"] == {"1": 1.0, "2": 1.0}
    assert report["i2t"]["ACG"]["1"] == pytest.approx(5 / 3)
    assert report["retrieval"]["branches"] == ["dense"]
    assert report["retrieval"]["protocol"]["documents"] == "teller"


def test_the_table_has_a_row_a_figure_and_a_column_an_n(table, captions, rich):
    out = run("--labels", table, "--captions", captions, "--rich", rich, "--n", "1,2")
    for word in ("T2I MAP", "I2T WMAP", "T2I NDCG", "I2T ACG", "@1", "@2", "1.0000", "teller"):
        assert word in out


def test_captions_that_come_with_labels_ask_and_a_level_is_chosen(tmp_path, rich):
    second = {"port/a.png": ["water"], "land/a.png": ["land"], "port/b.png": ["water"]}
    rows = [
        {"image": i, "split": "test", "captions": [t], "second_level": second[i], "third_level": [i]}
        for i, t in WORDS.items()
    ]
    labels = lines(tmp_path / "luojiahog.jsonl", rows)
    options = ("--labels", labels, "--rich", rich, "--branches", "dense", "--n", "3", "--json")
    assert json.loads(run(*options))["n_labels"] == 3
    assert json.loads(run(*options, "--level", "second"))["n_labels"] == 2


def test_labels_without_captions_need_those_of_another_file(table, rich):
    with pytest.raises(InputError, match=r"3 of 3 labelled images .*`captions`"):
        run("--labels", table, "--rich", rich)


def test_a_file_that_is_not_there_is_named_with_the_layouts_there_are(tmp_path, rich):
    with pytest.raises(CaptionFileError, match=r"nowhere\.csv does not exist.*0 or 1"):
        run("--labels", tmp_path / "nowhere.csv", "--rich", rich)


@pytest.mark.parametrize("n", ["five", "0,5", ""])
def test_an_n_that_is_no_rank_is_refused(table, captions, rich, n):
    with pytest.raises(InputError, match="--n"):
        run("--labels", table, "--captions", captions, "--rich", rich, "--n", n)


def test_the_help_shows_the_expected_layouts():
    out = CliRunner().invoke(app, ["eval", "labels", "--help"], env={"COLUMNS": "200"}).output
    for word in ("second_level", "0/1", "--captions", "trsllava eval labels"):
        assert word in out


@pytest.fixture
def images(tmp_path):
    for number, image in enumerate(WORDS):
        path = tmp_path / "images" / image
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((16, 16, 3), 40 * number + 20, np.uint8)).save(path)
    return tmp_path / "images"


def test_pictures_are_compared_where_their_folder_is_named(table, captions, rich, images):
    options = ("--labels", table, "--captions", captions, "--rich", rich, "--branches", "image", "--n", "3", "--json")
    with pytest.raises(InputError, match=r"Name the folder that holds them with `images`"):
        run(*options)
    report = json.loads(run(*options, "--images", images))
    assert report["retrieval"]["branches"] == ["image"]
    assert report["t2i"]["ACG"]["3"] == pytest.approx((4 + 1 + 4) / 3 / 3)


def test_paths_of_labels_may_be_relative_to_another_folder_than_the_indexed(tmp_path, table, captions, rich, images):
    with trsllava.open() as archive:
        archive.index(images, captions=rich)
    above = tmp_path / "above.csv"
    header, *rows = table.read_text().splitlines()
    above.write_text("\n".join([header, *(f"images/{row}" for row in rows)]))
    told = [{"image": f"images/{image}", "captions": [text]} for image, text in WORDS.items()]
    options = ("--labels", above, "--captions", lines(tmp_path / "above.jsonl", told), "--n", "1", "--json")
    with pytest.raises(InputError):
        run(*options)
    assert json.loads(run(*options, "--images", tmp_path))["t2i"]["MAP"] == {"1": 1.0}


def test_the_open_collection_serves_as_documents(table, captions, rich, images):
    with trsllava.open() as archive:
        archive.index(images, captions=rich)
    report = json.loads(run("--labels", table, "--captions", captions, "--branches", "dense", "--n", "1", "--json"))
    assert report["t2i"]["MAP"] == {"1": 1.0}
    assert report["retrieval"]["protocol"]["documents"] == "teller"


def test_the_report_is_kept_with_what_is_needed_to_repeat_it(tmp_path, table, captions, rich):
    files = ("--labels", table, "--captions", captions, "--rich", rich)
    printed = json.loads(run(*files, "--branches", "dense", "--json", "-o", tmp_path / "kept.json"))
    kept = json.loads((tmp_path / "kept.json").read_text())
    assert kept["report"] == printed
    assert {file["role"] for file in kept["data"]} == {"labels", "captions", "rich texts"}
    assert kept["versions"]["trsllava"]
    with pytest.raises(InputError, match="no folder"):
        run(*files, "-o", tmp_path / "nowhere" / "kept.json")
