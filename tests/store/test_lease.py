"""A lease is shared by waiting: who holds a folder lets go when somebody else wants it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from trsllava.errors import BusyError, HomeError
from trsllava.store.lease import Lease

LONG = 30.0

HOLDER = """
import sys
from pathlib import Path
from trsllava.store.lease import Lease
lease = Lease(Path(sys.argv[1]), object, lambda resource: None)
with lease.use(30):
    print("in session", flush=True)
    if sys.argv[2] == "stay":
        sys.stdin.read()
print("lingering", flush=True)
sys.stdin.read()
"""


class Log(list[str]):
    """Opens and closes resources, and remembers the order."""

    def lease(self, folder: Path, name: str) -> Lease[str]:
        return Lease(folder, lambda: self.append(f"open {name}") or name, lambda _: self.append(f"close {name}"))


@pytest.fixture
def log() -> Log:
    return Log()


@contextmanager
def holder(folder: Path, mode: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that has taken the lease, and stays in its session or lingers after it."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder), mode],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout.readline() == "in session\n"
    if mode == "linger":
        assert process.stdout.readline() == "lingering\n"
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_the_resource_stays_open_between_sessions(tmp_path, log):
    lease = log.lease(tmp_path, "a")
    for _ in range(3):
        with lease.use(LONG) as resource:
            assert resource == "a"
    assert log == ["open a"]
    lease.close()
    assert log == ["open a", "close a"]


def test_a_session_that_uses_nothing_opens_nothing(tmp_path, log):
    lease = log.lease(tmp_path, "a")
    with lease.hold(LONG):
        pass
    lease.close()
    assert log == []


def test_sessions_nest(tmp_path, log):
    lease = log.lease(tmp_path, "a")
    with lease.hold(LONG), lease.use(LONG), lease.hold(LONG), lease.use(LONG):
        lease.close()
        assert log == ["open a"]
    assert log == ["open a", "close a"]


def test_a_lingering_lease_of_the_same_process_is_handed_over(tmp_path, log):
    first, second = log.lease(tmp_path, "a"), log.lease(tmp_path, "b")
    with first.use(LONG):
        pass
    with second.use(LONG):
        assert log == ["open a", "close a", "open b"]
    with first.use(LONG):
        assert log[3:] == ["close b", "open a"]
    first.close()


def test_a_lingering_process_lets_go_without_being_called(tmp_path, log):
    with holder(tmp_path, "linger") as process:
        lease = log.lease(tmp_path, "a")
        with lease.use(LONG):
            assert process.poll() is None
        lease.close()


def test_who_waits_too_long_is_told_who_holds_the_folder(tmp_path, log):
    with holder(tmp_path, "stay") as process:
        with pytest.raises(BusyError, match=rf"process {process.pid} .*try again"), log.lease(tmp_path, "a").hold(0.2):
            pass
        assert log == []


def test_who_holds_a_folder_is_told_without_arguments_that_may_be_credentials(tmp_path, log, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/opt/bin/trsllava", "index", "https://anna:s3cret@data.example/catalog.json"])
    lease = log.lease(tmp_path, "a")
    with lease.hold(LONG):
        assert (tmp_path / "holder").read_text() == f"{os.getpid()} (trsllava index)"
    lease.close()

    monkeypatch.setattr(sys, "argv", ["/home/anna/night.py", "s3cret"])
    with lease.hold(LONG):
        assert (tmp_path / "holder").read_text() == f"{os.getpid()} (night.py)"
    lease.close()


def test_a_killed_holder_blocks_nobody(tmp_path, log):
    with holder(tmp_path, "stay") as process:
        process.send_signal(signal.SIGKILL)
        lease = log.lease(tmp_path, "a")
        with lease.use(LONG):
            assert log == ["open a"]
        lease.close()


def test_a_process_that_lingers_exits_cleanly(tmp_path):
    with holder(tmp_path, "linger") as process:
        _, errors = process.communicate("")
        assert (process.returncode, errors) == (0, "")


def test_threads_of_a_process_share_a_session(tmp_path, log):
    lease = log.lease(tmp_path, "a")
    together = threading.Barrier(2)

    def meet() -> None:
        with lease.use(LONG):
            together.wait(LONG)

    threads = [threading.Thread(target=meet) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lease.close()
    assert log == ["open a", "close a"]


def test_a_process_that_never_rests_still_lets_others_in(tmp_path, log):
    busy, other = log.lease(tmp_path, "busy"), log.lease(tmp_path, "other")
    running, stop = threading.Event(), threading.Event()

    def work() -> None:
        while not stop.is_set():
            with busy.use(LONG):
                running.set()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    running.wait(LONG)
    with other.use(LONG):
        assert log[-2:] == ["close busy", "open other"]
    stop.set()
    for thread in threads:
        thread.join()
    busy.close()
    other.close()


def test_work_alone_waits_for_calls_under_way_and_replaces_the_resource(tmp_path, log):
    lease = log.lease(tmp_path, "a")
    inside, release = threading.Event(), threading.Event()

    def call() -> None:
        with lease.use(LONG):
            inside.set()
            release.wait(LONG)
            log.append("call ends")

    thread = threading.Thread(target=call)
    thread.start()
    inside.wait(LONG)
    threading.Timer(0, release.set).start()
    lease.alone(lambda resource: log.append(f"alone with {resource}"), LONG)
    thread.join()
    with lease.use(LONG):
        assert log == ["open a", "call ends", "alone with a", "open a"]
    lease.close()


def test_a_failed_opening_leaves_the_folder_free(tmp_path, log):
    def fail() -> str:
        raise HomeError("broken")

    broken, sound = Lease(tmp_path, fail, log.append), log.lease(tmp_path, "a")
    with pytest.raises(HomeError), broken.use(LONG):
        pass
    with sound.use(LONG):
        assert log == ["open a"]
    sound.close()


def test_a_folder_that_cannot_be_written_is_a_home_error(tmp_path, log):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(HomeError, match="`home`"), log.lease(tmp_path / "file" / "folder", "a").hold(LONG):
        pass


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("in_session", [True, False])
def test_a_forked_child_holds_nothing(tmp_path, log, in_session):
    parent, other = log.lease(tmp_path, "a"), log.lease(tmp_path, "b")
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    child = context.Process(target=theirs.recv)
    with parent.use(LONG):
        if in_session:
            child.start()
    if not in_session:
        child.start()
    parent.close()
    with other.use(LONG):
        assert child.is_alive()
    other.close()
    ours.send("end")
    child.join()
    assert child.exitcode == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_takes_its_own_turn(tmp_path, log):
    lease = log.lease(tmp_path, "a")
    ours, theirs = multiprocessing.get_context("fork").Pipe()

    def work() -> None:
        with lease.use(LONG) as resource:
            theirs.send(resource)

    child = multiprocessing.get_context("fork").Process(target=work)
    with lease.use(LONG):
        child.start()
        assert not ours.poll(0.1)
    assert ours.recv() == "a"
    child.join()
    lease.close()
