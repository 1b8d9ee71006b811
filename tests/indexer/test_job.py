from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal
from unicodedata import normalize

import pytest

from indexer.rebuilding import rebuild
from tests.standin.collection import Collection
from tests.standin.encoders import WordEncoder
from tests.standin.fixtures import StandIn
from trsllava.captioners.vllm import VllmCaptioner
from trsllava.errors import CollectionMismatchError, EmptyArchiveError, InputError, ServerError
from trsllava.records import RichCaption, RichText
from trsllava.store.protocol import StoreSchema


@pytest.fixture
def two(collection: Collection) -> Collection:
    collection.draw("a.png", "sub/b.png")
    collection.describe({"a.png": "a crane", "sub/b.png": ["a barn", "a barn", "two barns"]})
    return collection


def test_every_image_with_a_caption_ends_stored(two: Collection) -> None:
    report = two.index()
    assert (report.captioned, report.stored, report.complete) == (2, 2, True)
    assert two.ledger.counts()["stored"] == two.store.count() == 2


def test_each_distinct_text_is_encoded_once(two: Collection) -> None:
    two.index()
    assert sorted(two.encoder.encoded) == ["a barn", "a crane", "two barns"]


def test_running_again_does_nothing(two: Collection) -> None:
    two.index()
    two.encoder.encoded.clear()
    report = two.index()
    assert (report.captioned, report.stored, two.encoder.encoded) == (0, 0, [])
    assert len(report.files.unchanged) == 2


def test_a_changed_caption_is_taken_over(two: Collection) -> None:
    two.index()
    two.describe({"a.png": "a blue crane", "sub/b.png": ["a barn", "a barn", "two barns"]})
    assert (report := two.index()).captioned == report.stored == 1
    (text,) = [record.text for record in two.ledger.scan() if record.paths[0].endswith("a.png")]
    assert text == RichText(variants=(RichCaption(caption="a blue crane"),))


def test_a_changed_image_is_a_new_tile_and_the_old_one_goes(two: Collection) -> None:
    two.index()
    before = set(two.store.ids())
    (two.images / "a.png").write_bytes((two.images / "sub/b.png").read_bytes()[:-1] + b"\0")
    two.draw("c.png")
    (two.images / "c.png").replace(two.images / "a.png")
    report = two.index()
    assert [Path(path).name for path in report.files.changed] == ["a.png"]
    assert two.store.count() == 2
    assert len(before & set(two.store.ids())) == 1


def test_a_touched_but_equal_image_is_not_captioned_again(two: Collection) -> None:
    two.index()
    image = two.images / "a.png"
    image.write_bytes(image.read_bytes())
    assert two.index().captioned == 0


def test_the_same_picture_at_two_paths_is_one_tile(two: Collection) -> None:
    two.index()
    (two.images / "copy.png").write_bytes((two.images / "a.png").read_bytes())
    two.index()
    (record,) = [record for record in two.ledger.scan() if len(record.paths) == 2]
    assert [Path(path).name for path in record.paths] == ["a.png", "copy.png"]
    assert two.store.count() == 2


def test_vanished_files_are_reported_and_stay_until_pruned(two: Collection) -> None:
    two.index()
    (two.images / "a.png").unlink()
    report = two.index()
    assert [Path(path).name for path in report.files.vanished] == ["a.png"]
    assert two.store.count() == 2
    assert two.index(prune=True).pruned == 1
    assert two.store.count() == two.ledger.counts()["stored"] == 1


def test_pruning_acts_within_the_given_folder_only(two: Collection, tmp_path: Path) -> None:
    two.index()
    elsewhere = Collection.__new__(Collection)
    elsewhere.__dict__.update(two.__dict__, images=tmp_path / "other", captions=tmp_path / "other.jsonl")
    elsewhere.images.mkdir()
    elsewhere.draw("z.png")
    elsewhere.describe({"z.png": "a dune"})
    (two.images / "a.png").unlink()
    assert elsewhere.index(prune=True).pruned == 0
    assert two.store.count() == 3


def test_captions_without_image_and_images_without_caption_are_told_apart(two: Collection) -> None:
    two.describe({"a.png": "a crane", "gone.png": "a ship"})
    report = two.index()
    assert report.captions_without_image == ["gone.png"]
    assert (report.stored, report.without_caption, report.complete) == (1, 1, False)


