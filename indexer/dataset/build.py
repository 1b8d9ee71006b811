"""A data set in one run: choose places, cut their pictures, label, split, caption, check, write.

What a step makes is kept in `.build` below the data set's folder. A run that was killed goes on where it was, and one
that was not has the same result, byte for byte.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from filelock import FileLock, Timeout

from indexer.dataset.checks import broken_rules
from indexer.dataset.formats import FORMATS, write_formats
from indexer.dataset.kept import Journal, read_json, write_json, write_whole
from indexer.dataset.labelling import TileLabels, full_path, label_tiles
from indexer.dataset.near_duplicates import between_splits
from indexer.dataset.numbers import Numbers, numbers_of
from indexer.dataset.page import data_set_page
from indexer.dataset.pictures import CutPicture, CutPictures, Scenes, cut_once, restore
from indexer.dataset.plan import DataSetPlan
from indexer.dataset.records import SPLITS, DataSetAbout, DataSetImage
from indexer.dataset.sampled import SAMPLE, Sampled, sampled_once
from indexer.dataset.similarity import Similarity, similarity, similarity_picture
from indexer.dataset.splits import DataSetSplit, split_tiles
from indexer.duplicates import fingerprint
from indexer.progress import Progress, no_progress
from indexer.sampling.sample import Table
from trsllava.captioners.protocol import Captioner
from trsllava.encoders.protocol import TextEncoder
from trsllava.errors import BusyError, InputError
from trsllava.ledger.ledger import Ledger
from trsllava.records import RichText
from trsllava.validation import reason_of

STATE = ".build"
"""Folder of a data set with what its build keeps; it may be deleted once the data set is done."""
CUTS, LABELS = "cuts.jsonl", "labels.json"
"""Files in it: the pictures that were cut, and their labels."""
ARCHIVE_SETTINGS: Mapping[str, Any] = {"tile": 0, "nodata_limit": 1.0}
"""What the archive that captions the pictures is opened with: none is cut in pieces or skipped."""


class Captioning(Protocol):
    """The archive that captions a data set's pictures (`trsllava.Archive`)."""

    @property
    def ledger(self) -> Ledger:
        """What is known of its tiles."""
        ...

    @property
    def encoder(self) -> TextEncoder:
        """Its text encoder."""
        ...

    @property
    def index(self) -> Callable[..., Any]:
        """Bring it up to date with a folder."""
        ...

    def writing(self) -> AbstractContextManager[None]:
        """Nobody else writes it meanwhile."""
        ...


@dataclass(frozen=True)
class DataSet:
    """What a run has made."""

    folder: Path
    about: DataSetAbout
    images: Sequence[DataSetImage]
    """By split, then by id."""
    numbers: Numbers
    files: tuple[Path, ...]
    """What the formats consist of."""
    unreadable: tuple[str, ...]
    """A sentence for each damaged scene."""
    waiting: int
    """Pictures that have no caption yet: run again."""
    given_up: int
    """Pictures that no usable caption could be had for, and that were left out."""


def build_data_set(
    folder: Path,
    plan: DataSetPlan,
    archive: Captioning,
    captioner: Captioner,
    *,
    review: Sequence[Table] = (),
    progress: Progress = no_progress,
) -> DataSet:
    """Build a data set in a folder, or go on with one that was begun there by the same plan.

    `archive` is one of this data set's own, opened with `ARCHIVE_SETTINGS`, usually in `folder / STATE`. `review`:
    what people's verdicts say, for the page.

    Raises InputError for a folder that holds something else or was begun with another plan, and for files that cannot
    be used; ImageError; BusyError where another process builds in it; ServerError, OutOfReachError while captioning.
    """
    if unknown := sorted(set(plan.formats) - set(FORMATS)):
        raise InputError(f"There is no format {unknown[0]!r}. Choose from {', '.join(FORMATS)}.")
    _check_extra(plan)
    with _own(folder) as state:
        created = _begun(state, plan, captioner)
        scenes = Scenes.of(plan.scenes)
        sampled = sampled_once(state, plan, progress)
        pictures = folder / "images"
        cut = _cut(plan, sampled, scenes, pictures, state, progress)
        labels = _labelled(plan, cut, state)
        split = split_tiles(
            {name: one.footprint for name, one in cut.by_id.items()},
            block_km=plan.splitting.block_km,
            gap_km=plan.splitting.gap_km,
            seed=plan.seed,
        )
        if not split.of_image:
            raise InputError(
                "No picture is left to make a data set of: " + _why_none(sampled, cut) + " Look at other places, or "
                "give scenes that show more of them."
            )
        _only(pictures, split)
        restore(split.of_image, sampled.points, scenes, plan.cutting, pictures)
        of_file = {f"{name}.png": labels[name].labels for name in split.of_image}
        archive.index(pictures, captioner=captioner, labels=of_file, progress=progress)
        texts, waiting = _texts(archive.ledger, split)
        with archive.writing():
            fingerprint(archive.ledger, progress)
        images = [
            _image(plan, sampled, cut.by_id[name], split.of_image[name], labels[name], texts[name])
            for name in sorted(texts, key=lambda name: (SPLITS.index(split.of_image[name]), name))
        ]
        about = _about(plan, captioner, images, created)
        alike = _similarity(images, archive.encoder, plan.seed)
        numbers = numbers_of(
            sampled,
            cut,
            split,
            images,
            at_the_edge=[name for one in split.of_image for name in labels[one].at_the_edge],
            near_duplicates=between_splits(_hashes(archive.ledger), {one.id: one.split for one in images}),
            broken={one.id: _broken(one, plan) for one in images if one.text},
            similarity=alike,
            gap_km=plan.splitting.gap_km,
        )
        files = _written(folder, about, images, plan)
        write_json(folder / "dataset.json", {"asked": plan.asked(), **numbers.as_json()})
        pictured = [(title, picture) for title, picture in _drawings(state, alike)]
        page = data_set_page(about, numbers, [*numbers.tables, *review], sampled.legend, pictured, plan.asked())
        write_whole(folder / "index.html", page.encode())
    given_up = len(split.of_image) - len(texts) - waiting
    return DataSet(folder, about, images, numbers, tuple(files), cut.unreadable, waiting, given_up)


