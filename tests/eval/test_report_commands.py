"""`eval retrieval --output`, `eval report`, `eval compare`, `eval leakage`, end to end."""

import json

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from eval.run import read_run
from trsllava.cli.app import app
from trsllava.errors import InputError

TEXTS = {"port/a.png": "a grey ship at a quay", "land/a.png": "a green field", "land/b.png": "a wide road with cars"}


def lines(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def picture(path, seed):
    path.parent.mkdir(parents=True, exist_ok=True)
    coarse = np.random.default_rng(seed).integers(0, 255, (12, 12, 3), np.uint8)
    Image.fromarray(coarse).resize((96, 96), Image.Resampling.BICUBIC).save(path)


@pytest.fixture
def data(tmp_path):
    """Three test images and two training images, of which one is a test image again."""
    rows = [
        {"image": image, "split": "test", "scene": image[:4], "captions": [text, f"{text} seen from above"]}
        for image, text in TEXTS.items()
    ]
    rows += [
        {"image": "land/c.png", "split": "train", "captions": ["A green field."]},
        {"image": "land/d.png", "split": "train", "captions": ["a red desert"]},
    ]
    lines(tmp_path / "human.jsonl", rows)
    lines(tmp_path / "rich.jsonl", [{"image": i, "captions": [t], "model": "teller"} for i, t in TEXTS.items()])
    for seed, image in enumerate((*TEXTS, "land/d.png")):
        picture(tmp_path / "images" / image, seed)
    picture(tmp_path / "images/land/c.png", 1)
    return tmp_path


def run(*arguments):
    result = CliRunner().invoke(app, ["eval", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def measured(data, name, *more):
    captions, rich = data / "human.jsonl", data / "rich.jsonl"
    run("retrieval", "--captions", captions, "--rich", rich, "--output", data / f"{name}.json", *more)
    return data / f"{name}.json"


def mixed_up(data):
    """Rich texts that say of each image what another one shows, so that there are misses to report."""
    told = zip(TEXTS, [*TEXTS.values()][1:] + [*TEXTS.values()][:1], strict=True)
    return lines(data / "mixed.jsonl", [{"image": i, "captions": [t], "model": "teller"} for i, t in told])


def test_a_run_file_tells_what_was_read_and_how_it_can_be_repeated(data):
    options = ("--images", data / "images", "--branches", "dense")
    found = read_run(measured(data, "one", *options))
    assert {file.role for file in found.data} == {"captions", "rich texts", "images"}
    assert found.name == "teller, dense, all-MiniLM-L6-v2"
    assert found.settings["branches"] == ["dense"]
    assert not [name for name in found.settings if "api_key" in name]
    assert found.command[0] == "trsllava"
    assert [image.group for image in found.images] == ["port", "land", "land"]
    assert found.leakage is None


def test_the_same_measurement_has_the_same_outcomes(data):
    one, other = (read_run(measured(data, name, "--name", name)) for name in ("one", "other"))
    assert one.outcomes == other.outcomes
    assert one.data == other.data
    assert (one.name, other.name) == ("one", "other")


def test_documents_of_a_collection_are_part_of_what_was_read(data):
    import trsllava

    with trsllava.open() as archive:
        archive.index(data / "images", captions=data / "rich.jsonl")
    run("retrieval", "--captions", data / "human.jsonl", "--output", data / "inside.json")
    assert {file.role for file in read_run(data / "inside.json").data} == {"captions", "documents"}


def test_leakage_is_told_and_kept_in_the_run(data):
    options = ("--training", data / "human.jsonl", "--images", data / "images", "--name", "leaky")
    found = read_run(measured(data, "leaky", *options))
    assert found.leakage is not None
    assert found.leakage.documents.normalised == 1
    assert [(pair.image, pair.training) for pair in found.leakage.pictures.pairs] == [("land/a.png", "land/c.png")]
    run("report", data / "leaky.json", "-o", data / "out")
    assert "1 of 3; byte for byte the same: 1" in (data / "out" / "report.md").read_text()


def test_leakage_is_counted_without_measuring(data):
    captions = data / "human.jsonl"
    out = run("leakage", "--captions", captions, "--images", data / "images", "--rich", data / "rich.jsonl")
    assert "letter for letter 0 of 3; word for word, without case and punctuation, 1 (33.3%)" in out
    assert "land/a.png looks like land/c.png: 0 bits" in out
    found = json.loads(run("leakage", "--captions", captions, "--json"))
    assert (found["documents"], found["pictures"], found["queries"]["texts"]) == (None, None, 6)


def test_a_training_picture_that_is_missing_is_named(data):
    (data / "images/land/d.png").unlink()
    with pytest.raises(InputError, match=r"1 of 2 pictures .*land/d\.png"):
        run("leakage", "--captions", data / "human.jsonl", "--images", data / "images")


def test_a_report_is_a_page_with_pictures_and_a_markdown_file(data):
    told = mixed_up(data)
    files = [measured(data, name, "--name", name, "--branches", name, "--rich", told) for name in ("dense", "bm25")]
    run("report", *files, "--images", data / "images", "-o", data / "deep" / "out")
    page = (data / "deep" / "out" / "report.html").read_text()
    assert page.count("data:image/jpeg;base64,") >= 4
    assert "| **bm25** |" in (data / "deep" / "out" / "report.md").read_text()


def test_where_every_answer_came_first_the_page_says_so_and_shows_no_miss(data):
    run("report", measured(data, "one", "--branches", "dense"), "--images", data / "images", "-o", data / "out")
    page, text = ((data / "out" / name).read_text() for name in ("report.html", "report.md"))
    assert "Every right answer came first." in page
    assert "worst queries" not in text


def test_a_picture_that_is_gone_is_told_and_stops_nothing(data):
    file = measured(data, "one", "--rich", mixed_up(data))
    (data / "images/port/a.png").unlink()
    run("report", file, "--images", data / "images", "-o", data / "out")
    assert 'class="missing"' in (data / "out" / "report.html").read_text()


def test_comparing_says_in_words_whether_the_difference_is_significant(data):
    one, other = (measured(data, name, "--name", name, "--branches", name) for name in ("dense", "bm25"))
    assert "is not significant" in run("compare", one, other)
    found = json.loads(run("compare", one, other, "--json"))
    assert (found["first"], found["second"], found["mean"]["figure"]) == ("dense", "bm25", "mR")
    assert len(found["figures"]) == 6


def test_runs_with_other_queries_are_not_compared(data):
    told = lines(data / "told.jsonl", [{"image": i, "captions": [f"{t} there"]} for i, t in TEXTS.items()])
    one, other = measured(data, "human"), measured(data, "rich", "--queries", told)
    with pytest.raises(InputError, match="the first has human queries, the second rich text queries"):
        run("compare", one, other)
    run("report", one, other, "-o", data / "out")
    text = (data / "out" / "report.md").read_text()
    assert "## Human queries on split 'test'" in text
    assert "## Rich text queries on split 'test'" in text


def test_a_file_that_is_no_run_is_refused(data):
    with pytest.raises(InputError, match="cannot be read as a run file"):
        run("report", data / "human.jsonl")


def test_a_file_without_splits_is_not_compared_with_itself(data):
    unsplit = lines(data / "unsplit.jsonl", [{"image": i, "captions": [t]} for i, t in TEXTS.items()])
    with pytest.raises(InputError, match=r"3 of 3 images .* themselves.*`training`"):
        run("leakage", "--captions", unsplit)
    with pytest.raises(InputError, match=r"3 of 3 images .* themselves.*`training`"):
        run("retrieval", "--captions", unsplit, "--rich", data / "rich.jsonl", "--training", unsplit)
    assert "of 3" in run("leakage", "--captions", unsplit, "--training", data / "human.jsonl")


def test_a_split_is_not_compared_with_itself(data):
    with pytest.raises(InputError, match=r"3 of 3 images .* themselves"):
        run("leakage", "--captions", data / "human.jsonl", "--train-split", "test")


def test_a_run_file_for_a_folder_that_is_missing_is_refused_before_anything_is_read(data):
    with pytest.raises(InputError, match=r"there is no folder .*none"):
        run("retrieval", "--captions", data / "nowhere.jsonl", "--output", data / "none" / "run.json")
