"""One run over a folder: discover, caption, store. It can be killed at any moment and simply run again."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from indexer.built_with import check_encoder, check_image_encoder
from indexer.discover import Discovering, Discovery, check_images
from indexer.drawing import Drawing
from indexer.duplicates import Twins, fingerprint
from indexer.missing import missing_files_noted
from indexer.progress import Progress, no_progress
from indexer.pruning import forget_vanished
from indexer.recipe import settle_recipe
from indexer.recovery import forget_orphans
from indexer.storing import StoringStage
from indexer.vocabulary import count_words
from prompts import is_other_version
from trsllava.captioners.checks.faults import faults
from trsllava.captioners.imported import CaptionFile, tile_name
from trsllava.captioners.protocol import CaptionAnswer, Captioner, CaptionJob
from trsllava.encoders.protocol import ImageTextEncoder, TextEncoder
from trsllava.errors import EmptyArchiveError, OutOfReachError, ServerError
from trsllava.ledger.ledger import Ledger
from trsllava.ledger.server_usage import NO_SERVER_USAGE, ServerUsage
from trsllava.records import Reason, Recipe, Repair, RichText, TileRecord
from trsllava.sources.scene import SceneSource
from trsllava.store.protocol import VectorStore


@dataclass
class IndexReport:
    """What a run did."""

    files: Discovery
    captioned: int = 0
    quarantined: int = 0
    copied: int = 0
    """Tiles that copied the text of a near-duplicate."""
    postponed: int = 0
    """Tiles with a bad answer that go on waiting, to be asked about again."""
    kept: int = 0
    """Tiles that were asked about anew in vain and keep the text that they had."""
    stored: int = 0
    unseen: Mapping[str, str] = field(default_factory=dict)
    """Tiles that got no image vector, for their pictures cannot be read at the moment, and why."""
    pruned: int = 0
    without_caption: int = 0
    """Tiles of the folder that wait for a caption when the run ends."""
    missing: Mapping[str, str] = field(default_factory=dict)
    """Those of them whose files are not there any more, and the reason in words."""
    in_quarantine: int = 0
    """Tiles of the folder that are quarantined when the run ends, by this run or an earlier one."""
    captions_without_image: list[str] = field(default_factory=list)
    malformed_lines: list[str] = field(default_factory=list)
    repairs: Counter[Repair] = field(default_factory=Counter)
    """Answers that were mended, by check or by what was undone to read them."""
    left_out: tuple[str, ...] = ()
    """What the model's server refused to be asked with, and was asked without."""
    refusals: Counter[Reason] = field(default_factory=Counter)
    """Answers refused, by reason: asked for again, or the last of a quarantined tile."""
    reasons: Counter[Reason] = field(default_factory=Counter)
    """Quarantined tiles by reason."""
    import_faults: Counter[Reason] = field(default_factory=Counter)
    """Imported captions that a check would have refused; they are taken as they are."""
    service: ServerUsage = NO_SERVER_USAGE
    """What the model's server did for this run."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Wall time by stage; stages overlap."""

    @property
    def complete(self) -> bool:
        """True where every image was read, every caption used and nothing waits."""
        problems = (self.files.unreadable, self.captions_without_image, self.malformed_lines)
        return not any(problems) and not self.in_quarantine and not self.without_caption