def test_a_caption_file_may_name_images_by_absolute_paths(two: Collection) -> None:
    two.describe({f"{two.images}/a.png": "a crane", f"{two.images}/sub/b.png": "a barn"})
    report = two.index()
    assert (report.captioned, report.captions_without_image, report.complete) == (2, [], True)


@pytest.mark.parametrize(("on_disk", "in_file"), [("NFD", "NFC"), ("NFC", "NFD")])
def test_a_caption_file_may_name_images_in_another_unicode_form(
    collection: Collection, on_disk: Literal["NFC", "NFD"], in_file: Literal["NFC", "NFD"]
) -> None:
    names = ["Zürich/Flughafen.png", "서울.png", "Åré ế.png"]
    collection.draw(*(normalize(on_disk, name) for name in names))
    (collection.images / normalize(on_disk, "Łódź é.png")).write_text("no picture")
    collection.describe({normalize(in_file, name): "an airport" for name in [*names, "Łódź é.png"]})
    report = collection.index()
    assert (report.captioned, report.captions_without_image, report.without_caption) == (3, [], 0)


def test_a_damaged_image_is_reported_and_the_rest_indexed(two: Collection) -> None:
    (two.images / "text.jpg").write_text("no picture")
    report = two.index()
    assert report.stored == 2
    ((path, reason),) = report.files.unreadable.items()
    assert Path(path).name == "text.jpg"
    assert "text.jpg" in reason
    assert list(two.index().files.unreadable.values()) == [reason]


def test_a_broken_link_is_reported(two: Collection) -> None:
    (two.images / "link.png").symlink_to(two.images / "nowhere.png")
    assert [Path(path).name for path in two.index().files.unreadable] == ["link.png"]


def test_an_empty_or_missing_folder_is_refused(collection: Collection) -> None:
    collection.describe({})
    with pytest.raises(EmptyArchiveError, match="holds no image"):
        collection.index()
    collection.images.rmdir()
    with pytest.raises(InputError, match="does not exist"):
        collection.index()


def test_another_encoder_is_refused_and_both_are_named(two: Collection) -> None:
    two.index()
    two.encoder = WordEncoder("other", dim=16)
    with pytest.raises(CollectionMismatchError, match=r"words \(32 dimensions\), not with other \(16\)"):
        two.index()


def test_a_lost_store_is_filled_again_from_the_ledger(two: Collection) -> None:
    two.index()
    two.store.drop()
    assert two.index().stored == 2
    assert two.store.count() == 2


def test_a_store_that_lags_or_leads_is_brought_in_line(two: Collection) -> None:
    two.index()
    first, second = two.ledger.ids("stored")
    two.store.delete([first])
    assert two.index().stored == 1
    with two.ledger._writing() as db:
        db.execute("DELETE FROM files WHERE sha256 = (SELECT sha256 FROM tiles WHERE id = ?)", (second,))
        db.execute("DELETE FROM tiles WHERE id = ?", (second,))
    two.images.joinpath("a.png").touch()
    two.index()
    assert set(two.store.ids()) == set(two.ledger.ids("stored"))


def test_rebuilding_with_another_encoder_captions_nothing_again(two: Collection) -> None:
    two.index()
    before = {record.tile.id: record.text for record in two.ledger.scan()}
    assert rebuild(two.ledger, two.store, WordEncoder("other", dim=16), None, lambda *_: None).stored == 2
    assert {record.tile.id: record.text for record in two.ledger.scan()} == before
    schema = two.ledger.schema()
    assert schema is not None
    assert (schema.encoder, schema.dense_dim) == ("other", 16)
    two.store.create(StoreSchema(16))


def test_progress_reaches_the_end_of_every_stage(two: Collection) -> None:
    last: dict[str, int] = {}
    two.index(progress=lambda stage, done, total: last.__setitem__(stage, done))
    assert last == {"discover": 2, "caption": 2, "store": 2}


