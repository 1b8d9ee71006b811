"""One run over a folder: discover, caption, store. It can be killed at any moment and simply run again."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path, PurePosixPath

from indexer.discover import Discovery, discover
from indexer.progress import Progress
from indexer.recipe import settle_recipe
from indexer.storing import StoringStage, check_encoder, reconcile
from trsllava.captioners.imported import CaptionFile, tile_name
from trsllava.captioners.protocol import Captioner, CaptionJob
from trsllava.encoders.protocol import TextEncoder
from trsllava.errors import EmptyArchiveError, ServerError
from trsllava.ledger.ledger import Ledger
from trsllava.raster.scene import read_rgb
from trsllava.records import Recipe, TileRecord
from trsllava.store.protocol import VectorStore


@dataclass
class IndexReport:
    """What a run did."""

    files: Discovery
    captioned: int = 0
    quarantined: int = 0
    stored: int = 0
    pruned: int = 0
    without_caption: int = 0
    """Tiles that wait for a caption when the run ends."""
    captions_without_image: list[str] = field(default_factory=list)
    malformed_lines: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    """Wall time by stage; stages overlap."""

    @property
    def complete(self) -> bool:
        """True where every image was read, every caption used and nothing waits."""
        problems = (self.files.unreadable, self.captions_without_image, self.malformed_lines)
        return not any(problems) and not self.quarantined and not self.without_caption


def index_folder(
    root: Path,
    captions: Captioner | CaptionFile,
    *,
    ledger: Ledger,
    store: VectorStore,
    encoder: TextEncoder,
    recipe: Recipe | None = None,
    prune: bool = False,
    progress: Progress = lambda stage, done, total: None,
) -> IndexReport:
    """Bring a collection up to date with a folder of images.

    Only new and changed files are captioned, cut by `recipe` (None: the collection's own); `prune` removes what
    vanished from this folder. Raises EmptyArchiveError, CollectionMismatchError, ServerError, HomeError; a single bad
    image or answer is reported.
    """
    check_encoder(ledger.schema(), encoder)
    start = time.perf_counter()
    report = IndexReport(files=_discover(root, ledger, recipe or settle_recipe(ledger, {}), progress))
    report.seconds["discover"] = time.perf_counter() - start
    if prune:
        ledger.forget_files(report.files.vanished)
        report.pruned = len(report.files.vanished)
    unstored = reconcile(ledger, store)
    with StoringStage(ledger, store, encoder, lambda done: progress("store", done, 0)) as storing:
        for tile_id in unstored:
            storing.add(tile_id)
        start = time.perf_counter()
        if isinstance(captions, CaptionFile):
            _import_captions(captions, root, ledger, storing, report, progress)
        else:
            _ask_captioner(captions, root, ledger, storing, report, progress)
        report.seconds["caption"] = time.perf_counter() - start
    report.stored = storing.stored
    report.without_caption = ledger.counts()["pending"]
    report.seconds |= vars(storing.seconds)
    return report


def _discover(root: Path, ledger: Ledger, recipe: Recipe, progress: Progress) -> Discovery:
    seen = count(1)
    files = discover(root, ledger, recipe, lambda: progress("discover", next(seen), 0))
    if files.total == 0 and not files.vanished:
        raise EmptyArchiveError(f"{root} holds no image. Known are PNG, JPEG, TIFF, GeoTIFF, WebP and BMP.")
    return files


def _import_captions(
    file: CaptionFile, root: Path, ledger: Ledger, storing: StoringStage, report: IndexReport, progress: Progress
) -> None:
    """Take over captions made elsewhere; a caption that has changed since replaces the one before."""
    report.malformed_lines = file.errors
    used: set[str] = set()
    scenes = ledger.cut_scenes()
    cut: set[str] = set()
    for record in ledger.scan():
        images = [image for path in record.paths if (image := _relative(path, root))]
        if record.tile.sha256 in scenes:
            cut.update(images)
            images = [tile_name(image, record.tile.window) for image in images]
        names = [image for image in images if image in file.texts]
        used.update(names)
        if names and file.texts[names[0]] != record.text:
            ledger.record_text(str(record.tile.id), file.texts[names[0]])
            report.captioned += 1
            storing.add(str(record.tile.id))
            progress("caption", report.captioned, len(file.texts))
    unreadable = {_relative(path, root) for path in report.files.unreadable}
    report.captions_without_image = [
        f"{name} (the scene is cut into tiles: name one, as {name}#0,0,512,512)" if name in cut else name
        for name in file.texts
        if name not in used | unreadable
    ]


def _ask_captioner(
    captioner: Captioner, root: Path, ledger: Ledger, storing: StoringStage, report: IndexReport, progress: Progress
) -> None:
    """Have every pending tile of the folder captioned; each answer is in the ledger the moment it arrives."""
    pending = [record for record in ledger.scan("pending") if any(_relative(path, root) for path in record.paths)]
    # a scene's tiles one after the other: blocks, and pictures that must be decoded whole, are then decoded once
    pending.sort(key=lambda record: (record.paths[0], record.tile.window.row, record.tile.window.col))
    try:
        for done, answer in enumerate(captioner.caption(map(_caption_job, pending)), start=1):
            if answer.text is not None:
                ledger.record_text(answer.tile_id, answer.text, attempts=answer.attempts, seconds=answer.seconds)
                report.captioned += 1
                storing.add(answer.tile_id)
            else:
                ledger.quarantine(
                    answer.tile_id, answer.error, answer.raw, attempts=answer.attempts, seconds=answer.seconds
                )
                report.quarantined += 1
            progress("caption", done, len(pending))
    except ServerError:
        storing.finish()  # what was answered before the server went is searchable at once
        raise


def _caption_job(record: TileRecord) -> CaptionJob:
    tile, path = record.tile, Path(record.paths[0])
    return CaptionJob(tile, record.paths, lambda: read_rgb(path, tile.window, tile.rendering))


def _relative(path: str, root: Path) -> str:
    """The path below the indexed folder, empty where it lies elsewhere."""
    inside = PurePosixPath(path).is_relative_to(root.as_posix())
    return PurePosixPath(path).relative_to(root.as_posix()).as_posix() if inside else ""
