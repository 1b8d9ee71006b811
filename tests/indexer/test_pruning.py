"""`--prune` removes what was deleted, never what is merely away; and what comes back has its captions at once."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.standin.collection import Collection
from trsllava.captioners.protocol import CaptionAnswer, CaptionJob
from trsllava.errors import PruneRefusedError
from trsllava.ledger.ledger import Ledger
from trsllava.records import Recipe, RichCaption, RichText

DISKS = ("a", "b", "c")


class Scribe:
    """A captioner that says something else each time, and counts how often it is asked."""

    name, prompt = "scribe", ""

    def __init__(self) -> None:
        self.asked = 0

    def caption(self, jobs: Iterable[CaptionJob]) -> Iterator[CaptionAnswer]:
        for job in jobs:
            self.asked += 1
            text = RichText(variants=(RichCaption(caption=f"the answer number {self.asked}"),))
            yield CaptionAnswer(str(job.tile.id), text)


@pytest.fixture
def scribe() -> Scribe:
    return Scribe()


@pytest.fixture
def disks(collection: Collection, scribe: Scribe) -> Collection:
    """Twenty-four captioned images on three disks, mounted below one folder."""
    collection.draw(*(f"{disk}/{number}.png" for disk in DISKS for number in range(8)))
    collection.index(scribe)
    return collection


def texts(ledger: Ledger) -> dict[str, str]:
    return {str(record.tile.id): record.text.model_dump_json() for record in ledger.scan() if record.text}


def unmount(collection: Collection, disk: str) -> None:
    (collection.images / disk).rename(collection.images.parent / disk)
    (collection.images / disk).mkdir()


def mount(collection: Collection, disk: str) -> None:
    (collection.images / disk).rmdir()
    (collection.images.parent / disk).rename(collection.images / disk)


def prune(collection: Collection, scribe: Scribe, confirmed: bool = False) -> int:
    return collection.index(scribe, prune=True, confirmed=confirmed).pruned


def check_nothing_was_asked_again(collection: Collection, scribe: Scribe, before: dict[str, str]) -> None:
    asked = scribe.asked
    report = collection.index(scribe)
    assert (scribe.asked, report.captioned) == (asked, 0)
    assert texts(collection.ledger) == before
    assert set(collection.store.ids()) == set(before)


@pytest.mark.parametrize("gone", [DISKS, ("a",), ("a", "b")], ids=["emptied", "a third away", "two thirds away"])
def test_a_folder_that_is_not_mounted_loses_nothing(disks: Collection, scribe: Scribe, gone: tuple[str, ...]) -> None:
    before = texts(disks.ledger)
    for disk in gone:
        unmount(disks, disk)
    with pytest.raises(PruneRefusedError, match=r"contains no image now.*Nothing was removed.*`confirmed`"):
        prune(disks, scribe)
    assert texts(disks.ledger) == before
    for disk in gone:
        mount(disks, disk)
    check_nothing_was_asked_again(disks, scribe, before)


def test_a_root_that_is_wholly_empty_is_named_with_the_number_of_its_images(disks: Collection, scribe: Scribe) -> None:
    shutil.rmtree(disks.images)
    disks.images.mkdir()
    with pytest.raises(PruneRefusedError, match=f"^{disks.images} contains no image now, but 24 images are known"):
        prune(disks, scribe)


def test_most_of_the_images_gone_at_once_are_not_taken_for_deleted(disks: Collection, scribe: Scribe) -> None:
    for disk in ("a", "b"):
        shutil.rmtree(disks.images / disk)
    with pytest.raises(PruneRefusedError, match="16 of the 24 images"):
        prune(disks, scribe)
    assert prune(disks, scribe, confirmed=True) == 16
    assert disks.ledger.counts()["stored"] == disks.store.count() == 8


def test_a_link_to_a_disk_that_is_away_is_told_and_loses_nothing(disks: Collection, scribe: Scribe) -> None:
    disk = disks.images.parent / "disk"
    (disks.images / "a").rename(disk)
    (disks.images / "a").symlink_to(disk)
    disks.index(scribe)
    before = texts(disks.ledger)
    disk.rename(disk.with_name("away"))
    report = disks.index(scribe, prune=True)
    assert report.pruned == 0
    assert "leads nowhere" in report.files.unreadable[(disks.images / "a").as_posix()]
    assert texts(disks.ledger) == before


def test_images_that_were_deleted_are_removed_without_asking(disks: Collection, scribe: Scribe) -> None:
    shutil.rmtree(disks.images / "a")
    (disks.images / "b" / "1.png").unlink()
    assert prune(disks, scribe) == 9
    assert disks.ledger.counts()["stored"] == disks.store.count() == 15


def test_a_few_images_may_all_but_one_be_deleted(collection: Collection, scribe: Scribe) -> None:
    collection.draw(*(f"{number}.png" for number in range(4)))
    collection.index(scribe)
    for number in range(3):
        (collection.images / f"{number}.png").unlink()
    assert prune(collection, scribe) == 3


@pytest.mark.parametrize("way", ["whole folder renamed", "each disk renamed", "copied elsewhere and deleted"])
def test_what_was_moved_is_taken_up_by_its_content(
    disks: Collection, scribe: Scribe, tmp_path: Path, way: str
) -> None:
    before, asked = texts(disks.ledger), scribe.asked
    if way == "whole folder renamed":
        disks.images = disks.images.rename(tmp_path / "moved")
    elif way == "each disk renamed":
        for disk in DISKS:
            (disks.images / disk).rename(disks.images / f"new {disk}")
    else:
        shutil.copytree(disks.images, disks.images / "copy")
        for disk in DISKS:
            shutil.rmtree(disks.images / disk)
    prune(disks, scribe)
    assert (texts(disks.ledger), scribe.asked) == (before, asked)
    check_nothing_was_asked_again(disks, scribe, before)


@pytest.mark.parametrize("back_at", ["the same path", "another path"])
def test_what_was_removed_and_comes_back_has_its_text_at_once(
    disks: Collection, scribe: Scribe, tmp_path: Path, back_at: str
) -> None:
    before = texts(disks.ledger)
    (disks.images / "a").rename(tmp_path / "aside")
    assert prune(disks, scribe) == 8
    assert len(texts(disks.ledger)) == 16
    (tmp_path / "aside").rename(disks.images / ("a" if back_at == "the same path" else "again"))
    asked = scribe.asked
    report = disks.index(scribe)
    assert (report.files.taken_up, report.captioned, report.stored) == (8, 0, 8)
    assert (texts(disks.ledger), scribe.asked) == (before, asked)
    assert set(disks.store.ids()) == set(before)


def test_an_image_that_was_damaged_for_a_while_has_its_text_back(disks: Collection, scribe: Scribe) -> None:
    before = texts(disks.ledger)
    picture = disks.images / "a" / "1.png"
    content = picture.read_bytes()
    picture.write_bytes(content[:60])
    assert len(disks.index(scribe).files.unreadable) == 1
    picture.write_bytes(content)
    check_nothing_was_asked_again(disks, scribe, before)


def test_after_compacting_what_comes_back_is_captioned_anew(disks: Collection, scribe: Scribe, tmp_path: Path) -> None:
    (disks.images / "a").rename(tmp_path / "aside")
    prune(disks, scribe)
    assert (disks.ledger.compact(), disks.ledger.compact()) == (8, 0)
    (tmp_path / "aside").rename(disks.images / "a")
    assert disks.index(scribe).captioned == 8


def test_a_caption_file_replaces_the_text_that_was_kept(collection: Collection) -> None:
    collection.draw("a.png", "b.png")
    collection.describe({"a.png": "a crane", "b.png": "a barn"})
    collection.index()
    picture = collection.images / "a.png"
    picture.rename(collection.images.parent / "aside.png")
    assert collection.index(prune=True).pruned == 1
    (collection.images.parent / "aside.png").rename(picture)
    collection.describe({"a.png": "a blue crane", "b.png": "a barn"})
    collection.index()
    assert "a blue crane" in "".join(texts(collection.ledger).values())


def test_thumbnails_indexed_by_an_earlier_version_are_pruned_without_asking(disks: Collection, scribe: Scribe) -> None:
    """They are still there: it is no disk that is away."""
    (disks.images / "a").rename(disks.images / "@eaDir")
    (disks.images / "b").rename(disks.images / "#recycle")
    with disks.ledger._writing() as db:
        for old, new in (("a", "@eaDir"), ("b", "#recycle")):
            db.execute("UPDATE files SET path = replace(path, ?, ?)", (f"/images/{old}/", f"/images/{new}/"))
    assert prune(disks, scribe) == 16


def test_a_scenes_tiles_come_back_each_with_its_own_text(
    collection: Collection, scribe: Scribe, tmp_path: Path
) -> None:
    scene = collection.images / "scene.png"
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (64, 96, 3), np.uint8)).save(scene)
    collection.draw("other.png")
    recipe = Recipe(tile=32, overlap=0)
    collection.index(scribe, recipe=recipe)
    before = texts(collection.ledger)
    scene.rename(tmp_path / "aside.png")
    collection.index(scribe, recipe=recipe, prune=True)
    assert len(texts(collection.ledger)) == 1
    (tmp_path / "aside.png").rename(scene.with_name("renamed.png"))
    collection.index(scribe, recipe=recipe)
    assert texts(collection.ledger) == before