def test_a_model_captions_only_what_is_new(two: Collection, standin: StandIn) -> None:
    assert (report := two.index(VllmCaptioner(standin.url))).captioned == report.stored == 2
    two.draw("c.png")
    two.index(VllmCaptioner(standin.url))
    assert len(standin.asked()) == 3
    assert {len(record.text.variants) for record in two.ledger.scan() if record.text} == {5}


def test_an_answer_that_stays_bad_is_quarantined_with_its_reason(two: Collection, standin: StandIn) -> None:
    standin.fail("prose", times=-1)
    report = two.index(VllmCaptioner(standin.url))
    assert (report.quarantined, report.stored, report.complete) == (2, 0, False)
    assert all(record.error and record.raw_answer for record in two.ledger.scan("quarantined"))


def test_what_a_server_answered_before_it_went_is_searchable(collection: Collection, standin: StandIn) -> None:
    collection.draw(*(f"{number}.png" for number in range(30)))
    standin.fail("exit", after=10)
    with pytest.raises(ServerError):
        collection.index(VllmCaptioner(standin.url, concurrency=2, patience=0.1))
    counts = collection.ledger.counts()
    assert counts["stored"] >= 8
    assert counts["stored"] + counts["pending"] == 30
    assert collection.store.count() == counts["stored"]


def test_a_folder_out_of_reach_is_reported_and_nothing_in_it_is_given_up(two: Collection, monkeypatch: Any) -> None:
    two.index()
    real = os.scandir

    def scandir(path: Any) -> Any:
        if str(path).endswith("sub"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    report = two.index(prune=True)
    assert [Path(path).name for path in report.files.unreadable] == ["sub"]
    assert (report.files.vanished, two.store.count()) == ([], 2)


def test_a_name_that_is_not_utf8_is_reported_and_the_rest_indexed(two: Collection) -> None:
    picture = (two.images / "a.png").read_bytes()
    with open(os.fsencode(two.images) + b"/\xff\xfe.png", "wb") as file:
        file.write(picture)
    report = two.index()
    assert report.stored == 2
    assert ["not UTF-8" in reason for reason in report.files.unreadable.values()] == [True]


def test_a_run_is_not_complete_while_the_folder_has_quarantined_tiles(two: Collection, standin: StandIn) -> None:
    standin.fail("prose", times=-1)
    two.index(VllmCaptioner(standin.url))
    assert not two.index(VllmCaptioner(standin.url)).complete


def test_tiles_that_wait_in_another_folder_do_not_make_a_run_incomplete(two: Collection, tmp_path: Path) -> None:
    two.describe({"a.png": "a crane"})
    assert not two.index().complete
    elsewhere = Collection.__new__(Collection)
    elsewhere.__dict__.update(two.__dict__, images=tmp_path / "other", captions=tmp_path / "other.jsonl")
    elsewhere.images.mkdir()
    elsewhere.draw("z.png")
    elsewhere.describe({"z.png": "a dune"})
    assert elsewhere.index().complete


def test_what_a_map_has_goes_into_the_question_and_stands_before_the_models_own_labels(
    two: Collection, standin: StandIn
) -> None:
    captioner = VllmCaptioner(standin.url, prompt="rsrt-mapped")
    first, second = sorted(path.relative_to(two.images).as_posix() for path in two.images.rglob("*.png"))
    two.index(captioner, labels={first: ("harbor", "pier")})
    asked = {" ".join(line["user"]) for line in standin.asked()}
    texts = {Path(record.paths[0]).relative_to(two.images).as_posix(): record.text for record in two.ledger.scan()}

    assert len(asked) == 2
    assert sum("A map has these things here, the largest first: harbor, pier." in words for words in asked) == 1
    assert sum("map" in words for words in asked) == 1
    assert texts[first].labels[:2] == ("harbor", "pier")
    assert len(texts[first].labels) > 2
    assert "pier" not in texts[second].labels[:1]
    assert texts[first].prompt == "rsrt-mapped@1"


def test_a_prompt_without_a_place_for_labels_is_asked_as_before(two: Collection, standin: StandIn) -> None:
    name = next(path.relative_to(two.images).as_posix() for path in two.images.rglob("*.png"))
    two.index(VllmCaptioner(standin.url), labels={name: ("harbor",)})

    assert not any("map" in " ".join(line["user"]) for line in standin.asked())
