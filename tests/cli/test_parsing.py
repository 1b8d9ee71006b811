from __future__ import annotations

from collections.abc import Callable

import pytest

from trsllava.cli.parsing import parse_branches, parse_pair, parse_where
from trsllava.errors import InputError
from trsllava.records import Filters


def test_conditions_add_up() -> None:
    filters = parse_where(["label=harbor", "label!=cloud", "label=sea", "source=/data/a"])
    assert filters == Filters(labels=("harbor", "sea"), without_labels=("cloud",), sources=("/data/a",))
    assert parse_where([]).is_empty()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("cloud_cover<20", ("cloud_cover", "<", "20")),
        ("cloud_cover <= 20.5", ("cloud_cover", "<=", "20.5")),
        ("platform=Sentinel-2A", ("platform", "=", "Sentinel-2A")),
        ("view:sun_elevation>=-3", ("view:sun_elevation", ">=", "-3")),
        ("provider!=a = b", ("provider", "!=", "a = b")),
    ],
)
def test_other_names_are_properties(written: str, meant: tuple[str, str, str]) -> None:
    (condition,) = parse_where([written]).properties
    assert (condition.name, condition.comparison, condition.value) == meant


@pytest.mark.parametrize("written", ["platform<sentinel", "gsd>nan", "gsd>1e999"])
def test_only_numbers_are_more_or_less(written: str) -> None:
    with pytest.raises(InputError, match="needs a number"):
        parse_where([written])


@pytest.mark.parametrize("condition", ["harbor", "colour", "source!=/data", "label=", "label<3", "<3", "=red"])
def test_a_condition_that_is_none_shows_the_right_form(condition: str) -> None:
    with pytest.raises(InputError, match="label=NAME"):
        parse_where([condition])


def test_lists_are_read_with_or_without_spaces() -> None:
    assert parse_branches("dense, bm25") == ("dense", "bm25")
    assert parse_branches("bm25,dense,bm25") == ("bm25", "dense")
    assert parse_pair("image, dense") == ("image", "dense")


@pytest.mark.parametrize(
    ("parse", "text", "sentence"),
    [
        (parse_branches, "sparse", "`branches` accepts dense, bm25, image, not 'sparse'"),
        (parse_branches, "", "`branches` accepts"),
        (parse_pair, "image", "`pair` expects two of dense and image"),
        (parse_pair, "image,bm25", "`pair` accepts dense, image, not 'bm25'"),
    ],
)
def test_what_is_not_understood_is_refused_with_what_is(
    parse: Callable[[str], object], text: str, sentence: str
) -> None:
    with pytest.raises(InputError, match=f"^{sentence}"):
        parse(text)
