"""What a SOURCE is: a folder, an image file, a STAC document, a GeoParquet of items, a STAC API."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from trsllava.errors import InputError
from trsllava.records import Asset
from trsllava.remote.address import is_address, public, remember
from trsllava.sources.folder import product_told_by
from trsllava.sources.reach import EVERYWHERE, Reach
from trsllava.sources.scene import SceneSource, SourceScene
from trsllava.sources.stac import Found, StacWalk, name_of, scenes_of
from trsllava.validation import absolute_path

_DOCUMENTS = {".json", ".geojson"}
_PARQUETS = {".parquet", ".geoparquet"}
_RASTERS = {".tif", ".tiff", ".jp2", ".png", ".jpg", ".jpeg", ".webp"}


def open_source(source: Path | str, query: str | None = None, reach: Reach = EVERYWHERE) -> SceneSource | Path:
    """A folder, or what is not there, as its absolute path; anything else as scenes. `query`: a search, of a STAC API.
    `reach`: what documents may name.

    Raises InputError for what is none of them, ImageError for what is beyond the reach, OutOfReachError. Only the
    first document is read before the scenes are walked through.
    """
    written = str(source)
    try:
        urlsplit(written)
    except ValueError as error:
        raise InputError(f"{written!r} is no address that can be read.") from error
    if query is not None:
        if not is_address(written):
            raise InputError(f"A search needs the address of a STAC API, not {written!r}.")
        from trsllava.sources.stac_api import search_source

        reach.check(public(written))
        return search_source(remember(written), query, reach)
    if "://" in written and not is_address(written):
        raise InputError(f"{written.partition('://')[0]!r} addresses are not read; http, https, s3 and gs ones are.")
    place = remember(written) if is_address(written) else absolute_path(source).as_posix()
    reach.check(place)
    suffix = PurePosixPath(urlsplit(place).path if is_address(place) else place).suffix.lower()
    if suffix in _PARQUETS:
        from trsllava.sources.geoparquet import items_of_parquet

        return _items(place, items_of_parquet(place), reach)
    if is_address(place) and suffix in _RASTERS:
        return SceneSource(place, [SourceScene(place, (Asset(place),))])
    path = Path(place)
    if not is_address(place) and path.is_file() and (product := product_told_by(path)):
        for asset in product.assets:
            reach.check(asset.href)
        return SceneSource(place, [product])
    if is_address(place) or suffix in _DOCUMENTS:
        return _walked(place, reach)
    return SceneSource(place, [SourceScene(place, (Asset(place),))]) if path.is_file() else path


def _walked(place: str, reach: Reach) -> SceneSource:
    walk = StacWalk(place, reach)
    found = SceneSource(place, (), walk.unreadable)
    found.scenes = scenes_of(walk, partial(name_of, place), found.unreadable, reach)
    return found


def _items(place: str, items: Iterable[Found], reach: Reach) -> SceneSource:
    found = SceneSource(place, ())
    found.scenes = scenes_of(items, partial(name_of, place), found.unreadable, reach)
    return found
