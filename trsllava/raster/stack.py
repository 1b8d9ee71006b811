"""Several files that are one picture: red, green and blue, each in a file of its own, on red's grid."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.enums import ColorInterp, MaskFlags, Resampling
from rasterio.vrt import WarpedVRT

from trsllava.raster.damage import unreadable
from trsllava.raster.readable import Readable, Stack

_COLOURS = (ColorInterp.red, ColorInterp.green, ColorInterp.blue)
_NEAR = 1e-3
"""Of a pixel: grids that differ by less are one."""


class StackedBands:
    """One band of each of several open rasterio datasets, with the face of a dataset that has them all.

    The first gives the grid; a band on another grid over the same ground is resampled to it.
    """

    driver = "stack"
    subdatasets: Sequence[str] = ()

    def __init__(self, datasets: Sequence[Any], bands: Sequence[int]) -> None:
        first = datasets[0]
        self._datasets, self._bands = datasets, bands
        self.width, self.height, self.crs, self.transform = first.width, first.height, first.crs, first.transform
        self.gcps, self.rpcs, self.block_shapes = first.gcps, first.rpcs, first.block_shapes
        self.count = len(datasets)
        self.dtypes = tuple(dataset.dtypes[band - 1] for dataset, band in zip(datasets, bands, strict=True))
        self.colorinterp = _COLOURS if self.count == len(_COLOURS) else (ColorInterp.gray,) * self.count
        self.descriptions = (None,) * self.count
        self.nodatavals = tuple(map(_nodata, datasets, bands))
        self.mask_flag_enums = [[MaskFlags.all_valid]] * self.count

    def read(self, indexes: Any = None, **options: Any) -> NDArray[Any]:
        """As rasterio's `read`: one band for a number, else `(c, h, w)`."""
        if isinstance(indexes, int):
            return self._one(indexes, options)
        wanted = range(1, self.count + 1) if indexes is None else indexes
        shape = options.pop("out_shape", None)
        single = options if shape is None else options | {"out_shape": shape[-2:]}
        return np.stack([self._one(index, single) for index in wanted])

    def tags(self, *_: object, **__: object) -> dict[str, str]:
        """None: whoever knows that the files belong together knows more than they say."""
        return {}

    def _one(self, index: int, options: dict[str, Any]) -> NDArray[Any]:
        samples: NDArray[Any] = self._datasets[index - 1].read(self._bands[index - 1], **options)
        return samples


@contextmanager
def opened_stack(stack: Stack, opened: Callable[[Readable], AbstractContextManager[Any]]) -> Iterator[StackedBands]:
    """The files of a stack as one dataset; `opened` opens each of them. Raises ImageError where one cannot be read, or
    does not fit the others."""
    with ExitStack() as open_files:
        datasets = [open_files.enter_context(opened(file)) for file, _ in stack.parts]
        for (file, band), dataset in zip(stack.parts, datasets, strict=True):
            if not 1 <= band <= dataset.count:
                raise unreadable(file, f"it has {dataset.count} bands, and band {band} is not among them")
        first = datasets[0]
        if len({dataset.dtypes[band - 1] for (_, band), dataset in zip(stack.parts, datasets, strict=True)}) > 1:
            raise unreadable(stack, "the bands of the scene have samples of different types")
        on_grid = [first, *(_on_grid(stack, dataset, first, open_files) for dataset in datasets[1:])]
        yield StackedBands(on_grid, [band for _, band in stack.parts])


def _on_grid(stack: Stack, dataset: Any, first: Any, open_files: ExitStack) -> Any:
    """A dataset on the grid of the first."""
    same_size = (dataset.width, dataset.height) == (first.width, first.height)
    if same_size and (dataset.crs == first.crs or dataset.crs is None) and _same_grid(dataset, first):
        return dataset
    if dataset.crs is None or first.crs is None:
        if same_size:
            return dataset
        raise unreadable(stack, "the bands of the scene differ in size and do not say where they lie")
    grid = {"crs": first.crs, "transform": first.transform, "width": first.width, "height": first.height}
    nodata = {"nodata": dataset.nodata} if dataset.nodata is not None else {}
    return open_files.enter_context(
        WarpedVRT(getattr(dataset, "underlying", dataset), resampling=Resampling.bilinear, **grid, **nodata)
    )


def _same_grid(dataset: Any, first: Any) -> bool:
    pixel = max(abs(first.transform.a), abs(first.transform.b))
    return all(abs(a - b) <= _NEAR * pixel for a, b in zip(dataset.transform[:6], first.transform[:6], strict=True))


def _nodata(dataset: Any, band: int) -> float | None:
    """Zero where a file of unsigned samples names no other: so satellite products fill what their swath has missed."""
    stated: float | None = dataset.nodatavals[band - 1]
    return 0.0 if stated is None and dataset.dtypes[band - 1] in ("uint8", "uint16") else stated
