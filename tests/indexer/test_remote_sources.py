"""Cloud-optimised GeoTIFFs behind a STAC catalogue on a real HTTP server."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from starlette.testclient import TestClient

import trsllava
from tests.sources.conftest import WriteScene, item, items, write_scene
from tests.standin.ranges import RangeServer, range_server
from trsllava.errors import ImageError, InputError, OutOfReachError, PruneRefusedError
from trsllava.raster.tile_picture import tile_thumbnail
from trsllava.remote import requests
from trsllava.service import ServiceSettings, create_app

__all__ = ["write_scene"]

SIDE = 4096
COG = {"driver": "COG", "compress": "none", "blocksize": 512, "side": SIDE}
NAMES = ("harbor", "forest", "airport")


@pytest.fixture(scope="module")
def cog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A COG, drawn once."""
    write = write_scene.__wrapped__(tmp_path_factory.mktemp("cogs"))  # type: ignore[attr-defined]
    return write("scene.tif", **COG)


@pytest.fixture
def server(cog: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RangeServer]:
    """A catalogue of a collection with three items, the files of which are the same behind three addresses."""
    monkeypatch.setattr(requests, "_FIRST_WAIT", 0.001)
    folder = tmp_path / "served"
    folder.mkdir()
    for name in NAMES:
        (folder / f"{name}.tif").hardlink_to(cog)
    with range_server(folder) as running:
        _serve(running, "/catalog.json", _catalog("child", "./scenes/collection.json"))
        links = [{"rel": "item", "href": f"./{name}/{name}.json"} for name in NAMES]
        links += [{"rel": "root", "href": "../catalog.json"}, {"rel": "parent", "href": "../catalog.json"}]
        collection = {"type": "Collection", "id": "scenes", "stac_version": "1.1.0", "links": links}
        _serve(
            running, "/scenes/collection.json", collection | {"providers": [{"name": "ESA", "roles": ["producer"]}]}
        )
        for name in NAMES:
            document = item(name, {"visual": f"../../{name}.tif"}, {"eo:cloud_cover": 7}, collection="scenes")
            _serve(running, f"/scenes/{name}/{name}.json", document)
        yield running


def _serve(server: RangeServer, path: str, document: object) -> None:
    server.content[path] = json.dumps(document).encode()


def _catalog(rel: str, href: str) -> dict[str, Any]:
    return {"type": "Catalog", "id": "c", "stac_version": "1.1.0", "links": [{"rel": rel, "href": href}]}


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[trsllava.Archive]:
    with trsllava.open(tmp_path / "home", image_encoder="none") as opened:
        yield opened


def _index(archive: trsllava.Archive, server: RangeServer, source: str = "/catalog.json", **options: Any) -> Any:
    captions = server.folder / "captions.jsonl"
    lines = [json.dumps({"image": f"scenes/{name}", "captions": [f"a {name}"]}) for name in NAMES]
    captions.write_text("\n".join(lines))
    return archive.index(server.url + source, captions=captions, **options)


def _pixels_sent(server: RangeServer) -> int:
    return sum(count for path, count in server.sent.items() if path.endswith(".tif"))


def test_scenes_of_a_catalogue_are_indexed_from_their_overviews(
    archive: trsllava.Archive, server: RangeServer
) -> None:
    report = _index(archive, server)

    assert (report.captioned, report.stored, report.complete) == (3, 3, True)
    hit = archive.search("harbor", k=1)[0]
    assert hit.paths == (f"{server.url}/catalog.json/scenes/harbor",)
    assert (hit.tile.window.width, hit.tile.rendering.size) == (SIDE, 1024)
    assert hit.tile.properties == {"cloud_cover": 7.0, "provider": "ESA", "collection": "scenes"}
    assert hit.tile.footprint is not None
    whole = sum((server.folder / f"{name}.tif").stat().st_size for name in NAMES)
    assert _pixels_sent(server) < 0.15 * whole
    assert archive.picture(str(hit.tile.id)).shape == (1024, 1024, 3)
    assert _pixels_sent(server) < 0.15 * whole


def test_the_picture_is_that_of_the_file(archive: trsllava.Archive, server: RangeServer, tmp_path: Path) -> None:
    _index(archive, server)
    picture = archive.picture(str(archive.search("harbor", k=1)[0].tile.id))
    with rasterio.open(server.folder / "harbor.tif", overview_level=1) as overview:
        assert np.array_equal(np.moveaxis(overview.read(), 0, -1), picture)


