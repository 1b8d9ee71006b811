"""Note the scenes of a source in the ledger: which are new, changed, unreadable or gone. Nothing is read twice."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from indexer.discover import Discovery, note_scene
from indexer.progress import Progress, no_progress
from indexer.scene_look import LookedAt, look_at
from trsllava.ledger.files import FileRow
from trsllava.ledger.ledger import Ledger
from trsllava.records import Recipe
from trsllava.sources.scene import SceneSource, SourceScene

_AT_ONCE = 8
"""Scenes that are looked at beside each other: a server far away takes its time for each."""


def discover_scenes(
    source: SceneSource, ledger: Ledger, recipe: Recipe, progress: Progress = no_progress
) -> Discovery:
    """Note every scene of a source and its tiles in the ledger; those with a known identity are not read again.

    A scene that cannot be read is noted with its reason, and tried again when its file or the recipe is another; one
    that is merely out of reach keeps what the ledger knows of it. Raises InputError, OutOfReachError where the source
    itself cannot be read.
    """
    known = ledger.files_under(source.root)
    found = Discovery()
    gone = set(known)
    for seen, looked in enumerate(_looked(source.scenes, source.root, known, recipe), 1):
        gone.discard(looked.scene.name)
        note_scene(looked, known.get(looked.scene.name), ledger, recipe, found)
        progress("discover", seen, 0)
    found.unreadable |= source.unreadable
    whole = source.complete and known.keys() >= source.unreadable.keys()  # else what lies below a document is unknown
    found.vanished = sorted(gone - source.unreadable.keys()) if whole else []
    found.skipped_tiles = sum(row.skipped for row in ledger.files_under(source.root).values())
    return found


def _looked(scenes: Iterable[SourceScene], root: str, known: dict[str, FileRow], recipe: Recipe) -> Iterator[LookedAt]:
    """The scenes in their order, some looked at ahead."""
    ahead: deque[Future[LookedAt]] = deque()
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="looking") as threads:
        try:
            for scene in scenes:
                ahead.append(threads.submit(look_at, scene, root, known.get(scene.name), recipe))
                if len(ahead) >= 2 * _AT_ONCE:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            for future in ahead:
                future.cancel()
