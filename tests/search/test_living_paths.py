"""Of a hit's files those that are still there come first, wherever hits are shown."""

from __future__ import annotations

import pytest

from tests.standin.collection import Collection
from trsllava.formats.html import html_page
from trsllava.records import Hit, Query


@pytest.fixture
def renamed(collection: Collection) -> Collection:
    """An image that was renamed and indexed again; its old name sorts first."""
    collection.draw("a_old.png")
    collection.describe({"a_old.png": "a crane"})
    collection.index()
    (collection.images / "a_old.png").rename(collection.images / "b_new.png")
    collection.index()
    return collection


def hit_of(collection: Collection) -> Hit:
    (hit,) = collection.engine().search(Query(text="a crane"))
    return hit


def names(hit: Hit) -> list[str]:
    return [path.rsplit("/", 1)[-1] for path in hit.paths]


def test_after_a_rename_the_new_name_comes_first(renamed: Collection) -> None:
    assert names(hit_of(renamed)) == ["b_new.png", "a_old.png"]


def test_a_page_of_hits_names_and_links_the_new_name(renamed: Collection) -> None:
    page = html_page("a crane", [hit_of(renamed)], {})
    assert "b_new.png" in page
    assert "a_old.png" not in page


def test_a_copy_that_was_deleted_since_comes_last(collection: Collection) -> None:
    collection.draw("a.png")
    (collection.images / "b.png").write_bytes((collection.images / "a.png").read_bytes())
    collection.describe({"a.png": "a crane", "b.png": "a crane"})
    collection.index()
    (collection.images / "a.png").unlink()
    assert names(hit_of(collection)) == ["b.png", "a.png"]


def test_where_the_images_are_not_at_hand_the_order_is_by_name(renamed: Collection) -> None:
    renamed.images.rename(renamed.images.with_name("away"))
    assert names(hit_of(renamed)) == ["a_old.png", "b_new.png"]