def test_running_again_reads_no_pixels(archive: trsllava.Archive, server: RangeServer) -> None:
    _index(archive, server)
    server.sent.clear()
    again = _index(archive, server)

    assert (again.captioned, len(again.files.unchanged)) == (0, 3)
    assert _pixels_sent(server) == 3  # a byte of each, to see that it is the same


def test_a_stated_checksum_spares_the_question(archive: trsllava.Archive, server: RangeServer) -> None:
    assets = {"visual": {"href": "harbor.tif", "file:checksum": "1220" + "ab" * 32}}
    _serve(server, "/items.json", items(item("harbor", assets)))
    _index(archive, server, "/items.json")
    server.sent.clear()
    _index(archive, server, "/items.json")

    assert _pixels_sent(server) == 0
    (record,) = archive.ledger.scan()
    assert record.tile.sha256 == "ab" * 32


def test_a_file_that_was_replaced_is_captioned_anew(archive: trsllava.Archive, server: RangeServer) -> None:
    _index(archive, server)
    (server.folder / "harbor.tif").unlink()
    shutil.copyfile(server.folder / "forest.tif", server.folder / "harbor.tif")
    again = _index(archive, server)

    assert again.files.changed == [f"{server.url}/catalog.json/scenes/harbor"]
    assert again.captioned == 1


def test_5xx_and_short_answers_on_the_way_change_nothing(archive: trsllava.Archive, server: RangeServer) -> None:
    server.misbehave = lambda asked, handler: asked.number == 1 and _busy(handler)
    report = _index(archive, server)

    assert (report.captioned, report.stored, report.complete) == (3, 3, True)


def _busy(handler: BaseHTTPRequestHandler) -> bool:
    handler.send_response(503)
    handler.send_header("Content-Length", "0")
    handler.end_headers()
    return True


def test_a_scene_that_is_away_is_told_and_comes_next_time(archive: trsllava.Archive, server: RangeServer) -> None:
    server.misbehave = lambda asked, handler: asked.path == "/forest.tif" and _busy(handler)
    report = _index(archive, server)

    assert (report.captioned, report.complete) == (2, False)
    (reason,) = report.files.unreadable.values()
    assert reason.startswith(f"cannot read {server.url}/forest.tif: its server is busy or fails (HTTP 503)")
    server.misbehave = None
    assert _index(archive, server).captioned == 1


def test_a_document_that_is_away_takes_nothing_with_it(archive: trsllava.Archive, server: RangeServer) -> None:
    _index(archive, server)
    server.misbehave = lambda asked, handler: asked.path.endswith("collection.json") and _busy(handler)
    again = _index(archive, server, prune=True)

    assert (again.pruned, again.complete) == (0, False)
    assert archive.status().tiles["stored"] == 3


def test_an_item_that_has_gone_is_pruned_on_request(archive: trsllava.Archive, server: RangeServer) -> None:
    _index(archive, server)
    collection = json.loads(server.content["/scenes/collection.json"])
    collection["links"].pop(1)
    _serve(server, "/scenes/collection.json", collection)

    assert _index(archive, server, prune=True).pruned == 1
    assert archive.status().tiles["stored"] == 2


def test_of_a_dead_scene_a_sentence_is_told_and_the_words_stay(archive: trsllava.Archive, server: RangeServer) -> None:
    _index(archive, server)
    hit = archive.search("harbor", k=1)[0]
    (server.folder / "harbor.tif").unlink()

    with pytest.raises(OutOfReachError, match=r"harbor\.tif: there is no such file \(HTTP 404\)"):
        tile_thumbnail(hit.tile, hit.paths, 256)
    assert _index(archive, server).pruned == 0
    assert archive.search("harbor", k=1)[0].why.text == "a harbor"


def test_of_a_changed_scene_a_sentence_is_told_until_it_is_indexed_again(
    archive: trsllava.Archive, server: RangeServer
) -> None:
    _index(archive, server)
    hit = archive.search("harbor", k=1)[0]
    (server.folder / "harbor.tif").unlink()
    shutil.copyfile(server.folder / "forest.tif", server.folder / "harbor.tif")

    with pytest.raises(ImageError, match=r"harbor\.tif: it has changed since it was indexed; index its source again"):
        archive.picture(str(hit.tile.id))


def test_the_service_tells_of_a_dead_scene(archive: trsllava.Archive, server: RangeServer) -> None:
    _index(archive, server)
    tile = archive.search("harbor", k=1)[0].tile.id
    with TestClient(create_app(ServiceSettings(home=archive.settings.home))) as client:
        assert client.get(f"/v1/items/{tile}/thumbnail").status_code == 200
        (server.folder / "harbor.tif").unlink()
        for place in ("thumbnail?size=100", "render"):
            answer = client.get(f"/v1/items/{tile}/{place}")
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["detail"] == "The picture's file is not there at the moment."
        assert client.get(f"/v1/items/{tile}").json()["text"]["variants"][0]["caption"] == "a harbor"


