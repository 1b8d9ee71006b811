"""Rasters made on the spot: nothing binary is stored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from numpy.typing import NDArray

from trsllava.raster.silence import without_warnings


@pytest.fixture
def write_tiff(tmp_path: Path) -> Callable[..., Path]:
    """Write `(bands, h, w)` samples as a TIFF.

    `crs` and `transform` place it, `names` are its bands', `tags` and options go to GDAL.
    """

    def write(
        samples: NDArray[Any],
        crs: str | None = None,
        transform: Affine | None = None,
        tags: dict[str, str] | None = None,
        colorinterp: tuple[Any, ...] | None = None,
        colormap: dict[int, tuple[int, ...]] | None = None,
        names: Sequence[str] = (),
        name: str = "scene.tif",
        **options: Any,
    ) -> Path:
        path = tmp_path / name
        count, height, width = samples.shape
        place = {} if crs is None else {"crs": crs, "transform": transform}
        shape = {"width": width, "height": height, "count": count, "dtype": samples.dtype}
        with without_warnings(), rasterio.open(path, "w", driver="GTiff", **shape, **place, **options) as dataset:
            if colorinterp is not None:
                dataset.colorinterp = colorinterp
            if colormap is not None:
                dataset.write_colormap(1, colormap)
            dataset.write(samples)
            if names:
                dataset.descriptions = tuple(names)
            dataset.update_tags(**(tags or {}))
        return path

    return write


@pytest.fixture
def noise() -> Callable[..., NDArray[np.uint8]]:
    """Reproducible random samples of the given shape: the same shape gives the same samples."""

    def make(*shape: int) -> NDArray[np.uint8]:
        return np.random.default_rng(7).integers(0, 256, shape, dtype=np.uint8)

    return make
