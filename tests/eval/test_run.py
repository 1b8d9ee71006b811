"""Run files."""

import json
import re

import pytest

from eval.run import Run, derived_name, read_run
from trsllava.errors import InputError


def test_a_run_is_read_as_it_was_written(tmp_path, make_run):
    run = make_run()
    (tmp_path / "run.json").write_text(run.write())
    assert read_run(tmp_path / "run.json") == run


def test_a_run_holds_what_became_of_every_query(make_run):
    run = json.loads(make_run().write())
    assert len(run["texts"]) == len(run["outcomes"]["t2i"]["rank"]) == 8
    assert run["outcomes"]["i2t"]["queries"] == [0, 1, 2, 3]
    assert [image["group"] for image in run["images"]] == ["port", "port", "field", "field"]


def test_without_a_name_a_run_is_called_after_documents_branches_and_encoder(make_run):
    assert derived_name(make_run().report) == "teller, dense, words"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "cannot be read as a run file"),
        ('{"mR": 22.6}', "is not a run file.*output=run.json"),
        ('{"outcomes": {}, "format": 9}', "format 9, and this version of trsllava reads format 1"),
        ('{"outcomes": {}, "format": 1}', "damaged run file: name"),
    ],
)
def test_a_file_that_is_no_run_is_told_from_one_of_another_format(tmp_path, text, said):
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(InputError, match=said):
        read_run(tmp_path / "run.json")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.json"):
        read_run(tmp_path / "none.json")


def test_a_run_with_a_field_too_many_is_damaged(tmp_path, make_run):
    row = json.loads(make_run().write()) | {"mood": "good"}
    (tmp_path / "run.json").write_text(json.dumps(row))
    with pytest.raises(InputError, match="damaged run file: mood"):
        read_run(tmp_path / "run.json")


def test_a_run_of_thousands_of_queries_stays_small(make_run):
    # Texts aside, a query of two directions costs less than 150 bytes.
    run = make_run()
    many = run.outcomes["t2i"].model_copy(
        update={name: getattr(run.outcomes["t2i"], name) * 700 for name in ("queries", "unit", "rank", "wrong")}
        | {"values": {k: column * 700 for k, column in run.outcomes["t2i"].values.items()}}
    )
    assert len(Run.model_copy(run, update={"outcomes": {"t2i": many}}).write()) < 5600 * 150


def put(row, place, value):
    """The row with something else at a place such as `outcomes.t2i.wrong`."""
    *above, last = place.split(".")
    inner = row
    for name in above:
        inner = inner[name]
    inner[last] = value
    return row


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        ("images", [], "no images"),
        ("texts", [], "no texts"),
        ("owner", [0], "8 texts have 1 owners"),
        ("owner", [0, 0, 1, 1, 2, 2, 3, 4], "owner: there is no place 4 among 4"),
        ("outcomes", {}, "outcomes of nothing, not of t2i and i2t"),
        ("outcomes.t2i.queries", [-1, 1, 2, 3, 4, 5, 6, 7], "t2i.queries: there is no place -1 among 8"),
        ("outcomes.t2i.unit", [0, 0, 1, 1, 2, 2, 3, 500], "t2i.unit is not the image"),
        ("outcomes.i2t.unit", [0, 1, 2, 0], "i2t.unit is not the image"),
        ("outcomes.t2i.wrong", [[999]] * 8, "t2i.wrong: there is no place 999 among 4"),
        ("outcomes.i2t.wrong", [[8]] * 4, "i2t.wrong: there is no place 8 among 8"),
        ("outcomes.i2t.found", "image", "i2t asks with image and finds image"),
        ("outcomes.i2t.values", {}, "i2t.values are of nothing"),
        ("owner", [0, 0, 1, 1, 2, 2, 2, 2], "t2i.unit is not the image"),
    ],
)
def test_a_run_that_was_edited_by_hand_is_damaged(tmp_path, make_run, place, value, said):
    row = put(json.loads(make_run().write()), place, value)
    (tmp_path / "run.json").write_text(json.dumps(row))
    with pytest.raises(InputError, match=f"damaged run file: .*{re.escape(said)}"):
        read_run(tmp_path / "run.json")


def test_a_run_of_one_direction_is_damaged(tmp_path, make_run):
    row = json.loads(make_run().write())
    del row["outcomes"]["i2t"]
    (tmp_path / "run.json").write_text(json.dumps(row))
    with pytest.raises(InputError, match="outcomes of t2i, not of t2i and i2t"):
        read_run(tmp_path / "run.json")


def test_a_direction_without_queries_is_damaged(tmp_path, make_run):
    row = json.loads(make_run().write())
    side = row["outcomes"]["i2t"]
    side |= {"queries": [], "unit": [], "rank": [], "wrong": [], "values": {name: [] for name in side["values"]}}
    (tmp_path / "run.json").write_text(json.dumps(row))
    with pytest.raises(InputError, match="i2t has no queries"):
        read_run(tmp_path / "run.json")