def index_folder(
    source: Path | SceneSource,
    captions: Captioner | CaptionFile,
    *,
    ledger: Ledger,
    store: VectorStore,
    encoder: TextEncoder,
    image_encoder: ImageTextEncoder | None = None,
    recipe: Recipe | None = None,
    prune: bool = False,
    confirmed: bool = False,
    recaption_stale: bool = False,
    recaption_fewer: bool = False,
    dedupe: bool = False,
    within: Sequence[Path] = (),
    unsettled: Collection[str] = (),
    labels: Mapping[str, Sequence[str]] | None = None,
    progress: Progress = no_progress,
) -> IndexReport:
    """Bring a collection up to date with a folder of images, or with scenes from elsewhere.

    Only new and changed files are captioned, cut by `recipe` (None: the collection's own), and their pictures seen by
    `image_encoder` (None: no image vectors) where the captioner has not done it already; `prune` removes what
    vanished from this folder, `confirmed` even where it looks like a disk that is not mounted. `recaption_stale`:
    tiles captioned with an earlier version of the captioner's prompt are asked about again; `recaption_fewer`: so are
    tiles of which only a part of an answer was good. `dedupe`: of near-duplicate tiles one is captioned, the others
    take over its text. `within`: folders that links must not lead out of. `unsettled`: files that are left alone, for
    they are still being written. `labels`: what a map has in each image, by path in the folder; the captioner is told,
    and texts get them before its own.

    Captioning begins while the folder is still being walked, but with `dedupe` and for imported captions.
    Raises EmptyArchiveError, PruneRefusedError, CollectionMismatchError, ServerError, OutOfReachError, HomeError; a
    single bad image or answer is reported.
    """
    check_encoder(ledger.schema(), encoder)
    check_image_encoder(ledger.schema(), image_encoder)
    if isinstance(source, Path) and source.is_dir() and not ledger.knows_files_under(source.as_posix()):
        check_images(source, within)
    count_words(ledger, progress)
    start, began = time.perf_counter(), time.time()
    root = source.root if isinstance(source, SceneSource) else source.as_posix()
    discovering = Discovering(source, ledger, recipe or settle_recipe(ledger, {}), progress, within, unsettled)
    report = IndexReport(files=discovering.found)

    def at_end() -> list[str]:
        """The whole folder is known; returns the tiles to be asked about anew."""
        report.seconds["discover"] = time.perf_counter() - start
        if isinstance(source, SceneSource) and not report.files.total and not report.files.vanished:
            raise EmptyArchiveError(f"{source.root} has no item with a picture.")
        if prune:
            report.pruned = forget_vanished(root, discovering.found, ledger, confirmed=confirmed)
        anew = stale_ids(ledger, captions.prompt) if recaption_stale and not isinstance(captions, CaptionFile) else []
        return [*anew, *(ledger.ids_with_fewer_variants(before=began) if recaption_fewer else ())]

    drawing = Drawing(root, ledger, discovering, at_end)
    with (
        discovering,
        StoringStage(ledger, store, encoder, image_encoder, progress) as storing,
        missing_files_noted(root, ledger) as report.missing,
    ):
        begun = time.perf_counter()
        if isinstance(captions, CaptionFile):
            discovering.finish()
            at_end()
            _import_captions(captions, root, ledger, storing, report, progress)
        else:
            eye = image_encoder.name if image_encoder else ""
            known = {f"{root}/{path}": tuple(of_image) for path, of_image in (labels or {}).items()}
            run = _Captioning(captions, ledger, storing, report, progress, drawing, eye, known)
            if dedupe:
                discovering.finish()
                waiting = list(drawing)
                if drawing.refusal:
                    raise drawing.refusal
                fingerprint(ledger, progress)
                run.ask_once_a_group(waiting, Twins(ledger, captions.prompt))
            else:
                run.ask(drawing)
        report.seconds["caption"] = time.perf_counter() - begun
        storing.flush()
        forget_orphans(ledger, store)
        unseen = ledger.without_image_vector(image_encoder.name) if image_encoder else []
        for tile_id in [*ledger.ids("captioned"), *(i for i in unseen if i not in storing.unseen)]:
            storing.add(tile_id)
    if drawing.refusal:
        raise drawing.refusal
    ledger.keep_extent()
    report.stored = storing.stored
    left = ledger.counts_under(root)
    report.without_caption, report.in_quarantine = left["pending"], left["quarantined"]
    report.unseen = storing.unseen
    report.seconds |= storing.seconds
    report.service = ledger.server_usage(since=began)
    return report


def _import_captions(
    file: CaptionFile, root: str, ledger: Ledger, storing: StoringStage, report: IndexReport, progress: Progress
) -> None:
    """Take over captions made elsewhere; a caption that has changed since replaces the one before."""
    file = file.below(Path(root))
    report.malformed_lines = file.errors
    used: set[str] = set()
    scenes = ledger.cut_scenes()
    cut: set[str] = set()
    for record in ledger.scan():
        images = [image for path in record.paths if (image := _relative(path, root))]
        if record.tile.sha256 in scenes:
            cut.update(images)
            images = [tile_name(image, record.tile.window) for image in images]
        names = [name for image in images if (name := file.name_of(image))]
        used.update(names)
        if names and file.texts[names[0]] != record.text:
            text = file.texts[names[0]]
            ledger.record_text(str(record.tile.id), text)
            report.import_faults.update(check for check, _ in faults(text, north_up=record.tile.north_up))
            report.captioned += 1
            storing.add(str(record.tile.id))
            progress("caption", report.captioned, len(file.texts))
    used.update(name for path in report.files.unreadable if (name := file.name_of(_relative(path, root))))
    report.captions_without_image = [
        f"{name} (the scene is cut into tiles: name one, as {name}#0,0,512,512)" if name in cut else name
        for name in file.texts
        if name not in used
    ]


def stale_ids(ledger: Ledger, prompt: str) -> list[str]:
    """Ids of the tiles captioned with another version of a prompt (`rsrt@2`)."""
    others = [name for name in ledger.prompts() if is_other_version(name, prompt)]
    return [tile_id for name in others for tile_id in ledger.ids_prompted(name)]


