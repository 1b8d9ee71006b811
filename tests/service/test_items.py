"""`/v1/items`: what is known of an item, and its pictures."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from tests.conftest import MakeOnce
from tests.standin.hits import same_hits
from trsllava import Archive
from trsllava.records import Hit, TileRecord
from trsllava.service import ServiceSettings, create_app


@pytest.fixture(scope="session")
def item(archive: Archive) -> TileRecord:
    return archive.tile(str(archive.search("harbor", k=1)[0].tile.id))


def test_an_item_tells_all_that_the_library_knows_of_it(client: TestClient, item: TileRecord) -> None:
    told = client.get(f"/v1/items/{item.tile.id}").json()
    assert TileRecord.model_validate({name: told[name] for name in TileRecord.model_fields}) == item
    assert told["collection"] == "default"


def test_the_beginning_of_an_id_is_enough(client: TestClient, item: TileRecord) -> None:
    assert client.get(f"/v1/items/{str(item.tile.id)[:13]}").json()["tile"]["id"] == str(item.tile.id)


@pytest.mark.parametrize("path", ["", "/similar", "/thumbnail", "/render"])
def test_an_item_that_is_not_there_is_a_problem(client: TestClient, path: str) -> None:
    answer = client.get(f"/v1/items/00000000-0000-5000-8000-000000000000{path}")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/unknown-item")


@pytest.mark.parametrize("item_id", ["..%2f..%2fetc%2fpasswd", "%2e%2e", "%00", "x" * 400, "*", "' OR 1=1"])
def test_what_is_no_id_is_refused(client: TestClient, item_id: str) -> None:
    assert client.get(f"/v1/items/{item_id}").status_code in (400, 404)


def test_similar_items_are_the_librarys_and_not_the_item_itself(
    client: TestClient, archive: Archive, item: TileRecord
) -> None:
    answer = client.get(f"/v1/items/{item.tile.id}/similar", params={"k": 4}).json()
    more = {"rank", "links"}
    hits = [Hit.model_validate({name: hit[name] for name in hit.keys() - more}) for hit in answer["hits"]]
    assert same_hits(hits, archive.similar(str(item.tile.id), k=4))
    assert len(hits) == 4
    assert item.tile.id not in [hit.tile.id for hit in hits]


def test_the_most_similar_items_show_the_same_kind_of_place(archive: Archive, item: TileRecord) -> None:
    assert "harbor" in archive.similar(str(item.tile.id), k=1)[0].labels


# Pictures


def test_a_thumbnail_is_a_small_jpeg(client: TestClient, item: TileRecord) -> None:
    answer = client.get(f"/v1/items/{item.tile.id}/thumbnail", params={"size": 64})
    assert answer.headers["content-type"] == "image/jpeg"
    assert max(Image.open(io.BytesIO(answer.content)).size) == 64


@pytest.mark.parametrize(
    ("how", "kind"),
    [
        ({"params": {"format": "png"}}, "image/png"),
        ({"params": {"format": "webp"}}, "image/webp"),
        ({"params": {"format": "jpeg"}}, "image/jpeg"),
        ({"headers": {"Accept": "image/webp,*/*;q=0.8"}}, "image/webp"),
        ({"headers": {"Accept": "image/jpeg"}}, "image/jpeg"),
        ({}, "image/png"),
    ],
    ids=str,
)
def test_a_picture_comes_in_the_form_that_is_wanted(
    client: TestClient, item: TileRecord, how: dict[str, Any], kind: str
) -> None:
    answer = client.get(f"/v1/items/{item.tile.id}/render", **how)
    assert answer.headers["content-type"] == kind
    assert Image.open(io.BytesIO(answer.content)).get_format_mimetype() == kind


def test_a_png_has_the_pixels_of_the_library(client: TestClient, archive: Archive, item: TileRecord) -> None:
    answer = client.get(f"/v1/items/{item.tile.id}/render", params={"format": "png"})
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(answer.content))), archive.picture(str(item.tile.id)))


def test_a_picture_that_the_client_has_is_not_sent_again(client: TestClient, item: TileRecord) -> None:
    address = f"/v1/items/{item.tile.id}/render?size=50"
    tag = client.get(address).headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        answer = client.get(address, headers={"If-None-Match": known})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == tag
    assert client.get(address, headers={"If-None-Match": '"other"'}).status_code == 200


def test_other_sizes_and_forms_have_other_tags(client: TestClient, item: TileRecord) -> None:
    asked = [{"size": 50}, {"size": 60}, {"size": 50, "format": "jpeg"}]
    tags = {client.get(f"/v1/items/{item.tile.id}/render", params=one).headers["etag"] for one in asked}
    assert len(tags) == 3


def test_a_part_of_a_picture_has_its_pixels(client: TestClient, archive: Archive, item: TileRecord) -> None:
    answer = client.get(f"/v1/items/{item.tile.id}/render", params={"format": "png", "part": "16,32,100,50"})
    pixels = np.asarray(Image.open(io.BytesIO(answer.content)))
    assert np.array_equal(pixels, archive.picture(str(item.tile.id))[32:82, 16:116])


@pytest.mark.parametrize(
    "part", ["0,0,257,10", "250,0,10,10", "0,0,0,5", "0,0,10", "-1,0,10,10", "a,b,c,d", "1e3,0,1,1"]
)
def test_a_part_that_leaves_the_picture_is_refused(client: TestClient, item: TileRecord, part: str) -> None:
    answer = client.get(f"/v1/items/{item.tile.id}/render", params={"part": part})
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad-request")


def test_parts_have_tags_of_their_own(client: TestClient, item: TileRecord) -> None:
    parts = [{}, {"part": "0,0,64,64"}, {"part": "0,0,64,32"}]
    tags = {client.get(f"/v1/items/{item.tile.id}/render", params=one).headers["etag"] for one in parts}
    assert len(tags) == 3


def test_pictures_may_be_kept_a_day(client: TestClient, item: TileRecord) -> None:
    assert client.get(f"/v1/items/{item.tile.id}/thumbnail").headers["cache-control"] == "public, max-age=86400"


@pytest.mark.parametrize("asked", [{"size": 5}, {"size": 1_000_000}, {"format": "svg"}, {"size": "NaN"}], ids=str)
def test_a_picture_that_cannot_be_is_refused(client: TestClient, item: TileRecord, asked: dict[str, Any]) -> None:
    assert client.get(f"/v1/items/{item.tile.id}/render", params=asked).status_code == 400


# Files


@pytest.fixture(scope="session")
def linked_home(sample_archive: Path, make_once: MakeOnce) -> Path:
    """A home whose collection has one picture of its own folder and, by a link, one from elsewhere."""

    def index(folder: Path) -> None:
        from tests.service.conftest import index_pictures

        inside, outside = folder / "images", folder / "elsewhere"
        inside.mkdir(parents=True)
        outside.mkdir()
        names = sorted(sample_archive.rglob("*.png"))[:2]
        shutil.copy(names[0], inside / "own.png")
        shutil.copy(names[1], outside / "secret.png")
        (inside / "link.png").symlink_to(outside / "secret.png")
        index_pictures(folder / "home", inside)

    return make_once("linked", index)


@pytest.fixture
def linked(linked_home: Path) -> TestClient:
    settings = ServiceSettings(home=linked_home / "home", roots=(linked_home / "images",), originals=True)
    return TestClient(create_app(settings))


def _item_of(linked: TestClient, name: str) -> str:
    hits = linked.get("/v1/search", params={"text": "a picture"}).json()["hits"]
    return next(hit["tile"]["id"] for hit in hits if hit["paths"][0].endswith(name))


def test_a_file_below_a_root_is_handed_out(linked: TestClient, linked_home: Path) -> None:
    answer = linked.get(f"/v1/items/{_item_of(linked, 'own.png')}/original")
    assert answer.content == (linked_home / "images" / "own.png").read_bytes()
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"] == 'attachment; filename="own.png"'
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_link_that_leads_out_of_the_roots_is_not_followed(linked: TestClient) -> None:
    item = _item_of(linked, "link.png")
    for what in ("original", "render", "thumbnail", "similar"):
        assert linked.get(f"/v1/items/{item}/{what}").status_code == 404


def test_a_server_hands_no_files_out_unless_it_is_told_to(client: TestClient, item: TileRecord) -> None:
    answer = client.get(f"/v1/items/{item.tile.id}/original")
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/no-originals")