def _check_extra(plan: DataSetPlan) -> None:
    """Before hours of work: raises InputError where a library is missing that the end of it needs."""
    needed = {"nltk": "compares texts", **({"pyarrow": "writes Parquet"} if "parquet" in _formats(plan) else {})}
    for name, what in needed.items():
        if find_spec(name) is None:
            raise InputError(f"{name}, which {what}, is not installed. `pip install 'trsllava[dataset]'` brings it.")


def _formats(plan: DataSetPlan) -> tuple[str, ...]:
    return plan.formats or FORMATS


@contextmanager
def _own(folder: Path) -> Iterator[Path]:
    """The folder's state, kept from other processes meanwhile."""
    state = folder / STATE
    lock = FileLock(state / "build.lock", timeout=0)
    try:
        if not state.exists() and folder.exists() and any(folder.iterdir()):
            raise InputError(f"{folder} holds something else. Name a new folder for the data set.")
        state.mkdir(parents=True, exist_ok=True)
        (folder / "images").mkdir(exist_ok=True)
        lock.acquire()
    except Timeout:
        raise BusyError(f"Another process builds the data set in {folder}. Wait for it to end.") from None
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {reason_of(error)}.") from error
    try:
        yield state
    except OSError as error:
        raise InputError(
            f"{error.filename or folder} cannot be read or written: {reason_of(error)}. Mend that, and run the same "
            "command again to go on."
        ) from error
    finally:
        lock.release()


def _begun(state: Path, plan: DataSetPlan, captioner: Captioner) -> datetime:
    """When the data set was begun: now, unless it was before. Raises InputError where it was begun otherwise, and has
    pictures."""
    asked = {**plan.asked(), "captioner": captioner.name, "prompt": captioner.prompt}
    known = read_json(state / "plan.json")
    if known is not None and (known["digest"] != plan.digest() or known["asked"] != asked):
        if any(Journal(state / CUTS).rows()):
            raise InputError(f"The data set in {state.parent} {_difference(known['asked'], asked)}")
        for name in (SAMPLE, LABELS):  # nothing came of the other choice
            (state / name).unlink(missing_ok=True)
        known = None
    if known is None:
        now = _now()
        write_json(state / "plan.json", {"created": now.isoformat(), "digest": plan.digest(), "asked": asked})
        return now
    return datetime.fromisoformat(known["created"])


def _difference(known: Mapping[str, Any], asked: Mapping[str, Any]) -> str:
    """What was another choice when a data set was begun, as the end of a sentence."""
    other = next((name for name in asked if known.get(name) != asked[name]), None)
    if other is None:
        return "was begun when its label tree was another one of that name. Put that back, or use a new folder."
    return (
        f"was begun with another choice of {other}: {known.get(other)}, not {asked[other]}. Use the same options, or "
        "a new folder."
    )


def _now() -> datetime:
    """To the second; `SOURCE_DATE_EPOCH` stands for now where it is set (reproducible-builds.org)."""
    stated = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(stated), UTC) if stated.isdigit() else datetime.now(UTC).replace(microsecond=0)


def _cut(
    plan: DataSetPlan, sampled: Sampled, scenes: Scenes, pictures: Path, state: Path, progress: Progress
) -> CutPictures:
    journal = Journal(state / CUTS)
    return cut_once(sampled.points, scenes, plan.cutting, pictures, journal, progress)


def _why_none(sampled: Sampled, cut: CutPictures) -> str:
    if not sampled.points:
        return "no place was chosen."
    if not cut.by_id:
        return f"none of the {len(sampled.points)} places lies wholly within a scene."
    return "all of them lie too near to each other to be split."