class _Captioning:
    """Has tiles captioned; each answer is in the ledger the moment it arrives."""

    def __init__(
        self,
        captioner: Captioner,
        ledger: Ledger,
        storing: StoringStage,
        report: IndexReport,
        progress: Progress,
        drawing: Drawing,
        image_encoder: str,
        labels: Mapping[str, tuple[str, ...]],
    ) -> None:
        """`image_encoder`: name of the collection's, whose vectors are taken from answers; empty: none. `labels`: of
        files, by path."""
        self._captioner, self._ledger, self._storing, self._report = captioner, ledger, storing, report
        self._progress, self._done, self._drawing = progress, 0, drawing
        self._image_encoder, self._labels = image_encoder, labels
        self._asked: dict[str, tuple[str, ...]] = {}

    def ask_once_a_group(self, waiting: Sequence[TileRecord], twins: Twins) -> None:
        """Ask about one tile of each group of near-duplicates, about the next one where that fails, and copy."""
        left = {str(record.tile.id): record for record in waiting}
        while left:
            for record, twin in twins.captioned(list(left.values())):
                self._copy(record, twin)
                del left[str(record.tile.id)]
            firsts = twins.firsts(list(left.values()))
            self.ask(firsts)
            for record in firsts:
                del left[str(record.tile.id)]

    def ask(self, records: Iterable[TileRecord]) -> None:
        """Ask about all of them; they are drawn as they are needed."""
        captioned: set[str] = set()

        def jobs() -> Iterator[CaptionJob]:
            for record in records:
                if record.text is not None:
                    captioned.add(str(record.tile.id))
                job = _caption_job(record, next((self._labels[p] for p in record.paths if p in self._labels), ()))
                if job.labels:
                    self._asked[str(job.tile.id)] = job.labels
                yield job

        try:
            for answer in self._captioner.caption(jobs()):
                self._take(answer, answer.tile_id in captioned)
                self._step()
            if self._done:  # the last answer may have come before the end of the walk was known
                self._progress("caption", self._done, self._drawing.total)
        except (ServerError, OutOfReachError):
            self._storing.finish()  # what was answered before server or folder went is searchable at once
            raise

    def _take(self, answer: CaptionAnswer, captioned: bool) -> None:
        report, ledger = self._report, self._ledger
        report.refusals.update(answer.refusals)
        report.left_out = tuple(sorted({*report.left_out, *answer.left_out}))
        ledger.note_refusals(answer.tile_id, answer.refusals)
        if answer.text is not None and not (captioned and "fewer variants" in answer.text.repairs):
            if answer.image is not None and answer.image_encoder == self._image_encoder:
                ledger.record_image_vectors(answer.image_encoder, {answer.tile_id: answer.image})
            text = _labelled(answer.text, self._asked.pop(answer.tile_id, ()))
            ledger.record_text(answer.tile_id, text, attempts=answer.attempts, usage=answer.usage)
            report.captioned += 1
            report.repairs.update(answer.text.repairs)
            self._storing.add(answer.tile_id)
        elif captioned:
            ledger.keep_text(answer.tile_id, attempts=answer.attempts, usage=answer.usage)
            report.kept += 1
        elif not answer.final:
            ledger.postpone(answer.tile_id, answer.error, answer.raw, attempts=answer.attempts, usage=answer.usage)
            report.postponed += 1
        else:
            ledger.quarantine(answer.tile_id, answer.error, answer.raw, attempts=answer.attempts, usage=answer.usage)
            report.quarantined += 1
            report.reasons.update(answer.refusals[-1:])

    def _copy(self, record: TileRecord, twin: TileRecord) -> None:
        assert twin.text is not None
        text = twin.text.model_copy(update={"copied_from": twin.tile.id, "repairs": ()})
        self._ledger.record_text(str(record.tile.id), text, attempts=0)
        self._report.copied += 1
        self._storing.add(str(record.tile.id))
        self._step()

    def _step(self) -> None:
        self._done += 1
        self._progress("caption", self._done, self._drawing.total)
        self._drawing.look_round()


def waiting_jobs(root: Path, ledger: Ledger, recipe: Recipe) -> tuple[Iterator[CaptionJob], Discovery]:
    """The tiles of a folder that lack a caption, drawn as they are needed, and what its files were found to be."""
    with Discovering(root, ledger, recipe) as discovering:
        files = discovering.finish()
    return map(_caption_job, Drawing(root.as_posix(), ledger, discovering)), files


def _caption_job(record: TileRecord, labels: tuple[str, ...] = ()) -> CaptionJob:
    return CaptionJob(record.tile, record.paths, record.attempts, labels)


def _labelled(text: RichText, labels: Sequence[str]) -> RichText:
    """The text with labels that are known before its own."""
    return text.model_copy(update={"labels": tuple(dict.fromkeys([*labels, *text.labels]))}) if labels else text


def _relative(path: str, root: str) -> str:
    """The path below the indexed folder, or the name of a file indexed by itself; empty where it lies elsewhere."""
    if path == root:
        return path.rpartition("/")[2]
    folder = root.rstrip("/") + "/"
    return path.removeprefix(folder) if path.startswith(folder) else ""
