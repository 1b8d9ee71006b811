"""A walk through a folder: every image file and product once, linked folders followed, thumbnails left out."""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

from trsllava.raster.checksum import state_of
from trsllava.raster.scene import IMAGE_SUFFIXES, OTHER_SUFFIXES
from trsllava.raster.sensors import band_pattern
from trsllava.sources.folder import grouped, is_packed_product, scenes_of_folder, tells_of_products
from trsllava.sources.scene import SourceScene

LEFT_OUT = frozenset(
    {
        "@eadir",  # Synology
        "@__thumb",  # QNAP
        ".@__thumb",
        ".thumbnails",  # Linux desktops, Android
        ".thumbs",
        "thumbnails",
        "thumbs",
        "__macosx",  # what macOS adds to zip files
        "#recycle",  # wastebaskets of Synology, QNAP, Windows
        "@recycle",
        "$recycle.bin",
    }
)
"""Folders, by name in lower case, that hold shrunken or deleted copies of the images beside them."""
_PIECE = 10_000
"""Names that are sorted at a time."""


class FolderWalk:
    """All files of a folder whose names end like an image's, in a fixed order; what was passed over is noted. Of a
    product of several files comes one path, that of its folder or metadata.

    Hidden folders are left out. Linked folders come after the folder's own, each below the link's own path, and only
    where they have not been walked already: so no loop of links is endless, and no image gets a second path through
    a link. Walk it once; the notes are complete when it ends.
    """

    def __init__(self, root: Path, within: Sequence[Path] = (), bands: str = "auto") -> None:
        """`within`: folders, links resolved, that no link may lead out of; none: links may lead anywhere. `bands`: the
        recipe's, which may be a pattern of file names."""
        self._root, self._within, self._bands = root, within, bands
        self.products: dict[str, SourceScene] = {}
        """What the paths are that stand for products of several files; whoever has seen to one takes it out."""
        self.out_of_reach: dict[str, str] = {}
        """Folders that cannot be opened and links that are out of bounds, and why."""
        self.other_formats: Counter[str] = Counter()
        """Rasters of formats that are not read, by the end of their names, and products that are still packed."""
        self.left_out: Counter[str] = Counter()
        """Folders of thumbnails and wastebaskets, by name."""
        self.repeated: list[str] = []
        """Links that were not followed: to folders that are walked already, or back to where they come from."""

    def __iter__(self) -> Iterator[Path]:
        for piece in self.pieces():
            yield from piece

    def state_of(self, path: Path) -> tuple[int, int]:
        """Size and time of what is read at a path that was walked, of a product the sum and the latest; whoever asks
        has seen to the product. Raises OSError."""
        product = self.products.pop(path.as_posix(), None)
        files = [path] if product is None else [Path(asset.href) for asset in product.assets]
        states = [state_of(file) for file in files]
        return sum(size for size, _ in states), max(when for _, when in states)

    def pieces(self) -> Iterator[list[Path]]:
        """The files as they are listed: those of a folder together, or, of very many, some of them."""
        seen: set[tuple[int, int]] = set()
        links = deque([str(self._root)])
        while links:
            start = links.popleft()
            folders = [start]
            while folders:
                folder = folders.pop()
                if (identity := _identity(folder)) in seen and start != str(self._root):
                    self.repeated.append(folder)
                    continue
                seen |= {identity} if identity else set()
                inner: list[str] = []
                names = self._names(folder, inner)
                for some in names:
                    if scenes := scenes_of_folder(Path(folder), some):
                        list(names)
                        inner.clear()
                        yield list(self._products(scenes))
                        break
                    if band_pattern(self._bands) or tells_of_products(some):  # whose files may be in any piece
                        some = sorted(chain(some, *names))
                    if images := list(self._images(Path(folder), some)):
                        yield images
                paths = [os.path.join(folder, name) for name in self._entered(inner)]
                folders.extend(path for path in reversed(paths) if not os.path.islink(path))
                for link in filter(os.path.islink, paths):
                    if self._is_in_bounds(link):
                        (self.repeated if self._leads_back(link) else links).append(link)

    def _names(self, folder: str, folders: list[str]) -> Iterator[list[str]]:
        """The sorted names of what lies in a folder, but those of folders, which are put into `folders`.

        A folder of very many is listed piece by piece: its first name need not wait for its last.
        """
        try:
            with os.scandir(folder) as entries:
                while piece := list(islice(entries, _PIECE)):
                    folders.extend(entry.name for entry in piece if _is_folder(entry))
                    yield sorted(entry.name for entry in piece if not _is_folder(entry))
        except OSError as error:
            self.out_of_reach[Path(folder).as_posix()] = f"{folder} cannot be opened: {error.strerror}."

    def _images(self, folder: Path, names: Sequence[str]) -> Iterator[Path]:
        group = grouped(folder, [name for name in names if not name.startswith(".")], self._bands)
        yield from self._products(group.scenes)
        for path in [folder / name for name in group.single if self._is_image(name)]:
            if self._is_in_bounds(str(path)):
                yield path

    def _products(self, scenes: Sequence[SourceScene]) -> Iterator[Path]:
        for scene in scenes:
            # A folder within a product is not walked, and may be a link.
            if all(self._is_within(asset.href) for asset in scene.assets):
                self.products[scene.name] = scene
                yield Path(scene.name)

    def _entered(self, folders: list[str]) -> list[str]:
        self.left_out.update(name for name in folders if name.lower() in LEFT_OUT)
        return sorted(name for name in folders if not name.startswith(".") and name.lower() not in LEFT_OUT)

    def _leads_back(self, link: str) -> bool:
        """True for a link to a folder that holds the link, or the whole walk: it would lead out of the archive."""
        target = Path(os.path.realpath(link))
        here, root = os.path.realpath(os.path.dirname(link)), os.path.realpath(self._root)
        return Path(here).is_relative_to(target) or Path(root).is_relative_to(target)

    def _is_in_bounds(self, path: str) -> bool:
        """Of what lies in a folder that is in bounds itself: only a link can lead out of it."""
        return not os.path.islink(path) or self._is_within(path)

    def _is_within(self, path: str) -> bool:
        if not self._within:
            return True
        target = Path(os.path.realpath(path))
        if any(target.is_relative_to(folder) for folder in self._within):
            return True
        self.out_of_reach[Path(path).as_posix()] = f"{path} is a link out of the folders that may be read."
        return False

    def _is_image(self, name: str) -> bool:
        suffix = os.path.splitext(name)[1].lower()
        if suffix in OTHER_SUFFIXES:
            self.other_formats[suffix] += 1
        elif is_packed_product(name):
            self.other_formats["packed products (unpack them)"] += 1
        return suffix in IMAGE_SUFFIXES and not name.startswith(".")


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _identity(folder: str) -> tuple[int, int] | None:
    """Device and inode: the same however a folder is reached. None where it went since it was listed."""
    try:
        status = os.stat(folder)
    except OSError:
        return None
    return status.st_dev, status.st_ino