def _labelled(plan: DataSetPlan, cut: CutPictures, state: Path) -> dict[str, TileLabels]:
    """Found once; a scene that can be read again may bring pictures that have none yet."""
    kept = state / LABELS
    known = read_json(kept) or {}
    if known.keys() != cut.by_id.keys():
        found = label_tiles({name: one.footprint for name, one in cut.by_id.items()}, plan.sources)
        known = {name: [one.labels, one.at_the_edge] for name, one in found.items()}
        write_json(kept, known)
    return {name: TileLabels(tuple(labels), tuple(edge)) for name, (labels, edge) in known.items()}


def _only(pictures: Path, split: DataSetSplit) -> None:
    """Take away the pictures that belong to no split."""
    for name in split.left_out:
        (pictures / f"{name}.png").unlink(missing_ok=True)


def _texts(ledger: Ledger, split: DataSetSplit) -> tuple[dict[str, RichText], int]:
    """Texts by picture, without the time at which each was made, and how many pictures wait for theirs."""
    texts: dict[str, RichText] = {}
    waiting: set[str] = set()
    for record in ledger.scan():
        names = {Path(path).stem for path in record.paths} & split.of_image.keys()
        if record.text is not None:
            texts.update(dict.fromkeys(names, record.text.model_copy(update={"created": None})))
        elif record.state == "pending":
            waiting |= names
    return texts, len(waiting)


def _image(
    plan: DataSetPlan, sampled: Sampled, cut: CutPicture, split: str, labels: TileLabels, text: RichText
) -> DataSetImage:
    tree = plan.sources.tree
    return DataSetImage(
        id=cut.id,
        image=Path("images") / f"{cut.id}.png",
        split=split,
        labels=labels.labels,
        label_paths=tuple(full_path(tree.labels[name]) for name in labels.labels),
        text=text,
        footprint=cut.footprint,
        acquired=cut.acquired,
        width=cut.width,
        height=cut.height,
        source=cut.source,
        properties=sampled.by_id[cut.id].properties,
    )


def _about(plan: DataSetPlan, captioner: Captioner, images: Sequence[DataSetImage], created: datetime) -> DataSetAbout:
    tree, box = plan.sources.tree, plan.area.box
    counts = Counter(image.split for image in images)
    return DataSetAbout(
        name=plan.name,
        description=plan.description,
        license=plan.license,
        created=created,
        area=(box.west, box.south, box.east, box.north),
        labels_name=f"{tree.name} {tree.version}".strip(),
        counts={split: counts[split] for split in SPLITS},
        captioner=captioner.name,
        prompt=captioner.prompt,
        seed=plan.seed,
    )


def _hashes(ledger: Ledger) -> dict[str, str]:
    """Perceptual hashes by picture."""
    of_tile = dict(ledger.fingerprints())
    return {
        Path(path).stem: of_tile[tile]
        for tile, record in ledger.records(sorted(of_tile)).items()
        for path in record.paths
    }


def _broken(image: DataSetImage, plan: DataSetPlan) -> Mapping[Any, str]:
    """The rules that a text breaks; what takes most of the picture may be called by any word of its label, or of those
    below it."""
    assert image.text is not None
    main = plan.sources.tree.within(image.labels[0]) if image.labels else ()
    return broken_rules(image.text, [word for label in main for word in label.words])


def _similarity(images: Sequence[DataSetImage], encoder: TextEncoder, seed: int) -> Similarity | None:
    """Of the longest text of each picture's first variant; None for fewer than two pictures."""
    texts = {
        image.id: max(image.text.variants[0].fields().values(), key=len) for image in images if image.text is not None
    }
    return similarity(texts, encoder.encode(list(texts.values())), seed=seed) if len(texts) > 1 else None


def _written(folder: Path, about: DataSetAbout, images: Sequence[DataSetImage], plan: DataSetPlan) -> list[Path]:
    """The formats' files, written anew only where something has changed since they were."""
    kept = folder / STATE / "written.json"
    names = _formats(plan)
    rows = [{**vars(one), "text": one.text and one.text.model_dump_json()} for one in images]
    digest = hashlib.sha256(json.dumps([names, vars(about), rows], default=str).encode()).hexdigest()
    known = read_json(kept) or {}
    files = [folder / name for name in known.get("files", ())]
    if known.get("digest") == digest and all(file.exists() for file in files):
        return files
    files = write_formats(folder, about, images, names)
    write_json(kept, {"digest": digest, "files": [file.relative_to(folder).as_posix() for file in files]})
    return files


def _drawings(state: Path, alike: Similarity | None) -> Iterator[tuple[str, bytes]]:
    yield "The places", (state / "map.png").read_bytes()
    if alike is not None:
        yield "How like each other the texts are", similarity_picture(alike)
