import asyncio
import signal
import subprocess
import sys
import time
import uuid
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from trsllava.captioners.picture import data_url, picture_of
from trsllava.captioners.pixels import LongestSide
from trsllava.captioners.protocol import CaptionJob
from trsllava.captioners.workers import PictureWorkers
from trsllava.records import Tile, Window

RENDER = partial(data_url, rule=LongestSide(64))


@pytest.fixture
def jobs(tmp_path: Path) -> list[CaptionJob]:
    made = []
    for number in range(40):
        path = tmp_path / f"{number}.png"
        Image.fromarray(np.random.default_rng(number).integers(0, 255, (8, 8, 3), np.uint8)).save(path)
        tile = Tile(id=uuid.UUID(int=number), sha256="0" * 64, window=Window(0, 0, 8, 8))
        made.append(CaptionJob(tile, (path.as_posix(),)))
    return made


def children() -> list[psutil.Process]:
    return [child for server in psutil.Process().children() for child in server.children()]


def test_every_job_comes_back_in_order_with_the_picture_that_is_its_own(jobs):
    with PictureWorkers() as workers:
        assert list(workers.pictures(jobs, RENDER)) == [(job, picture_of(job, RENDER)) for job in jobs]


def test_a_picture_that_cannot_be_read_is_a_row_with_a_reason(jobs):
    lost = CaptionJob(jobs[0].tile, ("/nowhere/lost.png",))
    with PictureWorkers() as workers:
        (_, picture), (_, sound) = workers.pictures([lost, jobs[1]], RENDER)
    assert "/nowhere/lost.png" in picture.error
    assert sound.content


def test_killed_workers_cost_no_picture(jobs):
    with PictureWorkers() as workers:
        pictures = workers.pictures(jobs, RENDER)
        read = [next(pictures)]
        for child in children():
            with suppress(psutil.NoSuchProcess):  # one death ends the pool, which ends the others
                child.kill()
        read += pictures
    assert [picture.content is not None for _, picture in read] == [True] * len(jobs)


def test_no_process_outlives_a_killed_parent(jobs):
    script = (
        "import sys, uuid, time\n"
        "from trsllava.captioners.workers import PictureWorkers\n"
        "from functools import partial\n"
        "from trsllava.captioners.picture import data_url\n"
        "from trsllava.captioners.pixels import LongestSide\n"
        "from trsllava.captioners.protocol import CaptionJob\n"
        "from trsllava.records import Tile, Window\n"
        "tile = Tile(id=uuid.UUID(int=0), sha256='0' * 64, window=Window(0, 0, 8, 8))\n"
        "with PictureWorkers() as workers:\n"
        "    list(workers.pictures([CaptionJob(tile, (sys.argv[1],))], partial(data_url, rule=LongestSide(64))))\n"
        "    print('read', flush=True)\n"
        "    time.sleep(600)\n"
    )
    command = [sys.executable, "-c", script, jobs[0].paths[0]]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as parent:
        assert parent.stdout
        assert parent.stdout.readline() == "read\n"
        orphans = psutil.Process(parent.pid).children(recursive=True)
        assert orphans
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 60
    while any(orphan.is_running() and orphan.status() != psutil.STATUS_ZOMBIE for orphan in orphans):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_script_that_cannot_be_imported_is_told_what_to_do(jobs, tmp_path):
    script = tmp_path / "unguarded.py"
    script.write_text(
        "import sys, uuid\n"
        "from trsllava.captioners.workers import PictureWorkers\n"
        "from functools import partial\n"
        "from trsllava.captioners.picture import data_url\n"
        "from trsllava.captioners.pixels import LongestSide\n"
        "from trsllava.captioners.protocol import CaptionJob\n"
        "from trsllava.records import Tile, Window\n"
        "tile = Tile(id=uuid.UUID(int=0), sha256='0' * 64, window=Window(0, 0, 8, 8))\n"
        "with PictureWorkers() as workers:\n"
        "    list(workers.pictures([CaptionJob(tile, (sys.argv[1],))], partial(data_url, rule=LongestSide(64))))\n"
    )
    done = subprocess.run(
        [sys.executable, str(script), jobs[0].paths[0]], capture_output=True, text=True, check=False, timeout=120
    )
    assert "InputError" in done.stderr
    assert "__main__" in done.stderr


def test_an_event_loop_reads_many_at_once(jobs):
    async def run() -> list[str]:
        return [picture.content for picture in await asyncio.gather(*(workers.picture(job, RENDER) for job in jobs))]

    with PictureWorkers() as workers:
        assert asyncio.run(run()) == [picture_of(job, RENDER).content for job in jobs]
