"""Metadata files of products, as odd as they come: one that cannot be read tells nothing, and ends nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from trsllava.sources.products.metadata import number, read_json, read_xml, text


def test_the_first_text_of_a_name_is_told_whatever_its_namespace(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text("<a xmlns:x='urn:x'><b/><x:b> one </x:b><b>two</b></a>")
    root = read_xml(tmp_path / "a.xml")
    assert root is not None
    assert (text(root, "b"), text(root, "c", "b"), text(root, "c")) == ("one", "one", "")


@pytest.mark.parametrize(
    "written",
    [
        "",
        "<a>",
        '<?xml version="1.0" encoding="utf-32"?><a/>',
        '<?xml version="1.0" encoding="no-such-encoding"?><a/>',
        '<!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>',
        "<a>\0</a>",
    ],
)
def test_xml_that_cannot_be_read_is_none(tmp_path: Path, written: str) -> None:
    (tmp_path / "a.xml").write_text(written)
    assert read_xml(tmp_path / "a.xml") is None


@pytest.mark.parametrize("written", ["", "{", '{"a":' * 100_000])
def test_json_that_cannot_be_read_is_none(tmp_path: Path, written: str) -> None:
    (tmp_path / "a.json").write_text(written)
    assert read_json(tmp_path / "a.json") is None


def test_a_file_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert read_xml(tmp_path / "a.xml") is None
    assert read_json(tmp_path / "a.json") is None


@pytest.mark.parametrize(
    ("written", "found"), [("1.5", 1.5), (" 2 ", 2.0), ("nan", None), ("1e999", None), ("", None)]
)
def test_a_number_is_finite(written: str, found: float | None) -> None:
    assert number(written) == found
