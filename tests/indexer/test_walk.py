"""A walk follows links and passes thumbnails over, and says what it passed over."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.walk import FolderWalk


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "images").mkdir()
    return tmp_path / "images"


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def walked(root: Path) -> tuple[list[str], FolderWalk]:
    walk = FolderWalk(root)
    return [path.relative_to(root).as_posix() for path in walk], walk


def test_linked_folders_are_followed_and_their_images_named_through_the_link(root: Path) -> None:
    touch(root.parent / "disk" / "deep" / "b.png", root / "a.png")
    (root / "link").symlink_to(root.parent / "disk")
    assert walked(root)[0] == ["a.png", "link/deep/b.png"]


def test_a_folder_of_nothing_but_links_is_walked(root: Path) -> None:
    for name in ("one", "two"):
        touch(root.parent / name / f"{name}.png")
        (root / name).symlink_to(root.parent / name)
    assert walked(root)[0] == ["one/one.png", "two/two.png"]


def test_a_root_that_is_itself_a_link_is_walked(root: Path) -> None:
    touch(root / "a.png")
    (root.parent / "alias").symlink_to(root)
    assert walked(root.parent / "alias")[0] == ["a.png"]


@pytest.mark.parametrize("target", [".", "..", "../..", "/", "../../images/sub"])
def test_a_link_that_leads_back_is_not_followed_and_counted(root: Path, target: str) -> None:
    touch(root / "sub" / "a.png", root.parent / "beside" / "not.png")
    (root / "sub" / "loop").symlink_to(root / "sub" / target)
    images, walk = walked(root)
    assert images == ["sub/a.png"]
    assert walk.repeated == [str(root / "sub" / "loop")]


def test_links_that_lead_to_each_other_end(root: Path) -> None:
    disks = [root.parent / "one", root.parent / "two"]
    for here, there in (disks, disks[::-1]):
        touch(here / f"{here.name}.png")
        (here / "other").symlink_to(there)
    (root / "start").symlink_to(disks[0])
    images, walk = walked(root)
    assert images == ["start/one.png", "start/other/two.png"]
    assert walk.repeated == [str(root / "start" / "other" / "other")]


def test_a_folder_inside_is_walked_under_its_own_path_not_through_a_link(root: Path) -> None:
    touch(root / "z" / "a.png")
    (root / "a-link").symlink_to(root / "z")
    images, walk = walked(root)
    assert (images, walk.repeated) == (["z/a.png"], [str(root / "a-link")])


def test_a_folder_linked_to_twice_is_walked_once(root: Path) -> None:
    touch(root.parent / "disk" / "a.png")
    for name in ("first", "second"):
        (root / name).symlink_to(root.parent / "disk")
    images, walk = walked(root)
    assert (images, walk.repeated) == (["first/a.png"], [str(root / "second")])


@settings(max_examples=40)
@given(links=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=10, unique=True))
def test_whatever_links_to_what_each_image_that_can_be_reached_comes_once(
    tmp_path_factory: pytest.TempPathFactory, links: list[tuple[int, int]]
) -> None:
    base = tmp_path_factory.mktemp("links")
    for number in range(5):
        touch(base / str(number) / f"{number}.png")
    for here, there in links:
        (base / str(here) / f"to{there}").symlink_to(base / str(there))
    reached, before = {0}, set()
    while reached != before:
        before, reached = reached, reached | {there for here, there in links if here in reached}
    assert sorted(path.name for path in FolderWalk(base / "0")) == [f"{number}.png" for number in sorted(reached)]


@pytest.mark.parametrize("name", ["@eaDir", ".thumbnails", "thumbnails", "Thumbs", ".@__thumb", "#recycle"])
def test_thumbnails_and_wastebaskets_are_left_out_and_counted_by_name(root: Path, name: str) -> None:
    touch(root / "a.png", root / name / "a.png", root / "sub" / name / "b.png" / "thumb.jpg")
    images, walk = walked(root)
    assert (images, walk.left_out) == (["a.png"], {name: 2})


def test_a_folder_of_thumbnails_that_is_named_is_walked(root: Path) -> None:
    touch(root / "thumbnails" / "a.png")
    assert walked(root / "thumbnails")[0] == ["a.png"]


def test_hidden_folders_and_files_are_left_out(root: Path) -> None:
    touch(root / ".git" / "a.png", root / ".b.png", root / "c.png")
    images, walk = walked(root)
    assert (images, walk.left_out) == (["c.png"], {})


def test_links_do_not_lead_out_of_the_folders_that_may_be_read(root: Path) -> None:
    outside, beside = root.parent / "outside", root.parent / "beside"
    touch(root / "a.png", outside / "b.png", outside / "deep" / "c.png", beside / "d.png")
    (root / "file.png").symlink_to(outside / "b.png")
    (root / "folder").symlink_to(outside)
    (root / "through").symlink_to(root / "folder" / "deep")
    (root / "allowed").symlink_to(beside)
    (beside / "back.png").symlink_to(outside / "b.png")
    walk = FolderWalk(root, within=(root, beside))
    assert [path.relative_to(root).as_posix() for path in walk] == ["a.png", "allowed/d.png"]
    refused = {Path(path).relative_to(root).as_posix() for path in walk.out_of_reach}
    assert refused == {"file.png", "folder", "through", "allowed/back.png"}
