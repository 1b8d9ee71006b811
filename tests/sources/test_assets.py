"""Which of an item's assets are shown."""

from __future__ import annotations

from typing import Any

import pytest

from trsllava.sources.assets import shown_assets

COG = "image/tiff; application=geotiff; profile=cloud-optimized"


def _asset(href: str = "a.tif", *bands: str, key: str = "eo:bands", **more: Any) -> dict[str, Any]:
    """As before STAC 1.1, or after (`key="bands"`)."""
    name = "common_name" if key == "eo:bands" else "eo:common_name"
    return {"href": href, "type": COG} | ({key: [{name: band} for band in bands]} if bands else {}) | more


RED, GREEN, BLUE, NEAR = (_asset(f"{name}.tif", name) for name in ("red", "green", "blue", "nir"))
THUMBNAIL = {"href": "t.jpg", "type": "image/jpeg", "roles": ["thumbnail"]}
METADATA = {"href": "m.xml", "type": "application/xml", "roles": ["metadata"]}


@pytest.mark.parametrize(
    ("assets", "shown"),
    [
        ({"B04": RED, "B03": GREEN, "B02": BLUE, "visual": _asset()}, [("visual", ())]),
        ({"B04": RED, "B03": GREEN, "B02": BLUE, "TCI": _asset(roles=["visual"])}, [("TCI", ())]),
        ({"nir": NEAR, "B02": BLUE, "B03": GREEN, "B04": RED}, [("B04", ()), ("B03", ()), ("B02", ())]),
        ({"a": _asset("a.tif", "blue", "green", "red", "nir")}, [("a", (3, 2, 1))]),
        ({"a": _asset("a.tif", "blue", "green", "red", "nir", key="bands")}, [("a", (3, 2, 1))]),
        ({"a": _asset("a.tif", "red", "green", "blue")}, [("a", ())]),
        ({"red": _asset("r.tif"), "green": _asset("g.tif"), "blue": _asset("b.tif")},
         [("red", ()), ("green", ()), ("blue", ())]),
        ({"red": RED | {"gsd": 20}, "red10": RED | {"gsd": 10}, "g": GREEN, "b": BLUE},
         [("red10", ()), ("g", ()), ("b", ())]),
        ({"thumbnail": THUMBNAIL, "analytic": _asset(roles=["data"]), "red": RED}, [("analytic", ())]),
        ({"thumbnail": THUMBNAIL, "image": _asset()}, [("image", ())]),
        ({"thumbnail": THUMBNAIL, "overview": _asset(roles=["overview"])}, [("overview", ())]),
        ({"thumbnail": THUMBNAIL, "metadata": METADATA}, [("thumbnail", ())]),
        ({"image": {"href": "https://x.example/a.tif?token=1"}}, [("image", ())]),
        ({"metadata": METADATA}, []),
        ({"scl": _asset(roles=["snow-ice"]), "x": {"type": COG}, "y": None, "z": {"href": 3}}, []),
        ({}, []),
    ],
    ids=lambda value: "",
)  # fmt: skip
def test_true_colour_comes_first_then_red_green_and_blue_then_what_there_is(
    assets: dict[str, Any], shown: list[tuple[str, tuple[int, ...]]]
) -> None:
    assert shown_assets(assets) == shown