def test_red_green_and_blue_behind_addresses_are_one_picture(
    archive: trsllava.Archive, server: RangeServer, write_scene: WriteScene
) -> None:
    bands = ("red", "green", "blue")
    for band in bands:
        write_scene(f"{band}.tif", side=32, bands=1, folder="served")
    _serve(server, "/items.json", items(item("harbor", {band: f"{band}.tif" for band in bands})))
    captions = server.folder / "one.jsonl"
    captions.write_text('{"image": "harbor", "captions": ["a harbor"]}')
    assert archive.index(f"{server.url}/items.json", captions=captions).complete

    picture = archive.picture(str(archive.search("harbor", k=1)[0].tile.id))
    for channel, band in enumerate(bands):
        with rasterio.open(server.folder / f"{band}.tif") as file:
            assert np.array_equal(file.read(1), picture[..., channel])


def test_a_catalogue_from_the_network_cannot_point_to_files_here(
    archive: trsllava.Archive, server: RangeServer
) -> None:
    local = (server.folder / "harbor.tif").as_uri()
    _serve(server, "/items.json", items(item("harbor", {"visual": local}), item("forest", {"visual": "forest.tif"})))
    report = _index(archive, server, "/items.json")

    assert report.files.new == [f"{server.url}/items.json/forest"]
    (reason,) = report.files.unreadable.values()
    assert "which is not on the network" in reason


def test_a_file_alone_is_indexed_by_its_address(archive: trsllava.Archive, server: RangeServer) -> None:
    captions = server.folder / "one.jsonl"
    captions.write_text('{"image": "harbor.tif", "captions": ["a harbor"]}')
    report = archive.index(f"{server.url}/harbor.tif", captions=captions)

    assert (report.captioned, report.complete) == (1, True)
    assert archive.search("harbor", k=1)[0].paths == (f"{server.url}/harbor.tif",)
    assert next(archive.export()).startswith('{"image": "harbor.tif"')


def test_credentials_are_used_and_written_nowhere(
    archive: trsllava.Archive, server: RangeServer, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    host = server.url.removeprefix("http://")
    assets = {"visual": f"http://ada:geheim@{host}/harbor.tif?sig=geheim"}
    _serve(server, "/items.json", items(item("harbor", assets), item("gone", {"visual": "gone.tif?token=geheim"})))
    captions = server.folder / "one.jsonl"
    captions.write_text('{"image": "harbor", "captions": ["a harbor"]}')
    report = archive.index(f"http://ada:geheim@{host}/items.json?api_key=geheim", captions=captions)

    assert report.captioned == 1
    asked = [asked.path for asked in server.requests]
    assert "/items.json?api_key=geheim" in asked
    assert "/harbor.tif?sig=geheim" in asked
    assert archive.picture(str(archive.search("harbor", k=1)[0].tile.id)).shape == (1024, 1024, 3)
    told = [*map(str, report.files.unreadable.items()), caplog.text, *archive.export(), str(archive.status())]
    told += [path.read_bytes().decode("latin-1") for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert not [one for one in told if "geheim" in one]


def test_pictures_are_read_in_other_processes_with_the_credentials(
    archive: trsllava.Archive, server: RangeServer
) -> None:
    server.misbehave = lambda asked, handler: "sig=geheim" not in asked.path and _refuse(handler)
    report = archive.index(f"{server.url}/harbor.tif?sig=geheim")  # by nano

    assert (report.captioned, report.complete) == (1, True)


def _refuse(handler: BaseHTTPRequestHandler) -> bool:
    handler.send_response(403)
    handler.send_header("Content-Length", "0")
    handler.end_headers()
    return True


def test_an_emptied_catalogue_takes_nothing_with_it_unless_that_is_confirmed(
    archive: trsllava.Archive, server: RangeServer
) -> None:
    _index(archive, server)
    _serve(server, "/scenes/collection.json", {"type": "Collection", "id": "scenes", "links": []})

    with pytest.raises(PruneRefusedError, match="contains no image now, but 3 images are known"):
        _index(archive, server, prune=True)
    assert archive.status().tiles["stored"] == 3
    assert _index(archive, server, prune=True, confirmed=True).pruned == 3


def test_other_schemes_are_refused(archive: trsllava.Archive) -> None:
    with pytest.raises(InputError, match="'ftp' addresses are not read"):
        archive.index("ftp://data.example/a.tif")
