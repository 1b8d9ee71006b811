"""What is said of the part of a collection that was not searched."""

from __future__ import annotations

import pytest

from trsllava.search.coverage import Coverage


@pytest.mark.parametrize("captioned", [0, 1, 2000])
def test_nothing_is_said_where_everything_was_searched(captioned: int) -> None:
    coverage = Coverage(searchable=captioned, captioned=captioned, pending=0)
    assert coverage.whole
    assert coverage.sentences() == []


def test_a_part_is_said_with_the_commands_that_complete_it() -> None:
    assert Coverage(768, 2000, 0, "/data/my images").sentences() == [
        "Searched 768 of 2,000 captioned images. Run `trsllava index '/data/my images'` again, or `trsllava reindex`, "
        "to make the rest searchable."
    ]


def test_images_without_captions_are_counted() -> None:
    assert Coverage(420, 420, 1580, "/data").sentences() == [
        "Searched 420 of 2,000 images. 1,580 have no captions yet. Run `trsllava index /data` to make the rest "
        "searchable."
    ]


def test_nothing_searchable_is_said_as_such() -> None:
    (said,) = Coverage(0, 1, 0).sentences()
    assert said.startswith("No image can be found yet: 1 captioned image is not stored. Run `trsllava index FOLDER`")
