"""Several processes and one embedded store: readers are welcome, and a kill loses nothing that was acknowledged."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from trsllava.errors import HomeError
from trsllava.store.embedded import EmbeddedStore
from trsllava.store.protocol import SparseVector, StoreSchema, TilePoint

BATCH = 50

COMMON = """
import sys, uuid
from pathlib import Path
import numpy as np
from trsllava.errors import HomeError
from trsllava.store.embedded import EmbeddedStore
from trsllava.store.protocol import SparseVector, TilePoint
store = EmbeddedStore(Path(sys.argv[1]), wait_seconds=60)
def tile(n):
    return TilePoint(str(uuid.UUID(int=n)), np.eye(8, dtype=np.float32)[n % 8][None],
                     SparseVector(np.array([n % 5], np.uint32), np.ones(1, np.float32)))
"""
WRITER = (
    COMMON
    + """
for start in range(0, int(sys.argv[2]), 50):
    store.upsert([tile(n) for n in range(start, start + 50)])
    print(start + 50, flush=True)
"""
)
OPTIMISER = COMMON + 'store.optimize()\nprint("optimised", flush=True)\n'


@contextmanager
def running(code: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def finished(process: subprocess.Popen[str]) -> None:
    _, errors = process.communicate()
    assert (process.returncode, errors) == (0, "")


def tiles(numbers: range) -> list[TilePoint]:
    return [
        TilePoint(
            str(uuid.UUID(int=n)),
            np.eye(8, dtype=np.float32)[n % 8][None],
            SparseVector(np.array([n % 5], np.uint32), np.ones(1, np.float32)),
        )
        for n in numbers
    ]


@pytest.fixture
def patient(folder: Path, schema: StoreSchema) -> Iterator[EmbeddedStore]:
    """A store that waits its turn on a busy machine."""
    store = EmbeddedStore(folder, wait_seconds=60)
    store.create(schema)
    yield store
    store.close()


def test_readers_are_answered_while_another_process_writes(patient, folder):
    counts = []
    with running(WRITER, folder, 500) as writer:
        while writer.poll() is None:
            with patient.session():
                counts.append(patient.count())
                assert len(patient.exact("dense", [np.eye(8, dtype=np.float32)[0]])[0].ids) == counts[-1]
        finished(writer)
    assert counts == sorted(counts)
    assert all(count % BATCH == 0 for count in counts)
    assert patient.count() == 500


@pytest.mark.parametrize("acknowledged", [1, 3, 8])
def test_what_upsert_returned_for_survives_a_kill(patient, folder, acknowledged):
    patient.close()
    with running(WRITER, folder, 100_000) as writer:
        for _ in range(acknowledged):
            written = int(writer.stdout.readline())
        writer.kill()
    ids = set(patient.ids())
    assert ids >= {str(uuid.UUID(int=n)) for n in range(written)}
    patient.upsert(tiles(range(200_000, 200_010)))
    assert patient.count() == len(ids) + 10


def drafted(folder: Path) -> bool:
    return any(folder.glob("draft-*"))


def drafted_and_segmented(folder: Path) -> bool:
    """The engine has begun to write its new segment."""
    return any(len(list(draft.glob("segments/*"))) > 1 for draft in folder.glob("draft-*"))


def taken_over(folder: Path) -> bool:
    return (folder / "generation-2").exists()


@pytest.mark.parametrize("moment", [drafted, drafted_and_segmented, taken_over])
def test_a_kill_while_the_index_is_built_loses_nothing(patient, folder, moment: Callable[[Path], bool]):
    patient.upsert(tiles(range(3000)))
    patient.close()
    with running(OPTIMISER, folder) as optimiser:
        while optimiser.poll() is None and not moment(folder):
            os.sched_yield()
        optimiser.kill()
    assert patient.count() == 3000
    patient.upsert(tiles(range(3000, 3010)))
    patient.optimize()
    assert patient.ids() == [str(uuid.UUID(int=n)) for n in range(3010)]
    assert len(list(folder.glob("generation-*"))) == 1
    assert not drafted(folder)


def test_readers_are_answered_while_another_process_builds_the_index(patient, folder):
    patient.upsert(tiles(range(3000)))
    answered_during_build = False
    with running(OPTIMISER, folder) as optimiser:
        while optimiser.poll() is None:
            before = drafted(folder)
            assert patient.count() == 3000
            answered_during_build |= before and drafted(folder)
        finished(optimiser)
    assert answered_during_build


def test_what_is_written_while_the_index_is_built_is_kept(patient, folder):
    patient.upsert(tiles(range(3000)))
    builder = threading.Thread(target=patient.optimize)
    builder.start()
    numbers = iter(range(3000, 10**6))
    last = 3000
    gone = set()
    while builder.is_alive():
        last = next(numbers)
        patient.upsert(tiles(range(last, last + 1)))
        gone.add(str(uuid.UUID(int=last - 3000)))
        patient.delete([str(uuid.UUID(int=last - 3000))])
    builder.join()
    expected = {str(uuid.UUID(int=n)) for n in range(last + 1)} - gone
    assert set(patient.ids()) == expected
    assert {path.name for path in folder.glob("generation-*")} == {"generation-2"}
    again = EmbeddedStore(folder, wait_seconds=60)
    assert set(again.ids()) == expected
    again.close()


def test_a_collection_dropped_while_its_index_is_built_stays_dropped(patient, folder):
    patient.upsert(tiles(range(3000)))
    builder = threading.Thread(target=patient.optimize)
    builder.start()
    while builder.is_alive() and not drafted(folder):
        os.sched_yield()
    patient.drop()
    builder.join()
    assert not patient.exists()


def test_nothing_is_built_twice(patient, folder):
    patient.upsert(tiles(range(2500)))
    patient.optimize()
    patient.optimize()
    assert patient.count() == 2500
    assert {path.name for path in folder.glob("generation-*")} == {"generation-2"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("in_session", [True, False])
def test_a_forked_child_does_not_keep_the_store_from_others(patient, folder, in_session):
    patient.upsert(tiles(range(10)))
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()

    def child() -> None:
        theirs.recv()
        theirs.send(patient.count())

    process = context.Process(target=child)
    with patient.session():
        patient.count()
        if in_session:
            process.start()
    if not in_session:
        process.start()
    with running(COMMON + "print(store.count())", folder) as other:
        assert other.communicate()[0] == "10\n"
    assert process.is_alive()
    ours.send("your turn")
    assert ours.recv() == 10
    process.join()
    assert process.exitcode == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128m", "none", folder], check=False).returncode:
        pytest.skip("mounting a small disk needs the right to mount")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_is_a_home_error_and_what_was_written_stays(small_disk):
    store = EmbeddedStore(small_disk / "store")
    store.create(StoreSchema(1024))
    large = [replace(tile, dense=np.ones((1, 1024), np.float32) / 32) for tile in tiles(range(100_000))]
    written = 0

    def fill() -> None:
        nonlocal written
        while True:
            store.upsert(large[written : written + 1000])
            written += 1000

    with pytest.raises(HomeError, match=r"full.*`home`"):
        fill()
    assert written >= 2000
    assert store.count() == written
    with pytest.raises(HomeError, match=r"full.*`home`"):
        store.optimize()
    store.close()
    again = EmbeddedStore(small_disk / "store")
    assert again.count() == written
    again.close()
